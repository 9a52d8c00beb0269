// Lesson 09 (pretraining objectives). Replace each `notDoneYet(…)` with your answer, save, and run
// the check in the notebook (or `npm run check 09`). Everything here is plain numbers and arrays:
// no tensors. A text is a list of token ids, and T is its length.

import { notDoneYet } from "llm/course/exercise";

/**
 * Who may see whom. The first `prefix` positions are seen by all; every other position is seen by
 * itself and by those after it.
 *
 *     visible[i][j] = 1 if j < prefix or j ≤ i, otherwise 0
 *
 * @param T number of positions, at least 1
 * @param prefix from 0 (the causal mask of a GPT) to T (nothing is hidden, as in BERT)
 * @returns T rows of T numbers: row i is what position i may see
 * @example prefixMask(3, 2)  // [[1, 1, 0], [1, 1, 0], [1, 1, 1]]
 * @points 2 @minutes 6 @difficulty 1
 */
export function prefixMask(T: number, prefix: number): number[][] {
  return notDoneYet("prefixMask", T, prefix);
}

/**
 * BERT's 80/10/10 rule: what the model reads in place of the text. For the k-th chosen position,
 *
 *     draws[k] < 0.8          the id `mask` is read there
 *     0.8 ≤ draws[k] < 0.9    the id randomIds[k] is read there
 *     0.9 ≤ draws[k]          the token stays as it is
 *
 * and all other positions stay as they are.
 *
 * @param ids T ids; do not change this array
 * @param chosen positions, each at most once; may be empty
 * @param draws for each chosen position a number from 0 up to, but not including, 1
 * @param randomIds for each chosen position the id of a random token
 * @param mask id of [MASK]
 * @returns T ids
 * @example maskTokens([5, 6, 7, 8], [1, 2], [0.85, 0.3], [9, 4], 99)  // [5, 9, 99, 8]
 * @points 2 @minutes 8 @difficulty 2
 */
export function maskTokens(
  ids: number[],
  chosen: number[],
  draws: number[],
  randomIds: number[],
  mask: number,
): number[] {
  return notDoneYet("maskTokens", ids, chosen, draws, randomIds, mask);
}

/**
 * T5's span corruption. `inputs` is the text with one sentinel in place of each span. `targets` has
 * for each span its sentinel and then its tokens, and ends with one more sentinel.
 *
 * @param ids T ids
 * @param spans [start, end] of each span: the tokens from start up to, but not including, end. They
 *   are in order, are not empty and do not touch; there may be none
 * @param sentinels ids; the k-th span gets sentinels[k], and the end gets the next one
 * @returns both lists of ids
 * @example corruptSpans([10, 11, 12, 13, 14], [[1, 3]], [90, 91])
 *   // { inputs: [10, 90, 13, 14], targets: [90, 11, 12, 91] }
 * @points 3 @minutes 12 @difficulty 3
 */
export function corruptSpans(
  ids: number[],
  spans: [number, number][],
  sentinels: number[],
): { inputs: number[]; targets: number[] } {
  return notDoneYet("corruptSpans", ids, spans, sentinels);
}

/**
 * GLM's two positions for every token of its row. The row begins with part A, the text with one
 * [MASK] in place of each span. Then the spans follow as part B, in the given order, each as a
 * [START] and its tokens.
 *
 * - `positions`: in part A 0, 1, 2, …; every token of a span, and its [START], has the position of
 *   the span's [MASK].
 * - `blankPositions`: in part A 0; within each span 1 for the [START], 2 for its first token, and
 *   so on.
 *
 * @param T length of the text
 * @param spans [start, end] in the text, `end` not included; in order, not empty, not touching
 * @param order order[0] is the index of the span that comes first in part B; each index once
 * @returns two lists of one length
 * @example blankPositions(6, [[2, 3], [4, 6]], [1, 0])  // the figure of the GLM paper, from 0
 *   // positions:      [0, 1, 2, 3, 4,   4, 4, 4,   2, 2]
 *   // blankPositions: [0, 0, 0, 0, 0,   1, 2, 3,   1, 2]
 * @points 4 @minutes 20 @difficulty 4
 */
export function blankPositions(
  T: number,
  spans: [number, number][],
  order: number[],
): { positions: number[]; blankPositions: number[] } {
  return notDoneYet("blankPositions", T, spans, order);
}

/**
 * The loss of masked diffusion for a batch of B texts of T tokens. Only hidden tokens count, and a
 * text in which tokens were hidden with probability t counts 1/t:
 *
 *     loss = mean over texts b of  (1 / t_b) · (1 / T) · Σ_{i hidden in b} surprise[b][i]
 *
 * A text of which nothing is hidden adds 0, and still is one of the B.
 *
 * @param surprise B rows of T numbers: −ln p of the right token
 * @param hidden B rows of T: whether the token was hidden
 * @param t B probabilities above 0, at most 1
 * @returns the loss in nats per token
 * @example diffusionLoss([[1, 2, 3, 4]], [[true, false, true, false]], [0.5])
 *   // (1 / 0.5) · (1 / 4) · (1 + 3) = 2
 * @points 2 @minutes 8 @difficulty 2
 */
export function diffusionLoss(surprise: number[][], hidden: boolean[][], t: number[]): number {
  return notDoneYet("diffusionLoss", surprise, hidden, t);
}

/**
 * One step of the unmasking. Every hidden position has a best token, the one with the highest
 * probability there. The `count` positions whose best token has the highest probability get it; the
 * other hidden ones stay hidden. If fewer are hidden, all of them are uncovered. Of equals, the
 * position further left comes first, and the token with the smaller id.
 *
 * @param ids T ids; hidden positions hold `mask`. Do not change this array
 * @param probabilities T rows of V probabilities; those of positions that are not hidden mean
 *   nothing
 * @param mask id of [MASK]
 * @param count how many positions are uncovered, at least 1
 * @returns T ids
 * @example unmaskStep([9, 1, 9], [[0.6, 0.4], [0.1, 0.9], [0.3, 0.7]], 9, 1)  // [9, 1, 1]
 * @points 3 @minutes 15 @difficulty 3
 */
export function unmaskStep(
  ids: number[],
  probabilities: number[][],
  mask: number,
  count: number,
): number[] {
  return notDoneYet("unmaskStep", ids, probabilities, mask, count);
}
