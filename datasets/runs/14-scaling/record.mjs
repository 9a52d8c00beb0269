// How the recorded runs of lesson 14 (scaling) were made. To make them again, in about half an hour
// of CPU time on the native engine, in this order:
//
//     npm run build
//     node datasets/runs/14-scaling/record.mjs family      writes family.json
//     node datasets/runs/14-scaling/record.mjs predict     writes prediction.json
//     node datasets/runs/14-scaling/record.mjs held-out    writes held-out.json
//
// The family: six sizes of a LLaMA of two layers, of which only the width changes, each trained on
// three to five numbers of letters of Moby-Dick, every run with a whole schedule of its own. The
// held-out run has four times the parameters of the largest of the family and reads twice as many
// letters. Its loss is predicted from the family, and the prediction is committed, before it runs.
//
// Looked at before: widths 16, 32 and 64 (seed 1, 768 steps), to choose the family (GPT-2's block
// stayed near the bigrams at these sizes) and the rule for the learning rate; and a first family with
// batches of 8 windows in place of 16, which was stopped after 17 runs because some of them were
// unstable (width 32 after 512 steps was worse than width 16).
//
// Written down before the family was run:
//  1. The prediction of the held-out run FAILS if the mean of its three seeds is more than 0.05 nats
//     per letter away from the fit of L(N, D) = E + A / N^α + B / D^β. The test is void if the best
//     mean loss of the family is itself within 0.05 of the held-out run: then "no progress" would
//     have passed.
//  2. The same threshold is put to two simpler rules: a power law in the compute alone (with an
//     irreducible loss, over the best run of each compute), and the best loss of the family.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { mobyDick } = require("llm/data");
const { useEngine } = require("llm/engine");
const { countParameters, forwardFlops } = require("llm/gpt");
const { gptTask } = require("llm/pretrain");
const { Trainer } = require("llm/train");

const [batchSize, blockSize] = [16, 64];
const tokensPerStep = batchSize * blockSize;
const widths = [16, 24, 32, 48, 64, 96];
/** Steps, and with which seeds. */
const budgets = [
  { steps: 256, seeds: [1, 2, 3] },
  { steps: 362, seeds: [1] },
  { steps: 512, seeds: [1, 2, 3] },
  { steps: 724, seeds: [1] },
  { steps: 1024, seeds: [1, 2, 3] },
];
const heldOut = { width: 192, steps: 2048, seeds: [1, 2, 3] };

const part = process.argv[2];
const fileOf = (name) => fileURLToPath(new URL(`${name}.json`, import.meta.url));
const rounded = (x, digits = 4) => Number(x.toFixed(digits));
const start = process.cpuUsage();
const secondsSince = (from) => {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1e6;
};

if (part === "family") {
  const wanted = widths.flatMap((width) =>
    budgets.flatMap(({ steps, seeds }) => seeds.map((seed) => ({ width, steps, seed }))),
  );
  await train("family", wanted);
} else if (part === "held-out") {
  if (!existsSync(fileOf("prediction"))) throw new Error("record: expected a prediction first");
  const { width, steps, seeds } = heldOut;
  await train("held-out", seeds.map((seed) => ({ width, steps, seed })));
} else throw new Error(`record: expected family, predict or held-out, got ${part}`);

/** Trains what is not in the file yet, the short runs first. */
async function train(name, wanted) {
  const { description } = await useEngine();
  const path = fileOf(name);
  const file = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { runs: [] };
  const cpuBefore = file.about?.cpuSeconds ?? 0;
  const isDone = (run) => file.runs.some((old) => ["width", "steps", "seed"].every((key) => old[key] === run[key]));
  const text = mobyDick();
  for (const run of wanted.sort((a, b) => a.seed - b.seed || a.steps - b.steps)) {
    if (isDone(run)) continue;
    file.runs.push(await trainOne(run, text));
    console.log(JSON.stringify(file.runs.at(-1)));
    file.about = {
      command: `node datasets/runs/14-scaling/record.mjs ${name}`,
      date: new Date().toISOString().slice(0, 10),
      engine: description,
      machine: `${cpus().length} × ${cpus()[0].model}, ${platform()} ${arch()}, shared with other work`,
      cpuSeconds: Math.round(cpuBefore + secondsSince(start)),
      ...{ batchSize, blockSize, tokensPerStep, text: "Moby-Dick, letter by letter" },
    };
    writeFileSync(path, `${JSON.stringify(file)}\n`);
  }
}

/** One run: its sizes, its operations, its loss on all held-out letters, and how long it took. */
async function trainOne({ width, steps, seed }, text) {
  const maxLr = 0.008 * Math.sqrt(64 / width);
  const heads = Math.max(1, Math.round(width / 16));
  const settings = {
    model: {
      ...{ family: "llama", blockSize, nLayer: 2, nHead: heads, nEmbd: width },
      ...{ dropout: 0, bias: false },
    },
    ...{ seed, steps, batchSize, maxLr, minLr: maxLr / 10, warmupSteps: Math.ceil(steps / 20) },
    ...{ beta1: 0.9, beta2: 0.99, weightDecay: 0.1, clip: 1, accumulate: 1, sampleLength: 0 },
    ...{ evalEvery: steps, checkpointEvery: steps },
  };
  const task = gptTask({ text, settings });
  const trainer = new Trainer({ task, settings });
  let loss = Number.NaN;
  const from = { cpu: process.cpuUsage(), wall: performance.now() };
  const took = { cpu: 0, wall: 0 };
  await trainer.run({
    onNotice: () => {},
    onStep: ({ step }) => {
      if (step < steps) return;
      took.cpu = secondsSince(from.cpu);
      took.wall = (performance.now() - from.wall) / 1000;
    },
    onEval: ({ metrics }) => {
      loss = metrics.val;
    },
  });
  const parameters = countParameters(task.config).total;
  const tokens = steps * tokensPerStep;
  const flops = 3 * forwardFlops(task.config, { B: batchSize, T: blockSize }) * steps;
  trainer.dispose();
  task.dispose();
  return {
    ...{ width, steps, seed, parameters, tokens, flops, loss: rounded(loss) },
    ...{ wallSeconds: rounded(took.wall, 1), cpuSeconds: rounded(took.cpu, 1) },
  };
}
