// How the recorded runs of lesson 18 (RLHF) were made. To make them again, in about half an hour of
// CPU time on the native engine:
//
//     npm run build && node datasets/runs/18-rlhf/record.mjs
//
// It teaches the base model to write reviews (once), and then, with three seeds each, learns a reward
// model from preferences between its reviews and optimises it: by choosing among many reviews, by PPO
// without and with a KL penalty, by DPO on the pairs themselves, and by PPO on a second reward model
// that has seen reviews of the over-optimised policy as well. One line of JSON per run is written to
// runs.jsonl beside this file as soon as the run has ended; started again, the command goes on with
// what is missing. With words after it, only those
// runs or seeds are made, such as `record.mjs dpo 2`.
//
// Written down and committed before anything of this was run, after one trial run of PPO (one seed, an
// intermediate checkpoint of the base model) from which learning rate and length were taken:
//  1. The reward model agrees with held-out preferences nearly as often as the true reward itself
//     does: its accuracy is at most 0.1 lower, in every seed. (The preferences are noisy: no model
//     can agree with all of them.)
//  2. PPO without a KL penalty over-optimises: its true reward, as a mean over five rollouts, falls
//     from its highest value to the last one by at least 0.5, in every seed, while the proxy is higher
//     at the end than where the true reward was highest.
//  3. The KL penalty (β = 0.1) helps: the true reward of the last five rollouts is higher than without
//     it, in every seed.
//  4. Best-of-n is hard to beat: at no rollout whose KL divergence is at most that of best-of-16,
//     ln 16 − 15/16 = 1.84 nats, is the true reward of PPO (β = 0.1) higher than best-of-16's by more
//     than 0.3, in any seed. (64 texts of a rollout have a standard error of about 0.2.)
//  5. The reward model is to blame, not PPO: with a reward model that has also seen 256 pairs of the
//     over-optimised policy's reviews, PPO without a penalty ends with a true reward that is higher by
//     at least 0.5, in every seed.
// 5b. Added after 5 had failed in seed 2, where the over-optimised policy writes hardly two different
//     reviews to a prompt (4 pairs of 256 were left), and before this was run: claim 5 holds if each of
//     the 256 pairs has one review of the over-optimised policy and one of the start.
//  6. DPO (β = 0.1) raises the true reward by at least 0.5 over the start, in every seed.

import { createRequire } from "node:module";
import {
  isAsked, isDone, mean, note, numbers, ppo, R, rounded, rows, seeds, shown, start, tokenizer, Trainer,
} from "./common.mjs";

const require = createRequire(import.meta.url);
const { disposeParams } = require("llm/params");
const { Random } = require("llm/random");

for (const seed of seeds) {
  const names = ["reward", "best", "ppo", "penalty", "dpo", "second", "mixed"];
  if (names.every((run) => isDone(run, seed) || !isAsked(run))) continue;
  const { pairs: count, noise } = numbers;
  const made = await R.reviewPairs(start, { count, noise, seed, rows });
  const { pairs, heldOut, texts, rewards } = made;
  const first = await R.learnReward(start, {
    ...{ pairs, heldOut, texts, seed, steps: numbers.rewardSteps, rows },
  });
  if (isAsked("reward") && !isDone("reward", seed)) {
    const better = (pair) => {
      const [a, b] = ["chosen", "rejected"].map((side) =>
        R.praiseReward(tokenizer.decode(pair[side])),
      );
      return a > b ? 1 : a === b ? 0.5 : 0;
    };
    const scores = await first.reward(texts.slice(0, 256));
    const probes = [
      " good.",
      " good. The hotel was lovely.",
      " good. The hotel was good.",
      " good. The hotel was lovely. The room was perfect. The train was pleasant.",
      " good. The hotel was good. The room was good. The train was good.",
      " good good good good good good.",
      " bad. The hotel was awful.",
    ];
    const prompt = tokenizer.encode("The soup was");
    const probed = await first.reward(
      probes.map((text) => ({ prompt, answer: [...tokenizer.encode(text), 0] })),
    );
    note({
      ...{ run: "reward", seed, pairs: pairs.length, heldOut: heldOut.length },
      ...{ accuracy: rounded(first.accuracy), truthAccuracy: rounded(mean(heldOut.map(better))) },
      startTruth: rounded(mean(rewards)),
      scores: scores.map((score, i) => [rounded(score, 2), rewards[i]]),
      probes: probes.map((text, i) => ({
        ...{ text: `The soup was${text}`, proxy: rounded(probed[i], 2) },
        truth: R.praiseReward(text),
      })),
    });
  }
  if (isAsked("best") && !isDone("best", seed)) {
    const { bestPrompts, bestEach } = numbers;
    const options = { prompts: bestPrompts, each: bestEach, seed: 1000 + seed, rows };
    const written = await R.writeReviews(start, options);
    const proxies = await first.reward(written.texts);
    const groups = Array.from({ length: bestPrompts }, (_, g) => [g * bestEach, (g + 1) * bestEach]);
    const of = (n, values) =>
      rounded(mean(groups.map(([a, b]) => R.bestOfN(proxies.slice(a, b), n, values.slice(a, b)))));
    const curve = [1, 2, 4, 8, 16, 32].map((n) => ({
      ...{ n, kl: rounded(R.bestOfNKL(n)), proxy: of(n, proxies), truth: of(n, written.rewards) },
    }));
    const best = groups.slice(0, 4).map(([a, b]) => {
      const own = proxies.slice(a, b);
      return shown(written.texts[a + own.indexOf(Math.max(...own))]);
    });
    note({ run: "best", seed, curve, samples: best });
  }
  for (const [run, beta] of [
    ["penalty", numbers.beta],
    ["ppo", 0],
  ]) {
    if (!isAsked(run) || isDone(run, seed)) continue;
    const { curve, samples, trainer } = await ppo(first.reward, { seed, beta });
    trainer.dispose();
    note({ run, seed, beta, curve, samples });
  }
  if (isAsked("dpo") && !isDone("dpo", seed)) {
    const { dpoBeta: beta, dpoSteps: steps, dpoLr: maxLr } = numbers;
    const { length } = R.review;
    const options = { model: start, pairs, heldOut, beta, batchSize: 16, length, seed };
    const task = await R.dpoTask(options);
    const settings = { steps, maxLr, warmupSteps: 8, seed, evalEvery: steps };
    const trainer = new Trainer({ task, settings });
    const { metrics } = await trainer.run();
    const reviewer = { ...start, params: task.params };
    const after = await R.writeReviews(reviewer, { prompts: 256, each: 1, seed: 2000 + seed, rows });
    const reader = new R.TextReader(start.params, start.config, { rows, length });
    const kl = mean(R.textKL(after.texts, await reader.logProbs(after.texts)));
    note({
      ...{ run: "dpo", seed, beta, truth: rounded(mean(after.rewards)), kl: rounded(kl) },
      ...{ proxy: rounded(mean(await first.reward(after.texts))) },
      ...{ accuracy: rounded(metrics.accuracy), val: rounded(metrics.val) },
      samples: after.texts.slice(0, 4).map(shown),
    });
    trainer.dispose();
  }
  for (const run of ["second", "mixed"]) {
    if (!isAsked(run) || isDone(run, seed)) continue;
    // The over-optimised policy again (the same seed: the same run), and pairs with its reviews.
    const hacked = await ppo(first.reward, { seed, beta: 0 });
    const reviewer = { ...start, params: hacked.params };
    const options = { seed: 3000 + seed, rows };
    let newPairs;
    if (run === "second")
      newPairs = (await R.reviewPairs(reviewer, { ...options, count: numbers.secondPairs, noise }))
        .pairs;
    else {
      const once = { ...options, prompts: numbers.secondPairs, each: 1 };
      const [a, b] = [await R.writeReviews(reviewer, once), await R.writeReviews(start, once)];
      const judged = a.texts.flatMap((text, i) => [
        { ...text, reward: a.rewards[i] },
        { ...b.texts[i], reward: b.rewards[i] },
      ]);
      newPairs = R.preferencePairs(judged, { noise, rng: new Random(3000 + seed).fork("mixed") });
    }
    hacked.trainer.dispose();
    const all = [...pairs, ...newPairs];
    const second = await R.learnReward(start, {
      ...{ pairs: all, heldOut, texts, seed, steps: numbers.rewardSteps, rows },
    });
    const { curve, samples, trainer } = await ppo(second.reward, { seed, beta: 0 });
    trainer.dispose();
    const newer = { newPairs: newPairs.length, accuracy: rounded(second.accuracy) };
    note({ run, seed, beta: 0, ...newer, curve, samples });
    second.dispose();
  }
  first.dispose();
}
disposeParams(start.params);
console.log("all runs are recorded");
