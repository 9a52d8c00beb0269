// A control for claims 5 and 7 of lesson 24 (serving), made after the runs of record.mjs. Its lines,
// with "run": "one stream" and "run": "alone, warm", are in one-stream.jsonl. One minute:
//
//     npm run build && node datasets/runs/24-serving/one-stream.mjs
//
// record.mjs starts a fresh process for each load, and every round has one answer of a single stream. So
// its 390 tokens per second with one stream hold what a process pays for its first request. Here one
// client goes on asking, and its first requests are not counted. Two explanations of why the base model
// writes five times as much with 64 streams were set against each other before this was run:
//  a. Between two tokens of a single stream the server waits. Then a client that has warmed up sees
//     less than 600 tokens per second, and the server's CPU is busy for less than half of the time.
//  b. The first request is dear. Then it sees more than 800, and 64 streams gain less than 3 times.
// And for claim 7: an engine alone that has warmed up takes no more CPU for a token than the server.
// What came out: (b), 4 ms to the first token and 880 tokens per second. The machine was busy with other
// work, so of the loads with many streams only the CPU times say something: 0.63 ms for a token with
// one stream and 0.40 with 64. Alone, warm: 0.55 ms.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { aboutLine, recorder } from "../recorder.mjs";

const require = createRequire(import.meta.url);
const { ApiClient } = require("llm/api");
const { modelFolder } = require("llm/checkpoint");
const { openLanguageModel, openRun, write } = require("llm/languageModel");
const root = fileURLToPath(new URL("../../..", import.meta.url));
const { has, write: record, lap } = recorder(new URL("one-stream.jsonl", import.meta.url));
const prompt = "Once upon a time";
const short = (x) => Number(x.toPrecision(4));
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

async function startServer(args) {
  const program = join(root, "dist/cli/serve.js");
  const child = spawn(process.execPath, [program, "--port", "0", ...args], {
    ...{ cwd: root, stdio: ["ignore", "pipe", "inherit"] },
    env: { ...process.env, LLM_ENGINE: "wasm", LLM_THREADS: "1" },
  });
  const url = await new Promise((resolve) => {
    let output = "";
    child.stdout.on("data", (data) => {
      output += data;
      const found = /browser at (http:\S+)/.exec(output);
      if (found) resolve(found[1]);
    });
  });
  const stop = () => new Promise((resolve) => child.on("exit", resolve).kill("SIGTERM"));
  return { url, pid: child.pid, stop };
}

/** Seconds of CPU that a process has used (Linux), in steps of 10 ms. */
function cpuOf(pid) {
  const parts = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(parts[11]) + Number(parts[12])) / 100;
}

/** Rounds of so many streams at once, one after the other, from a client that goes on. */
async function served(model, args, counts, tokens) {
  if (counts.every(([streams]) => has({ run: "one stream", model, streams }))) return;
  const { url, pid, stop } = await startServer(args);
  const client = new ApiClient({ url: `${url}/v1` });
  let seed = 0;
  const stream = async () => {
    const start = performance.now();
    const body = { model: "default", prompt, max_tokens: tokens, temperature: 1, seed: seed++ };
    const options = { stream_options: { include_usage: true } };
    let [first, written] = [0, 0];
    for await (const { choices, usage } of client.completeStream({ ...body, ...options })) {
      if (usage) written = usage.completion_tokens;
      if (choices[0]?.text && first === 0) first = performance.now();
    }
    const last = performance.now();
    return { first: first - start, writing: last - first, tokens: written };
  };
  const round = (streams) => Promise.all(Array.from({ length: streams }, stream));
  for (const [streams, rounds, warmUps] of counts) {
    for (let i = 0; i < warmUps; i++) await round(streams);
    const [cpu, start] = [cpuOf(pid), performance.now()];
    const all = [];
    for (let i = 0; i < rounds; i++) all.push(...(await round(streams)));
    const [wall, used] = [performance.now() - start, 1000 * (cpuOf(pid) - cpu)];
    const sum = all.reduce((total, one) => total + one.tokens, 0);
    record({
      ...{ run: "one stream", model, streams, rounds, tokens: sum },
      ...{ perSecond: short((1000 * sum) / wall), busy: short(used / wall) },
      ...{ cpuPerToken: short(used / sum), first: short(median(all.map((one) => one.first))) },
      writing: short(median(all.map((one) => one.writing))),
    });
  }
  await stop();
}

/** The engine alone, milliseconds of CPU for a token, after it has warmed up. */
async function alone(model, open, tokens, rounds, warmUps) {
  if (has({ run: "alone, warm", model })) return;
  const opened = await open();
  let seed = 0;
  const ask = () => write(opened, { prompt, maxTokens: tokens, temperature: 1, seed: seed++ });
  for (let i = 0; i < warmUps; i++) await ask();
  const [before, start] = [process.cpuUsage(), performance.now()];
  let sum = 0;
  for (let i = 0; i < rounds; i++) sum += (await ask()).usage.completionTokens;
  const { user, system } = process.cpuUsage(before);
  const perSecond = short((1000 * sum) / (performance.now() - start));
  const cpuPerToken = short((user + system) / 1000 / sum);
  record({ run: "alone, warm", model, rounds, tokens: sum, perSecond, cpuPerToken });
}

if (!has({ run: "about" })) record(aboutLine("wasm, one thread"));
const base = ["--run", join(root, "datasets/base-gpt")];
await served("base", base, [[1, 60, 20], [64, 4, 1]], 64);
await alone("base", () => openRun(base[1], { engine: "wasm" }), 64, 60, 20);
if (modelFolder("smollm2")) {
  const args = ["--model", "smollm2", "--context", "512"];
  await served("smollm2", args, [[1, 6, 2], [16, 1, 0]], 32);
  const open = () => openLanguageModel("smollm2", { engine: "wasm", maxLength: 512 });
  await alone("smollm2", open, 32, 6, 2);
}
lap();
