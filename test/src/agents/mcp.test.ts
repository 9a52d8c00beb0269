// The course's server as a real child process, and a client that lists and calls its tools; the same
// against the bare protocol, written by hand, so that the two packages do not only agree with each other.
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { connectTools, runAgent, scriptedModel } from "llm/agents";
import { sandboxTrouble } from "llm/sandbox";
import { runTool, toolFormats } from "llm/tools";
import { afterAll, beforeAll, expect, test } from "vitest";

const server = resolve(__dirname, "../../../dist/cli/mcp.js");
let connection: Awaited<ReturnType<typeof connectTools>>;

beforeAll(async () => {
  connection = await connectTools(process.execPath, [server]);
}, 60_000);
afterAll(() => connection.close());

test("it lists the course's tools with their schemas", () => {
  expect(connection.tools.map(({ name }) => name)).toEqual(["calculator", "search", "run_code"]);
  const [calculator] = connection.tools;
  expect(calculator.parameters).toMatchObject({
    type: "object",
    properties: { expression: { type: "string" } },
    required: ["expression"],
  });
});

test("a call gives its result, and what fails is an error that a model can read", async () => {
  const call = (name: string, args: Record<string, unknown>) =>
    runTool(connection.tools, { name, arguments: args });
  expect(await call("calculator", { expression: "6 * 7" })).toEqual({ text: "42", isError: false });
  expect(await call("calculator", { expression: "6 *" })).toEqual({
    text: "Error: calculate: expected a number or a bracket, got the end at character 3",
    isError: true,
  });
  const { text } = await call("search", { query: "gradient of the loss" });
  expect(text).toMatch(/^\[\d\d-[a-z-]+ [a-z0-9-]+\] /);
});

test("it finds out by itself that arguments are missing", async () => {
  const [calculator] = connection.tools;
  await expect(calculator.run({})).rejects.toThrow(/expression/);
});

test.skipIf(sandboxTrouble())("code runs in its sandbox", async () => {
  const code = "console.log([1, 2, 3].map((x) => x * x).join())";
  const call = { name: "run_code", arguments: { code } };
  expect(await runTool(connection.tools, call)).toEqual({ text: "1,4,9", isError: false });
});

test("an agent uses the tools of the other process as its own", async () => {
  const model = scriptedModel((messages) => {
    const result = messages.at(-1)?.content.match(/<tool_response>\n(.*)\n/)?.[1];
    const call = { name: "calculator", arguments: { expression: "2 ^ 10" } };
    return result ? `It is ${result}.` : toolFormats.smollm2.write([call]);
  });
  const { answer, steps } = await runAgent("What is 2 to the 10?", {
    model,
    tools: connection.tools,
  });
  expect([answer, steps.length]).toEqual(["It is 1024.", 2]);
});

test("a program that is no server is an error, not a wait without end", async () => {
  const nothing = connectTools(process.execPath, ["-e", "process.exit(3)"]);
  await expect(nothing).rejects.toThrow();
});

test("the bare protocol: one message per line on standard output, and nothing else", async () => {
  const child = spawn(process.execPath, [server], { stdio: ["pipe", "pipe", "ignore"] });
  const lines: string[] = [];
  let rest = "";
  const arrived = new Promise<void>((done) => {
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      const parts = (rest + piece).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts.filter(Boolean));
      if (lines.length >= 3) done();
    });
  });
  const send = (message: object) =>
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const about = { protocolVersion: "2025-06-18", capabilities: {} };
  send({
    id: 1,
    method: "initialize",
    params: { ...about, clientInfo: { name: "by hand", version: "0" } },
  });
  send({ method: "notifications/initialized" });
  send({ id: 2, method: "tools/list" });
  const params = { name: "calculator", arguments: { expression: "1 + 1" } };
  send({ id: 3, method: "tools/call", params });
  await arrived;
  child.stdin.end();
  await new Promise((done) => child.on("exit", done)); // it ends with its input
  const answers = new Map(lines.map((line) => JSON.parse(line)).map((one) => [one.id, one.result]));
  expect(answers.get(1).serverInfo.name).toBe("llm-from-scratch-ts");
  expect(answers.get(2).tools).toHaveLength(3);
  expect(answers.get(3).content).toEqual([{ type: "text", text: "2" }]);
}, 30_000);
