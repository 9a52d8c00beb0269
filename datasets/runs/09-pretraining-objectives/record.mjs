// How the recorded runs of lesson 09 (pretraining objectives) were made. To make them again, in about
// a quarter of an hour of CPU time on the native engine:
//
//     npm run build && node datasets/runs/09-pretraining-objectives/record.mjs
//
//     node datasets/runs/09-pretraining-objectives/record.mjs long
//
// Five small Transformers of the same size, from the same initial parameters, read the same windows
// of Moby-Dick in 27 symbols, each under its objective, for the same number of steps. Then each is
// asked to continue, to fill gaps and to classify, on text that none has read. With seeds as
// arguments only those are run (`record.mjs 23 24`), and merged with what is there.
//
// `long` does the same with one seed and five times as many steps, in another twenty minutes, and
// writes the models that the lesson loads; with names of objectives only those are trained.
//
// The lesson's thresholds were written down before any of these models had been trained. To choose
// settings without looking at what is recorded, `record.mjs look` runs seed 1, asks its questions of
// the twentieth of the book before the last, and writes nothing.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { mobyDick } = require("llm/data");
const { useEngine } = require("llm/engine");
const { KneserNey } = require("llm/ngram");
const { countParams } = require("llm/params");
const { Random } = require("llm/random");
const { Trainer } = require("llm/train");
const O = require("llm/objectives");

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const size = { nLayer: 2, nHead: 4, nEmbd: 64 };
const settings = { steps: 1000, maxLr: 4e-3, minLr: 2e-4, warmupSteps: 50, beta2: 0.99, weightDecay: 0.1 };
const batchSize = 16;
const counts = { continuations: 300, gaps: 150, letters: 150, written: 100, labels: [100, 1000] };
const asked = process.argv.slice(2);
const look = asked[0] === "look";
const long = asked[0] === "long";
const seeds = look ? [1] : long ? [25] : asked.length ? asked.map(Number) : [22, 23, 24];
const objectives = long && asked.length > 1 ? asked.slice(1) : O.objectiveNames;
if (long) Object.assign(settings, { steps: 5000 });
const rounded = (value) => Number(value.toFixed(4));
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

// Nine tenths to learn from; of the rest one half to choose with, the other for the record.
const book = mobyDick();
const [cut, middle] = [0.9, 0.95].map((share) => Math.floor(book.length * share));
const parts = { train: book.slice(0, cut), choose: book.slice(cut, middle), test: book.slice(middle) };
const heldOut = look ? parts.choose : parts.test;
const tokenizer = O.letterTokenizer();
const encode = (text) => tokenizer.encode(text);
const letters = { train: O.lettersOnly(parts.train), heldOut: O.lettersOnly(heldOut) };
const ids = { train: tokenizer.encodeText(letters.train), heldOut: tokenizer.encodeText(letters.heldOut) };
const val = tokenizer.encodeText(O.lettersOnly(parts.choose)); // for the curves of the losses

// The questions.
const rng = new Random(909);
const toContinue = O.continuations(ids.heldOut, counts.continuations, rng.fork("continue"));
const candidates = O.frequentByLength(letters.train, [4, 5], 20);
const gaps = O.clozeQuestions(letters.heldOut, candidates, encode, {
  ...{ count: counts.gaps, rng: rng.fork("gaps") },
});
const alphabet = [...Array(27).keys()].map((id) => tokenizer.decode([id]));
const oneLetter = O.continuations(ids.heldOut, counts.letters, rng.fork("letters")).map(({ text }) => ({
  ...{ text, spans: [[32, 33]], candidates: alphabet, right: text[32] },
}));
const pieces = (text) =>
  O.speechPieces(text, 80)
    .map(({ text, label }) => ({ label, text: O.lettersOnly(text).slice(0, O.WINDOW) }))
    .filter(({ text }) => text.length === O.WINDOW);
const balanced = (some) => {
  const by = [0, 1].map((label) => some.filter((p) => p.label === label));
  const n = Math.min(by[0].length, by[1].length);
  return Array.from({ length: n }, (_, i) => [by[0][i], by[1][i]]).flat();
};
const most = Math.max(...counts.labels);
const labelled = rng.fork("labels").shuffle(balanced(pieces(parts.train))).slice(0, most);
const toClassify = balanced(pieces(heldOut));

const start = process.cpuUsage();
const { description } = await useEngine();
const runs = [];
for (const seed of seeds) {
  for (const objective of objectives) {
    const model = O.createObjectiveModel(objective, tokenizer.vocabSize, { ...size, seed });
    const untrained = probe(model);
    const task = O.objectiveTask(model, { train: ids.train, val, batchSize, seed });
    const evalEvery = settings.steps / 20;
    const trainer = new Trainer({ task, settings: { ...settings, seed, evalEvery, evalLimit: 64 } });
    await trainer.run();
    const losses = trainer.history.evals.map(({ step, metrics }) => ({ step, val: rounded(metrics.val) }));
    const run = { seed, objective, losses, ...measure(model), probe: probe(model), untrained };
    console.log(JSON.stringify({ ...run, losses: losses.at(-1), cpu: cpuSeconds() }));
    runs.push(run);
    if (long) writeFileSync(here(`${objective}.safetensors`), O.saveObjectiveModel(model, size));
    trainer.dispose();
  }
}
const baselines = measureBaselines();
console.log(JSON.stringify(baselines));
if (look) showFilling();
else save();

/** Continuing and filling. */
function measure(model) {
  const nats = O.logProbabilities(model, toContinue);
  const causal = model.name === "causal";
  const answers = O.answerCloze(model, gaps, encode, { andAfter: causal });
  const left = causal ? O.answerCloze(model, gaps, encode) : answers;
  const answerLetters = (options) =>
    rounded(O.shareRight(oneLetter, O.answerCloze(model, oneLetter, encode, options)));
  const perCharacter = gaps.map(({ spans: [[a, b]] }, i) => -left[i].logOfRight / (b - a) / Math.LN2);
  const written = gaps.slice(0, counts.written).filter(({ text, spans: [[a, b]] }) => {
    const hidden = text.map((id, i) => (i >= a && i < b ? model.tokens.mask : id));
    return `${O.fillBlanks(model, hidden).at(-1)}` === `${text}`;
  });
  return {
    continuing: rounded(-mean(nats) / O.CONTINUED / Math.LN2),
    filling: rounded(O.shareRight(gaps, answers)),
    letter: answerLetters({ andAfter: causal }),
    gapBits: rounded(mean(perCharacter)),
    written: rounded(written.length / counts.written),
    ...(causal ? { leftOnly: { filling: rounded(O.shareRight(gaps, left)), letter: answerLetters() } } : {}),
  };
}

/** Accuracies by the number of labels. */
function probe(model) {
  const features = (some) => O.meanHidden(model, some.map(({ text }) => encode(text)));
  return probeOf(features(labelled), features(toClassify));
}

function probeOf(train, test) {
  const labels = (some) => some.map(({ label }) => label);
  return Object.fromEntries(
    counts.labels.map((n) => [
      n,
      rounded(
        O.probeAccuracy(
          { features: train.slice(0, n), labels: labels(labelled.slice(0, n)) },
          { features: test, labels: labels(toClassify) },
        ),
      ),
    ]),
  );
}

/** What counting reaches on the same questions. */
function measureBaselines() {
  const counting = (order) => KneserNey.train(ids.train, order, tokenizer.vocabSize);
  const [unigram, kneserNey] = [counting(1), counting(6)];
  const nats = (model, text, from, to) => {
    let sum = 0;
    for (let i = from; i < to; i++) sum -= Math.log(model.probability(text, text[i], i));
    return sum;
  };
  const continuing = (model) =>
    rounded(
      mean(toContinue.map(({ text, spans: [[a, b]] }) => nats(model, text, a, b))) /
        O.CONTINUED /
        Math.LN2,
    );
  const filling = (questions, both) =>
    rounded(
      mean(
        questions.map((gap) => {
          const all = gap.candidates.map((word) => {
            const { text, spans: [[a, b]] } = O.withWord(gap, word, encode);
            return nats(kneserNey, text, a, both ? text.length : b);
          });
          return all.indexOf(Math.min(...all)) === gap.right ? 1 : 0;
        }),
      ),
    );
  const texts = labelled.map(({ text }) => text);
  const words = O.frequentWords(texts, 5);
  const counted = (some) => some.map(({ text }) => O.wordCounts(text, words));
  const lettersOf = (some) =>
    some.map(({ text }) => Array.from({ length: 27 }, (_, id) => encode(text).filter((i) => i === id).length));
  return {
    continuing: { unigram: continuing(unigram), kneserNey: continuing(kneserNey) },
    filling: {
      mostFrequent: rounded(mean(gaps.map(({ right }) => (right === 0 ? 1 : 0)))),
      kneserNey: filling(gaps, true),
      kneserNeyLeft: filling(gaps, false),
    },
    letter: {
      mostFrequent: rounded(mean(oneLetter.map(({ right }) => (right === 0 ? 1 : 0)))),
      kneserNey: filling(oneLetter, true),
      kneserNeyLeft: filling(oneLetter, false),
    },
    probe: {
      letters: probeOf(lettersOf(labelled), lettersOf(toClassify)),
      words: probeOf(counted(labelled), counted(toClassify)),
    },
    words: words.size,
    pieces: toClassify.length,
  };
}

/** For looking: what the models write. */
function showFilling() {
  console.log(gaps.slice(0, 5).map((g) => [tokenizer.decode(g.text), g.candidates[g.right]]));
}

function cpuSeconds() {
  const { user, system } = process.cpuUsage(start);
  return Math.round((user + system) / 1e6);
}

function save() {
  const file = here(long ? "long.json" : "runs.json");
  const before = existsSync(file) && asked.length > 0 ? JSON.parse(readFileSync(file, "utf8")) : { runs: [] };
  const again = (run) => seeds.includes(run.seed) && objectives.includes(run.objective);
  const kept = before.runs.filter((run) => !again(run));
  const all = [...kept, ...runs].sort((a, b) => a.seed - b.seed);
  const about = {
    command: "node datasets/runs/09-pretraining-objectives/record.mjs",
    date: new Date().toISOString().slice(0, 10),
    engine: description,
    machine: `${cpus().length} × ${cpus()[0].model}, ${platform()} ${arch()}, shared with other work`,
    cpuSeconds: cpuSeconds() + (kept.length > 0 ? before.about.cpuSeconds : 0),
    ...{ ...settings, batchSize, window: O.WINDOW },
    ...{ continuations: toContinue.length, gaps: gaps.length, letters: oneLetter.length, written: counts.written },
    ...{ labels: labelled.length, toClassify: toClassify.length },
    parameters: countParams(O.createObjectiveModel("causal", 27, { ...size, seed: 0 }).params),
  };
  writeFileSync(file, `${JSON.stringify({ about, size, runs: all, baselines })}\n`);
}
