// How the recorded results of lesson 00 (start here) were made. To make them again, in some minutes
// of CPU time:
//
//     npm run build && node datasets/runs/00-start-here/record.mjs
//
// Counting models and the course's GPT predict the second half of the held-out tenth of Moby-Dick.
// The order of the Kneser–Ney model is chosen on the first half, part of which the GPT's trainer
// looked at too. Then the GPT reads the same characters with less and less before them, and every
// model writes texts. The numbers go to results.json beside this file.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { mobyDick } = require("llm/data");
const { tf, useEngine } = require("llm/engine");
const { gptLogits } = require("llm/gpt");
const { CachedGPT, generate } = require("llm/inference");
const { KneserNey } = require("llm/ngram");
const { Random } = require("llm/random");
const { courseGPT } = require("llm/write");

const engine = (await useEngine()).description;
const start = process.cpuUsage();
const { params, config, tokenizer } = courseGPT();
const [T, V] = [config.blockSize, config.vocabSize];
const book = mobyDick();
const cut = Math.floor(book.length * 0.9);
const trainText = book.slice(0, cut);
const heldOut = book.slice(cut);
const trainIds = tokenizer.encode(trainText);
const ids = tokenizer.encode(heldOut);
const half = ids.length >> 1;
const round = (x, digits = 4) => Number(x.toFixed(digits));
const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;

/** Bits of the last `scored` characters of windows of `length` characters that end before `ends`. */
function gptBits(ends, length, scored) {
  const bits = [];
  const atOnce = Math.max(1, Math.floor(4096 / length));
  for (let i = 0; i < ends.length; i += atOnce) {
    const some = ends.slice(i, i + atOnce);
    const read = (shift) =>
      tf.tensor2d(
        some.map((end) => ids.slice(end - length + shift, end + shift)),
        [some.length, length],
        "int32",
      );
    const values = tf.tidy(() => {
      const logp = tf.logSoftmax(gptLogits(params, config, read(0)));
      const ofTarget = logp.mul(tf.oneHot(read(1), V)).sum(2);
      return ofTarget.slice([0, length - scored], [some.length, scored]).dataSync();
    });
    for (const value of values) bits.push(-value / Math.LN2);
  }
  return bits;
}

// The scored characters: the second half of each of many windows, side by side.
const ends = [];
for (let end = half + T; end < ids.length; end += T) ends.push(end);
const scored = T / 2;
const places = ends.flatMap((end) =>
  Array.from({ length: scored }, (_, i) => end - scored + 1 + i),
);

const counting = [];
const models = {};
for (let n = 1; n <= 8; n++) {
  const model = KneserNey.train(trainIds, n, V);
  const bitsOf = (place) =>
    -Math.log2(model.probability(ids.slice(Math.max(0, place - n + 1), place), ids[place]));
  counting.push({
    ...{ n, numbers: model.size },
    chosenOn: round(model.crossEntropy(ids.slice(0, half), { every: 2 }) / Math.LN2),
    measuredOn: places.map(bitsOf),
  });
  if (n === 4 || n === 8) models[`${n}-gram`] = model;
  console.log(`${n}-gram: ${counting.at(-1).chosenOn}, ${round(mean(counting.at(-1).measuredOn))}`);
}
const best = counting.reduce((a, b) => (b.chosenOn < a.chosenOn ? b : a));

const gpt = gptBits(ends, T, scored);
console.log(`GPT: ${round(mean(gpt))} bits`);
// Differences by window: neighbouring characters are not independent, windows nearly are.
const differences = ends.map((_, w) => {
  const part = (list) => list.slice(w * scored, (w + 1) * scored);
  return round(mean(part(gpt)) - mean(part(best.measuredOn)));
});

// The same characters with a shortened context.
const every = Math.ceil(places.length / 1536);
const some = places.filter((_, i) => i % every === 0);
const ofSome = (list) => mean(list.filter((_, i) => i % every === 0));
const shortened = [];
for (const context of [1, 2, 3, 4, 6, 8, 12, 16, 32]) {
  const bits = gptBits(some, context, 1); // a window that ends at `place` predicts that place
  // The best n-gram that sees as much: n − 1 characters.
  const table = counting[Math.min(context, 7)];
  shortened.push({ context, gpt: round(mean(bits)), counting: round(ofSome(table.measuredOn)) });
  console.log(shortened.at(-1));
}
shortened.push({ context: T, gpt: round(ofSome(gpt)), counting: round(ofSome(best.measuredOn)) });

// Texts: how many words are words of the book, and how long are the passages copied from it?
const vocabulary = new Set(trainText.toLowerCase().match(/[a-z]+/g));
const [samples, length, temperature] = [24, 100, 0.6];
const prompts = Array.from({ length: samples }, (_, i) => {
  const at = half + Math.floor((i * (ids.length - half - 200)) / samples);
  return { at, ids: ids.slice(at, at + 24) };
});

/** Continues by a counting model. */
function count(model, prompt, rng) {
  const text = [...prompt];
  for (let i = 0; i < length; i++) {
    const p = model.probabilities(text.slice(-8)).map((x) => x ** (1 / temperature));
    text.push(rng.categorical(p));
  }
  return text;
}

/** The longest piece of `text` that is in the part of the book that was learnt from. */
function longestCopy(text) {
  let longest = 0;
  for (let from = 0; from < text.length; from++)
    while (
      from + longest < text.length &&
      trainText.includes(text.slice(from, from + longest + 1))
    )
      longest++;
  return longest;
}

const reader = new CachedGPT(params, config);
const writers = {
  "4-gram": (prompt, rng) => count(models["4-gram"], prompt, rng),
  "8-gram": (prompt, rng) => count(models["8-gram"], prompt, rng),
  GPT: (prompt, rng) =>
    generate(params, config, prompt, { maxNewTokens: length, temperature, rng, model: reader }),
};
const texts = [];
for (const [model, continued] of [...Object.entries(writers), ["Melville", null]]) {
  const written = [];
  for (const [i, prompt] of prompts.entries()) {
    const all = continued
      ? tokenizer.decode(await continued(prompt.ids, new Random(100 + i)))
      : heldOut.slice(prompt.at, prompt.at + 24 + length);
    written.push(all.slice(24));
  }
  const words = written.flatMap((text) => text.toLowerCase().match(/[a-z]+/g).slice(1, -1));
  const copies = written.map(longestCopy).sort((a, b) => a - b);
  texts.push({
    ...{ model, words: words.length },
    real: words.filter((word) => vocabulary.has(word)).length,
    longestCopy: copies[samples / 2],
    example: written[1],
  });
  console.log(texts.at(-1));
}
reader.dispose();

const cpuSeconds = Math.round((process.cpuUsage(start).user + process.cpuUsage(start).system) / 1e6);
const machine = `${cpus()[0].model}, ${cpus().length} cores, ${platform()} ${arch()}`;
writeFileSync(
  fileURLToPath(new URL("results.json", import.meta.url)),
  `${JSON.stringify(
    {
      date: new Date().toISOString().slice(0, 10),
      ...{ machine, engine, cpuSeconds },
      scored: places.length,
      counting: counting.map((one) => ({ ...one, measuredOn: round(mean(one.measuredOn)) })),
      order: best.n,
      gpt: round(mean(gpt)),
      differences,
      shortened,
      shortenedOver: some.length,
      texts,
    },
    null,
    1,
  )}\n`,
);
