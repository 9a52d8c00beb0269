// How datasets/moby-dick-gpt was made: the trainer of `npm run train` on its default text, with the
// settings below. Run it again with `npm run build && node datasets/moby-dick-gpt/train.mjs` (a
// quarter of an hour on one CPU core). It writes the run to runs/moby-dick-gpt and the weights
// alone, without the optimizer's state, beside this file.

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { useEngine } = require("llm/engine");
const { mobyDick } = require("llm/data");
const { Trainer, saveCheckpoint } = require("llm/train");

const settings = {
  // 457 thousand parameters: 1.8 MB as float32, small enough to come with the course.
  model: { blockSize: 64, nLayer: 4, nHead: 4, nEmbd: 96, dropout: 0, bias: false },
  seed: 1337,
  steps: 3600,
  batchSize: 16,
  accumulate: 1,
  maxLr: 4e-3,
  minLr: 4e-5,
  warmupSteps: 100,
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-8,
  weightDecay: 0.1,
  clip: 1,
  evalEvery: 400,
  evalWindows: 240,
  checkpointEvery: 400,
  sampleLength: 80,
};

const here = fileURLToPath(new URL(".", import.meta.url));
const dir = fileURLToPath(new URL("../../runs/moby-dick-gpt", import.meta.url));
const { description } = await useEngine();
const trainer = new Trainer({ text: mobyDick(), data: { name: "Moby-Dick" }, settings, dir });
const start = Date.now();
const result = await trainer.run({
  onEval: ({ step, val }) => console.log(`step ${step}: ${val.toFixed(4)} nats, ${Math.round((Date.now() - start) / 1000)} s`),
});
const info = { step: result.step, config: trainer.config, tokenizer: trainer.tokenizer.toJSON() };
const minutes = Number(((Date.now() - start) / 60_000).toFixed(1));
const extra = { settings, text: trainer.data, loss: result.loss, val: result.val, engine: description, minutes };
await saveCheckpoint(here, { params: trainer.params, optimizer: {} }, { ...info, extra });
console.log(`validation loss ${result.val.toFixed(4)} nats = ${(result.val / Math.LN2).toFixed(3)} bits per character`);
