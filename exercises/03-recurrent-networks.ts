// Lesson 03 (recurrent networks). Replace each `notDoneYet(…)` with your answer, save the file, and
// run the check in the notebook (or `npm run check 03`). Later functions may call the ones that you
// have finished.
//
// Letters: B batch (sequences side by side), T time steps, I input width, H hidden width, V
// vocabulary.

import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answers will call the functions of tf
import { tf } from "llm/engine";
import type { Layer, ReadOut, RnnState, RnnWeights } from "llm/rnn";

/**
 * One step of the plain recurrent network, for B sequences at once.
 *
 *     h' = tanh(W_ih x + b_ih + W_hh h + b_hh)
 *
 * Each row of `x` is the input of one sequence, so W_ih x is `tf.matMul(x, W_ih, false, true)`: x
 * times the transposed weight.
 *
 * @param x (B, I) the input of this step
 * @param h (B, H) the state before this step
 * @param w weight_ih_l0 (H, I), weight_hh_l0 (H, H), bias_ih_l0 (H), bias_hh_l0 (H), named as in
 *   PyTorch
 * @returns (B, H) the state after this step
 * @example x [[1]], h [[0.5]], weights [[2]] and [[-1]], biases [0.1] and [0.2] → [[0.947]]
 *   // tanh(2 + 0.1 − 0.5 + 0.2)
 * @points 2 @minutes 8 @difficulty 1
 */
export function rnnCell(x: tf.Tensor2D, h: tf.Tensor2D, w: RnnWeights): tf.Tensor2D {
  return notDoneYet("rnnCell", x, h, w);
}

/**
 * Backpropagation through time by hand, for a recurrent network whose state is one number, cut off
 * after `k` steps.
 *
 *     h_t = tanh(w·h_{t−1} + u·x_t)   for t = 1…T,     loss = h_T
 *
 * Go forward through *all* steps and keep every h_t. Then go backward from t = T, through the last
 * k steps only:
 *
 *     δ = 1                                    (∂loss/∂h_T)
 *     each step:   a = δ·(1 − h_t²)            (through tanh; this is its slope at h_t)
 *                  dw += a·h_{t−1}   du += a·x_t   δ = a·w
 *
 * The state before the cut counts as a constant: its value is used, but no gradient goes through
 * it. With k ≥ T there is no cut, and the gradient is exact.
 *
 * @param xs x_1 … x_T, so x_t is `xs[t - 1]`; leave xs unchanged
 * @param h0 the state before x_1
 * @param k how many steps the gradient goes back, at least 1
 * @returns h = h_T, and the shares of the last k steps in dw = ∂loss/∂w and du = ∂loss/∂u
 * @example truncatedBptt([1, 1], 0.5, 1, 0, 1) → { h: 0.881, dw: 0.170, du: 0.224 }
 *   // h_1 = tanh(1) = 0.762, h_2 = tanh(0.5·0.762 + 1) = 0.881; slope 1 − 0.881² = 0.224
 * @points 4 @minutes 15 @difficulty 3
 */
export function truncatedBptt(
  xs: number[],
  w: number,
  u: number,
  h0: number,
  k: number,
): { h: number; dw: number; du: number } {
  return notDoneYet("truncatedBptt", xs, w, u, h0, k);
}

/**
 * Shortens a gradient that is too long without changing its direction: all tensors are multiplied
 * by the same factor.
 *
 *     norm   = √(Σ over all tensors, over all their numbers, of g²)
 *     factor = min(1, maxNorm / norm)
 *
 * @param grads gradients by the name of their parameter; leave them unchanged
 * @param maxNorm the largest norm allowed, above 0
 * @returns grads: new tensors under the same names; norm: the norm *before* clipping, as a scalar
 *   tensor
 * @example { a: [3, 0], b: [4] } with maxNorm 1: norm 5, factor 0.2 → { a: [0.6, 0], b: [0.8] }
 * @points 2 @minutes 8 @difficulty 2
 */
export function clipByGlobalNorm(
  grads: Record<string, tf.Tensor>,
  maxNorm: number,
): { grads: Record<string, tf.Tensor>; norm: tf.Scalar } {
  return notDoneYet("clipByGlobalNorm", grads, maxNorm);
}

/**
 * One step of the LSTM. The weights hold four blocks of H rows, in the order i, f, g, o; with
 * z = W_ih x + b_ih + W_hh h + b_hh (B, 4·H), cut into four (`tf.split(z, 4, 1)`):
 *
 *     i = σ(z_i)   how much of g to write                f = σ(z_f)   how much of c to keep
 *     g = tanh(z_g)   what might be written              o = σ(z_o)   how much to show
 *     c' = f ⊙ c + i ⊙ g        h' = o ⊙ tanh(c')
 *
 * @param x (B, I) the input of this step
 * @param state [h, c], each (B, H)
 * @param w weight_ih_l0 (4·H, I), weight_hh_l0 (4·H, H), bias_ih_l0 (4·H), bias_hh_l0 (4·H)
 * @returns [h', c'], each (B, H)
 * @example all weights 0, biases of f 20 (σ ≈ 1) and of i −20 (σ ≈ 0), the others 0:
 *   c' = c, h' = 0.5·tanh(c)
 * @points 3 @minutes 12 @difficulty 2
 */
export function lstmCell(
  x: tf.Tensor2D,
  state: [tf.Tensor2D, tf.Tensor2D],
  w: RnnWeights,
): [tf.Tensor2D, tf.Tensor2D] {
  return notDoneYet("lstmCell", x, state, w);
}

/**
 * One step of the GRU, as PyTorch computes it. Blocks of H rows in the order r, z, n:
 *
 *     r = σ(W_ir x + b_ir + W_hr h + b_hr)             how much of h goes into the proposal
 *     z = σ(W_iz x + b_iz + W_hz h + b_hz)             how much of h to keep
 *     n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))    the proposal for the new state
 *     h' = (1 − z) ⊙ n + z ⊙ h
 *
 * For n, keep the part from x and the part from h separate until r has been applied to the latter.
 *
 * @param x (B, I) the input of this step
 * @param h (B, H) the state before this step
 * @param w weight_ih_l0 (3·H, I), weight_hh_l0 (3·H, H), bias_ih_l0 (3·H), bias_hh_l0 (3·H)
 * @returns (B, H) the state after this step
 * @example all weights 0, bias of z 20 (σ ≈ 1), the others 0: h' = h
 * @points 3 @minutes 12 @difficulty 2
 */
export function gruCell(x: tf.Tensor2D, h: tf.Tensor2D, w: RnnWeights): tf.Tensor2D {
  return notDoneYet("gruCell", x, h, w);
}

/**
 * The loss of a character model on pieces of text: at every position it predicts the *next*
 * character.
 *
 * The inputs are the characters 0…T−1 of each row as one-hot vectors, and the targets are the
 * characters 1…T. The layer turns inputs (B, T, V) into outputs (B, T, H); the read-out turns each
 * output into V logits, output · weightᵀ + bias. The loss is the cross-entropy
 * −ln softmax(logits)[target], averaged over all B·T predictions.
 *
 * Useful: `tf.oneHot(ids, V)`, `tf.logSoftmax(logits)`, `tf.slice(ids, [0, 0], [B, T])`. Flatten
 * (B, T, H) to (B·T, H) with `reshape([B * T, -1])`: then each position is one row, and the
 * read-out is one product of two matrices.
 *
 * @param layer (x, state) → { outputs, state }; call it once
 * @param readOut weight (V, H) and bias (V)
 * @param ids (B, T + 1) int32
 * @param state the layer's state before the first character
 * @returns loss: a scalar, in nats; state: the layer's state after the last input, with which the
 *   next piece of text begins
 * @example a read-out of zeros gives every character 1/V: the loss is ln V, whatever the text
 * @points 3 @minutes 12 @difficulty 3
 */
export function charLoss(
  layer: Layer,
  readOut: ReadOut,
  ids: tf.Tensor2D,
  state: RnnState,
): { loss: tf.Scalar; state: RnnState } {
  return notDoneYet("charLoss", layer, readOut, ids, state);
}
