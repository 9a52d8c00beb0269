// Which networks learn to copy, with three seeds each: the recorded runs of lesson 03 (recurrent
// networks) on the copy task. To make them again:
//
//     npm run build && node datasets/runs/03-recurrent-networks/copy.mjs
//
// takes a few minutes of processor time on the wasm engine (one thread). Every training is written
// into copy.json, beside this file, as soon as it ends. A training stops when the share of right
// symbols on 512 held-out examples is above `passAbove`; `score` is measured on 512 others, and
// `shorter` after a pause that is one step shorter. Settings are those of the notebook; only the
// budget is larger, and since the learning rate does not depend on it, the first 700 steps are
// the same.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";

const require = createRequire(import.meta.url);
const { useEngine } = require("llm/engine");
const { copyTask, memoryBias } = require("llm/rnn");
const { trainTask } = require("llm/trainRnn");

const { description } = await useEngine({ prefer: "wasm" });
const same = { hiddenSize: 16, batchSize: 32, lr: 0.02, clip: 1, every: 50 };
const copying = { symbols: 4, length: 3, passAbove: 0.93 };
const budget = { steps: 3000, seeds: [1, 2, 3] };
/** What is trained at which pause; the plain RNN is left to the short one. */
const networks = {
  10: ["lstm", "gru", "attention", "rnn"],
  40: ["lstm", "gru", "attention"],
};
const record = {
  about: "node datasets/runs/03-recurrent-networks/copy.mjs",
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} × ${cpus()[0].model}, shared; ${description}; Node ${process.version}`,
  cpuSeconds: 0,
  settings: { ...same, ...copying, ...budget },
  runs: [],
};

async function train(kind, T, seed) {
  const [task, shorter] = [copyTask(T, copying), copyTask(T - 1, copying)];
  const forgetBias = memoryBias(same.hiddenSize, task.length);
  const options = { ...same, kind, task, seed, steps: budget.steps, forgetBias };
  const result = await trainTask({ ...options, others: [shorter] });
  const { user, system } = process.cpuUsage();
  record.cpuSeconds = Math.round((user + system) / 1e6);
  const [score, scoreShorter] = [result.score, result.otherScores[0]].map((s) => Number(s.toFixed(3)));
  record.runs.push({ T, network: kind, seed, steps: result.losses.length, score, shorter: scoreShorter });
  writeFileSync(new URL("copy.json", import.meta.url), `${JSON.stringify(record, null, 1)}\n`);
  console.log(JSON.stringify(record.runs.at(-1)), `${record.cpuSeconds} s`);
}

for (const [T, kinds] of Object.entries(networks))
  for (const kind of kinds) for (const seed of budget.seeds) await train(kind, Number(T), seed);
