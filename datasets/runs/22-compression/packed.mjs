// Records what packed weights take and cost, for lesson 22 (compression): bytes of all matrices, CPU
// time per token while one text is written, and on the base model the loss. thresholds.md says what
// is claimed.
//
//     npm run build && node datasets/runs/22-compression/packed.mjs [base] [smol]
//
// About a minute of CPU time for each. One line in packed.jsonl for each model and kind of kernels;
// lines that are there are left out. The native kernels need `npm run native`.

import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { baseDocuments, baseText, loadBaseModel } = require("llm/baseModel");
const { modelFolder } = require("llm/checkpoint");
const { spreadWindows } = require("llm/compress");
const { useEngine } = require("llm/engine");
const { PagedReader } = require("llm/inference");
const { openGguf } = require("llm/pretrained");
const { PagedGPT, weightFormats } = require("llm/runtime");

const numbers = { windows: 64, length: 256, prompt: 32, tokens: 32 };
/** The first rounds are not counted: memory is fetched and JavaScript compiled in them. */
const rounds = { base: { warmup: 10, counted: 30 }, smol: { warmup: 1, counted: 4 } };
const file = fileURLToPath(new URL("packed.jsonl", import.meta.url));
const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
const done = new Set(lines.filter((line) => line !== "").map((line) => JSON.parse(line).key));
const used = (since) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e3; // milliseconds
};

/** The loss of each window, in nats per token. */
function windowLosses(model, windows) {
  const table = Array.from({ length: Math.ceil(numbers.length / model.blockTokens) }, (_, i) => i);
  return windows.map((window) => {
    const V = model.vocabSize;
    const ids = [...window.subarray(0, -1)];
    const logits = model.step([{ ids, start: 0, table, logits: "all" }]);
    let nats = 0;
    for (let t = 0; t < ids.length; t++) {
      const row = logits.subarray(t * V, (t + 1) * V);
      let top = -Infinity;
      for (const x of row) top = Math.max(top, x);
      let sum = 0;
      for (const x of row) sum += Math.exp(x - top);
      nats += top + Math.log(sum) - row[window[t + 1]];
    }
    return Number((nats / ids.length).toFixed(4));
  });
}

/** CPU milliseconds per token, one text; the formats take turns. */
async function times(models, prompt, { warmup, counted }) {
  const taken = Object.fromEntries(Object.keys(models).map((format) => [format, []]));
  for (let round = 0; round < warmup + counted; round++)
    for (const [format, model] of Object.entries(models)) {
      const reader = new PagedReader(model);
      let scores = await reader.begin(prompt);
      const start = process.cpuUsage();
      for (let i = 0; i < numbers.tokens; i++) scores = await reader.next(scores.indexOf(Math.max(...scores.subarray(0, 2000))));
      if (round >= warmup) taken[format].push(Number((used(start) / numbers.tokens).toFixed(3)));
      reader.dispose();
    }
  return taken;
}

async function record(which, engine, make, prompt, windows) {
  const key = `${which} ${engine}`;
  if (done.has(key)) return;
  const start = process.cpuUsage();
  const models = {};
  for (const format of weightFormats) models[format] = await make({ format, engine });
  const line = { key, bytes: {}, nats: {}, milliseconds: await times(models, prompt, rounds[which]) };
  for (const [format, model] of Object.entries(models)) {
    line.bytes[format] = model.weightBytes;
    if (windows) line.nats[format] = windowLosses(model, windows);
    model.close();
  }
  Object.assign(line, { date: new Date().toISOString().slice(0, 10), cpu: cpus()[0].model });
  line.seconds = Math.round(used(start) / 1e3);
  appendFileSync(file, `${JSON.stringify(line)}\n`);
  console.log(JSON.stringify({ ...line, nats: undefined }));
}

const which = process.argv.length > 2 ? process.argv.slice(2) : ["base", "smol"];
await useEngine({ prefer: "wasm", quiet: true });
if (which.includes("base")) {
  const { params, config, tokenizer } = loadBaseModel();
  const ids = tokenizer.encodeText(baseText(baseDocuments()));
  const heldOut = ids.slice(Math.floor(0.9 * ids.length));
  const windows = spreadWindows(heldOut, { count: numbers.windows, length: numbers.length });
  const make = (options) => PagedGPT.fromParams(params, config, { ...options, cacheTokens: 512 });
  for (const engine of ["native", "wasm"])
    await record("base", engine, make, heldOut.slice(0, numbers.prompt), engine === "native" && windows);
}
const folder = modelFolder("smollm2");
if (which.includes("smol") && folder) {
  const name = readdirSync(folder).find((one) => one.endsWith(".gguf"));
  const opened = openGguf(join(folder, name));
  const prompt = opened.tokenizer.encode("The history of Paris begins long before the Romans came. ".repeat(4)).slice(0, numbers.prompt);
  const make = (options) => PagedGPT.fromGguf(opened, { ...options, maxLength: 256, cacheTokens: 256 });
  for (const engine of ["native", "wasm"]) await record("smol", engine, make, prompt);
}
process.exit(0);
