import { mkdtempSync, rmSync } from "node:fs";

import { tmpdir } from "node:os";

import { join } from "node:path";

import { bySize, check, learner } from "llm/course";

import { mobyDick } from "llm/data";

import {
  bars, costFlow, curves, dataParallelFlow, frames, heatmap, plot, points, table,
  tensorParallelFlow,
} from "llm/display";

import { tf, useEngine } from "llm/engine";

import {
  countParameters, forwardFlops, type GPTConfig, gptLogits, gptLoss, initGPT, trainingBytes,
} from "llm/gpt";

import {
  measuredBubble, pipelineSchedule, predictedBubble, shardGPT, stageParams, startWorkers,
  timeSchedule, type TimedStep, trainParallel, zeroMemory,
} from "llm/parallel";

import { lossAndGrads } from "llm/params";

import { gptTask } from "llm/pretrain";

import {
  bestOfEach, bootstrap, computeOptimal, fitPowerLaw, fitScalingLaw, type Hardware, hardware,
  lossAt, meanOfSeeds, measureFlops, percentileInterval, powerLawAt, recordedFamily,
  recordedHeldOut, recordedPrediction, recordedSumsBySize, sharpness, trainingCost, utilisationOf,
} from "llm/scaling";

import { Trainer } from "llm/train";

const T0 = performance.now();
async function main() {
console.log("\n=== imports " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));

const { description } = await useEngine();

console.log("\n=== family-drawn " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const { runs } = recordedFamily();
const foretold = recordedPrediction();
const family = runs.filter((run) => run.steps >= foretold.leastSteps);
const means = meanOfSeeds(family, (run) => `${run.width} ${run.steps}`);
const widths = [...new Set(means.map((run) => run.width))];
const ofWidth = (width: number) =>
  means.filter((run) => run.width === width).sort((a, b) => a.flops - b.flops);
const drawFamily = (more: { name: string; x: number[]; y: number[] }[], caption: string) =>
  plot(
    curves({
      x: { title: "operations of the training", log: true },
      y: { title: "loss (nats per letter)" },
      series: [
        ...widths.map((width) => ({
          name: `${width} wide`,
          x: ofWidth(width).map((run) => run.flops),
          y: ofWidth(width).map((run) => run.loss),
          marker: true,
        })),
        ...more.map((one) => ({ ...one, marker: true })),
      ],
      baselines: [{ name: "best of the family", y: foretold.bestOfFamily }],
      caption,
    }),
  );
drawFamily(
  [{ name: "?", x: [foretold.flops], y: [foretold.bestOfFamily] }],
  "Losses on held-out text. The last point is a guess without any thought: no better than the best.",
);

console.log("\n=== cost-drawing " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
plot(costFlow());

console.log("\n=== measured-operations " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const modelOf = (width: number): GPTConfig => ({
  ...{ family: "llama", vocabSize: 77, blockSize: 64, nLayer: 2, nEmbd: width, dropout: 0 },
  ...{ nHead: Math.max(1, Math.round(width / 16)), bias: false },
});
const whole = (n: number) => Math.round(n).toLocaleString("en");
const rows = [];
for (const width of [16, 32, 96]) {
  const config = modelOf(width);
  const params = initGPT(config, { seed: 1 });
  const ids = tf.zeros([2, 64], "int32") as tf.Tensor2D;
  const measured = await measureFlops(() => gptLogits(params, config, ids));
  const counted = forwardFlops(config, { B: 2, T: 64 });
  const { total } = countParameters(config);
  rows.push({
    ...{ width, parameters: whole(total), "counted, per token": whole(counted / 128) },
    ...{ "measured, per token": whole(measured / 128), equal: measured === counted },
    "2N": whole(2 * total),
  });
  tf.dispose([params, ids]);
}
console.log("The answer:");
table(rows, { caption: "Operations of one forward pass, for each of 128 tokens." });

console.log("\n=== measured-memory " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const sized = modelOf(64);
const before = tf.memory().numBytes;
const text = mobyDick();
const settings = {
  ...{ seed: 1, steps: 2, batchSize: 16, maxLr: 0.008, accumulate: 1, sampleLength: 0 },
  compile: false,
};
const task = gptTask({ text: text.slice(0, 50_000), settings: { ...settings, model: sized } });
const trainer = new Trainer({ task, settings });
await trainer.run({ steps: 1 });
const held = tf.memory().numBytes - before;
const { parameters, moments } = trainingBytes(task.config);
console.log(`counted without gradients: ${whole(parameters + moments)} bytes`);
console.log(`held between two steps:    ${whole(held)} bytes`);
trainer.dispose();
task.dispose();

console.log("\n=== steps-timed " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const timed = [];
for (const width of [16, 48, 128]) {
  const config = modelOf(width);
  const params = initGPT(config, { seed: 1 });
  const ids = tf.zeros([16, 64], "int32") as tf.Tensor2D;
  const step = () => {
    const { loss, grads } = lossAndGrads(params, () => gptLoss(params, config, ids, ids));
    loss.dataSync();
    tf.dispose([loss, grads]);
  };
  step();
  const start = performance.now();
  const times = bySize({ smoke: 6, laptop: 20, gpu: 20 });
  for (let i = 0; i < times; i++) step();
  const seconds = (performance.now() - start) / 1000 / times;
  const flops = 3 * forwardFlops(config, { B: 16, T: 64 });
  timed.push({
    ...{ width, "million operations": (flops / 1e6).toFixed(0) },
    ...{ "ms per step": (seconds * 1000).toFixed(1), "GFLOP/s": (flops / seconds / 1e9).toFixed(1) },
  });
  tf.dispose([params, ids]);
}
table(timed, { caption: `Forward and backward pass of 1,024 tokens on your machine. ${description}` });

console.log("\n=== floor-slider " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const longest = meanOfSeeds(family, (run) => `${run.width} ${run.steps}`)
  .filter((run) => run.steps === Math.max(...family.map((one) => one.steps)));
const sizes = longest.map((run) => run.parameters);
const losses = longest.map((run) => run.loss);
const least = Math.min(...losses);
const floors = Array.from({ length: 12 }, (_, i) => (i / 11) * (least - 0.05));
const bend = (E: number) => {
  const [u, v] = [sizes.map(Math.log), losses.map((loss) => Math.log(loss - E))];
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const slope = u.reduce((s, x, i) => s + (x - mean(u)) * (v[i] - mean(v)), 0) /
    u.reduce((s, x) => s + (x - mean(u)) ** 2, 0);
  return u.map((x) => Math.exp(mean(v) + slope * (x - mean(u))));
};
plot(
  frames(
    floors.map((E) => ({
      label: E.toFixed(2),
      figure: curves({
        x: { title: "parameters", log: true },
        y: { title: "loss − E (nats per letter)", log: true },
        series: [
          { name: "measured", x: sizes, y: losses.map((loss) => loss - E), marker: true },
          { name: "straight line", x: sizes, y: bend(E), dash: "dot" },
        ],
        caption: "",
      }),
    })),
    { slider: "E", caption: "Both axes are logarithmic. How far are the points from the line?" },
  ),
);

console.log("\n=== check-floor " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
await check("14-scaling", { only: ["fitAboveFloor"] });

console.log("\n=== floor-found " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
var mine: any = await learner("14-scaling");
const tried = Array.from({ length: 200 }, (_, i) => (i / 200) * least).map((E) => {
  const { A, alpha } = mine.fitAboveFloor(sizes, losses, E);
  const missed = sizes.map((n, i) => E + A / n ** alpha - losses[i]);
  return { E, A, alpha, squares: missed.reduce((sum, m) => sum + m * m, 0) };
});
const found = tried.reduce((best, one) => (one.squares < best.squares ? one : best));
const fast = fitPowerLaw(sizes, losses);
table([
  { by: "your fitAboveFloor", E: found.E.toFixed(2), alpha: found.alpha.toFixed(2) },
  { by: "llm/scaling", E: fast.E.toFixed(2), alpha: fast.alpha.toFixed(2) },
]);
const misses = sizes.map((n, i) => Math.abs(powerLawAt(fast, n) - losses[i]));
console.log(`largest miss of the fitted law: ${Math.max(...misses).toFixed(3)} nats`);

console.log("\n=== law-fitted " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const law = fitScalingLaw(family);
const show = (x: number) => (x >= 100 ? whole(x) : x.toFixed(2));
table(Object.entries(law).map(([number, value]) => ({ number, value: show(value) })));
const errors = family.map((run) => run.loss - lossAt(law, run.parameters, run.tokens));
const rms = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
console.log(`typical distance of a run from the law: ${rms.toFixed(3)} nats per letter`);

console.log("\n=== luck-of-seeds " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const several = meanOfSeeds(runs, (run) => `${run.width} ${run.steps}`).filter((r) => r.seeds > 1);
table(
  [...new Set(several.map((run) => run.steps))].map((steps) => {
    const spreads = several.filter((run) => run.steps === steps).map((run) => run.spread);
    return {
      steps,
      sizes: spreads.length,
      "smallest spread": Math.min(...spreads).toFixed(3),
      "largest spread": Math.max(...spreads).toFixed(3),
    };
  }),
  { caption: "Spread: the largest minus the smallest loss of runs that differ in their seed only." },
);

console.log("\n=== law-intervals " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const draws = bySize({ smoke: 25, laptop: 200, gpu: 200 });
const laws = bootstrap(family, fitScalingLaw, { samples: draws });
const keys = ["E", "alpha", "beta"] as const;
table(keys.map((key) => {
  const { low, high } = percentileInterval(laws.map((one) => one[key]));
  return { number: key, fitted: law[key].toFixed(2), "95 % interval":
    `${low.toFixed(2)} to ${high.toFixed(2)}` };
}));

console.log("\n=== verdict " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const heldOut = recordedHeldOut().runs.map((run) => run.loss);
const measured = heldOut.reduce((a, b) => a + b, 0) / heldOut.length;
const guesses = [
  { rule: "the law of N and D", predicted: foretold.predicted },
  { rule: "a power law in the operations", predicted: foretold.compute.predicted },
  { rule: "as good as the best of the family", predicted: foretold.bestOfFamily },
];
console.log("The answer:");
table(
  guesses.map(({ rule, predicted }) => ({
    rule,
    predicted: predicted.toFixed(3),
    "off by": (measured - predicted).toFixed(3),
    verdict: Math.abs(measured - predicted) <= foretold.threshold ? "holds" : "FAILS",
  })),
  { caption: `Measured: ${heldOut.map((x) => x.toFixed(3)).join(", ")}; mean ${measured.toFixed(3)}.` },
);
const { low, high } = foretold.interval;
console.log(`the law's 95 % interval, written down before: ${low.toFixed(3)} to ${high.toFixed(3)}`);
const isVoid = foretold.bestOfFamily - measured <= foretold.threshold;
console.log(isVoid ? "The test is void: nothing would have passed." : "The test is not void.");

console.log("\n=== family-and-held-out " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const reach = Array.from({ length: 25 }, (_, i) => 10 ** (10.3 + (i / 24) * 2.7));
drawFamily(
  [
    { name: "held-out run", x: [foretold.flops], y: [measured] },
    { name: "prediction", x: [foretold.flops], y: [foretold.predicted] },
    { name: "best the law allows", x: reach, y: reach.map((C) => computeOptimal(law, C).loss) },
  ],
  "The prediction and what was measured. The lowest line is the law's frontier, explained below.",
);

console.log("\n=== check-best " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
await check("14-scaling", { only: ["bestSize"] });

console.log("\n=== frontier-slider " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
mine = await learner("14-scaling");
const candidates = Array.from({ length: 61 }, (_, i) => 10 ** (3 + i / 12));
const budgets = [1e10, 1e11, 1e12, 1e13, 1e14];
const isoFlop = (C: number) => candidates.filter((n) => C / 6 / n > 2e4 && C / 6 / n < 1e10);
plot(
  frames(
    budgets.map((C) => {
      const best = mine.bestSize(law, C, candidates);
      const fits = isoFlop(C);
      return {
        label: C.toExponential(0),
        figure: points({
          x: { title: "parameters", log: true, range: [1e3, 1e8] },
          y: { title: "expected loss (nats per letter)", range: [1.2, 3.2] },
          groups: [{ name: "best size", x: [best.parameters], y: [best.loss] }],
          lines: [{
            name: "all sizes of this cost",
            x: fits,
            y: fits.map((n) => lossAt(law, n, C / 6 / n)),
          }],
          caption: `Best: ${whole(best.parameters)} parameters, ${whole(best.tokens)} letters.`,
        }),
      };
    }),
    { slider: "operations", caption: "The law of this family, beyond what was measured on the right." },
  ),
);
const [slow, exact] = [mine.bestSize(law, 1e12, candidates), computeOptimal(law, 1e12)];
console.log(`by trying: ${whole(slow.parameters)}, by the formula: ${whole(exact.parameters)}`);

console.log("\n=== chinchilla-counted " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const published = { E: 1.69, A: 406.4, alpha: 0.34, B: 410.7, beta: 0.28 };
const inWords = (n: number) => (n >= 1e12 ? `${(n / 1e12).toFixed(1)} trillion`
  : n >= 1e9 ? `${(n / 1e9).toFixed(0)} billion` : whole(n));
table(
  ([["GPT-3", 175e9, 300e9], ["Gopher", 280e9, 300e9], ["Chinchilla", 70e9, 1.4e12],
    ["LLaMA 7B", 6.7e9, 1e12]] as [string, number, number][]).map(([model, N, D]) => {
    const best = computeOptimal(published, 6 * N * D);
    return {
      ...{ model, parameters: inWords(N), tokens: inWords(D) },
      "law: loss": lossAt(published, N, D).toFixed(3),
      "best size for its cost": inWords(best.parameters),
      "loss there": best.loss.toFixed(3),
    };
  }),
  { caption: "What the published law says of four published models. Losses of their data, not ours." },
);

console.log("\n=== emergence-verdict " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const added = recordedSumsBySize().runs;
const seedsOfSums = [...new Set(added.map((run) => run.seed))];
const bySeed = (seed: number) =>
  added.filter((run) => run.seed === seed).sort((a, b) => a.width - b.width);
console.log("The answer:");
table(
  seedsOfSums.map((seed) => {
    const exactly = sharpness(bySeed(seed).map((run) => run.exact));
    const smoothly = sharpness(bySeed(seed).map((run) => -run.nats));
    return {
      ...{ seed, "exact match": exactly.toFixed(2), "log-probability": smoothly.toFixed(2) },
      ratio: (exactly / smoothly).toFixed(2),
      verdict: exactly >= 1.5 * smoothly ? "holds" : "FAILS",
    };
  }),
  { caption: "Sharpness of both measures; with seven widths, 0.17 is as even as can be." },
);

console.log("\n=== emergence-slider " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const columns = [...new Set(added.map((run) => run.width))].sort((a, b) => a - b);
const measures: [string, (run: (typeof added)[number]) => number, [number, number]][] = [
  ["all digits right", (run) => run.exact, [0, 1]],
  ["last digit right", (run) => run.lastDigits[0], [0, 1]],
  ["symbols right", (run) => run.symbols, [0, 1]],
  ["log-probability", (run) => -run.nats, [-1.2, 0]],
];
plot(
  frames(
    measures.map(([name, of, range]) => ({
      label: name,
      figure: curves({
        x: { title: "width of the model", log: true },
        y: { title: name === "log-probability" ? "mean log-probability (nats per symbol)" : name,
          range },
        series: seedsOfSums.map((seed) => ({
          ...{ name: `seed ${seed}`, x: columns, marker: true },
          y: bySeed(seed).map(of),
        })),
        caption: "",
      }),
    })),
    { slider: "measure", caption: "Addition of three-digit numbers by models of seven widths." },
  ),
);

console.log("\n=== llama-checked " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const reported = [
  { model: "LLaMA 7B", N: 6.7e9, D: 1e12, hours: 82_432, megawattHours: 36 },
  { model: "LLaMA 65B", N: 65.2e9, D: 1.4e12, hours: 1_022_362, megawattHours: 449 },
];
table(reported.map(({ model, N, D, hours, megawattHours }) => {
  const utilisation = utilisationOf(6 * N * D, hours, hardware.a100);
  const { kilowattHours } = trainingCost(6 * N * D, hardware.a100, { utilisation });
  return {
    ...{ model, "GPU hours (reported)": whole(hours) },
    "utilisation that follows": `${(100 * utilisation).toFixed(0)} %`,
    "MWh by the formula": whole(kilowattHours! / 1000),
    "MWh (reported)": megawattHours,
  };
}));

console.log("\n=== three-machines " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const held1 = recordedHeldOut().runs[0];
const cpu: Hardware = {
  ...{ name: "CPU, 2 threads of a core", peak: held1.flops / held1.wallSeconds, precision: "float32" },
  ...{ watts: 280 / 64, pricePerHour: 0.08, source: "measured; AMD EPYC 7763 data sheet" },
};
const machines: [Hardware, number][] = [
  [cpu, 1], // its rate is already what was reached
  [{ ...hardware.a100, pricePerHour: 1.84 }, 0.4],
  [{ ...hardware.h100, pricePerHour: 4.92 }, 0.4],
  [{ ...hardware.tpuV4, pricePerHour: 3.22 }, 0.4],
];
const jobs: [string, number][] = [
  ["the held-out run", held1.flops],
  ["GPT-2 small, 10 billion tokens", 6 * 124e6 * 1e10],
  ["LLaMA 7B, 1 trillion tokens", 6 * 6.7e9 * 1e12],
];
const few = (x: number) => (x >= 100 ? whole(x) : x >= 0.01 ? x.toPrecision(2) : x.toExponential(0));
table(
  jobs.flatMap(([job, C]) => machines.map(([machine, utilisation]) => {
    const { machineHours, kilowattHours, money } = trainingCost(C, machine, { utilisation });
    return { run: job, machine: machine.name, hours: few(machineHours), kWh: few(kilowattHours!),
      "US $": few(money!) };
  })),
  { caption: "Hours of one machine. Utilisation 40 % assumed on GPUs and the TPU, PUE 1.1. Prices: " +
    "AWS c6a.large, AWS capacity blocks (2024), Google Cloud (2022)." },
);

console.log("\n=== your-run-counted " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const yours = {
  parameters: 1e9,
  tokens: 20e9,
  machine: { ...hardware.h100, pricePerHour: 3 },
  utilisation: 0.4,
  machines: 8,
};

const C = 6 * yours.parameters * yours.tokens;
const bill = trainingCost(C, yours.machine, yours);
console.log(`${C.toExponential(1)} operations on ${yours.machines} × ${yours.machine.name}`);
console.log(`${few(bill.seconds / 3600)} hours, ${few(bill.kilowattHours!)} kWh, $${few(bill.money!)}`);
const alternative = computeOptimal(published, C);
console.log(`Chinchilla's law would spend it on ${inWords(alternative.parameters)} parameters.`);

console.log("\n=== data-parallel-drawing " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
plot(dataParallelFlow());

console.log("\n=== first-workers " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const workers = await startWorkers(2);
const sums = await workers.run(
  ({ group, llm }, { n }) => {
    const x = Float32Array.from({ length: n }, (_, i) => (group.rank + 1) * 10 ** i);
    const before = Array.from(x);
    llm("parallel").ringAllReduce(group, x);
    return { process: process.pid, before, after: Array.from(x), bytes: group.traffic.bytes };
  },
  { n: 4 },
);
table(sums.map(({ before, after, ...rest }, rank) => ({
  rank, ...rest, "had before": before.join(" "), "has after": after.join(" "),
})));

console.log("\n=== ring-slider " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const N = 5;
const held0 = Array.from({ length: N }, () => Array(N).fill(1));
const rounds = [held0.map((row) => [...row])];
for (let r = 0; r < 2 * (N - 1); r++) {
  const now = rounds[r];
  const next = now.map((row) => [...row]);
  for (let i = 0; i < N; i++) {
    const c = (((r < N - 1 ? i - r - 1 : i - (r - N + 1)) % N) + N) % N;
    next[(i + 1) % N][c] = r < N - 1 ? now[(i + 1) % N][c] + now[i][c] : now[i][c];
  }
  rounds.push(next);
}
plot(
  frames(
    rounds.map((z, r) => ({
      label: r,
      figure: heatmap({
        ...{ z, min: 0, max: N, colorbar: false as const, values: true },
        x: { title: "chunk" },
        y: { title: "worker" },
        xLabels: Array.from({ length: N }, (_, c) => `${c}`),
        yLabels: Array.from({ length: N }, (_, i) => `${i}`),
        caption: r === 0 ? "Before the first round." : r < N
          ? "Sums are travelling." : "Finished chunks are being copied.",
      }),
    })),
    { slider: "round", play: true, caption: "Five workers, five chunks: how many summands each has." },
  ),
);

console.log("\n=== check-ring " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
await check("14-scaling", { only: ["ringSum"] });

console.log("\n=== ring-agrees " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
mine = await learner("14-scaling");
const given = [[1, 2, 3, 4], [10, 20, 30, 40]];
const inOneProcess = mine.ringSum(given);
const onWorkers2 = await workers.run(
  ({ group, llm }, { rows }) => {
    const x = Float32Array.from(rows[group.rank]);
    llm("parallel").ringAllReduce(group, x);
    return { row: Array.from(x), sent: group.traffic.bytes / 4 };
  },
  { rows: given },
);
const same = onWorkers2.every(({ row, sent }, i) =>
  `${row}` === `${inOneProcess.rows[i]}` && sent === inOneProcess.sent[i]);
console.log(same ? "They agree, in the sums and in how much was sent." : "They do NOT agree.");

console.log("\n=== gradients-equal " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const tiny: GPTConfig = {
  ...{ vocabSize: 77, blockSize: 32, nLayer: 2, nHead: 4, nEmbd: 32, dropout: 0, bias: false },
};
const letters = gptTask({ text: text.slice(0, 50_000), settings: { ...settings, model: tiny } });
const batch = letters.batch(0); // 16 windows
const [ids, targets] = [batch.ids, batch.targets].map((x) => x.arraySync());
const halves = await workers.run(
  ({ group, llm }, { config, ids, targets }) => {
    const { tf } = llm("engine");
    const params = llm("gpt").initGPT(config, { seed: 5 });
    const half = ids.length / group.size;
    const mine = (rows: number[][]) =>
      tf.tensor2d(rows.slice(group.rank * half, (group.rank + 1) * half), undefined, "int32");
    const loss = () => llm("gpt").gptLoss(params, config, mine(ids), mine(targets));
    const { grads } = llm("params").lossAndGrads(params, loss);
    const own = llm("parallel").flatten(grads);
    const averaged = llm("parallel").flatten(llm("parallel").averageGrads(group, grads));
    return { own, averaged };
  },
  { config: letters.config, ids, targets },
);

console.log("\n=== gradients-compared " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const oneModel = initGPT(letters.config, { seed: 5 });
const { grads: wholeGrads } = lossAndGrads(oneModel, () =>
  gptLoss(oneModel, letters.config, batch.ids, batch.targets));
const flatGrads = (of: Record<string, tf.Tensor>) =>
  Object.values(of).flatMap((g) => Array.from(g.dataSync()));
const oneProcess = flatGrads(wholeGrads);
const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i])), 0);
const row = (what: string, a: ArrayLike<number>) => ({
  what, "largest difference": furthest(a, oneProcess).toExponential(1),
  "within 1e-6": furthest(a, oneProcess) <= 1e-6,
});
table([
  row("worker 0, averaged", halves[0].averaged),
  row("worker 1, averaged", halves[1].averaged),
  row("worker 0, its half alone", halves[0].own),
]);

console.log("\n=== throughput " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const parts = { text: text.slice(0, 200_000), settings: { ...settings, model: modelOf(48) } };
const speeds = [];
for (const size of [1, 2]) {
  const steps = bySize({ smoke: 12, laptop: 60, gpu: 60 });
  const team = size === 2 ? workers : await startWorkers(1);
  const stamps: number[] = [];
  const trained: number[] = [];
  await trainParallel({
    ...{ workers: team, args: parts, task: ({ llm }, args) => llm("pretrain").gptTask(args) },
    settings: { ...settings, steps, accumulate: 2 / size, evalLimit: 1 },
    onStep: ({ loss }) => {
      stamps.push(performance.now());
      trained.push(loss);
    },
  });
  if (size === 1) await team.stop();
  const seconds = (stamps[steps - 1] - stamps[1]) / 1000;
  speeds.push({ size, speed: ((steps - 2) * 2 * 16 * 64) / seconds, trained });
}

console.log("\n=== throughput-table " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const [one, two] = speeds;
table(speeds.map(({ size, speed, trained }) => ({
  workers: size,
  "tokens per second": whole(speed),
  "against one worker": `${(speed / one.speed).toFixed(2)} ×`,
  "last loss": trained[trained.length - 1].toFixed(5),
})));
console.log(furthest(one.trained, two.trained) < 1e-5 ? "All losses agree." : "Losses do NOT agree.");

console.log("\n=== killed " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const folder = mkdtempSync(join(tmpdir(), "scaling-"));
const run = {
  ...{ args: parts, task: ({ llm }: any, args: any) => llm("pretrain").gptTask(args), dir: folder },
  settings: { ...settings, steps: 12, evalEvery: 4, checkpointEvery: 4, evalLimit: 1 },
};
const doomed = await startWorkers(2);
try {
  await trainParallel({
    ...{ ...run, workers: doomed },
    onStep: ({ step }) => {
      if (step === 6) process.kill(doomed.pids[1], "SIGKILL");
    },
  });
} catch (error) {
  console.log(`${(error as Error).name}: ${(error as Error).message.replace(folder, "FOLDER")}`);
}
await doomed.stop();

console.log("\n=== resumed " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const after = new Map<number, number>();
await trainParallel({
  ...{ ...run, workers, resume: true },
  onStep: ({ step, loss }) => after.set(step, loss),
});
const undisturbed = new Map<number, number>();
await trainParallel({
  ...{ ...run, dir: undefined, workers },
  onStep: ({ step, loss }) => undisturbed.set(step, loss),
});
rmSync(folder, { recursive: true });
const steps = [...after.keys()];
console.log(`resumed: steps ${steps[0]} to ${steps[steps.length - 1]}`);
const gap = furthest(steps.map((s) => after.get(s)!), steps.map((s) => undisturbed.get(s)!));
console.log(gap < 1e-6 ? "The losses are those of the undisturbed run." : `They differ by ${gap}.`);

console.log("\n=== tensor-parallel-drawing " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
plot(tensorParallelFlow());

console.log("\n=== rows-first " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const toy = { x: [1, 1], wIn: [[3], [-2]], wOut: [[1]] };
const relu = (value: number) => Math.max(0, value);
const wholeSum = relu(toy.x[0] * toy.wIn[0][0] + toy.x[1] * toy.wIn[1][0]);
const ofParts = relu(toy.x[0] * toy.wIn[0][0]) + relu(toy.x[1] * toy.wIn[1][0]);
console.log("The answer:");
console.log(`relu(3 − 2) = ${wholeSum}, but relu(3) + relu(−2) = ${ofParts}`);

console.log("\n=== check-share " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
await check("14-scaling", { only: ["feedForwardShare"] });

console.log("\n=== shares-add-up " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
mine = await learner("14-scaling");
const [x, wIn, wOut] = [[5, 8], [8, 24], [24, 8]].map((shape, i) =>
  tf.randomNormal(shape, 0, 1, "float32", i + 1) as tf.Tensor2D);
const undivided = tf.matMul(tf.relu(tf.matMul(x, wIn)), wOut).dataSync();
for (const n of [2, 3, 4, 8]) {
  const shares = Array.from({ length: n }, (_, rank) =>
    mine.feedForwardShare(x, wIn, wOut, { rank, workers: n }));
  const off = furthest(tf.addN(shares).dataSync(), undivided);
  console.log(`${n} workers: ${off < 1e-4 ? "they add up" : "they do NOT add up"}`);
}

console.log("\n=== tensor-parallel-run " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const divided = await workers.run(
  ({ group, llm }, { config, ids, targets }) => {
    const { tf } = llm("engine");
    const parallel = llm("parallel");
    const shard = parallel.shardGPT(llm("gpt").initGPT(config, { seed: 5 }), config, group);
    const params = Object.fromEntries(
      Object.entries(shard).map(([name, p]) => [name, tf.variable(p)]));
    const batch = {
      ids: tf.tensor2d(ids, undefined, "int32"), targets: tf.tensor2d(targets, undefined, "int32"),
    };
    const loss = () => parallel.tensorParallelLoss(group, params, config, batch);
    const found = llm("params").lossAndGrads(params, loss);
    const numbers = Object.values(params).reduce((n: number, p: any) => n + p.size, 0);
    return { loss: found.loss.dataSync()[0], grads: parallel.flatten(found.grads), numbers };
  },
  { config: letters.config, ids, targets },
);
const total = countParameters(letters.config).total;
table(divided.map(({ grads, numbers }, rank) => {
  const part = shardGPT(wholeGrads, letters.config, { rank, size: 2 });
  return {
    ...{ worker: rank, parameters: `${whole(numbers as number)} of ${whole(total)}` },
    "largest difference of a gradient": furthest(grads, flatGrads(part)).toExponential(1),
  };
}));

console.log("\n=== check-gpipe " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
await check("14-scaling", { only: ["gpipeTable"] });

console.log("\n=== gpipe-slider " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
mine = await learner("14-scaling");
plot(
  frames(
    [1, 2, 4, 8, 12].map((M) => {
      const slots = mine.gpipeTable(4, M);
      const idle = slots.flat().filter((slot) => slot === "").length / slots.flat().length;
      return {
        label: M,
        figure: heatmap({
          z: slots.map((one) => one.map((s) => (s === "" ? null : s[0] === "F" ? 1 : 2))),
          cells: slots,
          ...{ min: 0, max: 3, colorbar: false as const },
          x: { title: "slot of time" },
          y: { title: "stage" },
          yLabels: slots.map((_, s) => `${s}`),
          caption: `Idle: ${(100 * idle).toFixed(0)} %; (S − 1) / (M + S − 1) is ` +
            `${(100 * predictedBubble({ stages: 4, microBatches: M })).toFixed(0)} %.`,
        }),
      };
    }),
    { slider: "micro-batches", caption: "GPipe with four stages." },
  ),
);

console.log("\n=== pipeline-run " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const deep = { ...letters.config, nLayer: 4 };
const piped = [];
for (const M of [1, 2, 4, 8]) {
  const job = ({ group, llm }: any, { config, ids, targets, M }: any) => {
    const parallel = llm("parallel");
    const whole = llm("gpt").initGPT(config, { seed: 5 });
    const params = parallel.stageParams(whole, config, group);
    const size = ids.length / M;
    const micros = Array.from({ length: M }, (_, m) => ({
      ids: ids.slice(m * size, (m + 1) * size), targets: targets.slice(m * size, (m + 1) * size),
    }));
    parallel.pipelineStep(group, params, config, micros); // the first one warms up
    group.barrier();
    const { grads, timeline } = parallel.pipelineStep(group, params, config, micros);
    const names = Object.keys(params);
    return { timeline, grads: names.map((name) => Array.from(grads[name].dataSync())) };
  };
  piped.push({ M, stages: await workers.run(job, { config: deep, ids, targets, M }) });
}

console.log("\n=== pipeline-compared " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const deepModel = initGPT(deep, { seed: 5 });
const { grads: deepGrads } = lossAndGrads(deepModel, () =>
  gptLoss(deepModel, deep, batch.ids, batch.targets));
table(piped.map(({ M, stages }) => {
  const off = stages.map(({ grads }: any, rank: number) => {
    const names = Object.keys(stageParams(deepModel, deep, { rank, size: 2 }));
    return furthest(grads.flat(), names.flatMap((name) => Array.from(deepGrads[name].dataSync())));
  });
  const steps = stages.flatMap(({ timeline }: any) => timeline as TimedStep[]);
  return {
    "micro-batches": M,
    "gradients equal to 1e-6": Math.max(...off) <= 1e-6,
    "bubble, predicted": `${(100 * predictedBubble({ stages: 2, microBatches: M })).toFixed(0)} %`,
    "bubble, measured": `${(100 * measuredBubble(steps)).toFixed(0)} %`,
  };
}));

console.log("\n=== check-zero " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
await check("14-scaling", { only: ["zeroBytes"] });

console.log("\n=== zero-table " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
mine = await learner("14-scaling");
const inPaper = [120, 31.4, 16.6, 1.9];
table(([0, 1, 2, 3] as const).map((stage) => {
  const bytes = mine.zeroBytes(7.5e9, 64, stage);
  const { total } = zeroMemory(stage, { parameters: 7.5e9, workers: 64 });
  return {
    stage,
    "your count, GB": (bytes / 1e9).toFixed(1),
    "in the paper, GB": inPaper[stage],
    "as llm/parallel": Math.abs(bytes - total) < 1,
  };
}));

console.log("\n=== zero-run " + ((performance.now()-T0)/1000).toFixed(1) + " s cpu " + (process.cpuUsage().user/1e6).toFixed(1));
const withZero = [];
for (const zero of [0, 1] as const) {
  const trained: number[] = [];
  const { workers: reports } = await trainParallel({
    ...{ workers, args: parts, task: ({ llm }, args) => llm("pretrain").gptTask(args), zero },
    settings: { ...settings, steps: 5, evalLimit: 1 },
    onStep: ({ loss }) => trained.push(loss),
  });
  withZero.push({ zero, trained, bytes: reports.map((one) => one.stateBytes) });
}
table(withZero.map(({ zero, trained, bytes }) => ({
  ...{ stage: zero, "optimizer's bytes, by worker": bytes.map(whole).join(" and ") },
  "loss of step 5": trained[4].toFixed(6),
})));
await workers.stop();


}
main().then(() => process.exit(0), (e) => { console.error(e); process.exit(1); });
