// Which networks remember, with three seeds each: the recorded runs of lesson 03 (recurrent
// networks) on the adding task. To make them again:
//
//     npm run build && node datasets/runs/03-recurrent-networks/memory.mjs
//
// takes about a minute of processor time on the wasm engine (one thread). Every training is
// written into memory.json, beside this file, as soon as it ends. "gru, usual start" is a GRU as
// PyTorch starts it; the other gated networks start with open gates (memoryBias).

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";

const require = createRequire(import.meta.url);
const { useEngine } = require("llm/engine");
const { addingTask, memoryBias } = require("llm/rnn");
const { trainTask } = require("llm/trainRnn");

const { description } = await useEngine({ prefer: "wasm" });
const same = { hiddenSize: 16, batchSize: 32, lr: 0.02, clip: 1, every: 50 };
const adding = { steps: 600, seeds: [1, 2, 3], passBelow: 0.015 };
/** What is trained at which length; the longest sequences are left to those that pass at 50. */
const networks = {
  50: ["gru", "gru, usual start", "attention", "lstm", "rnn"],
  200: ["gru", "gru, usual start", "attention"],
};
const record = {
  about: "node datasets/runs/03-recurrent-networks/memory.mjs",
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} × ${cpus()[0].model}, shared; ${description}; Node ${process.version}`,
  cpuSeconds: 0,
  settings: { ...same, ...adding },
  runs: [],
};

async function train(network, T, seed) {
  const [kind, start] = network.split(", ");
  const forgetBias = start === undefined ? memoryBias(same.hiddenSize, T) : undefined;
  const task = addingTask(T, adding);
  const result = await trainTask({ ...same, kind, task, seed, steps: adding.steps, forgetBias });
  const { user, system } = process.cpuUsage();
  record.cpuSeconds = Math.round((user + system) / 1e6);
  const { losses, score } = result;
  record.runs.push({ T, network, seed, steps: losses.length, score: Number(score.toPrecision(3)) });
  writeFileSync(new URL("memory.json", import.meta.url), `${JSON.stringify(record, null, 1)}\n`);
  console.log(JSON.stringify(record.runs.at(-1)), `${record.cpuSeconds} s`);
}

for (const [T, kinds] of Object.entries(networks))
  for (const network of kinds) for (const seed of adding.seeds) await train(network, Number(T), seed);
