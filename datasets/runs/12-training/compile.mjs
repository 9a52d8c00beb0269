// What "The compiled step" of lesson 12 (training) prints where there is a compiler, for readers of
// the wasm engine. To record it again, on a machine with the native engine:
//
//     npm run build && node datasets/runs/12-training/compile.mjs
//
// takes about half a minute. The steps are those of the lesson's cells.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { CompileError, compile, tf, useEngine } = require("llm/engine");
const { mobyDick, splitText, TextBatches } = require("llm/data");
const { gptLoss, initGPT } = require("llm/gpt");
const optim = require("llm/optim");
const { presets } = require("llm/pretrain");
const { Random } = require("llm/random");
const { CharTokenizer } = require("llm/tokenizer");
const { trainStep } = require("llm/train");

await useEngine({ prefer: "native" });

// Four small steps; in three of them JavaScript decides something.
const weight = tf.variable(tf.scalar(1));
const world = {};
const smallSteps = {
  nothing: (g) => tf.sub(weight, tf.mul(g, tf.scalar(0.1))),
  "an if": (g) => tf.sub(weight, tf.mul(g, tf.scalar(g.dataSync()[0] > 1 ? 0.01 : 0.1))),
  "a draw": (g) =>
    tf.sub(weight, tf.mul(g, tf.scalar(world.random.uniform() < 0.5 ? 0 : 0.2))),
  "the rate": (g) => tf.sub(weight, tf.mul(g, tf.scalar(world.rate))),
};
const early = tf.scalar(0.5);
const messages = {};
for (const [name, step] of Object.entries(smallSteps)) {
  Object.assign(world, { rate: 0.1, random: new Random(1) });
  const compiled = compile(step, { name });
  try {
    compiled(early);
    world.rate = 0.01;
    compiled(early);
    messages[name] = compiled.programs.length > 0 ? "compiled" : "runs as it is";
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    messages[name] = error.message.replace(/\n {2}at .*/, ""); // a place in this file
  }
  compiled.dispose();
}

// The whole step: its losses. How fast it is, docs/figures.md says.
const text = mobyDick();
const tokenizer = CharTokenizer.train(text);
const config = { ...presets.smoke.model, vocabSize: tokenizer.vocabSize };
const { train } = splitText(tokenizer.encode(text));
const batch = new TextBatches(train, { batchSize: 16, blockSize: 32, seed: 3 }).batch(0);
const newborn = initGPT(config, { seed: 1 });
const params = initGPT(config, { seed: 1 });
const optimizer = optim.adamw();
const state = optimizer.init(params);
const loss = (params, { ids, targets }) => gptLoss(params, config, ids, targets);
const functions = { loss, clip: optim.clipByGlobalNorm, optimizer };
const written = (params, state, batch, lr) =>
  trainStep(params, state, [batch], functions, { lr, maxNorm: 1 });
const compiled = compile(written);
const rate = tf.scalar(1e-3);
const lossOf = (step) => tf.tidy(() => step(params, state, batch, rate).loss.dataSync()[0]);
function tenLosses(step) {
  for (const name in params) params[name].assign(newborn[name]);
  for (const moment of Object.values(state))
    tf.tidy(() => moment.assign(tf.zerosLike(moment)));
  return Array.from({ length: 10 }, () => lossOf(step));
}
const [asWritten, asCompiled] = [written, compiled].map(tenLosses);
const [program] = compiled.programs;
const record = {
  made: {
    command: "node datasets/runs/12-training/compile.mjs",
    date: new Date().toISOString().slice(0, 10),
    engine: "native (TensorFlow on the CPU)",
    machine: `${cpus().length} × ${cpus()[0].model}, shared with other programs`,
  },
  messages,
  apart: Math.max(...asWritten.map((x, i) => Math.abs(x - asCompiled[i]))),
  operations: program.operations,
};
const file = fileURLToPath(new URL("compile.json", import.meta.url));
writeFileSync(file, `${JSON.stringify(record, null, 1)}\n`);
console.log(record);
