// Records the runs of lesson 17 (light fine-tuning) on the base model: thresholds.md, written
// before them, says what is claimed.
//
//     npm run build && node datasets/runs/17-light-fine-tuning/record.mjs
//
// About 40 minutes of CPU time on the native engine. One line in runs.jsonl for each run, written
// when it is done; runs that are there are left out, so the command can be stopped and started again.
// smol.mjs beside this file records those of SmolLM2.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { answerTask } = require("llm/answers");
const { loadBaseModel } = require("llm/baseModel");
const { useEngine } = require("llm/engine");
const { isRightAnswer } = require("llm/instructions");
const { cloneParams, countParams, disposeParams } = require("llm/params");
const peft = require("llm/peft");
const { Random } = require("llm/random");
const { Trainer } = require("llm/train");

const file = fileURLToPath(new URL("runs.jsonl", import.meta.url));
const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
const written = lines.filter((line) => line !== "").map((line) => JSON.parse(line));
const done = new Map(written.map((line) => [line.key, line]));
const { description: engine } = await useEngine({ quiet: true });
const base = loadBaseModel();
const { config, tokenizer } = base;

const used = (since) => {
  const { user, system } = process.cpuUsage(since);
  return Math.round((user + system) / 1e4) / 100;
};

/** One run, unless it is there: what `work` returns, with its key and its CPU time. */
async function record(key, work) {
  if (done.has(key)) return;
  const start = process.cpuUsage();
  const result = await work();
  const about = { date: new Date().toISOString().slice(0, 10), cpu: cpus()[0].model, engine };
  const line = { key, ...result, seconds: used(start), ...about };
  done.set(key, line);
  appendFileSync(file, `${JSON.stringify(line)}\n`);
  console.log(key, JSON.stringify({ ...result, answers: undefined }).slice(0, 300), line.seconds);
}

const kinds = ["feeling", "fill-code", "count", "number-to-words", "words-to-number"];
const skills = { A: ["feeling", "fill-code"], B: ["count", "number-to-words"] };
const shape = { batchSize: 16, length: 40, answerLength: 6 };
const forms = {
  chat: peft.baseForm, // special tokens that pretraining has never read
  read: { user: "<|endoftext|>", assistant: "\n= ", end: "<|endoftext|>" },
  // "=" was never read either; nor "+", while " +" was. Here the space belongs to the answer.
  space: { user: "<|endoftext|>", assistant: "\n—", end: "<|endoftext|>", before: " " },
};
/** The ids of a question and its answer in one of the forms. */
const idsOf = (example, form) => {
  const output = (forms[form].before ?? "") + example.output;
  return peft.chatIds({ ...example, output }, tokenizer, forms[form]);
};
const dataOf = (seed, some = kinds) =>
  peft.skillData({ kinds: some, train: 400 * some.length, heldOut: 160 }, new Random(seed));

/**
 * The answers of a model to questions, the share that is right, and the share in their form: among
 * the answers that the training set has for their kind and language. (Lines of 27 November also
 * count those of the held-out questions as formed.)
 */
async function scored(params, questions, { form, train }) {
  const texts = questions.map((question) => idsOf(question, form));
  const end = tokenizer.encode(forms[form].end);
  const ids = await peft.writeAnswers(
    params,
    config,
    texts.map(({ prompt }) => prompt),
    { maxNewTokens: shape.answerLength, stopIds: end },
  );
  const answers = ids.map((own) => tokenizer.decode(own).trim());
  const known = new Set(train.map((e) => `${e.kind} ${e.language} ${e.output}`));
  const share = (is) => Math.round((1000 * answers.filter(is).length) / answers.length) / 1000;
  const byKind = Object.fromEntries(
    [...new Set(questions.map(({ kind }) => kind))].map((kind) => {
      const own = questions.flatMap((question, i) => (question.kind === kind ? [i] : []));
      const right = own.filter((i) => isRightAnswer(questions[i], answers[i]));
      return [kind, Math.round((1000 * right.length) / own.length) / 1000];
    }),
  );
  return {
    score: share((answer, i) => isRightAnswer(questions[i], answer)),
    formed: share((a, i) => known.has(`${questions[i].kind} ${questions[i].language} ${a}`)),
    byKind,
    answers: questions.slice(0, 10).map((e, i) => [e.input, e.output, answers[i]]),
  };
}

/** The score of the answer that is commonest in training for each kind and language. */
function constantScore(train, heldOut) {
  const counts = new Map();
  for (const { kind, language, output } of train) {
    const own = counts.get(`${kind} ${language}`) ?? new Map();
    counts.set(`${kind} ${language}`, own.set(output, (own.get(output) ?? 0) + 1));
  }
  const best = ({ kind, language }) =>
    [...counts.get(`${kind} ${language}`)].sort((a, b) => b[1] - a[1])[0][0];
  const right = heldOut.filter((question) => isRightAnswer(question, best(question)));
  return Math.round((1000 * right.length) / heldOut.length) / 1000;
}

/** What is trained, by the name of the method. */
const methods = {
  full: () => ({ params: cloneParams(base.params) }),
  lora: ({ seed, r = 8, targets }) =>
    peft.initLora(base.params, { r, targets }, { seed: 100 + seed }),
  adapters: ({ seed }) => peft.initAdapters(config, { width: 37 }, { seed: 100 + seed }),
  prefix: ({ train, form }) => {
    const text = train.slice(0, 4).flatMap((example) => {
      const { prompt, answer } = idsOf(example, form);
      return [...prompt, ...answer];
    });
    return peft.initPrefix(base.params, config, { ids: text.slice(0, 16) });
  },
  embeddings: () => ({ params: {} }), // with `embeddings: true`, these alone
};
const EMBEDDING = "model.embed_tokens.weight";

/** Trains one method; returns figures and what was trained, which the caller frees. */
async function train(method, options) {
  const { seed, data, form = "read", steps = 200, lr, embeddings = false } = options;
  const addition = methods[method]({ ...options, train: data.train, form });
  const trained = { ...addition.params };
  if (embeddings)
    trained[EMBEDDING] = cloneParams({ [EMBEDDING]: base.params[EMBEDDING] })[EMBEDDING];
  const params = { ...base.params, ...trained, ...addition.constants };
  const examples = data.train.map((example) => idsOf(example, form));
  const task = answerTask({
    ...{ model: { params, config, tokenizer }, trained, ...shape, seed },
    draw: (rng) => examples[rng.integer(examples.length)],
    heldOut: data.heldOut.map((example) => idsOf(example, form)),
  });
  const settings = { steps, maxLr: lr, minLr: lr / 10, warmupSteps: 10, seed, evalEvery: steps };
  const trainer = new Trainer({ task, settings });
  try {
    await trainer.run({ steps: 20 }); // what is compiled is compiled here
    const since = process.cpuUsage();
    await trainer.run({ steps: steps - 30 });
    const stepSeconds = Math.round((1e4 * used(since)) / (steps - 30)) / 1e4;
    const { metrics, history } = await trainer.run();
    const losses = history.steps.map(({ loss }) => loss);
    const curve = losses.flatMap((_, i) => {
      if (i % 10 !== 9) return [];
      return [Math.round(100 * losses.slice(i - 9, i + 1).reduce((a, b) => a + b)) / 1000];
    });
    const figures = { method, form, lr, steps, trained: countParams(trained), stepSeconds };
    return { figures: { ...figures, val: metrics.val, curve }, params, addition, trained };
  } finally {
    trainer.dispose();
  }
}

function free({ addition, trained }) {
  disposeParams(trained);
  if (addition.constants) disposeParams(addition.constants);
}

const runOnce = (key, method, options) =>
  record(key, async () => {
    const run = await train(method, options);
    const { data, form = "read" } = options;
    const score = await scored(run.params, data.heldOut, { form, train: data.train });
    free(run);
    return { seed: options.seed, ...run.figures, ...score };
  });

/** What a merge of two skills needs: their data, a training of 100 steps, and scores by name. */
function merging(seed) {
  const parts = { A: dataOf(10 + seed, skills.A), B: dataOf(20 + seed, skills.B) };
  const scores = {};
  const both = async (name, params) => {
    const [A, B] = await Promise.all(
      ["A", "B"].map((part) =>
        scored(params, parts[part].heldOut, { form: "read", train: parts[part].train }),
      ),
    );
    scores[name] = { A: A.score, B: B.score };
  };
  const short = (part, from = seed) =>
    train("lora", { seed: from, data: parts[part], steps: 100, lr: chosen.lora });
  const combine = async (name, two, weights, method) => {
    const additions = two.map(({ addition }) => addition);
    const lora = peft.combineLoras(additions, weights, method);
    await both(name, peft.adapted(base.params, lora));
    peft.disposeAddition(lora);
  };
  return { scores, both, short, combine };
}

/** Two skills of one seed, alone and combined. */
async function recordMerge(seed) {
  await record(`merge seed=${seed}`, async () => {
    const { scores, both, short, combine } = merging(seed);
    const a = await short("A");
    const b = await short("B", seed + 50);
    const sameStart = await short("B");
    await both("start", base.params);
    await both("A", a.params);
    await both("B", b.params);
    await both("B, same A", sameStart.params);
    await combine("cat 1 1", [a, b], [1, 1], "cat");
    await combine("cat 0.5 0.5", [a, b], [0.5, 0.5], "cat");
    await combine("linear 1 1", [a, b], [1, 1], "linear");
    await combine("cat 1 1, same A", [a, sameStart], [1, 1], "cat");
    await combine("linear 1 1, same A", [a, sameStart], [1, 1], "linear");
    await combine("cat 1 1 −1", [a, b, a], [1, 1, -1], "cat"); // A taken out again
    for (const one of [a, b, sameStart]) free(one);
    return { seed, scores };
  });
}

/**
 * The pair that begins with the same A: "linear" with weights of one half, which is the sum if the
 * two copies of A stay the same, and twice the sum by "cat". How far the copies of A have moved:
 * the length of the change by that of the start, and the cosine of the two, means over the layers.
 */
async function recordSameA(seed) {
  await record(`same A seed=${seed}`, async () => {
    const { scores, both, short, combine } = merging(seed);
    const pair = [await short("A"), await short("B")];
    await both("A", pair[0].params);
    await both("B", pair[1].params);
    await combine("cat 1 1", pair, [1, 1], "cat");
    await combine("cat 2 2", pair, [2, 2], "cat");
    await combine("linear 1 1", pair, [1, 1], "linear");
    await combine("linear 0.5 0.5", pair, [0.5, 0.5], "linear");
    const start = methods.lora({ seed });
    const names = Object.keys(start.params).filter((name) => name.endsWith(".lora_A.weight"));
    const dot = (u, v) => u.reduce((sum, x, i) => sum + x * v[i], 0);
    const layers = names.map((name) => {
      const [from, one, two] = [start, ...pair.map(({ addition }) => addition)].map((lora) =>
        Array.from(lora.params[name].dataSync()),
      );
      const change = one.map((x, i) => x - from[i]);
      const moved = Math.sqrt(dot(change, change) / dot(from, from));
      return { moved, cosine: dot(one, two) / Math.sqrt(dot(one, one) * dot(two, two)) };
    });
    const mean = (of) =>
      Math.round((1e3 * layers.reduce((sum, layer) => sum + layer[of], 0)) / layers.length) / 1e3;
    peft.disposeAddition(start);
    for (const one of pair) free(one);
    return { seed, scores, moved: mean("moved"), cosine: mean("cosine") };
  });
}

// The LoRA that the lesson begins with: base-lora/, in PEFT's form with numbers of 16 bits. With the
// word "file" after the command, only this is made.
await record("file", async () => {
  const data = dataOf(1);
  const { figures, addition, trained } = await train("lora", { seed: 1, data, lr: 5e-3 });
  const folder = fileURLToPath(new URL("base-lora", import.meta.url));
  await peft.saveLora(folder, addition, { base: base.params, baseName: "base-gpt", type: "F16" });
  free({ addition, trained });
  return { seed: 1, val: figures.val };
});
if (process.argv[2] === "file") process.exit();

// The learning rate of each method, by seed 0.
const rates = {
  full: [1e-3, 2e-3],
  lora: [5e-3, 1e-2],
  adapters: [2e-3, 5e-3],
  prefix: [1e-2, 3e-2],
  embeddings: [5e-3, 1e-2],
};
const chosen = {};
const first = dataOf(0);
async function choose(method) {
  const key = (lr) => `rate ${method} ${lr}`;
  const embeddings = method === "embeddings";
  for (const lr of rates[method])
    await runOnce(key(lr), method, { seed: 0, data: first, lr, embeddings });
  const val = (lr) => done.get(key(lr)).val;
  chosen[method] = rates[method].reduce((a, b) => (val(b) < val(a) ? b : a));
}
for (const method of ["full", "lora", "adapters", "prefix"]) await choose(method);

// The runs of each seed, by their name: those on which most depends come first.
const runs = {
  full: {},
  lora: {},
  "lora embeddings": { embeddings: true }, // claims 2b and 2c
  "full chat": { form: "chat" },
  "lora chat": { form: "chat" },
  "lora chat embeddings": { form: "chat", embeddings: true },
  "lora shuffled": {},
  "lora qv": { targets: ["q_proj", "v_proj"] },
  prefix: {},
  adapters: {},
  "lora r=1": { r: 1 },
  merge: {},
  "lora r=32": { r: 32 },
  // from here on: claims 15 to 17, 2d, 8 (counted as it says) and 2e
  "lora space": { form: "space" },
  "same A": {},
  "full space": { form: "space" },
  "lora shuffled again": {},
  embeddings: { embeddings: true },
};
const seeds = [1, 2, 3];
const bySeed = new Map(seeds.map((seed) => [seed, dataOf(seed)]));
for (const seed of seeds)
  await record(`start seed=${seed}`, async () => {
    const { train, heldOut } = bySeed.get(seed);
    const constant = constantScore(train, heldOut);
    return { seed, constant, ...(await scored(base.params, heldOut, { form: "read", train })) };
  });
for (const [name, options] of Object.entries(runs))
  for (const seed of seeds) {
    const [method] = name.split(" ");
    let data = bySeed.get(seed);
    if (method in rates && !chosen[method]) await choose(method);
    if (name === "merge") await recordMerge(seed);
    else if (name === "same A") await recordSameA(seed);
    else {
      if (name.startsWith("lora shuffled")) {
        const rng = new Random(seed).fork("shuffled");
        data = { ...data, train: peft.withShuffledAnswers(data.train, rng) };
      }
      await runOnce(`${name} seed=${seed}`, method, { seed, data, lr: chosen[method], ...options });
    }
  }
disposeParams(base.params);
console.log("all runs are recorded", chosen);
