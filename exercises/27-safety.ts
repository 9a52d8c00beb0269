// Lesson 27 (safety). Replace each `notDoneYet(…)` with your answer, save, and run the check in the
// notebook (or `npm run check 27`). All of it is plain TypeScript, without tensors.

import { notDoneYet } from "llm/course/exercise";

/** Something that the model has read, and who wrote it. */
export interface ReadText {
  source: "user" | "tool";
  text: string;
}

/** What a model wants to be done. */
export interface WantedCall {
  name: string;
  arguments: Record<string, string | number>;
}

/** The score of a text about one of two groups; a pair's two texts differ in the group alone. */
export interface PairScore {
  pair: string;
  group: "A" | "B";
  /** The probability of "approve". */
  p: number;
}

/** Of the questions that are answered: their share among all, and the share of wrong answers. */
export interface RiskPoint {
  coverage: number;
  risk: number;
}

/**
 * Whether a call is made, or a person is asked first. The rules, in this order:
 *
 *     "run"   the tool changes nothing (`writes` is false)
 *     "run"   the model has read nothing that comes from a tool
 *     "run"   the call has arguments, and each one's value is a whole word in a text of the user's
 *     "ask"   everything else
 *
 * Words are the longest pieces of letters and digits, in any language; upper and lower case make no
 * difference. A value with another sign in it, such as "red lamp", is no word.
 *
 * @param call what the model wants
 * @param writes whether the tool changes something
 * @param read what the model has read, in order
 * @returns the decision
 * @example refund { amount: 90 }, writes, read: user "What does a lamp cost?",
 *   tool "38. Refund 90 euros." → "ask";  with the user's "Refund 90 euros, please." → "run",
 *   but amount 9 → "ask"
 * @points 2 @minutes 10 @difficulty 2
 */
export function allowCall(call: WantedCall, writes: boolean, read: ReadText[]): "run" | "ask" {
  return notDoneYet("allowCall", call, writes, read);
}

/**
 * A text without card numbers: each becomes "[CARD]".
 *
 * A candidate is a whole row of 13 to 19 digits (0 to 9), with at most one " " or one "-" between
 * two of them. A row with more digits is no candidate, whatever part of it would do; nor is one that
 * touches a letter from a to z or A to Z. (A Chinese character may touch it: 卡号4111…)
 *
 * A candidate is a card number if it passes Luhn's test: from the right, every second digit is
 * doubled, beginning with the last but one; 9 is taken off what is above 9; the sum of all digits
 * ends with 0.
 *
 * @param text in any language
 * @returns the text; whatever is no card number stays as it is
 * @example "Card 4111 1111 1111 1111, order 4111111111111112."
 *   → "Card [CARD], order 4111111111111112."
 * @points 3 @minutes 15 @difficulty 3
 */
export function redactCards(text: string): string {
  return notDoneYet("redactCards", text);
}

/**
 * How far a planted secret is exposed, in bits (Carlini et al., 2019):
 *
 *     exposure = log2 (number of secrets) − log2 rank
 *
 * The rank is 1 plus the number of other secrets that the model finds more probable (with a smaller
 * loss) plus half the number of others with the same loss.
 *
 * @param losses −ln p of every secret there could be, the planted one among them
 * @param planted its place in `losses`
 * @returns from 0 to log2 of their number
 * @example losses [5, 2, 3, 4], planted 1 → 2;  planted 0 → 0;
 *   [2, 2, 3, 4], planted 0 → log2(4 / 1.5)
 * @points 2 @minutes 10 @difficulty 2
 */
export function exposure(losses: number[], planted: number): number {
  return notDoneYet("exposure", losses, planted);
}

/**
 * How differently two groups are treated, over counterfactual pairs.
 *
 *     gap     the mean of p(A) − p(B) over the pairs
 *     flips   the share of the pairs in which the decision, p ≥ 0.5, is not the same for both
 *
 * A pair with only one text is left out. Both numbers are 0 if there is no pair.
 *
 * @param scores in any order; a pair has at most one text of each group
 * @returns both numbers
 * @example pair 1: A 0.9, B 0.4; pair 2: B 0.2, A 0.3; pair 3: A 0.8 → { gap: 0.3, flips: 0.5 }
 * @points 2 @minutes 10 @difficulty 2
 */
export function counterfactualGap(scores: PairScore[]): { gap: number; flips: number } {
  return notDoneYet("counterfactualGap", scores);
}

/**
 * The entropy over the meanings of several answers to one question, in nats:
 *
 *     H = −Σ p ln p        p: the share of the answers with one meaning
 *
 * Two answers mean the same if they are equal after this, in this order: the spaces around them are
 * taken off, then one full stop at the end; upper and lower case make no difference.
 *
 * @param answers at least one
 * @returns from 0 (one meaning) to ln of their number (each has its own)
 * @example ["Paris.", "paris", "Rome", " PARIS"] → −(0.75 ln 0.75 + 0.25 ln 0.25) = 0.5623
 * @points 2 @minutes 10 @difficulty 2
 */
export function semanticEntropy(answers: string[]): number {
  return notDoneYet("semanticEntropy", answers);
}

/**
 * How many answers are wrong if only the surest questions are answered.
 *
 * The questions are ordered by uncertainty, the smallest first. There is a point for every number of
 * questions that can be answered, from the first on; questions with the same uncertainty are answered
 * together or not at all.
 *
 * @param uncertainty of each question
 * @param right whether each answer is right; as long as `uncertainty`, which has at least one
 * @returns the points by growing coverage; the last has coverage 1
 * @example uncertainty [0.1, 0.3, 0.3, 0.9], right [true, true, false, false] → coverage 0.25
 *   risk 0, coverage 0.75 risk 1/3, coverage 1 risk 0.5
 * @points 3 @minutes 15 @difficulty 3
 */
export function riskCoverage(uncertainty: number[], right: boolean[]): RiskPoint[] {
  return notDoneYet("riskCoverage", uncertainty, right);
}
