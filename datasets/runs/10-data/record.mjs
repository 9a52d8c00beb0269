// How the recorded runs of lesson 10 (data) were made. To make them again, one seed at a time:
//
//     npm run build
//     node datasets/runs/10-data/record.mjs clean 41     adds a seed to clean.json
//     node datasets/runs/10-data/record.mjs leak 41      adds a seed to leak.json
//
// A small GPT (2 layers, 4 heads, 64 wide) is trained on several versions of one corpus, always for
// the same number of steps of the same size, and judged on clean held-out passages. The seeds for the
// lesson are 41 to 43; its thresholds were written down when only seed 1 had been looked at.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const C = require("llm/corpus");
const D = require("llm/dirt");
const { useEngine } = require("llm/engine");
const { Random } = require("llm/random");

const [part, seedText, stepsText = "1500", lrText = "0.002", batchText = "16"] = process.argv.slice(2);
const seed = Number(seedText);
if (!["clean", "leak"].includes(part) || !Number.isInteger(seed))
  throw new Error(`record: expected clean or leak and a seed, got ${process.argv.slice(2)}`);
const steps = Number(stepsText);
const rounded = (value) => Number(value.toFixed(4));
const { description } = await useEngine();
const start = process.cpuUsage();

// The split is the same for all seeds; what is planted and how the model is trained is not.
const all = D.passages();
const isTest = (text) => C.sideOf(text, { val: 0.15, seed: 10 }) === "val";
const [train, test] = [all.filter((text) => !isTest(text)), all.filter(isTest)];
const tokenizer = D.commonTokenizer(train);

const result = part === "clean" ? await clean() : await leak();
save(result);

/** Trains on some texts. @returns bits per character of each set of test texts */
async function score(name, texts, tests) {
  const model = await D.trainSmall(texts, tokenizer, { steps, seed, maxLr: Number(lrText), batchSize: Number(batchText) });
  const bits = Object.fromEntries(
    Object.entries(tests).map(([key, some]) => [key, rounded(D.bitsPerCharacter(model, some))]),
  );
  D.disposeSmall(model);
  const tokens = D.idsOf(tokenizer, texts).length;
  console.log(JSON.stringify({ name, seed, tokens, ...bits }));
  return { tokens, ...bits };
}

/** The same budget on the book with dirt, on what each step of cleaning leaves, and without dirt. */
async function clean() {
  const planted = D.plantDirt(train, { rng: new Random(seed).fork("dirt") });
  const documents = planted.map(({ text }, i) => ({ source: "planted", record: i, first: i, text }));
  const rules = [C.inLanguages(["en"]), ...C.ruleSets.basic, ...C.ruleSets.gopher];
  const steps = {
    normalised: (from) => C.mapped(from, (text) => C.c4Lines(C.normalise(text))),
    filtered: (from) => C.filtered(from, rules),
    deduplicated: (from) => C.deduplicated(from),
  };
  const versions = { dirty: planted.map(({ text }) => text) };
  const left = {};
  let from = documents;
  for (const [name, step] of Object.entries(steps)) {
    const kept = [];
    for await (const document of step(from)) kept.push(document);
    from = kept;
    versions[name] = kept.map(({ text }) => text);
    left[name] = {};
    for (const { record } of kept) {
      const { dirt } = planted[record];
      left[name][dirt] = (left[name][dirt] ?? 0) + 1;
    }
  }
  versions["never dirty"] = train;
  const scores = {};
  for (const [name, texts] of Object.entries(versions)) scores[name] = await score(name, texts, { test });
  return { seed, left, scores };
}

/** Half of the test passages is put into the training text, 0 to 16 times. */
async function leak() {
  const isLeaked = (text) => C.sideOf(text, { val: 0.5, seed: 11 }) === "val";
  const [leaked, unseen] = [test.filter(isLeaked), test.filter((text) => !isLeaked(text))];
  const seen = new C.SeenRuns();
  for (const text of [...train, ...leaked]) seen.add(text);
  const share = (some) => rounded(some.reduce((sum, text) => sum + seen.share(text), 0) / some.length);
  const scores = {};
  for (const copies of [0, 1, 4, 16]) {
    const texts = [...train, ...Array.from({ length: copies }, () => leaked).flat()];
    const shuffled = new Random(seed).fork("order").shuffle(texts);
    scores[copies] = await score(`${copies} copies`, shuffled, { leaked, unseen });
  }
  return { seed, sizes: { leaked: leaked.length, unseen: unseen.length }, found: { leaked: share(leaked), unseen: share(unseen) }, scores };
}

function save(value) {
  const path = fileURLToPath(new URL(`${part}.json`, import.meta.url));
  const before = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).runs : [];
  const runs = [...before.filter((run) => run.seed !== seed), value].sort((a, b) => a.seed - b.seed);
  const { user, system } = process.cpuUsage(start);
  const text = JSON.stringify(
    {
      made: `node datasets/runs/10-data/record.mjs ${part} SEED`,
      date: new Date().toISOString().slice(0, 10),
      engine: description.replace(/ · .*/, ""),
      machine: `${platform()}-${arch()}, ${cpus().length} cores, ${cpus()[0].model}`,
      cpuMinutesOfLastSeed: rounded((user + system) / 60e6),
      settings: { steps, passages: { train: train.length, test: test.length }, vocabulary: tokenizer.vocabSize },
      runs,
    },
    null,
    1,
  );
  if (seed >= 41) writeFileSync(path, `${text}\n`);
  else console.log(text);
}
