// How the network that lesson 03 (recurrent networks) opens with was made: a GRU that predicts the
// next character of Moby-Dick, trained by truncated backpropagation through time. To make it again:
//
//     npm run build && node datasets/runs/03-recurrent-networks/char.mjs
//
// takes about three minutes of processor time on the wasm engine (one thread). Beside this file it
// writes checkpoint.safetensors (the weights, rounded to float16) and char.json (losses, machine,
// date). The last tenth of the book is never trained on.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { useEngine } = require("llm/engine");
const { mobyDick, splitText } = require("llm/data");
const { saveCheckpoint } = require("llm/checkpoint");
const { Random } = require("llm/random");
const { CharRnn, charTask } = require("llm/rnn");
const { CharTokenizer } = require("llm/tokenizer");
const { Trainer } = require("llm/train");

const model = { kind: "gru", hiddenSize: 192 };
const batches = { batchSize: 16, chunk: 64 };
const settings = {
  seed: 1,
  steps: 2400,
  maxLr: 5e-3,
  minLr: 3e-4,
  warmupSteps: 50,
  clip: 1,
  evalEvery: 200,
  evalLimit: 10_000,
  compile: false,
};

const { description } = await useEngine({ prefer: "wasm" });
const text = mobyDick();
const tokenizer = CharTokenizer.train(text);
const { train, val } = splitText(tokenizer.encodeText(text), 0.1);
const network = new CharRnn({
  ...{ ...model, vocabSize: tokenizer.vocabSize },
  rng: new Random(settings.seed),
});
const task = charTask({ model: network, trainIds: train, valIds: val, ...batches });
const trainer = new Trainer({ task, settings });
const [start, cpu] = [Date.now(), process.cpuUsage()];
const { loss, metrics, history } = await trainer.run({
  onEval: ({ step, metrics }) => {
    const seconds = Math.round((Date.now() - start) / 1000);
    console.log(`step ${step}: held out ${metrics.val.toFixed(4)} nats, ${seconds} s`);
  },
});
const { user, system } = process.cpuUsage(cpu);

const here = fileURLToPath(new URL(".", import.meta.url));
const { kind, model: described } = task.describe();
await saveCheckpoint(
  here,
  { params: network.params },
  {
    ...{ kind, model: described, tokenizer: tokenizer.toJSON(), step: settings.steps },
    settings: { ...settings, ...batches, loss, ...metrics, engine: description },
  },
  { type: "F16" },
);
const every = 20; // the mean of 20 steps is one point of the recorded curve
const points = Math.floor(history.steps.length / every);
const means = Array.from({ length: points }, (_, i) => {
  const some = history.steps.slice(i * every, (i + 1) * every);
  return Number((some.reduce((sum, s) => sum + s.loss, 0) / some.length).toFixed(4));
});
const record = {
  about: "node datasets/runs/03-recurrent-networks/char.mjs",
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} × ${cpus()[0].model}, shared; ${description}; Node ${process.version}`,
  cpuSeconds: Math.round((user + system) / 1e6),
  seconds: Math.round((Date.now() - start) / 1000),
  settings: { ...model, ...batches, ...settings },
  lossEvery: every,
  loss: means,
  held: history.evals.map((e) => ({ step: e.step, nats: Number(e.metrics.val.toFixed(4)) })),
};
writeFileSync(new URL("char.json", import.meta.url), `${JSON.stringify(record, null, 1)}\n`);
console.log(`${record.cpuSeconds} s of processor time, ${record.seconds} s in all`);
