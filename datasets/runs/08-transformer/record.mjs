// How the recorded runs of lesson 08 (the Transformer) were made. To make them again, in about 20
// minutes of CPU time:
//
//     npm run build && node datasets/runs/08-transformer/record.mjs
//
// With words after it, only those parts are made again: `main 21` (the lesson's model with one seed),
// `designs 31` (blocks with something changed, one seed), `names` (a model of names, by
// characters). Every part replaces its own results in runs.json, beside this file; `main 21` also
// writes the models (half trained and trained: translator-half.safetensors, translator.safetensors).
//
// The thresholds of the lesson (99 % of each kind of held-out text, all of the trained names) were
// written down before seeds above 20 had been tried.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { useEngine } = require("llm/engine");
const { countParams } = require("llm/params");
const { Trainer } = require("llm/train");
const T = require("llm/translation");

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const rounded = (x) => Number(x.toFixed(4));
const kinds = T.courseSources.map(({ name }) => name);
/** The design of the lesson's model, and what is changed in each of the others. */
const designs = {
  "pre-norm": {},
  "post-norm": { normPlacement: "post" },
  "no norm": { norm: "none" },
  "no residual": { residual: false },
  "no position": { position: "none" },
  "one context vector": { context: "mean" },
  RMSNorm: { norm: "rmsNorm" },
  ReLU: { activation: "relu" },
  "ReLU²": { activation: "relu2" },
  SwiGLU: { activation: "swiglu" },
};
const designSteps = 500;
const { description } = await useEngine();
const [part, seedText] = process.argv.slice(2);
const wanted = (name, seed) =>
  part === undefined || (part === name && (seedText === undefined || Number(seedText) === seed));

/** The share of exact translations, 100 texts at a time. */
function exact(model, pairs, translateAll = T.translate) {
  let right = 0;
  const wrong = [];
  for (let at = 0; at < pairs.length; at += 100) {
    const some = pairs.slice(at, at + 100);
    const written = translateAll(model, some.map(({ source }) => source));
    some.forEach(({ source, target }, i) => {
      if (written[i] === target) right++;
      else wrong.push({ source, target, written: written[i] });
    });
  }
  return { exact: rounded(right / pairs.length), pairs: pairs.length, wrong };
}

/** Losses, each the mean of `every` steps. */
function thinned(losses, every) {
  const means = [];
  for (let at = 0; at + every <= losses.length; at += every)
    means.push(rounded(losses.slice(at, at + every).reduce((a, b) => a + b) / every));
  return { every, means };
}

/** Trains one task and gives its losses; looks at it after some steps. */
async function train(task, { steps, seed, look = () => {}, every = steps }) {
  const settings = { ...T.courseTraining, steps, seed, evalEvery: steps, evalLimit: 1 };
  const trainer = new Trainer({ task, settings });
  await look(0);
  while (trainer.step < steps) {
    await trainer.run({ steps: every, onNotice: () => {} });
    await look(trainer.step);
  }
  return { losses: trainer.history.steps.map(({ loss }) => loss), dispose: () => trainer.dispose() };
}

const results = existsSync(here("runs.json"))
  ? JSON.parse(readFileSync(here("runs.json"), "utf8"))
  : { about: {}, main: [], designs: [], names: {} };
const save = (name, result) => {
  const { user, system } = process.cpuUsage(start);
  results.about[name] = {
    date: new Date().toISOString().slice(0, 10),
    engine: description,
    machine: `${cpus().length} × ${cpus()[0].model}, ${platform()} ${arch()}, shared with other work`,
    cpuSeconds: Math.round((user + system) / 1e6),
  };
  if (Array.isArray(results[name])) {
    const rest = results[name].filter(
      (old) => old.seed !== result.seed || old.design !== result.design,
    );
    results[name] = [...rest, result].sort((a, b) => a.seed - b.seed);
  } else results[name] = result;
  writeFileSync(here("runs.json"), `${JSON.stringify(results)}\n`);
};
let start = process.cpuUsage();

for (const seed of [21, 22, 23]) {
  if (!wanted("main", seed)) continue;
  start = process.cpuUsage();
  const task = T.translationTask({
    ...{ sources: T.courseSources, model: T.courseModel, batchSize: 64, seed },
  });
  const snapshots = [];
  const look = async (step) => {
    const share = {};
    const forced = {};
    for (const kind of kinds) {
      const pairs = task.heldOut(kind, step % 500 ? 60 : 150);
      share[kind] = exact(task, pairs).exact;
      forced[kind] = rounded(T.forcedAccuracy(task, pairs));
    }
    snapshots.push({ step, exact: share, forced });
    console.log(seed, JSON.stringify(snapshots.at(-1)));
    if (seed === 21 && step === 400)
      writeFileSync(here("translator-half.safetensors"), T.saveTranslator(task));
  };
  const { steps } = T.courseTraining;
  const { losses, dispose } = await train(task, { steps, seed, look, every: 100 });
  const final = Object.fromEntries(kinds.map((kind) => [kind, exact(task, task.heldOut(kind, 1000))]));
  if (seed === 21) writeFileSync(here("translator.safetensors"), T.saveTranslator(task));
  save("main", { seed, parameters: countParams(task.params), losses: thinned(losses, 25), snapshots, final });
  console.log(seed, JSON.stringify(final));
  dispose();
}

for (const seed of [31, 32, 33]) {
  if (!wanted("designs", seed)) continue;
  for (const [design, changes] of Object.entries(designs)) {
    start = process.cpuUsage();
    const model = { ...T.courseModel, ...changes };
    const task = T.translationTask({ sources: T.courseSources, model, batchSize: 64, seed });
    const parameters = countParams(task.params);
    let result;
    try {
      const { losses, dispose } = await train(task, { steps: designSteps, seed });
      const share = kinds.map((kind) => exact(task, task.heldOut(kind, 200)).exact);
      const byKind = Object.fromEntries(kinds.map((kind, i) => [kind, share[i]]));
      result = { losses: thinned(losses, 25), exact: rounded(share.reduce((a, b) => a + b) / 3), byKind };
      dispose();
    } catch (error) {
      result = { failed: error.message }; // a run that diverges is a result too
    }
    save("designs", { seed, design, parameters, steps: designSteps, ...result });
    console.log(seed, design, result.exact, JSON.stringify(result.byKind), result.losses?.means.at(-1));
  }
}

if (wanted("names", 41)) {
  start = process.cpuUsage();
  const sources = ["region", "language"].map((type) => T.nameSource(type));
  const model = { ...T.courseModel, blockSize: 21 };
  const options = { sources, model, batchSize: 64, seed: 41, split: "characters" };
  const task = T.translationTask(options);
  const steps = 1200;
  const { losses, dispose } = await train(task, { steps, seed: 41 });
  const result = { seed: 41, steps, parameters: countParams(task.params), losses: thinned(losses, 25) };
  for (const { name, all } of sources) {
    const known = exact(task, all.train);
    const others = all.heldOut.map(({ source }) => source);
    const written = T.translate(task, others);
    const pairs = all.heldOut.map((pair, i) => ({ ...pair, written: written[i] }));
    result[name] = { trained: known, heldOut: pairs };
    console.log(name, known.exact, known.wrong, JSON.stringify(pairs.slice(0, 12)));
  }
  save("names", result);
  dispose();
}
