// Running tools: results, and what goes wrong as a text for the model.
import { checkTools, runTool, type Tool, toolMessage } from "llm/tools";
import { expect, test } from "vitest";

const parameters = {
  type: "object",
  properties: { a: { type: "number" }, b: { type: "number" } },
  required: ["a", "b"],
};
const tool = (name: string, run: Tool["run"]): Tool => ({ name, description: "", parameters, run });
const tools = [
  tool("add", ({ a, b }) => String(Number(a) + Number(b))),
  tool("pair", ({ a, b }) => [a, b]),
  tool("nothing", () => {}),
  tool("later", async () => "later"),
  tool("fails", () => {
    throw new Error("no number fits");
  }),
  tool("never", () => new Promise(() => {})),
  tool("long", () => "x".repeat(100)),
];
const call = (name: string, args: Record<string, unknown> = { a: 1, b: 2 }) =>
  runTool(tools, { name, arguments: args }, { timeout: 20, longest: 40 });

test.each([
  ["add", "3"],
  ["pair", "[1,2]"],
  ["nothing", "done"],
  ["later", "later"],
  ["long", `${"x".repeat(40)}… (60 more characters)`],
])("%s gives %s", async (name, text) => {
  expect(await call(name)).toEqual({ text, isError: false });
});

test("what fails is said to the model", async () => {
  const errors = await Promise.all([
    call("subtract"),
    call("add", { a: "1" }),
    call("fails"),
    call("never"),
  ]);
  expect(errors).toEqual(
    [
      'Error: there is no tool "subtract"; there are: add, pair, nothing, later, fails, never, long',
      'Error: arguments.b is missing; arguments.a has to be number, got "1"',
      "Error: no number fits",
      "Error: expected a result within 20 ms, got none",
    ].map((text) => ({ text, isError: true })),
  );
  expect(toolMessage(errors[2])).toEqual({ role: "tool", content: "Error: no number fits" });
});

test("tools that cannot be told are refused", () => {
  const [add] = tools;
  expect(() => checkTools([add, add])).toThrow("expected one tool add, got two");
  expect(() => checkTools([{ ...add, name: "two words" }])).toThrow("expected a name of 1 to 64");
  expect(() => checkTools([{ ...add, parameters: { type: "string" } }])).toThrow("type object");
  expect(() => checkTools(tools)).not.toThrow();
});
