// Lesson 19 (reasoning). Replace each `notDoneYet(…)` with your answer, save, and run the check in the
// notebook (or `npm run check 19`). `klPerToken` and `reduceLoss` work with tensors: put their code
// into `return tf.tidy(() => { … });`. The others are plain numbers and strings.
//
// Letters: B texts, T places of a row.

import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answers will call the functions of tf
import { tf } from "llm/engine";

/**
 * The reward of a written answer: 1 if it is right, else 0. The question is for the last digit of the
 * sum of its digits. An answer is right if its last character is "$", the mark that ends an answer,
 * and the character before the mark is that digit.
 *
 * Only the end is judged: a chain with a wrong step and the right end gets 1. The mark counts only at
 * the very end.
 *
 * @param question digits with "=" at the end
 * @param answer what the model wrote: digits, "=" and "$", in any order; it may be empty
 * @returns 1 or 0
 * @example "385=" (the sum is 16) with "316$" → 1; with "6$" → 1; with "316" → 0 (no mark: it was
 *   cut); with "361$" → 0; with "6=$" → 0
 * @points 2 @minutes 10 @difficulty 2
 */
export function answerReward(question: string, answer: string): number {
  return notDoneYet("answerReward", question, answer);
}

/**
 * Self-consistency: the value that occurs most often. Of values that occur equally often, the one
 * that occurs first in the list. `null` stands for an answer without a number and has no vote.
 *
 * @param values what each answer ends with
 * @returns null if there is no number at all, and for an empty list
 * @example [29, 27, null, 27] → 27; [29, 27] → 29; [null, null, 5] → 5
 * @points 2 @minutes 10 @difficulty 2
 */
export function majority(values: (number | null)[]): number | null {
  return notDoneYet("majority", values);
}

/**
 * The probability that at least one of k answers is right, estimated from N answers of which c are
 * right: over all ways to choose k of the N, the share that contains a right one,
 *
 *     1 − C(N − c, k) / C(N, k),   C(n, k) = n! / (k! (n − k)!)
 *
 * The quotient is the product of (N − c − i) / (N − i) over i = 0 … k − 1, and 0 if k is larger than
 * N − c; the factorials themselves would overflow.
 *
 * @param N answers in all, at least 1
 * @param c right ones, from 0 to N
 * @param k from 1 to N
 * @example N 4, c 1, k 2 → 0.5
 * @points 2 @minutes 10 @difficulty 2
 */
export function passAtK(N: number, c: number, k: number): number {
  return notDoneYet("passAtK", N, c, k);
}

/**
 * GRPO's advantages: how much better each answer is than the others to the same prompt,
 *
 *     Aᵢ = (rᵢ − mean of the group) / (standard deviation of the group + 1e-4)
 *
 * with Σ (r − mean)² / (groupSize − 1) as the variance. Without `std`, nothing is divided. Where all
 * rewards of a group are equal, its advantages are 0.
 *
 * @param rewards group after group: the first `groupSize` belong to the first prompt, and so on
 * @param groupSize 2 or more; divides the number of rewards
 * @param options `std`: whether to divide by the standard deviation
 * @returns one number for each reward
 * @example rewards [1, 0, 1, 1], groupSize 2, std false → [0.5, −0.5, 0, 0]
 * @points 3 @minutes 15 @difficulty 3
 */
export function groupAdvantages(
  rewards: number[],
  groupSize: number,
  { std }: { std: boolean },
): number[] {
  return notDoneYet("groupAdvantages", rewards, groupSize, std);
}

/**
 * GRPO's estimate of the KL divergence at each token of a text that the policy wrote, known as k3:
 *
 *     e^d − d − 1,   d = ln π_ref(a) − ln π(a)
 *
 * It is never negative, and 0 where both agree.
 *
 * @param logProbs (B, T) ln π; the gradient flows through these
 * @param reference (B, T) ln π_ref of the same tokens
 * @returns (B, T)
 * @example ln π −1, ln π_ref −2 → d is −1: 0.368 + 1 − 1 = 0.368
 * @points 2 @minutes 8 @difficulty 2
 */
export function klPerToken(logProbs: tf.Tensor2D, reference: tf.Tensor2D): tf.Tensor2D {
  return notDoneYet("klPerToken", logProbs, reference);
}

/**
 * From the loss of each token to the loss of the batch. Only places where `mask` is 1 count.
 *
 *     "sequence"   the mean over each text, then the mean over the texts (GRPO as published)
 *     "token"      the mean over all tokens of all texts (DAPO)
 *     "constant"   the sum over all tokens, divided by B · longest (Dr. GRPO)
 *
 * A text without any counted place has 0 as its mean, and is one of the B texts. If no place counts
 * at all, the loss is 0.
 *
 * @param losses (B, T)
 * @param mask (B, T): 1 at the tokens of the answers, 0 at prompt and padding
 * @param options `level`, and `longest`: how many tokens an answer may have
 * @returns scalar
 * @example losses [[1, 1], [4, 9]], mask [[1, 1], [1, 0]], longest 4: sequence 2.5, token 2,
 *   constant 0.75
 * @points 3 @minutes 15 @difficulty 3
 */
export function reduceLoss(
  losses: tf.Tensor2D,
  mask: tf.Tensor2D,
  { level, longest }: { level: "sequence" | "token" | "constant"; longest: number },
): tf.Scalar {
  return notDoneYet("reduceLoss", losses, mask, level, longest);
}
