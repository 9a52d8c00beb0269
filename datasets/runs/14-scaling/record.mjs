// How the recorded runs of lesson 14 (scaling) were made. To make them again, in about an hour
// of CPU time on the native engine, in this order:
//
//     npm run build
//     node datasets/runs/14-scaling/record.mjs family      writes family.json
//     node datasets/runs/14-scaling/record.mjs predict     writes prediction.json
//     node datasets/runs/14-scaling/record.mjs held-out    writes held-out.json
//     node datasets/runs/14-scaling/record.mjs sums        writes sums.json
//     node datasets/runs/14-scaling/record.mjs control     writes control.json
//
// The family: six sizes of a LLaMA of two layers, of which only the width changes, each trained on
// three to five numbers of letters of Moby-Dick, every run with a whole schedule of its own. The
// held-out run has four times the parameters of the largest of the family and reads 1.4 times as many
// letters: 5.3 times the operations. Its loss is predicted from the family, and the prediction is
// committed, before it runs.
//
// Looked at before: widths 16, 32 and 64 (seed 1, 768 steps), to choose the family (GPT-2's block
// stayed near the bigrams at these sizes) and the rule for the learning rate; and a first family with
// batches of 8 windows in place of 16, which was stopped after 17 runs because some of them were
// unstable (width 32 after 512 steps was worse than width 16). Of this family, the shortest runs
// turned out to depend on luck: width 32 reached 2.26 with seed 1 after 256 steps, and 2.66 with seed
// 2. So the law is fitted to the runs of 512 steps and more, and in place of more seeds for the short
// runs the family got a longer one, of 1,448 steps. This was decided before the prediction was made;
// the shorter runs stay in the file.
//
// Written down before the family was run:
//  1. The prediction of the held-out run FAILS if the mean of its three seeds is more than 0.05 nats
//     per letter away from the fit of L(N, D) = E + A / N^α + B / D^β. The test is void if the best
//     mean loss of the family is itself within 0.05 of the held-out run: then "no progress" would
//     have passed.
//  2. The same threshold is put to two simpler rules: a power law in the compute alone (with an
//     irreducible loss, over the best size of each number of letters), and the best loss of the
//     family.
//
// After the first held-out seed had missed the prediction (1.647, where 1.544 was expected), a control
// was added: the same run with half the learning rate, and with its training loss. If the rate was
// too high for this width, this run comes nearer to the prediction; if the second reading of the
// letters is to blame, its training loss lies far below its held-out loss. It reached 1.567, with a
// training loss of 1.532. So before seeds 2 and 3 of the control were run, it was written down: with
// half the rate, the mean of the three seeds is within the same 0.05 nats of the same prediction.
//
// "Emergence": models of seven widths (two layers of GPT-2's block) learn to add two numbers of three
// digits, and are asked 1,000 held-out sums. Each is judged by exact match, all digits right, and by
// the mean log-probability of the right digits. Written down before any of them was trained:
//  3. Sharpness of a measure: the largest share of its whole change, from the smallest model to the
//     largest, that lies between two neighbouring widths. "The jump is the measure's" holds if in
//     each of the three seeds exact match is at least 1.5 times as sharp as the log-probability.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { mobyDick } = require("llm/data");
const { useEngine } = require("llm/engine");
const { countParameters, forwardFlops } = require("llm/gpt");
const { gptTask } = require("llm/pretrain");
const { Random } = require("llm/random");
const S = require("llm/scaling");
const A = require("llm/tokenTasks");
const { Trainer } = require("llm/train");

const [batchSize, blockSize] = [16, 64];
const tokensPerStep = batchSize * blockSize;
const widths = [16, 24, 32, 48, 64, 96];
/** Steps, and with which seeds. */
const budgets = [
  { steps: 256, seeds: [1] },
  { steps: 362, seeds: [1] },
  { steps: 512, seeds: [1, 2, 3] },
  { steps: 724, seeds: [1] },
  { steps: 1024, seeds: [1, 2, 3] },
  { steps: 1448, seeds: [1] },
];
/** Shorter runs are not used for the fit. */
const leastSteps = 512;
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
} else if (part === "control") {
  const { width, steps } = heldOut;
  await train("control", heldOut.seeds.map((seed) => ({ width, steps, seed, rate: 0.5 })));
} else if (part === "predict") predict();
else if (part === "sums") await sums();
else throw new Error(`record: expected family, predict, held-out, control or sums, got ${part}`);

/** What the family says of the held-out run, before it runs. */
function predict() {
  const { runs: all } = JSON.parse(readFileSync(fileOf("family"), "utf8"));
  const runs = all.filter((run) => run.steps >= leastSteps);
  const model = modelOf(heldOut.width);
  const { total: parameters } = countParameters({ ...model, vocabSize: 77 });
  const tokens = heldOut.steps * tokensPerStep;
  const flops = flopsOf({ ...model, vocabSize: 77 }, heldOut.steps);
  const law = S.fitScalingLaw(runs);
  const laws = S.bootstrap(runs, S.fitScalingLaw);
  const predictions = laws.map((drawn) => S.lossAt(drawn, parameters, tokens));
  const means = S.meanOfSeeds(runs, (run) => `${run.width} ${run.steps}`);
  const frontier = S.bestOfEach(means, (run) => run.tokens);
  const compute = S.fitPowerLaw(frontier.map((run) => run.flops), frontier.map((run) => run.loss));
  const prediction = {
    about: { command: "node datasets/runs/14-scaling/record.mjs predict", date: today() },
    ...{ width: heldOut.width, parameters, tokens, flops, threshold: 0.05, leastSteps },
    law,
    predicted: rounded(S.lossAt(law, parameters, tokens)),
    interval: S.percentileInterval(predictions),
    compute: { law: compute, predicted: rounded(S.powerLawAt(compute, flops)) },
    withShortRuns: rounded(S.lossAt(S.fitScalingLaw(all), parameters, tokens)),
    bestOfFamily: Math.min(...frontier.map((run) => run.loss)),
  };
  writeFileSync(fileOf("prediction"), `${JSON.stringify(prediction)}\n`);
  console.log(prediction);
}

/** The models that add, and how good each is. */
async function sums() {
  const { description } = await useEngine();
  const [digits, steps] = [3, 3000];
  const { notation, write } = A.sumNotation("single digits", digits);
  const rng = new Random(14).fork("sums");
  const asked = Array.from({ length: 1000 }, () => A.drawSum(rng, { digits, heldOut: true }));
  const examples = asked.map(write);
  const path = fileOf("sums");
  const file = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { runs: [] };
  const cpuBefore = file.about?.cpuSeconds ?? 0;
  for (const seed of [1, 2, 3])
    for (const width of [8, 16, 24, 32, 48, 64, 96]) {
      if (file.runs.some((old) => old.width === width && old.seed === seed)) continue;
      const model = A.createAnswering(notation, { seed, nEmbd: width });
      const draw = (r) => write(A.drawSum(r, { digits, heldOut: false }));
      await A.trainAnswering(model, { seed, steps, draw });
      const { exact, symbols, nats } = A.answerScores(model, examples);
      const lastDigits = [1, 2, 3].map((k) => rounded(A.accuracy(model, examples, k)));
      file.runs.push({
        ...{ width, seed, parameters: A.sizeOf(model), exact: rounded(exact) },
        ...{ symbols: rounded(symbols), nats: rounded(nats), lastDigits },
      });
      console.log(JSON.stringify(file.runs.at(-1)));
      A.disposeAnswering(model);
      file.about = {
        ...about("sums", description, cpuBefore),
        ...{ steps, examplesPerStep: 64, heldOutQuestions: 1000, digits },
      };
      writeFileSync(path, `${JSON.stringify(file)}\n`);
    }
}

function about(name, engine, cpuBefore) {
  return {
    ...{ command: `node datasets/runs/14-scaling/record.mjs ${name}`, date: today(), engine },
    machine: `${cpus().length} × ${cpus()[0].model}, ${platform()} ${arch()}, shared with other work`,
    cpuSeconds: Math.round(cpuBefore + secondsSince(start)),
  };
}

function today() {
  return new Date().toISOString().slice(0, 10);
}

function modelOf(width) {
  const nHead = Math.max(1, Math.round(width / 16));
  return {
    ...{ family: "llama", blockSize, nLayer: 2, nHead, nEmbd: width, dropout: 0, bias: false },
  };
}

/** Operations of a whole training: three forward passes' worth for each step. */
function flopsOf(config, steps) {
  return 3 * forwardFlops(config, { B: batchSize, T: blockSize }) * steps;
}

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
      ...about(name, description, cpuBefore),
      ...{ batchSize, blockSize, tokensPerStep, text: "Moby-Dick, letter by letter" },
    };
    writeFileSync(path, `${JSON.stringify(file)}\n`);
  }
}

/** One run: its sizes, its operations, its loss on all held-out letters, and how long it took. */
async function trainOne({ width, steps, seed, rate = 1 }, text) {
  const maxLr = rate * 0.008 * Math.sqrt(64 / width);
  const settings = {
    model: modelOf(width),
    ...{ seed, steps, batchSize, maxLr, minLr: maxLr / 10, warmupSteps: 50 },
    ...{ beta1: 0.9, beta2: 0.99, weightDecay: 0.1, clip: 1, accumulate: 1, sampleLength: 0 },
    ...{ evalEvery: steps, checkpointEvery: steps },
  };
  const task = gptTask({ text, settings });
  const trainer = new Trainer({ task, settings });
  let loss = Number.NaN;
  const from = { cpu: process.cpuUsage(), wall: performance.now() };
  const took = { cpu: 0, wall: 0 };
  let last = 0; // the mean training loss of the last hundred steps
  await trainer.run({
    onNotice: () => {},
    onStep: ({ step, loss: now }) => {
      if (step > steps - 100) last += now / 100;
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
  const flops = flopsOf(task.config, steps);
  trainer.dispose();
  task.dispose();
  return {
    ...{ width, steps, seed, parameters, tokens, flops, loss: rounded(loss) },
    ...(rate !== 1 && { rate, trainLoss: rounded(last) }),
    ...{ wallSeconds: rounded(took.wall, 1), cpuSeconds: rounded(took.cpu, 1) },
  };
}
