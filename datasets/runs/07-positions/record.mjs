// How the recorded runs of lesson 07 (positions) were made. To make them again, in about a quarter
// of an hour of CPU time:
//
//     npm run build && node datasets/runs/07-positions/record.mjs      writes lengths.json
//
// Small GPTs (2 layers, 4 heads, 64 wide) learn to predict the next character of Moby-Dick from
// windows of 64 characters, one for each encoding of positions, with three seeds each. Then each
// predicts the last 16 characters of 480 stretches of held-out text from the last 64, 128, 256 and
// 512 characters. With 64 it has what it was trained with: that is the control.
//
// Three more controls: RoPE trained on windows of 512 (as many characters in each step) says what the
// longer text is worth to a model of this size. RoPE with the order of all but the last 32 characters
// shuffled says what the order far back is worth: 16 are predicted, so that before each of them at
// least 17 stand in their order; and `halved` is what it loses if it is given the last 32 only.
// Counts of pairs and of five characters (Kneser–Ney) say what a model has to beat to have learnt
// more than what often follows what.
//
// The ALiBi and the RoPE model of the first seed also write a text longer than they were trained on.
//
// The seeds are 71 to 73 and the text is the second half of the held-out tenth. When the lesson's
// thresholds were written down, only seed 1 and the first half had been looked at, which is what
// `record.mjs look` prints.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { multiHead, causalMask, splitHeads, mergeHeads } = require("llm/attention");
const { mobyDick, splitText } = require("llm/data");
const { tf, useEngine } = require("llm/engine");
const L = require("llm/longerTexts");
const { gptLogits } = require("llm/gpt");
const { KneserNey } = require("llm/ngram");
const { ropeScaled } = require("llm/position");
const { Random } = require("llm/random");
const { sampleFromLogits } = require("llm/sampling");
const { CharTokenizer } = require("llm/tokenizer");

const look = process.argv[2] === "look";
const seeds = look ? [1] : [71, 72, 73];
const steps = 600;
const [lengths, stretches] = [[64, 128, 256, 512], 480];
const rounded = (value) => Number(value.toFixed(4));

const { description } = await useEngine();
const start = process.cpuUsage();
const tokenizer = CharTokenizer.train(mobyDick());
const { train, val } = splitText(tokenizer.encodeText(mobyDick()));
const half = Math.floor(val.length / 2);
const text = look ? val.subarray(0, half) : val.subarray(half);
const vocabSize = tokenizer.vocabSize;
const runs = [];
const halved = [];
const texts = {};

for (const seed of seeds) {
  for (const encoding of Object.keys(L.encodings)) {
    const model = await trained(encoding, seed, {});
    save(encoding, seed, model, {});
    if (seed === seeds[0] && ["alibi", "rope"].includes(encoding)) texts[encoding] = write(model);
    if (encoding === "rope") {
      save("rope, interpolated", seed, interpolating(model), {
        options: (length) => ({ ops: { attention: interpolated(L.TRAINED / length) } }),
      });
      const rng = new Random(seed).fork("shuffle");
      save("rope, shuffled before", seed, model, { rewrite: (w) => shuffledBefore(w, rng) });
      const [half, full] = L.measureLengths(model, text, { lengths: [32, 64], stretches });
      const { mean, error } = L.paired(half, full);
      halved.push({ seed, mean: rounded(mean), error: rounded(error) });
    }
    L.disposeCharGPT(model);
  }
  const long = await trained("rope", seed, { length: 512 });
  save("rope, trained at 512", seed, long, {});
  L.disposeCharGPT(long);
  for (const encoding of ["none", "rope"]) {
    const model = await trained(encoding, seed, { nLayer: 1 });
    save(`${encoding}, one layer`, seed, model, {});
    L.disposeCharGPT(model);
  }
}

async function trained(encoding, seed, { nLayer, ...options }) {
  const model = L.createCharGPT(encoding, { vocabSize, seed, nLayer });
  await L.trainCharGPT(model, train, { seed, steps, ...options });
  return model;
}

function save(encoding, seed, model, options) {
  const found = L.measureLengths(model, text, { lengths, stretches, ...options });
  const losses = found.map((all) => rounded(all.reduce((a, b) => a + b) / all.length));
  const differences = found.map((all) => {
    const { mean, error } = L.paired(all, found[0]);
    return { mean: rounded(mean), error: rounded(error) };
  });
  runs.push({ encoding, seed, losses, differences });
  console.log(seconds(), JSON.stringify(runs.at(-1)));
}

/** 320 letters, each chosen with the whole text before it in view. */
function write({ config, params }) {
  const rng = new Random(7);
  const ids = tokenizer.encode("The whale ");
  for (let i = 0; i < 320; i++) {
    const logits = tf.tidy(() => {
      const all = gptLogits(params, config, tf.tensor2d([ids], [1, ids.length], "int32"));
      return all.slice([0, ids.length - 1, 0], [1, 1, -1]).dataSync();
    });
    ids.push(sampleFromLogits(logits, { temperature: 0.5, rng }));
  }
  return tokenizer.decode(ids);
}

/** The same model, with its turns left to `interpolated`. */
function interpolating({ config, params }) {
  return { config: { ...config, position: "none" }, params };
}

/** Attention whose queries and keys turn by `scale` of the usual angle. */
function interpolated(scale) {
  return (qkv, nHead) => {
    const [q, k, v] = tf.split(qkv, 3, -1);
    const turn = (x) => mergeHeads(ropeScaled(splitHeads(x, nHead), { scale }));
    return multiHead(turn(q), turn(k), v, { nHead, mask: causalMask(q.shape[1]) }).output;
  };
}

function shuffledBefore(window, rng) {
  const before = [...window.slice(0, -32)];
  for (let i = before.length - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [before[i], before[j]] = [before[j], before[i]];
  }
  return Int32Array.from([...before, ...window.slice(-32)]);
}

/** What models that only count lose on the same characters. */
function counted() {
  const ends = L.stretchEnds(text.length, Math.max(...lengths), stretches);
  const loss = (model) => {
    let sum = 0;
    for (const end of ends)
      for (let i = end - 15; i <= end; i++) sum -= Math.log(model.probability(text, text[i], i));
    return rounded(sum / (16 * ends.length));
  };
  return {
    "counts of pairs": loss(KneserNey.train(train, 2, vocabSize)),
    "counts of five (Kneser–Ney)": loss(KneserNey.train(train, 5, vocabSize)),
  };
}

function seconds() {
  const { user, system } = process.cpuUsage(start);
  return Math.round((user + system) / 1e6);
}

const about = {
  command: "node datasets/runs/07-positions/record.mjs",
  date: new Date().toISOString().slice(0, 10),
  engine: description,
  machine: `${cpus().length} × ${cpus()[0].model}, ${platform()} ${arch()}, shared with other work`,
  cpuSeconds: seconds(),
  ...{ steps, charactersPerStep: 1024, stretches, predictedOfEach: 16 },
};
const file = fileURLToPath(new URL("lengths.json", import.meta.url));
console.log(texts);
if (!look) writeFileSync(file, `${JSON.stringify({ about, lengths, runs, counted: counted(), halved, texts })}\n`);
