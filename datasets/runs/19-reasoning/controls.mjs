// Controls of the recorded runs of lesson 19 (reasoning), asked for by somebody who read the lesson
// after record.mjs had been run (docs/log/2026-11-28-readings.md). To make them again, in about a
// quarter of an hour of CPU time on the native engine:
//
//     npm run build && node datasets/runs/19-reasoning/controls.mjs
//
// Written down and committed before anything of this was run, but for a pilot of the start of claim 16,
// and for claim 15 in seed 1 of another chain model (trained with one thread: 0.62 for one answer, 0.44
// for best-of-16 by the verifier, 0.40 by random scores, and so as claimed).
// The numbers go on from those of record.mjs, and an interval is the same.
// 12. Control of claim 1. With three times as many steps (2,100), in which the direct model learns from
//     more characters than the chain model ever has (2,100 · 2 against at most 360 · 9 for each text of
//     a batch), it is still right on at most 0.2 of the sums, greedily, in every seed. The run with ten
//     times as many steps (seed 1 only) is recorded without a claim.
// 13. The chain is what a model of this size learns, and not only what three chosen seeds learnt: of
//     seven further seeds, at least six reach the limit of the held-out loss within 700 steps. (Seen
//     before: seed 9 does not, from a pilot; it counts among the seven.)
// 14. Control of claim 11: quality, and not number. With as many of the teacher's traces as the student has
//     right ones of its own, the student of the teacher ("taught few") is right at least 0.05 more often
//     than that of its own right traces, in the mean of the seeds. Control: with the teacher's traces of
//     exactly those sums that the student answered rightly ("taught same"), nearly the same texts as its
//     own, the mean advantage is below 0.05.
// 15. Why the verifier's line falls. (a) Its scores do tell right chains from wrong ones: in every seed the
//     mean score of right answers is higher than that of wrong answers to the same sum. (b) A right
//     answer to a sum is one text, wrong ones are many: scores drawn at random for each text, without
//     any verifier, make best-of-16 worse than one answer, too, in every seed. (c) The verifier's
//     best-of-16 is better than that of random scores, in every seed. If (b) fails, the reason that the
//     page gives is wrong.
// 16. Control of claim 7, where pass@16 has room: from a start whose chains end earlier, at a held-out
//     loss of 0.5, and counting only answers whose every step is right, the gain in one answer is still
//     larger than the gain in pass@16, in every seed. (Seen before, seed 4 of the pilot: this start has
//     0.05 in one answer and 0.44 in pass@16. Counting any right end, a guess has 0.81 in pass@16.)
// 17. Clip-higher: with two epochs and as many steps, but the usual limits (0.2 and 0.2), the mean gain
//     is within 0.03 of that of "clip higher": the steps make the difference, and not the limit.
// 18. Added when "taught same" had been measured, which is 0.05 to 0.16 better than "own" though it learns
//     from the same sums, and committed before its run: it is the chains that end right by luck, with a
//     wrong step (1 to 5 % of the student's right traces). Without them ("own clean"), the student of its
//     own right traces is within 0.03 of "taught same", in every seed.

import { createRequire } from "node:module";
import {
  asExamples, disposeParams, grpo, held, isNeeded, kept, ks, mean, measured, note, numbers, Q, R,
  rounded, seeds, startOf, teacherOf, tracesOf,
} from "./common.mjs";

const require = createRequire(import.meta.url);
const { Random } = require("llm/random");

const { each } = numbers;
const isRightChain = (sum, text) =>
  Q.firstWrongStep(`${sum.join("")}=`, Q.written(text.answer)) < 0 && text.stopped;

/** A direct model that learns for longer: claim 12. */
async function directLonger(run, seed, steps) {
  const options = { traces: "direct", seed, steps };
  const calculator = await Q.learnTraces(Q.initCalculator({ seed }), options);
  note({ run, seed, steps, val: rounded(calculator.val), ...(await measured(calculator)) });
  disposeParams(calculator.params);
}

/** How many steps a chain model takes: claim 13. */
async function chainSteps(seed) {
  const { steps, stopAt } = numbers;
  const chain = await Q.learnTraces(Q.initCalculator({ seed }), {
    ...{ traces: "chain", seed, steps, stopAt },
  });
  note({ run: "chain steps", seed, steps: chain.steps, val: rounded(chain.val) });
  disposeParams(chain.params);
}

/** Students of as many of the teacher's traces as there are right ones of the student's: claim 14. */
async function taught(run, seed) {
  const start = await startOf("chain", seed);
  const [own, written] = [
    await tracesOf(start, { count: numbers.traces, seed }),
    await tracesOf(await teacherOf(), { count: numbers.traces, seed }),
  ];
  const count = asExamples(own, true).length;
  const same = written.filter((_, i) => own[i].right[0]);
  const traces = asExamples(run === "taught same" ? same : written, false).slice(0, count);
  const after = await Q.learnTraces(start, {
    ...{ traces, seed, steps: numbers.traceSteps, maxLr: numbers.traceLr },
  });
  // of the student's own right traces: how many are the right chain, and not lucky
  const clean = own.filter(({ numbers, texts, right }) => right[0] && isRightChain(numbers, texts[0]));
  note({
    ...{ run, seed, traces: traces.length, ownClean: rounded(clean.length / count) },
    ...(await measured(after)),
  });
  disposeParams(after.params);
}

/** The student of its own traces whose every step is right: claim 18. */
async function ownClean(seed) {
  const start = await startOf("chain", seed);
  const own = await tracesOf(start, { count: numbers.traces, seed });
  const clean = own.filter(({ numbers, texts, right }) => right[0] && isRightChain(numbers, texts[0]));
  const traces = asExamples(clean, true);
  const after = await Q.learnTraces(start, {
    ...{ traces, seed, steps: numbers.traceSteps, maxLr: numbers.traceLr },
  });
  note({ run: "own clean", seed, traces: traces.length, ...(await measured(after)) });
  disposeParams(after.params);
}

/** What the verifier's scores say about right and wrong answers to the same sum: claim 15. */
async function verifierScores(seed) {
  const start = await startOf("chain", seed);
  const sums = Q.someSums(numbers.verifierSums, { seed: 300 + seed, part: "train" });
  const answered = await Q.answerSums(start, sums, {
    ...{ each: numbers.verifierEach, seed: 400 + seed },
  });
  const options = { pairs: Q.verifierPairs(answered), seed, steps: numbers.verifierSteps };
  const verifier = await Q.learnVerifier(start, options);
  const asked = await Q.answerSums(start, held, { each, seed: 11 });
  const scores = await verifier.score(asked.flatMap(({ texts }) => texts));
  verifier.dispose();
  const rows = asked.map(({ texts, right }, i) => ({
    right: right.map(Number),
    texts: texts.map(({ answer }) => Q.written(answer)),
    scores: scores.slice(i * each, (i + 1) * each),
  }));
  const bestBy = (scoresOf) =>
    ks.map((k) => rounded(mean(rows.map((row) => R.bestOfN(scoresOf(row), k, row.right)))));
  // one number for each text, drawn twenty times
  const draws = Array.from({ length: 20 }, (_, at) => {
    const rng = new Random(seed).fork("random scores", at);
    return bestBy(({ texts }) => {
      const byText = new Map(texts.map((text) => [text, rng.uniform()]));
      return texts.map((text) => byText.get(text));
    });
  });
  const both = rows.filter(({ right }) => right.includes(0) && right.includes(1));
  const of = ({ right, scores }, wanted) => scores.filter((_, i) => right[i] === wanted);
  const different = ({ right, texts }, wanted) =>
    new Set(texts.filter((_, i) => right[i] === wanted)).size;
  const overBoth = (f) => rounded(mean(both.map(f)));
  const spread = (list) => Math.sqrt(mean(list.map((x) => (x - mean(list)) ** 2)));
  note({
    ...{ run: "verifier scores", seed, best: bestBy(({ scores }) => scores) },
    randomScores: ks.map((_, i) => rounded(mean(draws.map((best) => best[i])))),
    ...{ sumsWithBoth: both.length, rightTexts: overBoth((row) => different(row, 1)) },
    wrongTexts: overBoth((row) => different(row, 0)),
    rightScore: overBoth((row) => mean(of(row, 1))),
    wrongScore: overBoth((row) => mean(of(row, 0))),
    highestRight: overBoth((row) => Math.max(...of(row, 1))),
    highestWrong: overBoth((row) => Math.max(...of(row, 0))),
    spreadOfWrong: overBoth((row) => spread(of(row, 0))),
    // of pairs of a right and a wrong answer to one sum, and of sums by their highest scores
    rightPreferred: overBoth((row) =>
      mean(of(row, 1).flatMap((a) => of(row, 0).map((b) => Number(a > b)))),
    ),
    wrongOnTop: overBoth((row) => Number(Math.max(...of(row, 0)) > Math.max(...of(row, 1)))),
  });
}

/** pass@k where only an answer with every step right counts. */
async function rightChains(calculator) {
  const answered = await Q.answerSums(calculator, held, { each, seed: 11 });
  const counts = answered.map(
    (one) => one.texts.filter((text) => isRightChain(one.numbers, text)).length,
  );
  return ks.map((k) => rounded(mean(counts.map((c) => R.passAtK(each, c, k)))));
}

/** GRPO from a weaker start: claim 16. */
async function weak(seed) {
  const { steps, mixedSteps, mixedLr: maxLr } = numbers;
  const stopAt = 0.5;
  const start = await kept(`weak-${seed}`, async () => {
    const chain = await Q.learnTraces(Q.initCalculator({ seed }), {
      ...{ traces: "chain", seed, steps, stopAt },
    });
    return Q.learnTraces(chain, { traces: "mixed", seed, steps: mixedSteps, maxLr });
  });
  const before = await rightChains(start);
  note({ run: "weak", seed, stopAt, rightChains: before, ...(await measured(start)) });
  const passes = {};
  const result = await grpo(start, { seed }, async (after) => {
    passes.rightChains = await rightChains(after);
  });
  note({ run: "weak grpo", seed, ...passes, ...result });
}

const clip = { low: 0.2, high: 0.2 };
const twoEpochs = { epochs: 2, steps: 2 * numbers.grpoSteps, clip };
const controls = {
  "verifier scores": verifierScores,
  "taught few": (seed) => taught("taught few", seed),
  "taught same": (seed) => taught("taught same", seed),
  "own clean": ownClean,
  "direct 2100": (seed) => directLonger("direct 2100", seed, 2100),
  "weak grpo": weak,
  "two epochs": async (seed) => {
    const start = await startOf("mixed", seed);
    note({ run: "two epochs", seed, ...(await grpo(start, { seed, ...twoEpochs })) });
  },
};
for (const [run, make] of Object.entries(controls))
  for (const seed of seeds) if (isNeeded(run, seed)) await make(seed);
for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  if (isNeeded("chain steps", seed)) await chainSteps(seed);
if (isNeeded("direct 7000", 1)) await directLonger("direct 7000", 1, 7000);
console.log("all controls are recorded");
