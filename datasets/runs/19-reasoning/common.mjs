// What the two commands of lesson 19 (reasoning) that record runs share, record.mjs and controls.mjs
// beside this file: their numbers, the measurements, GRPO with one row of figures for each rollout, the
// models that are learnt once, and the file that each run is written to as soon as it has ended.

import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { aboutLine, recorder } from "../recorder.mjs";

// The number of threads decides in which order sums are added up, and so what exactly is learnt. The
// runs were recorded with two; with two, the chain model of seed 1 is the same to the last digit.
for (const name of ["TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"]) process.env[name] = "2";

const require = createRequire(import.meta.url);
const { saveCheckpoint } = require("llm/checkpoint");
const { useEngine } = require("llm/engine");
export const { disposeParams } = require("llm/params");
const { loadGPT } = require("llm/pretrain");
export const Q = require("llm/reasoning");
export const R = require("llm/rlhf");

export const numbers = {
  ...{ steps: 700, stopAt: 0.15, mixedSteps: 60, mixedLr: 1e-3, heldOut: 256, each: 16 },
  ...{ grpoSteps: 40, grpoLr: 3e-4, prompts: 32, groupSize: 8, highLr: 1e-2 },
  ...{ verifierSums: 1200, verifierEach: 8, verifierSteps: 250 },
  ...{ teacherSteps: 600, teacherWidth: 128, teacherLayers: 3, traces: 2048, traceSteps: 100 },
  ...{ traceLr: 1e-3 },
};
// Words after the command: which runs are made, and which seeds; all by default.
const words = process.argv.slice(2);
const wanted = words.filter((word) => !/^\d+$/.test(word));
const wantedSeeds = words.filter((word) => /^\d+$/.test(word)).map(Number);
export const seeds = [1, 2, 3];
export const isDone = (run, seed) => has({ run, seed });
export const isNeeded = (run, seed) =>
  (wanted.length === 0 || wanted.includes(run)) &&
  (wantedSeeds.length === 0 || wantedSeeds.includes(seed)) &&
  !isDone(run, seed);
export const rounded = (x, digits = 4) => Number(x.toFixed(digits));
export const mean = (values) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);

const { description } = await useEngine({ quiet: true });
const { has, lap, write } = recorder(new URL("runs.jsonl", import.meta.url));
/** One run as one line of the file. */
export const note = (line) => write({ ...line, cpuSeconds: lap() });
if (!has({ run: "about" })) note(aboutLine(description, numbers));

export const held = Q.someSums(numbers.heldOut, { seed: 7, part: "held out" });
export const sumOf = (list) => list.reduce((a, b) => a + b, 0);
export const isChain = (answer) => answer.length === Q.calculator.maxNewTokens;
export const ks = [1, 2, 4, 8, 16];
/** Disjoint parts of k of a list. */
const parts = (list, k) =>
  Array.from({ length: Math.floor(list.length / k) }, (_, i) => list.slice(i * k, (i + 1) * k));

/** Everything that is asked about a calculator's answers to the held-out sums. */
export async function measured(calculator, { each = numbers.each, temperature = 1 } = {}) {
  const answered = await Q.answerSums(calculator, held, { each, seed: 11, temperature });
  const greedy = await Q.answerSums(calculator, held, { each: 1, seed: 11, temperature: 0 });
  const of = (list, f) => rounded(mean(list.map(f)));
  const right = (value, numbers) => Number(value === Q.lastDigit(numbers));
  const usable = ks.filter((k) => k <= each);
  const vote = (k) => (one) =>
    mean(parts(one.values, k).map((values) => right(R.majority(values), one.numbers)));
  const texts = answered.flatMap((one) => one.texts);
  const chains = answered.flatMap(({ numbers, texts, right }) =>
    texts
      .map(({ answer }, i) => [
        right[i],
        Q.firstWrongStep(`${numbers.join("")}=`, Q.written(answer)),
        answer,
      ])
      .filter(([, , answer]) => isChain(answer)),
  );
  const kinds = answered.flatMap(({ texts, right }) =>
    texts.map(({ answer }, i) => [isChain(answer), right[i]]),
  );
  return {
    one: of(answered, (one) => mean(one.right.map(Number))),
    majority: usable.map((k) => of(answered, vote(k))),
    pass: usable.map((k) =>
      of(answered, (one) => R.passAtK(each, one.right.filter(Boolean).length, k)),
    ),
    greedy: of(greedy, (one) => Number(one.right[0])),
    length: of(texts, ({ answer }) => answer.length),
    // by kind: a chain has all its steps and the mark
    chains: rounded(mean(kinds.map(([chain]) => Number(chain)))),
    chainRight: rounded(mean(kinds.filter(([chain]) => chain).map(([, right]) => Number(right)))),
    directRight: rounded(mean(kinds.filter(([chain]) => !chain).map(([, right]) => Number(right)))),
    surprise: rounded(
      sumOf(texts.flatMap(({ logProbs }) => logProbs)) / -sumOf(texts.map((t) => t.answer.length)),
    ),
    // chains with a wrong step and a right end, as a share of the chains that end right
    luck: rounded(
      chains.filter(([ok, at]) => ok && at >= 0).length / Math.max(1, chains.filter(([ok]) => ok).length),
    ),
    samples: answered.slice(0, 3).map(({ numbers, texts }) => [
      `${numbers.join("")}=`,
      ...texts.map(({ answer }) => Q.written(answer)),
    ]),
  };
}

/**
 * GRPO, with one row of figures for each rollout; `truth` beside a reward that is not the true one.
 * `also` may ask the model something else before it is disposed.
 */
export async function grpo(start, choices, also = async () => {}) {
  const curve = { reward: [], truth: [], chains: [], length: [], surprise: [], equalGroups: [] };
  const after = await Q.reinforce(start, {
    ...{ steps: numbers.grpoSteps, maxLr: numbers.grpoLr },
    ...{ promptsPerRollout: numbers.prompts, groupSize: numbers.groupSize },
    ...choices,
    onRollout: (record, texts) => {
      const chains = mean(texts.map(({ answer }) => Number(isChain(answer))));
      const row = { ...record, truth: mean(Q.rightSum(texts)), chains };
      for (const key in curve) curve[key].push(rounded(row[key], 3));
    },
  });
  const result = await measured(after);
  await also(after);
  disposeParams(after.params);
  return { ...result, curve };
}

/** Sums for training with one answer each. */
export async function tracesOf(calculator, { count, seed }) {
  const sums = Q.someSums(count, { seed: 100 + seed, part: "train" });
  return Q.answerSums(calculator, sums, { each: 1, seed: 200 + seed });
}
export const asExamples = (answered, only) =>
  answered
    .filter(({ right, texts }) => texts[0].stopped && (!only || right[0]))
    .map(({ texts }) => ({ prompt: texts[0].prompt, answer: texts[0].answer }));

/** A calculator that is learnt once and kept in runs/, so that the command can go on. */
export async function kept(name, learn) {
  const folder = fileURLToPath(new URL(`../../../runs/19-reasoning/${name}`, import.meta.url));
  if (existsSync(`${folder}/checkpoint.safetensors`)) return { ...loadGPT(folder), kept: true };
  const learnt = await learn();
  mkdirSync(folder, { recursive: true });
  const about = { kind: "gpt", model: learnt.config, tokenizer: learnt.tokenizer.toJSON() };
  const tensors = { params: learnt.params, optimizer: {}, task: {} };
  await saveCheckpoint(folder, tensors, { ...about, step: learnt.steps, val: learnt.val });
  return learnt;
}

let teacher;
export async function teacherOf() {
  if (teacher) return teacher;
  const fresh = Q.initCalculator({
    ...{ seed: 50, nLayer: numbers.teacherLayers, nEmbd: numbers.teacherWidth },
  });
  const options = { traces: "chain", seed: 50, steps: numbers.teacherSteps, maxLr: 2e-3 };
  teacher = await kept("teacher", () => Q.learnTraces(fresh, options));
  if (!isDone("teacher", 50)) note({ run: "teacher", seed: 50, ...(await measured(teacher)) });
  return teacher;
}

const starts = new Map();
export async function startOf(kind, seed) {
  const key = `${kind} ${seed}`;
  if (starts.has(key)) return starts.get(key);
  const { steps, stopAt, mixedSteps, mixedLr: maxLr } = numbers;
  const options = { traces: kind, seed };
  starts.set(
    key,
    await kept(`${kind}-${seed}`, async () =>
      kind === "chain"
        ? Q.learnTraces(Q.initCalculator({ seed }), { ...options, steps, stopAt })
        : Q.learnTraces(await startOf("chain", seed), { ...options, steps: mixedSteps, maxLr }),
    ),
  );
  return starts.get(key);
}
