// How datasets/moby-dick-gpt was made: the trainer of `npm run train` on its default text, with the
// settings below. To make it again:
//
//     npm run build && node datasets/moby-dick-gpt/train.mjs
//
// takes about an hour with the native engine on two CPU cores. The run goes to runs/moby-dick-gpt;
// started again, the command continues there. At the end it writes the weights alone, rounded to
// float16 and without the optimizer's state, beside this file.

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { useEngine } = require("llm/engine");
const { mobyDick } = require("llm/data");
const { hasCheckpoint, saveCheckpoint } = require("llm/checkpoint");
const { pretrain, resumePretraining } = require("llm/pretrain");

const settings = {
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

const here = fileURLToPath(new URL(".", import.meta.url));
const dir = fileURLToPath(new URL("../../runs/moby-dick-gpt", import.meta.url));
const { description } = await useEngine();
const trainer = hasCheckpoint(dir)
  ? resumePretraining(dir, { text: mobyDick() })
  : pretrain({ text: mobyDick(), data: { name: "Moby-Dick" }, settings, dir });
const start = Date.now();
const { metrics, loss } = await trainer.run({
  onEval: ({ step, metrics }) => {
    const seconds = Math.round((Date.now() - start) / 1000);
    console.log(`step ${step}: ${metrics.val.toFixed(4)} nats, ${seconds} s`);
  },
});
const { kind, model, tokenizer, data } = trainer.task.describe();
await saveCheckpoint(
  here,
  { params: trainer.task.params, optimizer: {}, task: {} },
  {
    ...{ kind, model, tokenizer, data, step: settings.steps },
    settings: { ...settings, loss, ...metrics, engine: description },
  },
  { type: "F16" },
);
const bits = (metrics.val / Math.LN2).toFixed(3);
console.log(`held out: ${metrics.val.toFixed(4)} nats = ${bits} bits per character`);
