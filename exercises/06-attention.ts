// Lesson 06 (attention). Replace each `notDoneYet(…)` with your answer, save, and run the check in
// the notebook (or `npm run check 06`). You may call the functions you have finished from the later
// ones.
//
// Tensors stay in memory until they are freed. From exercise 2 on, put your code into
// `return tf.tidy(() => { … });`, which frees all tensors that were made inside, except those that
// it returns.
//
// Letters: B batch, H heads, T queries, S keys (and values), D width of a head, C = H·D channels.

import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answers will call the functions of tf
import { tf } from "llm/engine";

/**
 * Attention with loops: compare each query with every key, turn the scores into weights, and
 * average the values.
 *
 *     score[j]  = Σ_d query[d] · key_j[d]                 (no scaling yet)
 *     weight[j] = e^score[j] / Σ_m e^score[m]             (over the keys of this query)
 *     output    = Σ_j weight[j] · value_j
 *
 * Before `Math.exp`, subtract the largest score of a query from all its scores: the weights stay the
 * same, and large scores do not overflow.
 *
 * @param queries T rows of D numbers
 * @param keys S rows of D numbers
 * @param values S rows of any width
 * @returns `weights`: T rows of S numbers, each row sums to 1; `output`: T rows as wide as a value
 * @example attentionByLoops([[1, 0]], [[0, 5], [0, 7]], [[10], [20]])
 *   // both scores are 0 → { weights: [[0.5, 0.5]], output: [[15]] }
 * @points 3 @minutes 12 @difficulty 2
 */
export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  return notDoneYet("attentionByLoops", queries, keys, values);
}

/**
 * How well each query matches each key: their dot product, divided by the square root of its width,
 * q kᵀ / √D.
 *
 * @param q (…, T, D): there may be any number of axes in front; `tf.matMul` multiplies the last two
 *   for each entry of those in front
 * @param k (…, S, D)
 * @returns (…, T, S): one row per query, one column per key
 * @example q = [[1, 2, 2, 0]] and k = [[2, 0, 1, 5], [0, 0, 0, 3]] → [[2, 0]]  // 4 / √4 and 0 / √4
 * @points 2 @minutes 5 @difficulty 1
 */
export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return notDoneYet("scaledScores", q, k);
}

/**
 * Which position may look at which when text is read from left to right: position i at itself and
 * at everything before it.
 *
 * @param T number of positions
 * @returns (T, T) of type bool: true in row i (the query), column j (the key) where j ≤ i
 * @example causalMask(3) → [[1, 0, 0], [1, 1, 0], [1, 1, 1]]  // tfjs prints true as 1
 * @points 2 @minutes 8 @difficulty 2
 */
export function causalMask(T: number): tf.Tensor2D {
  return notDoneYet("causalMask", T);
}

/**
 * Softmax over the keys (the last axis) in which a query shares its weight of 1 among the keys that
 * it may see. A query that may see no key at all gets weights of 0, not NaN.
 *
 * `tf.where(mask, a, b)` takes a where the mask is true and b elsewhere (b may be a number);
 * `tf.cast(mask, "float32")` turns true and false into 1 and 0.
 *
 * @param scores (…, T, S)
 * @param mask bool, broadcasts to `scores`: true where the query may see the key; without a mask
 *   every query may see every key
 * @returns (…, T, S)
 * @example scores [[0, 0, 9]], mask [[true, true, false]] → [[0.5, 0.5, 0]]
 * @points 3 @minutes 10 @difficulty 3
 */
export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return notDoneYet("maskedSoftmax", scores, mask);
}

/**
 * Cuts the C channels of every position into `nHead` heads of width D = C / nHead: head h gets
 * channels h·D to (h+1)·D − 1.
 *
 * @param x (B, T, C)
 * @returns (B, H, T, D), so that `tf.matMul` treats each head by itself
 * @example one sentence of two positions, [[[1, 2, 3, 4], [5, 6, 7, 8]]], in two heads
 *   → [[[[1, 2], [5, 6]], [[3, 4], [7, 8]]]]
 * @points 2 @minutes 8 @difficulty 2
 */
export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return notDoneYet("splitHeads", x, nHead);
}

/**
 * Attention in several heads at once: split q, k and v into heads, compute the weights
 * softmax(q kᵀ / √D) in each head, average the values, and put the heads side by side again.
 *
 * @param q (B, T, C) queries, already projected
 * @param k (B, S, C) keys; S = T in self-attention, another length in cross-attention
 * @param v (B, S, C) values
 * @param options `nHead` divides C; `mask` as in `maskedSoftmax`, broadcasts to (B, H, T, S)
 * @returns `output` (B, T, C): channels h·D to (h+1)·D − 1 come from head h; `weights` (B, H, T, S)
 * @example with one key there is nothing to choose: every weight is 1, and every output is that
 *   key's value
 * @points 4 @minutes 15 @difficulty 4
 */
export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return notDoneYet("multiHead", q, k, v, nHead, mask);
}
