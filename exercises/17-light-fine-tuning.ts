// Lesson 17 (light fine-tuning). Replace each `notDoneYet(…)` with your answer, save, and run the
// check in the notebook (or `npm run check 17`). You may call the functions you have finished from
// the later ones.
//
// Put code that makes tensors into `return tf.tidy(() => { … });`, which frees all tensors that were
// made inside, except those that it returns. None of the functions may change its arguments.
// `loraLinear` and `prefixAttention` are trained through: compute with operations of tf there. In the
// others, loops over `arraySync()` are as good.
//
// Letters: N rows, r rank, T positions, P length of a prefix, D width of a head.

import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answers will call the functions of tf
import { tf } from "llm/engine";

/**
 * A linear layer with a LoRA beside it. The frozen matrix W and the two small ones are stored as
 * PyTorch stores them, (out, in):
 *
 *     y = x Wᵀ + (α / r) · (x Aᵀ) Bᵀ
 *
 * Work from left to right, as the brackets say: x Aᵀ is only r wide. The product B A, which is as
 * large as W, is never made.
 *
 * @param x (N, in)
 * @param W (out, in)
 * @param A (r, in): the rank r is its number of rows
 * @param B (out, r)
 * @param alpha α, a number above 0
 * @returns (N, out)
 * @example x = [[1, 2]], W = [[1, 0]], A = [[1, 1]], B = [[10]], α = 2 → [[61]]  // 1 + 2/1 · 3 · 10
 * @points 3 @minutes 10 @difficulty 2
 */
export function loraLinear(
  x: tf.Tensor2D,
  W: tf.Tensor2D,
  A: tf.Tensor2D,
  B: tf.Tensor2D,
  alpha: number,
): tf.Tensor2D {
  return notDoneYet("loraLinear", x, W, A, B, alpha);
}

/**
 * How many numbers a LoRA trains: A and B of every matrix that is adapted. A matrix (out, in) is
 * adapted if the last part of its name, between dots, is one of the targets:
 * "model.layers.0.self_attn.q_proj" is meant by the target "q_proj", and not by "proj".
 *
 * @param shapes name and shape [out, in] of every matrix
 * @param targets last parts of names
 * @param r the rank
 * @returns the sum over all adapted matrices
 * @example { "h.0.q": [4, 6], "h.0.up": [8, 6] } with the targets ["q"] and r = 2 → 20  // 2·6 + 4·2
 * @points 2 @minutes 8 @difficulty 2
 */
export function trainedNumbers(
  shapes: Record<string, [out: number, width: number]>,
  targets: string[],
  r: number,
): number {
  return notDoneYet("trainedNumbers", shapes, targets, r);
}

/**
 * The matrix into which a LoRA is merged: with it alone, the layer gives what W and the LoRA gave
 * together, and costs no more than before.
 *
 *     W + (α / r) · B A
 *
 * With `sign` −1 the LoRA is taken out again: W − (α / r) · B A.
 *
 * @param W (out, in)
 * @param A (r, in)
 * @param B (out, r)
 * @param alpha α, a number above 0
 * @param sign 1 to merge, −1 to take out
 * @returns (out, in), a new tensor
 * @example W = [[1, 0]], A = [[1, 1]], B = [[10]], α = 2, sign 1 → [[21, 20]]
 * @points 2 @minutes 8 @difficulty 2
 */
export function mergedWeight(
  W: tf.Tensor2D,
  A: tf.Tensor2D,
  B: tf.Tensor2D,
  alpha: number,
  sign: 1 | -1,
): tf.Tensor2D {
  return notDoneYet("mergedWeight", W, A, B, alpha, sign);
}

/**
 * Attention of one head with a prefix: P trained keys and values stand before those of the tokens.
 * Every position sees the whole prefix; of the tokens, position t sees 0 … t.
 *
 *     scores  = q [prefixKeys; k]ᵀ / √D                   (T, P + T)
 *     weights = softmax of each row over what it may see
 *     output  = weights [prefixValues; v]
 *
 * `tf.linalg.bandPart(tf.ones([n, n]), -1, 0)` is a triangle of ones with zeros above it.
 *
 * @param q (T, D)
 * @param k (T, D)
 * @param v (T, D)
 * @param prefixKeys (P, D)
 * @param prefixValues (P, D)
 * @returns (T, D)
 * @example with one token, whose score is as large as that of the only prefix key: the mean of the
 *   two values
 * @points 4 @minutes 15 @difficulty 3
 */
export function prefixAttention(
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  prefixKeys: tf.Tensor2D,
  prefixValues: tf.Tensor2D,
): tf.Tensor2D {
  return notDoneYet("prefixAttention", q, k, v, prefixKeys, prefixValues);
}

/**
 * Task arithmetic: what several fine-tunings have changed in one model, added with weights.
 *
 *     base + Σ_i weights[i] · (tuned[i] − base)
 *
 * @param base a parameter of the model, any shape
 * @param tuned the same parameter after each of n fine-tunings, all of them begun at the base
 * @param weights n numbers; below 0 takes away what that fine-tuning has changed
 * @returns the shape of base, a new tensor; with n = 0 it has the numbers of the base
 * @example base [1, 1], tuned [[2, 1], [1, 5]], weights [1, 0.5] → [2, 3]
 * @points 2 @minutes 8 @difficulty 2
 */
export function taskArithmetic(base: tf.Tensor, tuned: tf.Tensor[], weights: number[]): tf.Tensor {
  return notDoneYet("taskArithmetic", base, tuned, weights);
}
