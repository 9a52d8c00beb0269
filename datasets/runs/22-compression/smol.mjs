// Records the runs of lesson 22 (compression) on SmolLM2-135M-Instruct (`npm run model smollm2`):
// thresholds.md, written before them, says what is claimed.
//
//     npm run build && node datasets/runs/22-compression/smol.mjs
//
// About ten minutes of CPU time on the native engine, one thread. One line in smol.jsonl for each
// run; runs that are there are left out. The model's file has been rounded to 4 bits once (Q4_1:
// groups of 32, affine): what is measured here is a second rounding.

import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { modelFolder } = require("llm/checkpoint");
const C = require("llm/compress");
const { tf, useEngine } = require("llm/engine");
const { mobyDickHeldOut } = require("llm/evaluate");
const { roundTensor } = require("llm/optim");
const { cloneParams, countParams, disposeParams } = require("llm/params");
const { loadGguf } = require("llm/pretrained");
const { Random } = require("llm/random");

const numbers = { windows: 16, length: 128, calibration: 16 };
const file = fileURLToPath(new URL("smol.jsonl", import.meta.url));
const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
const done = new Set(lines.filter((line) => line !== "").map((line) => JSON.parse(line).key));
const { description: engine } = await useEngine({ quiet: true });
const wanted = process.argv.slice(2); // parts of a run's name
const used = (since) => {
  const { user, system } = process.cpuUsage(since);
  return Math.round((user + system) / 1e4) / 100;
};
async function record(key, work) {
  if (done.has(key) || !wanted.every((part) => key.includes(part))) return;
  const start = process.cpuUsage();
  const line = { key, ...(await work()), seconds: used(start) };
  appendFileSync(file, `${JSON.stringify(line)}\n`);
  const mean = line.nats ? line.nats.reduce((a, b) => a + b) / line.nats.length : undefined;
  console.log(key, mean?.toFixed(4), line.bytes, line.seconds);
}

const folder = modelFolder("smollm2");
const name = readdirSync(folder).find((one) => one.endsWith(".gguf"));
const { params, config: large, tokenizer } = loadGguf(join(folder, name));
const config = { ...large, blockSize: 256 };
const { train, testA, testB } = mobyDickHeldOut();
const encoded = (text) => Int32Array.from(tokenizer.encode(text));
const heldOut = encoded([...testA, ...testB].join("\n\n").slice(0, 60_000));
const read = encoded(train.slice(200_000, 320_000));
const windows = C.spreadWindows(heldOut, { count: numbers.windows, length: numbers.length });
const nats = (own, options = {}) =>
  C.windowLosses({ params: own, config }, windows, options).map((x) => Number(x.toFixed(4)));
/** 16 rows of 128 tokens of another part of the book. */
function calibrationText() {
  const { calibration: B, length: T } = numbers;
  const rows = C.spreadWindows(read, { count: B, length: T }).map((row) => [...row.slice(0, T)]);
  return tf.tensor2d(rows, [B, T], "int32");
}

const all = countParams(params);
await record("about", async () => ({
  ...numbers,
  ...{ date: new Date().toISOString().slice(0, 10), cpu: cpus()[0].model, engine },
  parameters: all,
}));
await record("largest weights", async () => ({ reach: C.weightReach(params) }));
await record("float32", async () => ({ bytes: 4 * all, nats: nats(params) }));
await record("channels", async () => {
  const text = calibrationText();
  const channels = C.inputSizes(params, config, text);
  text.dispose();
  return { channels };
});
for (const [key, options] of [
  ["inputs 8 bits all", { bits: 8, sharing: "all" }],
  ["inputs 8 bits token", { bits: 8, sharing: "token" }],
  ["inputs 8 bits token, from 6 kept", { bits: 8, sharing: "token", keepFrom: 6 }],
])
  await record(key, async () => ({
    nats: nats(params, { mapInput: (_, x) => C.roundInput(x, options) }),
  }));
await record("bfloat16", async () => {
  const copy = cloneParams(params);
  for (const p of Object.values(copy)) tf.tidy(() => p.assign(roundTensor(p, "bfloat16")));
  const result = { bytes: 2 * all, nats: nats(copy) };
  disposeParams(copy);
  return result;
});
const grids = {
  "8 bits row symmetric": { bits: 8 },
  "4 bits matrix symmetric": { bits: 4, sharing: "matrix" },
  "4 bits row symmetric": { bits: 4 },
  "4 bits row affine": { bits: 4, symmetric: false },
  "4 bits group symmetric": { bits: 4, sharing: { group: 64 } },
  "4 bits group affine": { bits: 4, sharing: { group: 64 }, symmetric: false },
  "3 bits group affine": { bits: 3, sharing: { group: 64 }, symmetric: false },
};
for (const [key, options] of Object.entries(grids))
  await record(key, async () => {
    const model = C.quantizeModel(params, options);
    const result = { bytes: model.bytes, nats: nats(model.params) };
    disposeParams(model.params);
    return result;
  });
/** Error feedback for all blocks at once: thirty passes would take too long. */
for (const [key, grid] of [
  ["gptq 4 bits row symmetric", "4 bits row symmetric"],
  ["gptq 3 bits group affine", "3 bits group affine"],
])
  await record(key, async () => {
    const text = calibrationText();
    const options = { ...grids[grid], oneByOne: false };
    const model = C.gptqModel(params, config, text, options);
    const result = { bytes: model.bytes, nats: nats(model.params) };
    tf.dispose([text, model.params]);
    return result;
  });
await record("gptq 4 bits row symmetric, shuffled inputs", async () => {
  const text = calibrationText();
  const rng = new Random(1).fork("shuffled");
  const change = (x) => {
    const [N, width] = x.shape;
    const from = x.dataSync();
    const to = new Float32Array(from.length);
    for (let c = 0; c < width; c++) {
      const order = rng.shuffle(Array.from({ length: N }, (_, n) => n));
      for (let n = 0; n < N; n++) to[n * width + c] = from[order[n] * width + c];
    }
    return tf.tensor2d(to, [N, width]);
  };
  const options = { bits: 4, oneByOne: false, change };
  const model = C.gptqModel(params, config, text, options);
  const result = { bytes: model.bytes, nats: nats(model.params) };
  tf.dispose([text, model.params]);
  return result;
});
process.exit(0);
