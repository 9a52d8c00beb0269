// A task whose true reward is known (lesson 18, RLHF): a review is to be friendly, in different words.
//
//     true reward = different words of praise − words of praise said again − words of blame
//
// The reviews that the policy learns from at the start say no word twice, so people who compare two of
// its reviews hardly ever see praise said again. A reward model learnt from their choices cannot know
// that they dislike it, and a policy that is paid by it may say one word of praise again and again
// (Gao et al., 2022, "Scaling laws for reward model overoptimization").
import { OPINIONS, SUBJECTS } from "../instructions";
import type { Random } from "../random";
import type { Tokenizer } from "../tokenizer";
import type { Reward } from "./rewardModel";
import type { Text } from "./rows";

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

/** The longest review that is drawn, in sentences. */
const MOST = 5;

/**
 * A review to learn from: two to five sentences such as "The soup was lovely." about different
 * subjects, each praise or blame with the same probability, and no word of either twice.
 */
export function drawReview(rng: Random): string {
  const subjects = rng.shuffle([...SUBJECTS.en]).slice(0, 2 + rng.integer(MOST - 1));
  const praise = rng.shuffle([...PRAISE]);
  const blame = rng.shuffle([...BLAME]);
  const sentences = subjects.map((subject) => {
    const word = (rng.uniform() < 0.5 ? praise : blame).pop();
    return `The ${subject} was ${word}.`;
  });
  return sentences.join(" ");
}

/** The beginning of a review, as ids: "The soup was". */
export const reviewPrompt = (tokenizer: Tokenizer, rng: Random): number[] =>
  tokenizer.encode(`The ${SUBJECTS.en[rng.integer(SUBJECTS.en.length)]} was`);

/** A review as a prompt, its first three words, and the rest with a stop token as the answer. */
export function reviewText(
  tokenizer: Tokenizer,
  rng: Random,
  { stopId }: { stopId: number },
): Text {
  const [, start, rest] = /^(The \w+ was)(.*)$/.exec(drawReview(rng)) ?? ["", "", ""];
  return { prompt: tokenizer.encode(start), answer: [...tokenizer.encode(rest), stopId] };
}
