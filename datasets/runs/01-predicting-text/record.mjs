// Records the experiment of lesson 01 (predicting text): bits per character of counting models on
// held-out stretches of three texts, by order and by smoothing method, with two controls.
//
//     npm run build && node datasets/runs/01-predicting-text/record.mjs      (about 5 minutes)
//
// The thresholds in the lesson were set on the last tenth of each text. What is recorded here are
// three other stretches, each a tenth, with the rest of the text (the last tenth too) to count in.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { chineseVerse, mobyDick } = require("llm/data");
const ngram = require("llm/ngram");
const { Counts } = require("llm/ngram/counts");
const { Random } = require("llm/random");
const { CharTokenizer } = require("llm/tokenizer");

const STRETCHES = [0.2, 0.5, 0.8];
const ORDERS = [1, 2, 3, 4, 5, 6, 7, 8];
const EVERY = 5; // every fifth character is predicted: from 24,000 on
const round = (x) => Math.round(x * 10_000) / 10_000;
const bitsOf = (model, ids) => round(ngram.bits(ngram.crossEntropy(model, ids, { every: EVERY })));

/** A tenth of the ids that begins at `share`, and all the others. */
function split(ids, share) {
  const [from, length] = [Math.floor(ids.length * share), Math.floor(ids.length / 10)];
  const train = new Int32Array(ids.length - length);
  train.set(ids.subarray(0, from));
  train.set(ids.subarray(from + length), from);
  return { train, heldOut: ids.slice(from, from + length) };
}

/** One number for each order. */
function measure({ train, heldOut }, V) {
  const counts = new Counts(train, ORDERS.at(-1), V);
  const by = (model) => ORDERS.map((n) => bitsOf(model(n), heldOut));
  // Jelinek and Mercer's weights are fitted on the last twentieth of what is counted.
  const cut = Math.floor(train.length * 0.95);
  const [counted, fit] = [train.slice(0, cut), train.slice(cut, cut + 20_000)];
  return {
    "training text": ORDERS.map((n) => bitsOf(ngram.Additive.from(counts, n, 0), train)),
    "additive, α = 1": by((n) => ngram.Additive.from(counts, n, 1)),
    "additive, α = 0.01": by((n) => ngram.Additive.from(counts, n, 0.01)),
    "Jelinek–Mercer": by((n) =>
      ngram.Interpolated.jelinekMercer(counted, fit, n, V, { rounds: 8 }),
    ),
    "Witten–Bell": by((n) => ngram.Interpolated.wittenBellFrom(counts, n)),
    "Kneser–Ney": by((n) => ngram.KneserNey.train(train, n, V)),
  };
}

const texts = {
  "27 symbols": ngram.toShannonText(mobyDick()),
  "all characters": mobyDick(),
  "Chinese verse": chineseVerse(),
};
const result = {
  about:
    "Bits per character on held-out stretches, one number for each order n; see record.mjs beside this file.",
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} × ${cpus()[0].model}, Node ${process.version}`,
  orders: ORDERS,
  stretches: STRETCHES,
  texts: {},
};
const start = process.cpuUsage();
for (const [name, text] of Object.entries(texts)) {
  const tokenizer = CharTokenizer.train(text);
  const ids = tokenizer.encodeText(text);
  const V = tokenizer.vocabSize;
  const stretches = STRETCHES.map((share) => {
    console.log(name, share);
    return measure(split(ids, share), V);
  });
  // How much text: Kneser–Ney of order 6 from a part of the training text.
  const { train, heldOut } = split(ids, STRETCHES[1]);
  const parts = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1];
  const amount = parts.map((part) => ({
    characters: Math.floor(train.length * part),
    bits: bitsOf(
      ngram.KneserNey.train(train.slice(0, Math.floor(train.length * part)), 6, V),
      heldOut,
    ),
  }));
  result.texts[name] = {
    vocabSize: V,
    characters: ids.length,
    uniform: round(Math.log2(V)),
    stretches,
    amount,
  };
}

// Control: the same characters in random order. Nothing but their frequencies is left.
{
  const tokenizer = CharTokenizer.train(texts["27 symbols"]);
  const ids = tokenizer.encodeText(texts["27 symbols"]);
  const shuffled = Int32Array.from(new Random(1).shuffle(Array.from(ids)));
  result.shuffled = measure(split(shuffled, STRETCHES[1]), tokenizer.vocabSize);
}
const used = process.cpuUsage(start);
result.cpuSeconds = Math.round((used.user + used.system) / 1e6);
writeFileSync(
  join(import.meta.dirname, "smoothing.json"),
  `${JSON.stringify(result, null, 1)}\n`,
);
console.log(`${result.cpuSeconds} s of CPU time`);
