// A task whose true reward is known (lesson 18, RLHF): a review is to be friendly, in different words.
//
//     true reward = different words of praise − words of praise said again − words of blame
//
// People who compare two reviews of the base model hardly ever see praise said again, so a reward
// model learnt from their choices cannot know that it is disliked: a policy that is paid by it can find
// that out for the price of the true reward (Gao et al., 2022, "Scaling laws for reward model
// overoptimization").
import { OPINIONS, SUBJECTS } from "../instructions";
import type { Random } from "../random";
import type { Tokenizer } from "../tokenizer";
import type { Reward } from "./rewardModel";

const PRAISE: ReadonlySet<string> = new Set(OPINIONS.en.positive);
const BLAME: ReadonlySet<string> = new Set(OPINIONS.en.negative);

/** What a review says: how many different words of praise, how many repeated ones, how much blame. */
export interface ReviewCounts {
  different: number;
  repeated: number;
  blame: number;
}

/** Counts a review's words; everything that is no opinion counts for nothing. */
export function countReview(review: string): ReviewCounts {
  const words = review.toLowerCase().match(/[a-z]+/g) ?? [];
  const praise = words.filter((word) => PRAISE.has(word));
  const different = new Set(praise).size;
  return {
    different,
    repeated: praise.length - different,
    blame: words.filter((word) => BLAME.has(word)).length,
  };
}

/** The true reward of a review: different − repeated − blame. */
export function praiseReward(review: string): number {
  const { different, repeated, blame } = countReview(review);
  return different - repeated - blame;
}

/** The true reward of answers. */
export const truePraise =
  (tokenizer: Tokenizer): Reward =>
  (texts) =>
    texts.map(({ answer }) => praiseReward(tokenizer.decode(answer)));

/** "The soup was": the beginning of a review, as ids. */
export const reviewPrompt = (tokenizer: Tokenizer, rng: Random): number[] =>
  tokenizer.encode(`The ${SUBJECTS.en[rng.integer(SUBJECTS.en.length)]} was`);
