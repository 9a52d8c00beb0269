// The server as a command, and the load on it from a process of its own: many streams at once, slow
// readers, clients that vanish, a full queue, a stop in the middle. The size is a smoke test's; the
// lesson's recorded run has the large one.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ApiClient } from "llm/api";
import type { RequestRecord } from "llm/serve";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = resolve(__dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "serve-load-"));
const base = ["--run", join(root, "datasets/base-gpt")];
const running: ChildProcess[] = [];
const pause = (ms: number) => new Promise((go) => setTimeout(go, ms));

/** A process, its output, and its exit code when it has ended. */
function start(args: string[], env = {}) {
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...env } });
  running.push(child);
  const told = { out: "", err: "" };
  child.stdout.on("data", (data) => {
    told.out += data;
  });
  child.stderr.on("data", (data) => {
    told.err += data;
  });
  const ended = new Promise<number | null>((go) => child.on("close", go));
  return { child, told, ended };
}
const command = (...args: string[]) => start([join(root, "dist/cli/serve.js"), ...args]);

/** Starts a server on a port that is free, and waits until it says where it is. */
async function startServer(...args: string[]) {
  const server = command(...base, "--port", "0", ...args);
  for (const begun = Date.now(); !server.told.out.includes("try: "); await pause(20))
    if (server.child.exitCode !== null || Date.now() - begun > 60_000)
      throw new Error(`it did not start: ${server.told.err}`);
  const url = /answers at (\S+)\/v1/.exec(server.told.out)![1];
  return { ...server, url, client: new ApiClient({ url: `${url}/v1` }) };
}

interface Load {
  ends: Record<string, number>;
  all: { end: string; tokens: number; pieces: number }[];
}

/** The load of tools/bench/load.mjs, from a process of its own. */
async function load(url: string, job: object): Promise<Load> {
  const { told, ended } = start(["tools/bench/load.mjs", JSON.stringify({ url, ...job })]);
  expect(await ended, told.err).toBe(0);
  return JSON.parse(told.out.trim().split("\n").at(-1)!);
}

/** The gauges of /metrics, by name. */
async function gauges(url: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => /^(llm|process)_\w+ /.test(line));
  return Object.fromEntries(
    lines.map((line) => [line.split(" ")[0], Number(line.split(" ")[1])] as const),
  );
}

/** What gauges say when nothing is left to be done. */
async function atRest(url: string): Promise<Record<string, number>> {
  for (const begun = Date.now(); ; await pause(30)) {
    const now = await gauges(url);
    if (now.llm_requests_open === 0 || Date.now() - begun > 10_000) return now;
  }
}

let server: Awaited<ReturnType<typeof startServer>>;
let log: string;
beforeAll(async () => {
  const build = start(["tools/build.mjs"]);
  expect(await build.ended, build.told.err).toBe(0);
  log = join(folder, "requests.jsonl");
  server = await startServer("--log", log);
}, 120_000);
afterAll(async () => {
  for (const child of running) if (child.exitCode === null) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

describe("load", () => {
  test("200 streams, slow and vanishing ones among them: each ends as it should", async () => {
    let most = 0;
    let isOver = false;
    const watch = (async () => {
      for (; !isOver; await pause(50))
        most = Math.max(most, (await gauges(server.url)).llm_texts_running);
    })();
    const job = { streams: 200, tokens: 16, slow: 20, vanish: 20 };
    const { ends, all } = await load(server.url, job);
    isOver = true;
    await watch;
    expect(ends).toEqual({ done: 180, vanished: 20 });
    for (const { end, tokens } of all) if (end === "done") expect(tokens).toBe(16);
    expect(most).toBeGreaterThan(16); // many at a time, and
    expect(most).toBeLessThanOrEqual(64); // never more than --running
    const rest = await atRest(server.url);
    expect(rest).toMatchObject({ llm_requests_open: 0, llm_texts_running: 0 });
    expect(rest).toMatchObject({ llm_texts_waiting: 0, llm_blocks_used: 0 });
    const records = readFileSync(log, "utf8").trim().split("\n");
    expect(records).toHaveLength(200);
    const gone = records.filter((line) => (JSON.parse(line) as RequestRecord).gone);
    expect(gone.length).toBeLessThanOrEqual(20);
    expect(gone.length).toBeGreaterThan(0);
  }, 60_000);

  test("memory does not grow with the number of requests", async () => {
    const short = { streams: 150, tokens: 4, vanish: 10 };
    await load(server.url, short);
    const before = (await atRest(server.url)).process_resident_memory_bytes;
    for (let i = 0; i < 3; i++) await load(server.url, short);
    const rest = await atRest(server.url);
    expect(rest.llm_blocks_used).toBe(0);
    expect(rest.process_resident_memory_bytes).toBeLessThan(before * 1.25);
  }, 60_000);

  test("a full queue refuses in the API's shape; SIGTERM lets what runs end, and exits 0", async () => {
    const small = await startServer("--queue", "50", "--host", "0.0.0.0");
    expect(small.told.err).toContain("without --keys everybody who reaches 0.0.0.0 may ask");
    const { ends, all } = await load(small.url, { streams: 120, tokens: 16 });
    expect(Object.keys(ends).sort()).toEqual(["429 rate_limit_error", "done"]);
    expect(ends.done).toBeGreaterThanOrEqual(50);
    expect(all.filter(({ end }) => end === "done").every(({ tokens }) => tokens === 16)).toBe(true);

    const long = { model: "default", prompt: "The", max_tokens: 200, temperature: 1, seed: 1 };
    const stream = small.client.completeStream({ ...long, guided_regex: "[a-z ]{900}" });
    await stream.next();
    small.child.kill("SIGTERM");
    const refused = async () => {
      for (let i = 0; i < 100; i++, await pause(20))
        await small.client.complete({ ...long, max_tokens: 1 });
    };
    await expect(refused()).rejects.toThrow();
    let last: string | null | undefined;
    for await (const { choices } of stream) last = choices[0]?.finish_reason ?? last;
    expect(last).toMatch(/^(stop|length)$/);
    expect(await small.ended).toBe(0);
    expect(small.told.err).toContain("stopping: answers that have begun are written to their end");
  }, 60_000);
});

describe("npm run serve", () => {
  test("says where it answers, and how it is asked", async () => {
    expect(server.told.out).toMatch(
      /^\S+base-gpt answers at http:\/\/127\.0\.0\.1:\d+\/v1, and in the browser at http:\S+\n/,
    );
    // its vocabulary has the marks of a conversation
    expect(server.told.out).toMatch(/try: curl \S+\/v1\/chat\/completions .*"messages"/);
    expect(server.told.err).toBe("");
  });

  test("what it cannot do is refused in a sentence, and with no stack", async () => {
    const keys = join(folder, "keys.json");
    writeFileSync(keys, JSON.stringify([{ key: "short", name: "x" }]));
    const taken = createServer();
    await new Promise<void>((go) => taken.listen(0, "127.0.0.1", go));
    const { port } = taken.address() as { port: number };
    const cases: [string[], number, string][] = [
      [["--modle", "own", "--port", "70000"], 2, "--modle"],
      [["--model", "own", ...base], 1, "expected one of --model, --run and --upstream"],
      [["--prices", "1", ...base], 1, "expected --prices as two numbers such as 0.15,0.60, got 1"],
      [["--keys", keys, ...base], 1, "0.key: expected a key of 8 characters or more"],
      [["--run", join(folder, "none")], 1, "none"],
      [["--port", String(port), ...base], 1, `expected a free port, got ${port}`],
    ];
    const done = cases.map(([args]) => command(...args));
    for (const [i, [, status, words]] of cases.entries()) {
      expect(await done[i].ended, done[i].told.err).toBe(status);
      expect(done[i].told.err).toContain(words);
      expect(done[i].told.err).not.toContain("    at ");
    }
    taken.close();
  }, 60_000);

  test("with --keys a key is asked for; Ctrl-C ends it", async () => {
    const keys = join(folder, "good.json");
    writeFileSync(keys, JSON.stringify([{ key: "sk-class-7b", name: "class 7b" }]));
    const locked = await startServer("--keys", keys);
    await expect(locked.client.models()).rejects.toMatchObject({ status: 401 });
    const inside = new ApiClient({ url: `${locked.url}/v1`, key: "sk-class-7b" });
    expect((await inside.models()).data[0].id).toMatch(/base-gpt$/);
    locked.child.kill("SIGINT");
    expect(await locked.ended).toBe(0);
  }, 60_000);
});
