// How the recorded runs of lesson 16 (instruction tuning) were made. To make them again, in about
// half an hour of CPU time on the native engine:
//
//     npm run build && node datasets/runs/16-instruction-tuning/record.mjs
//
// With three seeds each (packing: one; they decide the examples, their order and the questions), the
// base model is asked, is taught instructions, and is asked again; then the same with answers that
// have changed places, with a loss on everything, and with one conversation per row. Questions are
// at three distances from training: new questions of the trained kinds, three kinds in a language
// in which they were not trained, and three kinds that were not trained at all. One longer run,
// which sees conversations of several turns as well, becomes checkpoint.safetensors. One line of
// JSON per run is written to runs.jsonl beside this file as soon as the run has ended; started
// again, the command goes on with what is missing.
//
// Written down and committed before anything of this was run, after trial runs of one seed (other
// numbers of steps and kinds) from which the sizes were taken. They had 0.16 to 0.34 exact matches
// on new questions, 0 of 260 on new kinds, and 7 of 138 in the other language. "Exact" is the share
// of answers that are right to the letter; "chosen" the share of questions whose right answer is
// likelier than up to three answers to other questions of the same kind and language.
//  1. New questions: exact is higher after tuning than that of the base model with four solved
//     examples before each question, as plain text, by at least 0.15 in every seed.
//  2. It is the answers that teach: exact on new questions is lower by at least 0.1 where the answers
//     have changed places within their kind and language, in every seed.
//  3. Other language: exact is at most 0.15 in every seed, although the model reads both languages.
//  4. New kinds: exact is at most 0.05 in every seed. (Wei et al., 2022, found that tuning did not
//     help models of up to 8 billion parameters with new tasks.)
//  5. New kinds: chosen is higher than that of the base model and than with changed places, each by
//     at least 0.05, in every seed.
//  6. The loss mask helps: exact on new questions is higher than with a loss on everything, in every
//     seed.
//  7. Packing is free, one run: exact on new questions differs by at most 0.1 from one conversation
//     per row with as many conversations per step, and the training takes at least 1.3 times less CPU
//     time.
//  8. Several turns, one run: follow-up questions are answered exactly at least 0.3 more often with
//     the turn before them than alone, and than after the turn of another conversation.
//
// Written down and committed on 28 November, before the runs that they are about, when readers had
// found that the first longer run was trained in Chinese on what it was to be asked in Chinese for the
// first time (its line is kept as the run "leak"; commit a101a18 has the command that made it), that a
// loss on everything gives the answers a sixth of the loss, and that "chosen" in `reverse` can be won
// by preferring the words of the question:
//  9. The longer run, whose conversations now keep to the languages of the study and whose follow-ups
//     ask for no number that is held out, does no better at the larger distances than claims 3 and 4
//     say: at most 0.15 exact in the other language, at most 0.05 in new kinds. Claim 8 is measured
//     again in this run, with 240 follow-ups in place of 80, and the threshold stays.
// 10. It is not the learning rate: at twice the rate, a loss on everything stays below the tuned
//     model (exact on new questions) in every seed.
// 11. It is not only the beginning: with twice as many steps for both, the tuned model is above a
//     loss on everything in every seed. (Reported beside it, without a threshold: a loss on everything
//     with twice as many steps against the tuned model with the usual number.)
// 12. Nothing of "reverse" carries over: with the same words in up to three other orders as wrong
//     answers, the tuned model of claim 11 finds the right order likeliest at most 0.1 more often than
//     luck, in 60 new questions, in every seed.

import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { loadBaseModel } = require("llm/baseModel");
const { saveCheckpoint } = require("llm/checkpoint");
const { useEngine } = require("llm/engine");
const { sampleBatch } = require("llm/inference");
const N = require("llm/instruct");
const I = require("llm/instructions");
const { disposeParams } = require("llm/params");
const { Random } = require("llm/random");

const numbers = {
  ...{ train: 6000, each: 4, steps: 100, batchSize: 12, length: 128, maxLr: 2e-3 },
  ...{ longSteps: 260, dialogues: 2000, followUps: 240, others: 3, shots: 4 },
  // The controls of claims 10 to 12.
  ...{ fasterLr: 4e-3, longerSteps: 200, orders: 30 },
};
const folder = fileURLToPath(new URL(".", import.meta.url));
const path = `${folder}runs.jsonl`;
const done = existsSync(path)
  ? readFileSync(path, "utf8").trim().split("\n").filter(Boolean).map((line) => JSON.parse(line))
  : [];
const isDone = (run, seed) => done.some((one) => one.run === run && one.seed === seed);
const rounded = (x, digits = 3) => Number(x.toFixed(digits));

const { description } = await useEngine({ quiet: true });
const machine = `${platform()} ${arch()}, ${cpus()[0].model}, ${description}, Node ${process.version}`;
let since = process.cpuUsage();
/** CPU seconds since the last call. */
function lap() {
  const { user, system } = process.cpuUsage(since);
  since = process.cpuUsage();
  return Math.round((user + system) / 1e6);
}
function note(line) {
  done.push(line);
  appendFileSync(path, `${JSON.stringify(line)}\n`);
  console.log(JSON.stringify(line).slice(0, 300));
}
// A second line says when the controls were added, with what numbers.
if (!done.some(({ run, longerSteps }) => run === "about" && longerSteps === numbers.longerSteps))
  note({ run: "about", made: new Date().toISOString().slice(0, 10), machine, ...numbers });
const base = loadBaseModel();

/** Exact matches, choices and a few answers at each distance. */
async function measured(model, tests, { exact, choose = true } = {}) {
  const scores = {};
  for (const distance of N.distances) {
    const examples = tests[distance];
    const answers = await (exact ?? N.answerAll)(model, examples, { maxNewTokens: 36 });
    const byKind = {};
    for (const [i, example] of examples.entries()) {
      byKind[example.kind] ??= { right: 0, asked: 0 };
      byKind[example.kind].asked++;
      if (I.isRightAnswer(example, answers[i])) byKind[example.kind].right++;
    }
    const { others } = numbers;
    const chosen = choose ? await N.likelihoodByKind(model, examples, { others }) : [];
    const sum = (list, key) => list.reduce((total, one) => total + one[key], 0);
    scores[distance] = {
      exact: rounded(sum(Object.values(byKind), "right") / examples.length),
      ...(choose && {
        chosen: rounded(sum(chosen, "right") / sum(chosen, "asked")),
        byLuck: rounded(sum(chosen, "byLuck") / sum(chosen, "asked")),
      }),
      byKind: Object.fromEntries(
        Object.entries(byKind).map(([kind, { right, asked }]) => [kind, [right, asked]]),
      ),
      chosenByKind: chosen.map(({ kind, language, right, asked, byLuck }) => [
        ...[`${kind} ${language}`, right, asked, rounded(byLuck, 1)],
      ]),
      samples: examples
        .map(({ kind, instruction, input, output }, i) => ({
          ...{ kind, question: `${instruction}\n${input}`, right: output, answer: answers[i] },
        }))
        .filter((_, i) => i % Math.ceil(examples.length / 20) === 0),
    };
  }
  return scores;
}

/** Of "reverse": how often the right order is the likeliest, among others of the same words. */
async function measuredOrders(model, seed) {
  const examples = ["en", "zh"].flatMap((language) =>
    I.drawInstructions(numbers.orders, {
      ...{ kinds: ["reverse"], languages: [language] },
      rng: new Random(seed).fork("orders", language),
    }),
  );
  const { others } = numbers;
  const scores = await N.likelihoodByKind(model, examples, { others, wrong: N.otherOrders });
  return scores.map(({ language, right, asked, byLuck }) => [
    ...[language, right, asked, rounded(byLuck, 1)],
  ]);
}

/** The base model's answers after solved examples of the kind, all as plain text. */
const fewShot = (train, seed, cuts) => async (model, questions, { onlyCount = false } = {}) => {
  const { tokenizer, params, config } = model;
  const one = (example, output) => `${I.questionText(example)} = ${output}`;
  const answers = [];
  for (let at = 0; at < questions.length; at += 64) {
    const some = questions.slice(at, at + 64);
    const prompts = some.map((question, i) => {
      // A new kind has no examples in training: those of its test set, but never the question.
      const found = [...train, ...questions].filter(
        ({ kind, language, instruction, input }) =>
          kind === question.kind &&
          language === question.language &&
          `${instruction}\n${input}` !== I.questionKey(question),
      );
      const shots = new Random(seed).fork(at + i).shuffle(found).slice(0, numbers.shots);
      const text = [...shots.map((shot) => one(shot, shot.output)), one(question, "")].join("\n");
      const ids = [...tokenizer.encode(text.trimEnd())];
      cuts.asked++;
      if (ids.length > config.blockSize - 40) cuts.cut++;
      return ids.slice(-(config.blockSize - 40));
    });
    if (onlyCount) continue;
    const texts = await sampleBatch(params, config, prompts, {
      ...{ maxNewTokens: 36, temperature: 0, stopIds: [0] },
      rngs: prompts.map((_, i) => new Random(seed).fork(i)),
    });
    for (const [i, { ids }] of texts.entries())
      answers.push(tokenizer.decode(ids.slice(prompts[i].length)).split(/\n|<\|/)[0]);
  }
  return answers;
};

/** The base model, as it is and after solved examples. */
async function recordBase(seed) {
  const { train, tests } = N.studyData({ ...numbers, seed });
  const plain = await measured(base, tests);
  const exact = fewShot(train, seed, { asked: 0, cut: 0 });
  const shots = await measured(base, tests, { exact, choose: false });
  note({ run: "base", seed, ...plain, fewShot: shots, cpuSeconds: lap() });
}

/** What was not asked of the base model at first: the orders of words, and the prompts cut short. */
async function recordBaseMore(seed) {
  const { train, tests } = N.studyData({ ...numbers, seed });
  const byDistance = {};
  for (const distance of N.distances) {
    const cuts = { asked: 0, cut: 0 };
    await fewShot(train, seed, cuts)(base, tests[distance], { onlyCount: true });
    byDistance[distance] = [cuts.cut, cuts.asked];
  }
  note({ run: "baseMore", seed, cuts: byDistance, orders: await measuredOrders(base, seed) });
}

const rows = { batchSize: numbers.batchSize, length: numbers.length };
const conditions = {
  tuned: (train) => ({ examples: train, ...rows }),
  shuffled: (train, seed) => ({
    ...{ examples: I.withShuffledAnswers(train, new Random(seed).fork("shuffled")), ...rows },
  }),
  everything: (train) => ({ examples: train, ...rows, everything: true }),
  everythingFaster: (train) => ({
    ...{ examples: train, ...rows, everything: true, maxLr: numbers.fasterLr },
  }),
  everythingLonger: (train) => ({
    ...{ examples: train, ...rows, everything: true, steps: numbers.longerSteps },
  }),
  tunedLonger: (train) => ({ examples: train, ...rows, steps: numbers.longerSteps }),
  unpacked: (train) => {
    const conversations = train.map((one) => N.chatIds(I.toMessages(one), base.tokenizer));
    return { examples: train, packed: false, ...N.unpackedRows(conversations, rows) };
  },
};

/** One training, and what the model answers after it. */
async function recordTuned(run, seed) {
  const { train, tests } = N.studyData({ ...numbers, seed });
  const options = conditions[run](train, seed);
  const { steps, maxLr } = numbers;
  const curve = [];
  const model = await N.learnInstructions(base, {
    ...{ steps, maxLr, ...options, heldOut: tests["new questions"], seed },
    onEval: (step, loss) => curve.push([step, rounded(loss)]),
  });
  const trainSeconds = lap();
  const scores = await measured(model, tests);
  const orders = run.endsWith("Longer") ? { orders: await measuredOrders(model, seed) } : {};
  const { batchSize, length } = options;
  const line = { run, seed, batchSize, length, curve, ...scores, ...orders };
  note({ ...line, trainSeconds, cpuSeconds: lap() });
  disposeParams(model.params);
}

/** Conversations that end with a follow-up question, its right answer, and what sort it is. */
function followUps(rng, count) {
  const sorts = new Map(
    I.followUps.flatMap(({ asks, kind }) =>
      Object.entries(asks).flatMap(([language, texts]) =>
        texts.map((text) => [text, `${kind ? "in words" : "one more"} ${language}`]),
      ),
    ),
  );
  const found = [];
  while (found.length < count) {
    const kind = ["larger", "words-to-number"][found.length % 2];
    const messages = I.drawDialogue({ kinds: [kind], part: "held out", rng });
    const sort = sorts.get(messages[2].content);
    if (!sort) continue;
    // 2 messages before, the question, the answer.
    const [before, ask] = [messages.slice(0, 2), messages[2]];
    found.push({ before, ask, right: messages[3].content, sort: `${sort} after ${kind}` });
  }
  return found;
}

/** The longer run that is kept. */
async function recordLong() {
  const { longSteps: steps, batchSize, length, maxLr } = numbers;
  const { train, tests } = N.studyData({ ...numbers, seed: 1 });
  const rng = new Random(1);
  // Some of three turns do not fit into a row.
  const fits = (messages) => N.chatIds(messages, base.tokenizer).ids.length <= length;
  const dialogues = N.studyDialogues({ count: numbers.dialogues, seed: 1, fits });
  // What this run was recorded again for: nothing that is kept for the test is trained.
  const kept = [...tests["other language"], ...tests["new kinds"]];
  const leaks = I.leakedKinds([...train.map(I.toMessages), ...dialogues], kept);
  if (leaks.length > 0) throw new Error(`record: expected no leak, got ${JSON.stringify(leaks)}`);
  const curve = [];
  const model = await N.learnInstructions(base, {
    ...{ examples: train, dialogues, heldOut: tests["new questions"] },
    ...{ steps, seed: 1, batchSize, length, maxLr },
    onEval: (step, loss) => curve.push([step, rounded(loss)]),
  });
  const trainSeconds = lap();
  const scores = await measured(model, tests);
  const asked = followUps(rng.fork("follow-ups"), numbers.followUps);
  const byKind = {};
  const shareOf = async (before, count) => {
    const answers = await N.answerDialogues(
      model,
      asked.map(({ ask }, i) => [...before(i), ask]),
    );
    const right = asked.map((one, i) => answers[i] === one.right);
    for (const [i, { sort }] of count ? asked.entries() : []) {
      byKind[sort] ??= [0, 0];
      byKind[sort][0] += right[i] ? 1 : 0;
      byKind[sort][1]++;
    }
    return rounded(right.filter(Boolean).length / asked.length);
  };
  const after = {
    own: await shareOf((i) => asked[i].before, true),
    none: await shareOf(() => []),
    other: await shareOf((i) => asked[(i + 7) % asked.length].before),
    byKind,
  };
  const orders = await measuredOrders(model, 1);
  const { config, tokenizer } = model;
  const about = { kind: "gpt", model: config, tokenizer: tokenizer.toJSON(), step: steps };
  const tensors = { params: model.params, optimizer: {}, task: {} };
  await saveCheckpoint(folder, tensors, about, { type: "F16" });
  rmSync(`${folder}checkpoint.previous.safetensors`, { force: true });
  note({
    ...{ run: "long", seed: 1, batchSize, length, curve, ...scores, followUps: after, orders },
    ...{ trainSeconds, cpuSeconds: lap() },
  });
}

const order = [
  ...[["tuned", 1], ["long", 1], ["base", 1], ["shuffled", 1], ["everything", 1]],
  ...[2, 3].flatMap((seed) =>
    ["tuned", "shuffled", "base", "everything"].map((run) => [run, seed]),
  ),
  ["unpacked", 1],
  ...[1, 2, 3].flatMap((seed) => ["everythingFaster", "baseMore"].map((run) => [run, seed])),
  ...[1, 2, 3].flatMap((seed) => ["everythingLonger", "tunedLonger"].map((run) => [run, seed])),
];
for (const [run, seed] of order) {
  if (isDone(run, seed)) continue;
  lap();
  if (run === "baseMore") await recordBaseMore(seed);
  else if (run === "base") await recordBase(seed);
  else if (run === "long") await recordLong();
  else await recordTuned(run, seed);
}
disposeParams(base.params);
console.log("all runs are recorded");
