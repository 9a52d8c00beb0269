// Records the runs of lesson 15 (fine-tuning): thresholds.md says what is claimed of them.
//
//     npm run build && node datasets/runs/15-fine-tuning/record.mjs
//
// One line in runs.jsonl for each run, written when it is done; runs that are there are left out, so
// the command can be stopped and started again. With a word behind it, "party", only the runs whose
// names begin so are made.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { baseDocuments, baseText, loadBaseModel } = require("llm/baseModel");
const { addTypos, deleteWords } = require("llm/corpus");
const { useEngine } = require("llm/engine");
const finetune = require("llm/finetune");
const { initGPT } = require("llm/gpt");
const { frequentWords, probeAccuracy, wordCounts } = require("llm/objectives");
const { cloneParams, disposeParams } = require("llm/params");
const { Random } = require("llm/random");
const { Trainer } = require("llm/train");

const { classificationTask, continuedPretrainingTask, drawPerLabel, languageLoss } = finetune;
const { entityScores, nerSentences, serviceQuestions, spamMails, speeches } = finetune;
const { splitByGroup, tagWords, taggingTask } = finetune;

const file = fileURLToPath(new URL("runs.jsonl", import.meta.url));
const done = new Set(
  (existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [])
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line).key),
);
const { description: engine } = await useEngine({ quiet: true });
const base = loadBaseModel();
const mails = new Random(15).shuffle([...spamMails()]);
const [heldOut, pool] = [mails.slice(0, 300), mails.slice(400)];
const ownText = base.tokenizer.encodeText(baseText(baseDocuments().slice(-60)));

/** One run, unless it is there: what `work` returns, with its key and its CPU time. */
async function record(key, work) {
  if (done.has(key) || !key.startsWith(process.argv[2] ?? "")) return;
  const start = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(start);
  const about = { date: new Date().toISOString().slice(0, 10), cpu: cpus()[0].model, engine };
  const seconds = Math.round((user + system) / 1e5) / 10;
  appendFileSync(file, `${JSON.stringify({ key, ...result, seconds, ...about })}\n`);
  console.log(key, JSON.stringify(result), `${seconds} s`);
}

const settings = (steps, lr) => ({
  ...{ steps, maxLr: lr, minLr: lr / 10, warmupSteps: 6, weightDecay: 0.01, evalEvery: steps },
  evalLimit: 1,
});

/** Trains a task, and says what came of it. */
async function train(task, { steps = 50, lr = 3e-4, after = () => ({}) } = {}) {
  const trainer = new Trainer({ task, settings: settings(steps, lr) });
  try {
    const { loss, metrics } = await trainer.run();
    return { trainLoss: loss, ...metrics, ...after(task) };
  } finally {
    trainer.dispose();
  }
}

/** What of a mail is read: all, its first tokens, its first characters. */
const whole = (mail) => mail;
const firstTokens = (n) => (mail) => {
  const ids = base.tokenizer.encode(mail.text).slice(0, n);
  return { ...mail, text: base.tokenizer.decode(ids) };
};
const firstCharacters = (n) => (mail) => ({ ...mail, text: mail.text.slice(0, n) });

/** The share of the held-out mails that do not fill a row, so that the row is padded. */
const padded = (cut, length) => () => {
  const tokens = heldOut.map((mail) => base.tokenizer.encode(cut(mail).text).length);
  return { padded: tokens.filter((n) => n < length).length / tokens.length };
};

/** A model of the same sizes that has read nothing. */
const fresh = (seed) => ({ ...base, params: initGPT(base.config, { seed: 100 + seed }) });

/** Spam with `labels` examples; what `options` has of a base model of its own is freed. */
function spam(key, labels, seed, options = {}, { own, cut = whole, ...training } = {}) {
  return record(key, async () => {
    const task = classificationTask({
      ...{ base: own ?? base, heldOut: heldOut.map(cut) },
      ...{ examples: drawPerLabel(pool, labels, new Random(seed)).map(cut) },
      ...{ batchSize: 16, seed, pool: "mean", ...options },
    });
    return train(task, training);
  });
}

/** Words that occur `least` times or more, by logistic regression: held-out accuracy. */
function wordsAccuracy(examples, others, positive, least) {
  const vocabulary = frequentWords(
    examples.map(({ text }) => text),
    least,
  );
  const table = (some) => ({
    features: some.map(({ text }) => wordCounts(text, vocabulary).map((c) => Math.min(c, 1))),
    labels: some.map(({ label }) => (label === positive ? 1 : 0)),
  });
  return probeAccuracy(table(examples), table(others));
}

/** Counted words on the same mails, or on what `cut` leaves of them. */
const counted = (labels, seed, name = "spam words", cut = whole) =>
  record(`${name} n=${labels} seed=${seed}`, () => {
    const examples = drawPerLabel(pool, labels, new Random(seed)).map(cut);
    const least = labels < 100 ? 1 : 2;
    return { accuracy: wordsAccuracy(examples, heldOut.map(cut), "spam", least) };
  });

/** 600 passages to learn from, and 150 of each party that are held out. */
function partySplit(by, seed) {
  const key = by === "president" ? ({ president }) => president : ({ text }) => text;
  const parts = ["Democrat", "Republican"].map((party) =>
    splitByGroup(
      speeches().filter(({ label }) => label === party),
      key,
      { rng: new Random(seed).fork("party", party) },
    ),
  );
  const all = (side) => parts.flatMap((part) => part[side]);
  return {
    examples: drawPerLabel(all("train"), 600, new Random(seed)),
    heldOut: drawPerLabel(all("heldOut"), 300, new Random(9)),
  };
}

const seeds = [1, 2, 3];

/** What the model has forgotten of the text it began with; `before` is the same in every run. */
const forgotten = ({ model }) => ({
  before: languageLoss(base.params, base.config, ownText),
  after: languageLoss(model.params, base.config, ownText),
});

const held = nerSentences(300, { part: "held out", seed: 9 });
const either = /^(Lincoln|Austin|Sydney|Florence|Jordan|Chelsea|Washington|Madison|Paris|Georgia)$/;
const isEither = ({ words }) => either.test(words[0]);

/** F1 of the sentences that `some` holds. */
const f1Of = (model, some) =>
  entityScores(
    some.map(({ tags }) => tags),
    tagWords(
      model,
      some.map(({ words }) => words),
    ),
  ).f1;

const parts = [
  // 1. pretrained against random; of pretrained at 100 labels, also 7, forgetting
  ...[100, 30, 1000, 10].map((labels) => async (seed) => {
    await counted(labels, seed);
    const steps = labels === 1000 ? 100 : 50;
    const after = labels === 100 ? forgotten : undefined;
    await spam(`spam pretrained n=${labels} seed=${seed}`, labels, seed, {}, { steps, after });
    const own = fresh(seed);
    const random = { own, steps, lr: 1e-3 };
    await spam(`spam random n=${labels} seed=${seed}`, labels, seed, {}, random);
    disposeParams(own.params);
  }),

  // 3, 4, 5 and 7. the ablation table, at 100 labels
  async (seed) => {
    for (const [name, options] of Object.entries({
      last: { pool: "last" },
      first: { pool: "first" },
      "end, mask": { pool: "end" },
      "end, no mask": { pool: "end", mask: false },
      "open, mean": { causal: false },
      "2 blocks": { trained: 2 },
    })) {
      const after = name === "2 blocks" ? forgotten : undefined;
      await spam(`table ${name} seed=${seed}`, 100, seed, options, { after });
    }
    const head = { lr: 1e-2, after: forgotten };
    await spam(`table head alone seed=${seed}`, 100, seed, { trained: "none" }, head);
  },

  // 6. names
  async (seed) => {
    for (const [name, options] of Object.entries({
      causal: {},
      open: { causal: false },
      "causal, first token": { pool: "first" },
    }))
      await record(`names ${name} seed=${seed}`, () => {
        const task = taggingTask({
          ...{ base, examples: nerSentences(300, { part: "train", seed }), heldOut: held },
          ...{ batchSize: 16, seed, length: 32, ...options },
        });
        const after = ({ model }) => ({
          f1Either: f1Of(model, held.filter(isEither)),
          f1Others: f1Of(
            model,
            held.filter((one) => !isEither(one)),
          ),
        });
        return train(task, { steps: 100, lr: 1e-3, after });
      });
  },

  // 8. augmentation
  async (seed) => {
    for (const [name, change] of Object.entries({
      "leaving out words": ({ text, label }, rng) => ({
        ...{ text: deleteWords(text, { rng, share: 0.2 }), label },
      }),
      "typing mistakes": ({ text, label }, rng) => ({
        ...{ text: addTypos(text, { rng, share: 0.05 }), label },
      }),
    }))
      await spam(`augmentation ${name} n=30 seed=${seed}`, 30, seed, { change });
  },

  // 9. party: some presidents of each party are held out, or some passages of each party
  async (seed) => {
    for (const by of ["president", "passage"]) {
      const { examples, heldOut } = partySplit(by, seed);
      await record(`party of both, by ${by} seed=${seed}`, () =>
        train(
          classificationTask({
            ...{ base, batchSize: 16, seed, pool: "mean", examples, heldOut },
          }),
        ),
      );
      await record(`party words, by ${by} seed=${seed}`, () => ({
        accuracy: wordsAccuracy(examples, heldOut, "Republican", 2),
      }));
    }
  },

  // 10. questions to a service
  async (seed) => {
    for (const start of ["pretrained", "random", "pretrained, higher rate"])
      await record(`intents ${start} seed=${seed}`, async () => {
        const own = start === "random" ? fresh(seed) : base;
        const task = classificationTask({
          ...{ base: own, examples: serviceQuestions(100, { part: "train", seed }), seed },
          heldOut: serviceQuestions(200, { part: "held out", seed: 9 }),
          ...{ batchSize: 16, length: 32, pool: "mean" },
        });
        const result = await train(task, { lr: start === "pretrained" ? 3e-4 : 1e-3 });
        if (own !== base) disposeParams(own.params);
        return result;
      });
  },

  // 2. continued pretraining
  async (seed) => {
    await record(`domain n=100 seed=${seed}`, async () => {
      const text = pool
        .slice(0, 1000)
        .map(({ text }) => text)
        .join("\n\n");
      const more = continuedPretrainingTask({ base, text, seed, batchSize: 16, length: 64 });
      const trainer = new Trainer({ task: more, settings: settings(100, 1e-3) });
      await trainer.run();
      const own = { ...base, params: cloneParams(more.params) };
      trainer.dispose();
      const domain = base.tokenizer.encodeText(heldOut.map(({ text }) => text).join("\n\n"));
      const losses = {
        ownTextBefore: languageLoss(base.params, base.config, ownText),
        ownTextAfter: languageLoss(own.params, base.config, ownText),
        domainBefore: languageLoss(base.params, base.config, domain),
        domainAfter: languageLoss(own.params, base.config, domain),
      };
      const examples = drawPerLabel(pool, 100, new Random(seed));
      const shared = { batchSize: 16, seed, pool: "mean" };
      const result = await train(classificationTask({ base: own, examples, heldOut, ...shared }));
      disposeParams(own.params);
      return { ...result, ...losses };
    });
  },

  // 11. counted words on the tokens that the model reads
  async (seed) => {
    for (const labels of [100, 30, 1000, 10])
      await counted(labels, seed, "spam words, 64 tokens", firstTokens(64));
  },

  // 13. the last place, where every row is padded
  async (seed) => {
    const cut = firstCharacters(100);
    for (const [name, options] of Object.entries({
      last: { pool: "last" },
      "end, mask": { pool: "end" },
      "end, no mask": { pool: "end", mask: false },
    })) {
      const row = { length: 96, ...options };
      await spam(`short ${name} seed=${seed}`, 100, seed, row, { cut, after: padded(cut, 96) });
    }
  },

  // 13, control: how many tokens the 100 characters have, by logistic regression
  (seed) =>
    record(`short number of tokens seed=${seed}`, () => {
      const table = (some) => ({
        features: some
          .map(firstCharacters(100))
          .map(({ text }) => [base.tokenizer.encode(text).length / 20 - 3]),
        labels: some.map(({ label }) => (label === "spam" ? 1 : 0)),
      });
      const examples = drawPerLabel(pool, 100, new Random(seed));
      return { accuracy: probeAccuracy(table(examples), table(heldOut)) };
    }),

  // 14. the last token, read in a model that has not learnt to say what comes next
  async (seed) => {
    const own = fresh(seed);
    const rate = { lr: 1e-3 };
    await spam(`table last, random seed=${seed}`, 100, seed, { pool: "last" }, { own, ...rate });
    disposeParams(own.params);
    await spam(`table last, higher rate seed=${seed}`, 100, seed, { pool: "last" }, rate);
  },

  // 12. the model on nearly the whole mail
  (seed) => spam(`spam pretrained, 128 tokens n=100 seed=${seed}`, 100, seed, { length: 128 }),

  // 12. the same with 1,000 labels
  (seed) => {
    const options = { length: 128 };
    const key = `spam pretrained, 128 tokens n=1000 seed=${seed}`;
    return spam(key, 1000, seed, options, { steps: 100 });
  },
];

// A claim's runs come together, so that claims are whole when the command is stopped.
for (const part of parts) for (const seed of seeds) await part(seed);
