// Records the runs of lesson 22 (compression) on the base model: thresholds.md, written before them,
// says what is claimed.
//
//     npm run build && node datasets/runs/22-compression/record.mjs [part of a run's name …]
//
// About a quarter of an hour of CPU time on the native engine, one thread. One line in runs.jsonl for
// each run, written when it is done; runs that are there are left out, so the command can be stopped
// and started again. smol.mjs beside this file records SmolLM2, llamacpp.mjs the files.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { baseDocuments, baseText, loadBaseModel } = require("llm/baseModel");
const C = require("llm/compress");
const { tf, useEngine } = require("llm/engine");
const { initGPT } = require("llm/gpt");
const { roundTensor } = require("llm/optim");
const { cloneParams, countParams, disposeParams } = require("llm/params");
const { Random } = require("llm/random");
const { Trainer } = require("llm/train");

const numbers = {
  ...{ windows: 64, length: 256, calibration: 16 },
  ...{ batchSize: 8, trainLength: 128, retrain: 60, distill: 150 },
};
const file = fileURLToPath(new URL("runs.jsonl", import.meta.url));
const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
const done = new Set(lines.filter((line) => line !== "").map((line) => JSON.parse(line).key));
const { description: engine } = await useEngine({ quiet: true });
const wanted = process.argv.slice(2);
const used = (since) => {
  const { user, system } = process.cpuUsage(since);
  return Math.round((user + system) / 1e4) / 100;
};

/** One run, unless it is there: what `work` returns, with its key and its CPU time. */
async function record(key, work) {
  if (done.has(key) || !wanted.every((part) => key.includes(part))) return;
  const start = process.cpuUsage();
  const line = { key, ...(await work()), seconds: used(start) };
  appendFileSync(file, `${JSON.stringify(line)}\n`);
  const mean = line.nats ? line.nats.reduce((a, b) => a + b) / line.nats.length : undefined;
  console.log(key, mean?.toFixed(4), line.bytes, line.seconds);
}

const base = loadBaseModel();
const { config, tokenizer } = base;
const ids = tokenizer.encodeText(baseText(baseDocuments()));
const cut = Math.floor(ids.length * 0.9); // what pretraining has never seen begins here
const [train, heldOut] = [ids.slice(0, cut), ids.slice(cut)];
const windows = C.spreadWindows(heldOut, { count: numbers.windows, length: numbers.length });
const short = (list, digits = 4) => list.map((x) => Number(x.toFixed(digits)));
const nats = (params, own = config, options = {}) =>
  short(C.windowLosses({ params, config: own }, windows, options));

await record("about", async () => ({
  ...numbers,
  ...{ date: new Date().toISOString().slice(0, 10), cpu: cpus()[0].model, engine },
  parameters: countParams(base.params),
  config,
}));
// The line `about` is written when the file is begun. Where these numbers have been changed since, a
// line of its own says so: the first file was begun with 300 steps for students, who all made 150.
const begun = lines.filter((line) => line !== "").map((line) => JSON.parse(line));
const old = begun.find(({ key }) => key === "about") ?? numbers;
const changed = Object.entries(numbers).filter(([name, now]) => old[name] !== now);
if (changed.length > 0)
  await record("about, corrected", async () => ({
    ...Object.fromEntries(changed),
    note: "the line about was written before these numbers were changed; no run used the old ones",
  }));

// Numbers with fewer bits.
const all = countParams(base.params);
await record("largest weights", async () => ({ reach: C.weightReach(base.params) }));
await record("float32", async () => ({ bytes: 4 * all, nats: nats(base.params) }));
for (const precision of ["float16", "bfloat16"])
  await record(precision, async () => {
    const params = cloneParams(base.params);
    for (const p of Object.values(params)) tf.tidy(() => p.assign(roundTensor(p, precision)));
    const result = { bytes: 2 * all, nats: nats(params) };
    disposeParams(params);
    return result;
  });

const grids = [];
for (const bits of [8, 4, 3])
  for (const [name, sharing] of [
    ["matrix", "matrix"],
    ["row", "row"],
    ["group", { group: 48 }],
  ])
    for (const symmetric of [true, false])
      grids.push({
        key: `${bits} bits ${name} ${symmetric ? "symmetric" : "affine"}`,
        options: { bits, sharing, symmetric },
      });
for (const [name, sharing] of [
  ["row", "row"],
  ["group 16", { group: 16 }],
])
  for (const symmetric of [true, false])
    grids.push({
      key: `2 bits ${name} ${symmetric ? "symmetric" : "affine"}`,
      options: { bits: 2, sharing, symmetric },
    });
const gridOf = (key) => grids.find((grid) => grid.key === key).options;
for (const { key, options } of grids)
  await record(key, async () => {
    const { params, bytes } = C.quantizeModel(base.params, options);
    const result = { bytes, nats: nats(params) };
    disposeParams(params);
    return result;
  });
await record("8 bits embeddings alone", async () => {
  const { params, bytes } = C.roundModel(base.params, (name, values, shape) =>
    name.includes("embed") ? C.quantizeMatrix(values, shape, { bits: 8 }) : undefined,
  );
  const result = { bytes, nats: nats(params) };
  disposeParams(params);
  return result;
});

// Error feedback. The seed draws the text that is read; controls: each input shuffled among the
// tokens (what goes together no longer does), tokens drawn at random, all blocks at once.
function calibrationText(seed, kind) {
  const rng = new Random(seed).fork("calibration");
  const { calibration: B, length: T } = numbers;
  const rows = Array.from({ length: B }, () => {
    if (kind === "random tokens")
      return Array.from({ length: T }, () => rng.integer(config.vocabSize));
    const start = rng.integer(train.length - T);
    return Array.from(train.subarray(start, start + T));
  });
  return tf.tensor2d(rows, [B, T], "int32");
}
/** Each channel's inputs in an order of their own. */
function shuffledInputs(seed) {
  const rng = new Random(seed).fork("shuffled");
  return (x) => {
    const [N, width] = x.shape;
    const from = x.dataSync();
    const to = new Float32Array(from.length);
    for (let c = 0; c < width; c++) {
      const order = rng.shuffle(Array.from({ length: N }, (_, n) => n));
      for (let n = 0; n < N; n++) to[n * width + c] = from[order[n] * width + c];
    }
    return tf.tensor2d(to, [N, width]);
  };
}
const feedback = (key, seed, grid, { kind = "text", ...more } = {}) =>
  record(`${key} seed=${seed}`, async () => {
    const text = calibrationText(seed, kind);
    const options = { ...gridOf(grid), ...more };
    const { params, bytes } = C.gptqModel(base.params, config, text, options);
    const result = { bytes, nats: nats(params) };
    tf.dispose([text, params]);
    return result;
  });
for (const seed of [1, 2, 3]) {
  for (const grid of [
    ...["4 bits row symmetric", "4 bits group affine"],
    ...["3 bits row symmetric", "3 bits row affine"],
  ])
    await feedback(`gptq ${grid}`, seed, grid);
  const grid = "3 bits row symmetric";
  await feedback(`gptq ${grid}, shuffled inputs`, seed, grid, { change: shuffledInputs(seed) });
  await feedback(`gptq ${grid}, random tokens`, seed, grid, { kind: "random tokens" });
  await feedback(`gptq ${grid}, all blocks at once`, seed, grid, { oneByOne: false });
}

// Rounded inputs, weights as they are, and how large inputs are.
for (const [key, options] of [
  ["inputs 8 bits all", { bits: 8, sharing: "all" }],
  ["inputs 8 bits token", { bits: 8, sharing: "token" }],
  ["inputs 4 bits token", { bits: 4, sharing: "token" }],
])
  await record(key, async () => ({
    nats: nats(base.params, config, { mapInput: (_, x) => C.roundInput(x, options) }),
  }));
await record("channels", async () => {
  const text = calibrationText(1, "text");
  const channels = C.inputSizes(base.params, config, text);
  text.dispose();
  return { channels };
});

// Pruning: before and after learning again. The seed decides the order of the text and the random
// masks.
const { batchSize, trainLength: length } = numbers;
const matrices = C.blockMatrices(base.params);
const values = Object.fromEntries(matrices.map((name) => [name, base.params[name].dataSync()]));
const masksBy = (mask) => Object.fromEntries(matrices.map((name) => [name, mask(name)]));
const magnitude = (share) => masksBy((name) => C.magnitudeMask(values[name], share));
const randomMasks = (share, seed) => {
  const rng = new Random(seed).fork("random mask");
  return masksBy((name) =>
    C.magnitudeMask(
      Float32Array.from(values[name], () => rng.uniform() + 1e-9),
      share,
    ),
  );
};
const half = config.nInner / 2;
/** The share of all numbers in blocks that half of the neurons take with them. */
const inMatrices = matrices.reduce((sum, name) => sum + values[name].length, 0);
const neuronShare = (3 * half * config.nEmbd * config.nLayer) / inMatrices;
const prunings = {
  dense: () => ({}),
  "magnitude 0.5": () => ({ masks: magnitude(0.5) }),
  "random 0.5": (seed) => ({ masks: randomMasks(0.5, seed) }),
  "2 of 4": () => ({ masks: masksBy((name) => C.groupMask(values[name], { keep: 2, of: 4 })) }),
  "magnitude as many": () => ({ masks: magnitude(neuronShare) }),
  "half of the neurons": () => ({ model: C.pruneNeurons(base.params, config, half) }),
};
/** Trains and measures; the caller frees nothing. */
async function learned({ model, seed, steps, maxLr, warmupSteps, masks, teacher }) {
  const some = heldOut.slice(0, 8 * length + 1);
  const task = C.compressTask({
    ...{ model, train, heldOut: some, batchSize, length, seed, masks, teacher },
  });
  const settings = { steps, maxLr, minLr: maxLr / 10, warmupSteps, seed, evalEvery: steps };
  const trainer = new Trainer({ task, settings: { ...settings, evalLimit: 1 } });
  const { history } = await trainer.run();
  const final = C.maskedParams(task.params, masks ?? {});
  const result = { nats: nats(final, model.config) };
  const losses = history.steps.map(({ loss }) => loss);
  const curve = losses.flatMap((_, i) =>
    i % 20 === 19 ? [losses.slice(i - 19, i + 1).reduce((a, b) => a + b) / 20] : [],
  );
  disposeParams(final);
  trainer.dispose();
  return { ...result, curve: short(curve, 3) };
}
/** At a tenth of the learning rate, the question is whether the dense control stays what it was. */
const gentle = ["dense", "magnitude 0.5", "2 of 4"].map((name) => [
  ...[`${name}, a tenth of the rate`, prunings[name], 5e-5],
]);
const learnings = [...Object.entries(prunings).map((one) => [...one, 5e-4]), ...gentle];
for (const seed of [1, 2, 3])
  for (const [name, prune, maxLr] of learnings)
    await record(`prune ${name} seed=${seed}`, async () => {
      const { masks, model = base } = prune(seed);
      const pruned = C.maskedParams(model.params, masks ?? {});
      const before = nats(pruned, model.config);
      disposeParams(pruned);
      const after = await learned({
        ...{ model, masks, seed, steps: numbers.retrain, maxLr, warmupSteps: 10 },
      });
      const gone = Object.values(masks ?? {}).reduce(
        (sum, mask) => sum + mask.reduce((n, one) => n + 1 - one, 0),
        0,
      );
      const parameters = countParams(model.params) - gone;
      if (model !== base) disposeParams(model.params);
      return { parameters, before, ...after };
    });

// Distillation: a student of two layers, from random numbers.
const small = { ...config, nLayer: 2, nHead: 4, nEmbd: 96, nInner: 256 };
const students = {
  alone: {},
  "alone, twice the steps": { steps: 2 * numbers.distill },
  "distilled T=1": { teacher: { temperature: 1 } },
  "distilled T=2": { teacher: { temperature: 2 } },
};
for (const seed of [1, 2, 3])
  for (const [name, { steps = numbers.distill, teacher }] of Object.entries(students))
    await record(`student ${name} seed=${seed}`, async () => {
      const params = initGPT(small, { seed });
      const start = process.cpuUsage();
      const result = await learned({
        ...{ model: { params, config: small }, seed, steps, maxLr: 4e-3, warmupSteps: 20 },
        teacher: teacher && { ...base, soft: 1, ...teacher },
      });
      const trainSeconds = used(start);
      const parameters = countParams(params);
      disposeParams(params);
      return { parameters, bytes: 2 * parameters, steps, trainSeconds, ...result };
    });

// Speed of what is really smaller: CPU time for the same windows, in turn, float32.
await record("speed", async () => {
  const { params: fewer, config: fewerConfig } = C.pruneNeurons(base.params, config, half);
  const student = { params: initGPT(small, { seed: 1 }), config: small };
  const masked = C.maskedParams(base.params, magnitude(0.5));
  const models = {
    ...{ dense: base, "half of the weights zero": { params: masked, config } },
    ...{ "half of the neurons": { params: fewer, config: fewerConfig }, student },
  };
  const times = Object.fromEntries(Object.keys(models).map((name) => [name, []]));
  for (let round = 0; round < 6; round++)
    for (const [name, model] of Object.entries(models)) {
      const start = process.cpuUsage();
      C.windowLosses(model, windows.slice(0, 16));
      if (round > 0) times[name].push(used(start));
    }
  return { times };
});
process.exit(0);
