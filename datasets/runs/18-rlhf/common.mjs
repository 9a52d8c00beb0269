// What the two commands of lesson 18 (RLHF) that record runs share, record.mjs and controls.mjs beside
// this file: their numbers, the policy at the start, PPO with one row of figures for each rollout, and
// the file that each run is written to as soon as it has ended.

import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { aboutLine, recorder } from "../recorder.mjs";

const require = createRequire(import.meta.url);
const { loadBaseModel } = require("llm/baseModel");
const { saveCheckpoint } = require("llm/checkpoint");
const { useEngine } = require("llm/engine");
const { loadGPT } = require("llm/pretrain");
export const R = require("llm/rlhf");
export const { Trainer } = require("llm/train");

export const numbers = {
  ...{ startSteps: 80, pairs: 768, noise: 1, rewardSteps: 120, textsPerRollout: 64, rollouts: 36 },
  ...{ ppoLr: 1e-4, beta: 0.1, dpoBeta: 0.1, dpoSteps: 80, dpoLr: 1e-4, secondPairs: 256 },
  ...{ bestPrompts: 32, bestEach: 32 },
};
// Words after the command: which runs are made, and which seeds; all by default.
const words = process.argv.slice(2);
const wanted = words.filter((word) => !/^\d+$/.test(word));
export const seeds = [1, 2, 3].filter(
  (seed) => words.length === wanted.length || words.includes(String(seed)),
);
export const isDone = (run, seed) => has({ run, seed });
export const isAsked = (run) => wanted.length === 0 || wanted.includes(run);
export const rounded = (x, digits = 3) => Number(x.toFixed(digits));
export const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

const { description } = await useEngine({ quiet: true });
const { has, lap, write } = recorder(new URL("runs.jsonl", import.meta.url));
/** One run as one line of the file. */
export const note = (line) => write({ ...line, cpuSeconds: lap() });
if (!has({ run: "about" })) note(aboutLine(description, numbers));

// The start: kept in runs/, so that the command can go on.
const folder = fileURLToPath(new URL("../../../runs/18-rlhf-start", import.meta.url));
async function startOf() {
  if (existsSync(`${folder}/checkpoint.safetensors`)) return loadGPT(folder);
  const base = loadBaseModel();
  const start = await R.learnReviews(base, { seed: 1, steps: numbers.startSteps });
  mkdirSync(folder, { recursive: true });
  const about = { kind: "gpt", model: start.config, tokenizer: start.tokenizer.toJSON() };
  const tensors = { params: start.params, optimizer: {}, task: {} };
  await saveCheckpoint(folder, tensors, { ...about, step: numbers.startSteps });
  return start;
}
export const start = await startOf();
export const { tokenizer } = start;
export const shown = ({ prompt, answer }) => tokenizer.decode([...prompt, ...answer.slice(0, -1)]);
export const truth = R.truePraise(tokenizer);
export const rows = numbers.textsPerRollout;

/** PPO, with one row of figures for each rollout. */
export async function ppo(reward, { seed, beta }) {
  const curve = { proxy: [], truth: [], kl: [], length: [], different: [], repeated: [], blame: [] };
  const samples = [];
  let last = [];
  const task = R.ppoTask({
    ...{ model: start, ...R.review, reward, measures: { truth }, seed, beta },
    ...{ prompts: (rng) => R.reviewPrompt(tokenizer, rng), promptsPerRollout: rows },
    ...{ heldOut: [tokenizer.encode("The soup was")], epochs: 2, minibatches: 2 },
    onRollout: ({ rollout, reward, kl, length }, texts) => {
      const counts = texts.map(({ answer }) => R.countReview(tokenizer.decode(answer)));
      const row = { proxy: reward, kl, length, truth: mean(truth(texts)) };
      for (const key of ["different", "repeated", "blame"])
        row[key] = mean(counts.map((count) => count[key]));
      for (const key in row) curve[key].push(rounded(row[key]));
      if (rollout % 5 === 0 || rollout === numbers.rollouts - 1)
        samples.push({ rollout, texts: texts.slice(0, 4).map(shown) });
      last = texts;
    },
  });
  const steps = numbers.rollouts * 4;
  const settings = { steps, maxLr: numbers.ppoLr, warmupSteps: 8, seed, evalEvery: steps };
  const trainer = new Trainer({ task, settings });
  await trainer.run();
  return { curve, samples, last, trainer, params: task.params };
}
