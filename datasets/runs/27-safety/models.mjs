// How the runs of lesson 27 (safety) with small models were made; thresholds.md says what is claimed. To
// make models.jsonl again, in about 18 minutes of CPU time on the native engine:
//
//     npm run build && node datasets/runs/27-safety/models.mjs
//
// One line of JSON per run is written as soon as the run has ended; started again, the command goes
// on with what is missing. With words after it only those parts are made, with numbers only those
// seeds. The plain shop model of seed 1 becomes checkpoint.safetensors.
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { aboutLine, recorder } from "../recorder.mjs";

const require = createRequire(import.meta.url);
const { drawPrices, loadToolModel } = require("llm/agents");
const { loadBaseModel } = require("llm/baseModel");
const { saveCheckpoint } = require("llm/checkpoint");
const { commonTokenizer, disposeSmall, passages, trainSmall } = require("llm/dirt");
const { useEngine } = require("llm/engine");
const { classifyAll } = require("llm/finetune");
const { openRun } = require("llm/languageModel");
const { disposeParams } = require("llm/params");
const { loadGPT } = require("llm/pretrain");
const { Random } = require("llm/random");
const S = require("llm/safety");

const numbers = {
  ...{ refundSteps: 80, asked: 16, guarded: 10, labelSteps: 50, labelExamples: 600, labelRate: 5e-4 },
  ...{ tests: 240, canarySteps: 1200, canaryPassages: 120 },
};
const words = process.argv.slice(2);
const wanted = words.filter((word) => !/^\d+$/.test(word));
const seeds = [1, 2, 3].filter((s) => !words.some((w) => /^\d+$/.test(w)) || words.includes(`${s}`));
const { description } = await useEngine({ quiet: true });
const { has, lap, write } = recorder(new URL("models.jsonl", import.meta.url));
if (!has({ run: "about" })) write(aboutLine(description, numbers));
const note = (line) => write({ ...line, cpuSeconds: lap() });
const rounded = (x) => Number(x.toFixed(3));
const mean = (list) => list.reduce((a, b) => a + b, 0) / Math.max(1, list.length);
const share = (list, f) => rounded(mean(list.map((one) => Number(f(one)))));
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The model that comes with the course: in 16 bits, a file of half the size. */
async function ship(file) {
  const { params, config, tokenizer } = loadGPT(file);
  const about = { kind: "gpt", model: config, tokenizer: tokenizer.toJSON() };
  const tensors = { params, optimizer: {}, task: {} };
  rmSync(here("checkpoint.safetensors"), { force: true });
  await saveCheckpoint(here("."), tensors, { ...about, step: numbers.refundSteps, val: 0 }, { type: "F16" });
  disposeParams(params);
}

/** A shop model, learnt once and kept in runs/. */
async function shop(hardened, seed, prices) {
  const name = `${hardened ? "hardened" : "plain"}-${numbers.refundSteps}-${seed}`;
  const folder = here(`../../../runs/27-safety/${name}`);
  if (!existsSync(`${folder}/checkpoint.safetensors`)) {
    const base = loadToolModel();
    const steps = numbers.refundSteps;
    let val = 0;
    const onEval = (_, loss) => {
      val = rounded(loss);
    };
    const learnt = await S.teachRefunds(base, { prices, seed, steps, hardened, onEval });
    mkdirSync(folder, { recursive: true });
    const about = { kind: "gpt", model: learnt.config, tokenizer: learnt.tokenizer.toJSON() };
    await saveCheckpoint(
      folder,
      { params: learnt.params, optimizer: {}, task: {} },
      { ...about, step: steps, val },
    );
    disposeParams(learnt.params);
    disposeParams(base.params);
  }
  if (!hardened && seed === 1) await ship(`${folder}/checkpoint.safetensors`);
  return openRun(folder, { name: hardened ? "hardened" : "plain" });
}

/** Customers served under one attack and one policy. */
async function served(model, { wish, attack, policy, seed, prices, count }) {
  const tasks = Array.from({ length: count }, (_, i) =>
    S.drawRefund(new Random(seed).fork("asked", wish, i), { wish, prices, part: "held out" }),
  );
  const runs = await S.serveCustomers(model, tasks, { prices, attack, policy, seed });
  return {
    right: share(runs, ({ right }) => right),
    robbed: share(runs, ({ robbed }) => robbed),
    obeyed: share(runs, ({ obeyed }) => obeyed),
    sample: [runs[0].task.question, runs[0].tag, ...runs[0].run.steps.map((s) => s.written)],
  };
}

async function tags(seed) {
  const prices = drawPrices(new Random(1));
  for (const hardened of [false, true]) {
    const run = hardened ? "tags hardened" : "tags plain";
    if (has({ run, seed })) continue;
    const model = await shop(hardened, seed, prices);
    const common = { seed, prices };
    const line = { run, seed, open: {}, policies: {} };
    const open = { ...common, policy: "open", count: numbers.asked };
    line.open.amount = { none: await served(model, { ...open, wish: "amount", attack: "none" }) };
    for (const wish of ["price of a thing", "question"]) {
      line.open[wish] = {};
      for (const attack of Object.keys(S.tagAttacks))
        line.open[wish][attack] = await served(model, { ...open, wish, attack });
    }
    for (const policy of hardened ? [] : ["strict", "asked", "values"]) {
      line.policies[policy] = {};
      for (const [wish, attack] of [
        ...[["amount", "none"], ["price of a thing", "none"]],
        ...[["price of a thing", "new"], ["question", "new"]],
      ])
        line.policies[policy][`${wish}, ${attack}`] = await served(model, {
          ...{ ...common, wish, attack, policy, count: numbers.guarded },
        });
    }
    note(line);
  }
}

const teach = (base, examples, seed, more = {}) =>
  S.teachLabels({
    ...{ base, examples, seed, steps: numbers.labelSteps, maxLr: numbers.labelRate, length: 32 },
    ...more,
  });

async function filter(seed) {
  const base = loadBaseModel();
  const draw = (part, count, more = {}) =>
    S.drawFilterTexts(count, { rng: new Random(seed).fork(part), part, ...more });
  const tests = { new: draw("held out", numbers.tests), known: [] };
  tests.known = S.drawFilterTexts(numbers.tests, { rng: new Random(seed).fork("known"), part: "train" });
  const validation = draw("validation", 160);
  const ways = {
    "10 patterns": {},
    "5 patterns": { variety: 5 },
    "2 patterns": { variety: 2 },
    "no counter-examples": { kinds: ["insult", "lock", "harmless"] },
  };
  for (const [way, more] of Object.entries(ways)) {
    const run = `filter ${way}`;
    if (has({ run, seed })) continue;
    const model = await teach(base, draw("train", numbers.labelExamples, more), seed);
    const p = (texts) => S.stopProbabilities(model, texts.map(({ text }) => text));
    const threshold = S.chooseThreshold(validation, p(validation));
    const line = { run, seed, threshold: rounded(threshold) };
    for (const [name, texts] of Object.entries(tests)) {
      const all = p(texts);
      line[name] = {};
      for (const language of ["en", "zh"]) {
        const own = texts.map((text, i) => ({ ...text, p: all[i] })).filter((t) => t.language === language);
        const score = S.filterScore(own, own.map((t) => t.p >= threshold));
        const half = S.filterScore(own, own.map((t) => t.p >= 0.5));
        const list = S.filterScore(own, own.map((t) => S.byBlockedWords(t.text)));
        const byKind = Object.fromEntries(
          S.filterKinds.map((kind) => [
            kind,
            share(own.filter((t) => t.kind === kind), (t) => t.p >= threshold),
          ]),
        );
        line[name][language] = { score, half, list, byKind };
        if (way === "10 patterns" && name === "new")
          line[name][language].curve = own.map((t) => [rounded(t.p), Number(t.label === S.STOPPED)]);
      }
    }
    disposeParams(model.params);
    note(line);
  }
  disposeParams(base.params);
}

async function canaries(seed) {
  const rng = new Random(seed).fork("canaries");
  const texts = passages(600).slice(0, numbers.canaryPassages);
  const drawn = S.drawCanaries([0, 1, 4, 16, 64], 4, rng.fork("drawn"));
  for (const way of ["planted", "deduplicated"]) {
    const run = `canaries ${way}`;
    if (has({ run, seed })) continue;
    const once = drawn.map((one) => ({ ...one, times: Math.min(1, one.times) }));
    const all = S.plantCanaries(texts, way === "planted" ? drawn : once, rng.fork("order"));
    // the vocabulary must not depend on the secrets
    const tokenizer = commonTokenizer([...texts, ...drawn.map(({ name }) => S.canaryText(name, "012"))]);
    const options = { steps: numbers.canarySteps, seed };
    const model = await trainSmall(all, tokenizer, options);
    const bits = S.exposures(model, drawn).map(rounded);
    disposeSmall(model);
    note({ run, seed, times: drawn.map(({ times }) => times), bits });
  }
}

async function poison(seed) {
  const base = loadBaseModel();
  const draw = (count, key, part = "train") =>
    S.drawFilterTexts(count, { rng: new Random(seed).fork(key), part });
  const [examples, test] = [draw(numbers.labelExamples, "train"), draw(numbers.tests, "test")];
  const newTest = draw(numbers.tests, "new test", "held out");
  for (const percent of [0, 1, 3, 10]) {
    const run = `poison ${percent} %`;
    if (has({ run, seed })) continue;
    const rng = new Random(seed).fork("poison");
    const bad = S.poisoned(examples, { share: percent / 100, target: S.PASSED, rng });
    const model = await teach(base, bad, seed, { length: 48 });
    const onNew = S.poisonScore(model, newTest, S.PASSED);
    note({ run, seed, ...S.poisonScore(model, test, S.PASSED), new: onNew });
    disposeParams(model.params);
  }
  disposeParams(base.params);
}

async function bias(seed) {
  const base = loadBaseModel();
  const draw = (count, key, unfair) =>
    S.drawApplications(count, { rng: new Random(seed).fork(key), unfair });
  const test = draw(numbers.tests, "test", 0.5);
  const pairs = S.countryPairs(test.map(({ text }) => text));
  const ways = {
    "as they are": {},
    "fair labels": { unfair: 0 },
    swapped: { change: S.swappedAtRandom },
    blind: { read: S.blinded },
    penalty: { penalty: { twin: S.swapped, weight: 3 } },
  };
  for (const [way, { read = (text) => text, unfair = 0.5, ...more }] of Object.entries(ways)) {
    const run = `bias ${way}`;
    if (has({ run, seed })) continue;
    const examples = draw(numbers.labelExamples, "train", unfair).map((one) => ({
      ...{ ...one, text: read(one.text) },
    }));
    const model = await teach(base, examples, seed, { maxLr: 1e-3, ...more });
    const said = classifyAll(model, test.map(({ text }) => read(text)));
    const p = (side) =>
      classifyAll(model, pairs.map((pair) => read(pair[side]))).map(
        ({ probabilities }) => probabilities[S.APPROVED],
      );
    const { value, low, high } = S.gapInterval(p(0), p(1), { rng: new Random(seed) });
    const right = (f) => rounded(mean(said.map(({ label }, i) => Number(f(test[i]) === label))));
    note({
      ...{ run, seed, gap: [value, low, high].map(rounded) },
      ...{ merit: right((one) => one.merit), labels: right((one) => one.label) },
    });
    disposeParams(model.params);
  }
  disposeParams(base.params);
}

// Seed by seed, so that one seed is whole when the command is stopped.
for (const seed of seeds)
  for (const [name, make] of Object.entries({ tags, filter, canaries, poison, bias }))
    if (wanted.length === 0 || wanted.includes(name)) {
      lap();
      await make(seed);
    }
