// Lesson 28 (interpretability). Replace each `notDoneYet(…)` with your answer, save, and run the check
// in the notebook (or `npm run check 28`).
//
// Put code that makes tensors into `return tf.tidy(() => { … });`, which frees all of them except
// those that it returns.
//
// Letters: B batch, H heads, T time, D width of a head, C channels, V vocabulary, S steps.

import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answers will call the functions of tf
import { tf } from "llm/engine";

/**
 * How much each head looks where an induction head looks. A row of tokens repeats after P = `period`
 * tokens, so the query at place t has met its token before, at t − P; what followed it then stands at
 * t − P + 1. The score of a head is the mean of
 *
 *     pattern[b][h][t][t − P + 1]      over all rows b and all queries t = P, P + 1, …, T − 1
 *
 * @param pattern (B, H, T, T) attention weights: row = query, column = key
 * @param period P, from 1 to T − 1; with P = 1 the place is the query's own
 * @returns (H)
 * @example with P = 2 and T = 4 the weights are those of query 2 on key 1 and of query 3 on key 2
 * @points 3 @minutes 12 @difficulty 2
 */
export function inductionScore(pattern: tf.Tensor4D, period: number): tf.Tensor1D {
  return notDoneYet("inductionScore", pattern, period);
}

/**
 * Cuts one head: what it has read is replaced, and all other heads stay as they are.
 *
 * @param z (B, H, T, D) what each head has read at each place
 * @param head which head, from 0 to H − 1
 * @param instead "zero": zeros · "mean": the mean of this head's own z over all rows and places, the
 *   same D numbers everywhere
 * @returns (B, H, T, D), a new tensor
 * @example one row, two heads, two places, D = 1: z = [[[[1], [3]], [[5], [7]]]], head 0
 *   → "zero": [[[[0], [0]], [[5], [7]]]], "mean": [[[[2], [2]], [[5], [7]]]]
 * @points 3 @minutes 12 @difficulty 2
 */
export function ablateHead(z: tf.Tensor4D, head: number, instead: "zero" | "mean"): tf.Tensor4D {
  return notDoneYet("ablateHead", z, head, instead);
}

/**
 * The logit lens: what the last norm and the head make of the residual stream after any layer. The
 * norm is the LLaMA family's RMS norm,
 *
 *     normed = x / √(mean(x²) + 10⁻⁵) · gain          the mean goes over the C channels of one place
 *     logit of token v = Σ_c normed[c] · unembedding[v][c]
 *
 * @param stream (B, T, C)
 * @param gain (C)
 * @param unembedding (V, C): one row for each token
 * @returns logits (B, T, V)
 * @example stream [[[3, 4]]], gain [1, 2], unembedding [[1, 0], [0, 1]]: √(25 / 2) = 3.5355, so the
 *   logits are [[[0.8485, 2.2627]]]
 * @points 3 @minutes 12 @difficulty 2
 */
export function logitLens(
  stream: tf.Tensor3D,
  gain: tf.Tensor1D,
  unembedding: tf.Tensor2D,
): tf.Tensor3D {
  return notDoneYet("logitLens", stream, gain, unembedding);
}

/**
 * Integrated gradients of the tokens of a text (Sundararajan et al., 2017). The gradients of a score f
 * are given at S points of the straight line from x₀ to x. Each number of x counts
 *
 *     (x − x₀) · (mean of its S gradients)
 *
 * and a token counts what its C numbers count together. The sum over the tokens is then nearly
 * f(x) − f(x₀).
 *
 * @param gradients (S, B, T, C)
 * @param x (B, T, C) the embeddings of the tokens
 * @param baseline (C): x₀, the same for every token
 * @returns (B, T)
 * @example one token of two numbers: x = [3, 1], x₀ = [1, 1], gradients [2, 9] and [4, 9]
 *   → (3 − 1) · 3 + (1 − 1) · 9 = 6
 * @points 3 @minutes 12 @difficulty 3
 */
export function integratedGradients(
  gradients: tf.Tensor4D,
  x: tf.Tensor3D,
  baseline: tf.Tensor1D,
): tf.Tensor2D {
  return notDoneYet("integratedGradients", gradients, x, baseline);
}

/**
 * Labels for a control task (Hewitt & Liang, 2019). Each different word gets one label by chance, and
 * every example with this word has it: only a probe that learns words by heart can do the task.
 *
 * The i-th different word, in the order in which words first come up, gets 1 if draws[i] is smaller
 * than the share of ones among the real labels, and 0 otherwise.
 *
 * @param words the word of each example
 * @param labels the real label of each example; at least one
 * @param draws numbers from 0 to 1, at least as many as there are different words
 * @returns one label for each example
 * @example words a, b, a, c with labels 1, 0, 1, 0 (share 0.5) and draws 0.7, 0.2, 0.5 → 0, 1, 0, 0
 * @points 3 @minutes 12 @difficulty 2
 */
export function controlLabels(words: string[], labels: (0 | 1)[], draws: number[]): (0 | 1)[] {
  return notDoneYet("controlLabels", words, labels, draws);
}
