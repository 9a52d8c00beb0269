// Lesson 12 (training). Replace each `notDoneYet(…)` with your answer, save, and run the check in
// the notebook (or `npm run check 12`). Your functions then train the GPT of this lesson: the
// trainer calls them at every step. Wrap the body of those that compute with tensors in
// `return tf.tidy(() => { … })`, which frees every tensor made inside except the result. Otherwise
// each step leaves tensors in memory, and the check tells you so.
//
// Letters: B batch, T time (tokens of one example), N = B·T predictions, V vocabulary.

import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answers will call the functions of tf
import { tf } from "llm/engine";

/**
 * The loss of a language model: how surprised it is, on average, by the tokens that came.
 *
 *     loss = −(1/N) Σ_n ln p_n,   p_n = e^z[n][target_n] / Σ_j e^z[n][j],   z the logits
 *
 * It must be right for logits of any size, and e^100 is Infinity in float32. Subtracting the largest
 * logit of a row from the whole row changes no probability (some tfjs functions do it for you).
 * Gradients must flow to the logits, so use tensor operations only; `tf.oneHot` is one way to pick
 * one number per row.
 *
 * @param logits (N, V) float32
 * @param targets (N) int32, the ids of the right answers
 * @returns a scalar, in nats per token
 * @example logits [[0, 0]], targets [1] → ln 2 ≈ 0.693  // two tokens equally likely
 * @points 4 @minutes 12 @difficulty 3
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Scalar {
  return notDoneYet("crossEntropy", logits, targets);
}

/**
 * Cuts windows out of a text: what the model reads, and what it must predict. The target of each
 * position is the token that comes right after it in the text.
 *
 *     ids = [10, 11, 12, 13, 14, 15], starts = [0, 2], blockSize = 3
 *     inputs  = [[10, 11, 12], [12, 13, 14]]
 *     targets = [[11, 12, 13], [13, 14, 15]]
 *
 * @param ids the whole text as token ids
 * @param starts where each of the B windows begins, in this order
 * @param blockSize T
 * @returns B rows of T ids each
 * @points 2 @minutes 5 @difficulty 1
 */
export function getBatch(
  ids: Int32Array,
  starts: number[],
  blockSize: number,
): { inputs: ArrayLike<number>[]; targets: ArrayLike<number>[] } {
  return notDoneYet("getBatch", ids, starts, blockSize);
}

/**
 * One step of AdamW for one parameter tensor. The arguments stay as they are; the results are new.
 *
 *     m' = β₁ m + (1 − β₁) g          mean of the gradients
 *     v' = β₂ v + (1 − β₂) g²         mean of their squares
 *     m̂ = m' / (1 − β₁^step),  v̂ = v' / (1 − β₂^step)     corrects for the start at 0
 *     p' = p − lr·λ·p − lr · m̂ / (√v̂ + ε)
 *
 * The decay applies only to parameters with two or more axes (see `parameter.rank`); for the others
 * take λ = 0.
 *
 * @param parameter p, of any shape
 * @param gradient g, of the same shape; so are `m` and `v`
 * @param step counted from 1
 * @param options `lr`, `beta1` β₁, `beta2` β₂, `eps` ε, `weightDecay` λ
 * @returns p', m', v' (the moments without the correction)
 * @example p = 1, g = 0.5, m = v = 0, step 1, lr 0.1, rank 1 → p' = 0.9
 *   // the first step is lr, whatever g's size
 * @points 4 @minutes 15 @difficulty 3
 */
export function adamw(
  parameter: tf.Tensor,
  gradient: tf.Tensor,
  m: tf.Tensor,
  v: tf.Tensor,
  step: number,
  options: { lr: number; beta1: number; beta2: number; eps: number; weightDecay: number },
): { parameter: tf.Tensor; m: tf.Tensor; v: tf.Tensor } {
  return notDoneYet("adamw", parameter, gradient, m, v, step, options);
}

/**
 * The learning rate of one step: a straight line up, half a cosine down, then flat.
 *
 *     step < warmupSteps:   maxLr · (step + 1) / (warmupSteps + 1)
 *     step < totalSteps:    minLr + (maxLr − minLr) · (1 + cos(π·p)) / 2
 *                           with p = (step − warmupSteps) / (totalSteps − warmupSteps)
 *     later:                minLr
 *
 * @param step counted from 0
 * @returns the rate, without unit
 * @example maxLr 1, minLr 0.1, warmupSteps 4, totalSteps 14: steps 0, 4, 9, 14 → 0.2, 1, 0.55, 0.1
 * @points 2 @minutes 6 @difficulty 2
 */
export function warmupCosine(
  step: number,
  options: { maxLr: number; minLr: number; warmupSteps: number; totalSteps: number },
): number {
  return notDoneYet("warmupCosine", step, options);
}

/**
 * Makes a matrix orthogonal, nearly: its singular vectors stay, its singular values come near 1.
 *
 *     X = G / max(‖G‖, 1e-7)                       ‖G‖² = the sum of all entries squared
 *     `iterations` times:   A = X Xᵀ
 *                           X = 3.4445·X + (−4.775·A + 2.0315·A·A) X
 *
 * Products of two matrices are `tf.matMul`; `·` with a number is `tf.mul`. A matrix with more rows
 * than columns may be transposed first and back at the end: the result is the same, and A smaller.
 *
 * @param matrix G, (rows, columns); it stays as it is
 * @param iterations how often, 0 or more; with 0 only the division is done
 * @returns X, a new tensor of G's shape
 * @example G = [[3, 0], [0, 4]], iterations 1 → [[1.193, 0], [0, 0.976]]
 *   // ‖G‖ is 5, and 0.6 → 1.193, 0.8 → 0.976
 * @points 3 @minutes 10 @difficulty 3
 */
export function newtonSchulz(matrix: tf.Tensor2D, iterations: number): tf.Tensor2D {
  return notDoneYet("newtonSchulz", matrix, iterations);
}

/**
 * Rounds x to bfloat16, as hardware does: x is a float32 number first (storing it in a
 * `Float32Array` makes it one), then it goes to the nearest bfloat16 number. A float32 has 1 sign
 * bit, 8 exponent bits and 23 fraction bits; a bfloat16 is its upper half, so the lower 16 bits become
 * 0. Exactly half-way between two numbers, take the one whose last kept bit is 0.
 *
 * One way: put x into a `Float32Array` of length 1 and read the same memory through a
 * `Uint32Array`. Add 0x7fff plus the last kept bit (bit 16), then clear the lower 16 bits.
 *
 * @param x a finite number
 * @returns a number that bfloat16 can hold
 * @example 1.003 → 1, 1.005 → 1.0078125, 3.14159 → 3.140625  // just above 1 the steps are 1/128
 * @points 3 @minutes 12 @difficulty 3
 */
export function roundToBf16(x: number): number {
  return notDoneYet("roundToBf16", x);
}
