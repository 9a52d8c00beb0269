// Controls of the recorded runs of lesson 18 (RLHF), asked for by somebody who read the lesson after
// record.mjs had been run. To make them again, in about 15 minutes of CPU time on the native engine:
//
//     npm run build && node datasets/runs/18-rlhf/controls.mjs
//
// Written down and committed before anything of this was run:
//  7. Control of claim 2. Paid by the true reward itself, in the place of the reward model, PPO without
//     a penalty does not over-optimise: the true reward of the last five rollouts is at most 0.25 below
//     its highest mean over five rollouts, in every seed. If it falls here as well, PPO is to blame and
//     not the reward model.
//  8. Control of claim 5. In seeds 1 and 3, where claim 5 held, it is the over-optimised policy's reviews
//     that help, and not just more pairs or another draw of the reward model: with 256 further pairs of
//     the start's reviews instead, the true reward of the last five rollouts is at least 0.5 lower than
//     in the run "second".
//  9. Control of claim 6. DPO does more than learn the preferred texts: its true reward is at least 0.3
//     above that of supervised learning of the chosen texts alone, with as many steps, the same batches'
//     size and the same learning rate, in every seed.
// 10. What breaks DPO's texts: the mean log-probability of the held-out chosen reviews falls, and not
//     only that of the rejected ones, in every seed (likelihood displacement; Razin et al., 2024). The
//     runs "dpo" are made once more for this; their true reward must be the one that was recorded.

import { createRequire } from "node:module";
import {
  isAsked, isDone, mean, note, numbers, ppo, R, rounded, rows, seeds, shown, start, tokenizer, Trainer,
  truth,
} from "./common.mjs";

const require = createRequire(import.meta.url);
const { answerTask } = require("llm/answers");
const { disposeParams } = require("llm/params");

/** PPO without a penalty, as one line of the file. */
async function record(run, seed, reward, more = {}) {
  const { curve, samples, trainer } = await ppo(reward, { seed, beta: 0 });
  trainer.dispose();
  note({ run, seed, beta: 0, ...more, curve, samples });
}

/** Supervised learning of the chosen texts: claim 9. */
async function learnChosen(seed, { pairs, heldOut }) {
  const { dpoSteps: steps, dpoLr: maxLr } = numbers;
  const { length, maxNewTokens: answerLength } = R.review;
  const textOf = ({ prompt, chosen }) => ({ prompt, answer: chosen });
  const task = answerTask({
    ...{ model: start, heldOut: heldOut.map(textOf), batchSize: 16, length, answerLength, seed },
    draw: (rng) => textOf(pairs[rng.integer(pairs.length)]),
  });
  const settings = { steps, maxLr, warmupSteps: 8, seed, evalEvery: steps };
  const trainer = new Trainer({ task, settings });
  await trainer.run();
  const reviewer = { ...start, params: task.params };
  const after = await R.writeReviews(reviewer, { prompts: 256, each: 1, seed: 2000 + seed, rows });
  const reader = new R.TextReader(start.params, start.config, { rows, length });
  const kl = mean(R.textKL(after.texts, await reader.logProbs(after.texts)));
  const chosenTruth = mean(pairs.map(({ chosen }) => R.praiseReward(tokenizer.decode(chosen))));
  note({
    ...{ run: "chosen", seed, truth: rounded(mean(after.rewards)), kl: rounded(kl) },
    ...{ chosenTruth: rounded(chosenTruth), samples: after.texts.slice(0, 4).map(shown) },
  });
  trainer.dispose();
}

/** The DPO run of this seed again, and what it does to the reviews of its data: claim 10. */
async function displaced(seed, { pairs, heldOut }) {
  const { dpoBeta: beta, dpoSteps: steps, dpoLr: maxLr } = numbers;
  const { length } = R.review;
  const task = await R.dpoTask({ model: start, pairs, heldOut, beta, batchSize: 16, length, seed });
  const settings = { steps, maxLr, warmupSteps: 8, seed, evalEvery: steps };
  const trainer = new Trainer({ task, settings });
  await trainer.run();
  const figures = {};
  for (const [when, params] of [["before", start.params], ["after", task.params]]) {
    const reader = new R.TextReader(params, start.config, { rows, length });
    for (const side of ["chosen", "rejected"]) {
      const texts = heldOut.map((pair) => ({ prompt: pair.prompt, answer: pair[side] }));
      const sums = (await reader.logProbs(texts)).map((own) => own.reduce((a, b) => a + b, 0));
      figures[`${side}_${when}`] = rounded(mean(sums), 2);
    }
  }
  const reviewer = { ...start, params: task.params };
  const after = await R.writeReviews(reviewer, { prompts: 256, each: 1, seed: 2000 + seed, rows });
  note({ run: "displaced", seed, truth: rounded(mean(after.rewards)), ...figures });
  trainer.dispose();
}

for (const seed of seeds) {
  const left = ["chosen", "displaced", "paidTruth", "moreOfStart"].filter(
    (run) => isAsked(run) && !isDone(run, seed),
  );
  if (left.length === 0) continue;
  const { pairs: count, noise, rewardSteps, secondPairs } = numbers;
  const made = await R.reviewPairs(start, { count, noise, seed, rows });
  const { pairs, heldOut, texts } = made;
  console.log(`seed ${seed}: the start has ${mean(made.rewards).toFixed(3)}, as recorded`);
  if (left.includes("chosen")) await learnChosen(seed, made);
  if (left.includes("displaced")) await displaced(seed, made);
  // In the same unit as the reward models: standard deviations of the start's texts.
  if (left.includes("paidTruth"))
    await record("paidTruth", seed, await R.standardised(truth, texts.slice(0, 4 * rows)));
  if (left.includes("moreOfStart")) {
    const more = await R.reviewPairs(start, { count: secondPairs, noise, seed: 3000 + seed, rows });
    const all = [...pairs, ...more.pairs];
    const third = await R.learnReward(start, {
      ...{ pairs: all, heldOut, texts, seed, steps: rewardSteps, rows },
    });
    const newer = { newPairs: more.pairs.length, accuracy: rounded(third.accuracy) };
    await record("moreOfStart", seed, third.reward, newer);
    third.dispose();
  }
}
disposeParams(start.params);
console.log("all controls are recorded");
