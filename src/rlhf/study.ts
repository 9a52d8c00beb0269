// The three stages of RLHF (Ouyang et al., 2022) on the friendly review, for lesson 18 (RLHF) and the
// command that records its runs: a policy that has learnt to write reviews, preferences between its
// reviews and a reward model of them, and then learning from that reward.
import { answerTask } from "../answers";
import { canCompile } from "../engine";
import { cloneParams } from "../params";
import { Random } from "../random";
import type { Tokenizer } from "../tokenizer";
import { Trainer } from "../train";
import type { StartModel } from "./model";
import { praiseReward, reviewPrompt, reviewText } from "./praise";
import { type Pair, preferencePairs } from "./preferences";
import {
  type Reward,
  type RewardTaskOptions,
  rewardScorer,
  rewardTask,
  standardised,
} from "./rewardModel";
import type { WrittenText } from "./rows";
import { PolicyWriter } from "./writer";

/** What all parts of the study share: sizes in ids, and what ends a review. */
export const review = {
  ...{ promptLength: 4, maxNewTokens: 32, length: 36, stopIds: [0] },
};

/** A model that writes, with its tokenizer. */
export type Reviewer = StartModel & { tokenizer: Tokenizer };

/**
 * Stage 1, supervised: the base model learns to write reviews, by examples. The caller disposes the
 * parameters.
 */
export async function learnReviews(
  base: Reviewer,
  { seed, steps, batchSize = 32 }: { seed: number; steps: number; batchSize?: number },
): Promise<Reviewer> {
  const { tokenizer } = base;
  const draw = (rng: Random) => reviewText(tokenizer, rng, { stopId: review.stopIds[0] });
  const held = new Random(seed).fork("held out");
  const heldOut = Array.from({ length: batchSize }, (_, i) => draw(held.fork(i)));
  const { length, maxNewTokens: answerLength } = review;
  const task = answerTask({ model: base, draw, heldOut, batchSize, length, answerLength, seed });
  const settings = { steps, seed, maxLr: 1e-3, minLr: 1e-4, warmupSteps: 8, evalEvery: steps };
  const trainer = new Trainer({ task, settings });
  await trainer.run();
  const params = cloneParams(task.params);
  trainer.dispose();
  return { ...base, params };
}

/** Reviews that a policy has written, with their true rewards. */
export interface JudgedReviews {
  texts: WrittenText[];
  rewards: number[];
}

/** Writes reviews: `each` to every one of `prompts` prompts. */
export async function writeReviews(
  reviewer: Reviewer,
  {
    prompts,
    each,
    seed,
    rows = 64,
  }: { prompts: number; each: number; seed: number; rows?: number },
): Promise<JudgedReviews> {
  const { tokenizer, params } = reviewer;
  const rng = new Random(seed);
  const asked = Array.from({ length: prompts }, (_, i) =>
    reviewPrompt(tokenizer, rng.fork("prompt", i)),
  ).flatMap((prompt) => Array.from({ length: each }, () => prompt));
  const compiled = canCompile() && asked.length > 4 * rows;
  const writer = new PolicyWriter({ model: reviewer, ...review, compiled }, params, rows);
  const texts = await writer.write(asked, rng);
  writer.dispose();
  return { texts, rewards: texts.map(({ answer }) => praiseReward(tokenizer.decode(answer))) };
}

/**
 * Stage 2, the data: pairs of reviews with the same beginning, and which of the two was preferred.
 * The last eighth is held out.
 */
export async function reviewPairs(
  reviewer: Reviewer,
  { count, noise, seed, rows }: { count: number; noise: number; seed: number; rows?: number },
): Promise<JudgedReviews & Record<"pairs" | "heldOut", Pair[]>> {
  const judged = await writeReviews(reviewer, { prompts: count, each: 2, seed, rows });
  const pairs = preferencePairs(
    judged.texts.map((text, i) => ({ ...text, reward: judged.rewards[i] })),
    { noise, rng: new Random(seed).fork("preferences") },
  );
  const cut = Math.floor((pairs.length * 7) / 8);
  return { ...judged, pairs: pairs.slice(0, cut), heldOut: pairs.slice(cut) };
}

/** A reward model that has been trained: rewards with mean 0 and deviation 1 on the start's texts. */
export interface TrainedReward {
  reward: Reward;
  /** Of held-out pairs. */
  accuracy: number;
  dispose(): void;
}

/** Stage 2, the model: a reward learnt from pairs. */
export async function learnReward(
  reviewer: Reviewer,
  options: Pick<RewardTaskOptions, "pairs" | "heldOut" | "seed" | "loss"> & {
    /** Texts for zero and unit of the reward. */
    texts: WrittenText[];
    steps: number;
    batchSize?: number;
    rows?: number;
  },
): Promise<TrainedReward> {
  const { pairs, heldOut, seed, loss, texts, steps, batchSize = 16, rows = 64 } = options;
  const { length } = review;
  const task = rewardTask({ model: reviewer, pairs, heldOut, batchSize, length, seed, loss });
  const warmupSteps = Math.min(10, Math.ceil(steps / 4));
  const settings = { steps, seed, maxLr: 3e-4, minLr: 3e-5, warmupSteps, evalEvery: steps };
  const trainer = new Trainer({ task, settings });
  const { metrics } = await trainer.run();
  const compiled = canCompile();
  const scorer = rewardScorer(task.params, reviewer.config, { rows, length, compiled });
  return {
    reward: await standardised(scorer, texts.slice(0, 4 * rows)),
    accuracy: metrics.accuracy,
    dispose: () => {
      scorer.dispose();
      trainer.dispose();
    },
  };
}
