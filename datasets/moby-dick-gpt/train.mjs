// How datasets/moby-dick-gpt was made: the trainer of `npm run train` on its default text, with the
// settings below. To make it again:
//
//     npm run build && node datasets/moby-dick-gpt/train.mjs
//
// takes about an hour and a half with the native engine on two CPU cores. It trains twice: the
// second run starts from the weights of the first and goes through the schedule again, with a lower
// rate (a warm restart: Loshchilov & Hutter, SGDR, 2017). The runs go to runs/moby-dick-gpt-1 and -2;
// started again, the command continues where it was. At the end it writes the weights alone, rounded
// to float16 and without the optimizer's state, beside this file.

import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { useEngine } = require("llm/engine");
const { mobyDick } = require("llm/data");
const { hasCheckpoint, saveCheckpoint } = require("llm/checkpoint");
const { loadGPT, pretrain, resumePretraining } = require("llm/pretrain");

const first = {
  // 1.9 million parameters: 3.8 MB as float16, small enough to come with the course.
  model: { blockSize: 128, nLayer: 6, nHead: 5, nEmbd: 160, dropout: 0.1, bias: false },
  seed: 1337,
  steps: 4000,
  batchSize: 24,
  accumulate: 1,
  maxLr: 3e-3,
  minLr: 3e-5,
  warmupSteps: 100,
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-8,
  weightDecay: 0.1,
  clip: 1,
  evalEvery: 250,
  evalLimit: 240,
  checkpointEvery: 250,
  sampleLength: 80,
};
const second = { ...first, seed: 1338, steps: 2500, maxLr: 2e-3, minLr: 2e-5 };

const folder = (name) => fileURLToPath(new URL(`../../runs/${name}`, import.meta.url));
const [firstDir, secondDir] = [folder("moby-dick-gpt-1"), folder("moby-dick-gpt-2")];
const { description } = await useEngine();

/** One training to its end, continued where it was; `begin` sets the weights of a new one. */
async function train(settings, dir, begin = () => {}) {
  const isNew = !hasCheckpoint(dir);
  const trainer = isNew
    ? pretrain({ text: mobyDick(), data: { name: "Moby-Dick" }, settings, dir })
    : resumePretraining(dir, { text: mobyDick() });
  if (isNew) begin(trainer.task.params);
  const start = Date.now();
  const result = await trainer.run({
    onEval: ({ step, metrics }) => {
      const seconds = Math.round((Date.now() - start) / 1000);
      console.log(`step ${step}: ${metrics.val.toFixed(4)} nats, ${seconds} s`);
    },
  });
  return { ...result, task: trainer.task };
}

const begun = await train(first, firstDir);
begun.task.dispose();
const { task, loss, metrics } = await train(second, secondDir, (params) => {
  const { params: trained } = loadGPT(firstDir);
  for (const [name, weights] of Object.entries(trained)) params[name].assign(weights);
});
const { kind, model, tokenizer, data } = task.describe();
const here = fileURLToPath(new URL(".", import.meta.url));
await saveCheckpoint(
  here,
  { params: task.params, optimizer: {}, task: {} },
  {
    ...{ kind, model, tokenizer, data, step: first.steps + second.steps },
    settings: { ...second, first, loss, ...metrics, engine: description },
  },
  { type: "F16" },
);
rmSync(`${here}checkpoint.previous.safetensors`, { force: true });
const bits = (metrics.val / Math.LN2).toFixed(3);
console.log(`held out: ${metrics.val.toFixed(4)} nats = ${bits} bits per character`);
