// How datasets/base-gpt is made: the trainer of `npm run train` on the text of llm/baseModel, with
// the settings below. To make it:
//
//     npm run build && node datasets/base-gpt/train.mjs
//
// It takes fifty-two minutes of CPU time with the native engine: half an hour on two quiet cores. The
// run goes to runs/base-gpt; started again, the command continues where it was. At the end it
// writes the weights alone, rounded to float16 and without the optimizer's state, beside this file.

import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { baseDocuments, baseText, trainBaseTokenizer } = require("llm/baseModel");
const { hasCheckpoint, saveCheckpoint } = require("llm/checkpoint");
const { useEngine } = require("llm/engine");
const { pretrain, resumePretraining } = require("llm/pretrain");

const settings = {
  model: {
    ...{ family: "llama", blockSize: 256, nLayer: 6, nHead: 6, nEmbd: 144, nInner: 384 },
    ...{ dropout: 0, bias: false, qkNorm: true },
  },
  seed: 2048,
  steps: 3000,
  batchSize: 16,
  accumulate: 1,
  maxLr: 3e-3,
  minLr: 3e-5,
  warmupSteps: 100,
  beta1: 0.9,
  beta2: 0.95,
  eps: 1e-8,
  weightDecay: 0.1,
  clip: 1,
  evalEvery: 250,
  evalLimit: 96,
  checkpointEvery: 250,
  sampleLength: 60,
};

const dir = fileURLToPath(new URL("../../runs/base-gpt", import.meta.url));
const { description } = await useEngine();
const documents = baseDocuments();
const text = baseText(documents);
const trainer = hasCheckpoint(dir)
  ? resumePretraining(dir, { text })
  : pretrain({
      ...{ text, data: { name: "the text of llm/baseModel" }, settings, dir },
      tokenizer: trainBaseTokenizer(documents),
    });
const start = process.cpuUsage();
const { loss, metrics } = await trainer.run({
  onEval: ({ step, metrics }) => {
    const { user, system } = process.cpuUsage(start);
    const minutes = ((user + system) / 60e6).toFixed(1);
    console.log(`step ${step}: ${metrics.val.toFixed(4)} nats, ${minutes} minutes of CPU`);
  },
});
const { task } = trainer;
const { kind, model, tokenizer, data } = task.describe();
const here = fileURLToPath(new URL(".", import.meta.url));
await saveCheckpoint(
  here,
  { params: task.params, optimizer: {}, task: {} },
  {
    ...{ kind, model, tokenizer, data, step: settings.steps },
    settings: { ...settings, loss, ...metrics, engine: description },
  },
  { type: "F16" },
);
rmSync(`${here}checkpoint.previous.safetensors`, { force: true });
console.log(`held out: ${metrics.val.toFixed(4)} nats per token`);
