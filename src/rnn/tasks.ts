// Two tasks that need memory and nothing else, with as many examples as one likes.
//   adding  Hochreiter & Schmidhuber (1997), one mark in each half (Arjovsky, Shah & Bengio, 2016)
//   copy    Hochreiter & Schmidhuber (1997), in the form of Arjovsky, Shah & Bengio (2016)
// Both can be answered perfectly, and both have a score that a model without memory cannot beat.

import { tf } from "../engine";
import type { Random } from "../random";

/** Examples of a memory task. */
export type TaskBatch = {
  /** (B, T, I) */
  x: tf.Tensor3D;
  /** adding: (B, 1) float32 sums · copy: (B, L) int32 symbols */
  y: tf.Tensor2D;
};

/** One kind of question at one length. */
export interface MemoryTask {
  name: "adding" | "copy";
  /**
   * steps between the first thing to remember and the answer, roughly: the whole sequence (adding)
   * or the pause (copy)
   */
  T: number;
  inputSize: number;
  outputSize: number;
  /** how many of the last steps must answer */
  answers: number;
  /** length of x */
  length: number;
  batch(size: number, rng: Random): TaskBatch;
  /** training loss of predictions (B, answers, outputSize) */
  loss(prediction: tf.Tensor3D, y: tf.Tensor2D): tf.Scalar;
  /** adding: mean squared error, lower is better · copy: share of symbols right */
  score(prediction: tf.Tensor3D, y: tf.Tensor2D): number;
  /** the score of the best answer that ignores the sequence */
  baseline: number;
  passes(score: number): boolean;
}

/**
 * T pairs (number, mark). Numbers are uniform in [0, 1); two of them are marked with 1, one in each
 * half; the answer after the last step is the sum of those two. Always answering 1 has a mean
 * squared error of 2 · 1/12 = 0.167.
 *
 * @param o.passBelow mean squared error that counts as solved
 */
export function addingTask(T: number, o: { passBelow?: number } = {}): MemoryTask {
  if (!(T >= 2)) throw new Error(`addingTask: expected T of at least 2, got ${T}`);
  const { passBelow = 0.02 } = o;
  const half = Math.floor(T / 2);
  return {
    name: "adding",
    T,
    inputSize: 2,
    outputSize: 1,
    answers: 1,
    length: T,
    baseline: 1 / 6,
    batch(size, rng) {
      const x = new Float32Array(size * T * 2);
      const y = new Float32Array(size);
      for (let b = 0; b < size; b++) {
        for (let t = 0; t < T; t++) x[(b * T + t) * 2] = rng.uniform();
        for (const t of [rng.integer(half), half + rng.integer(T - half)]) {
          x[(b * T + t) * 2 + 1] = 1;
          y[b] += x[(b * T + t) * 2];
        }
      }
      return { x: tf.tensor3d(x, [size, T, 2]), y: tf.tensor2d(y, [size, 1]) };
    },
    loss: (p, y) => tf.mean(tf.squaredDifference(p.reshape(y.shape), y)) as tf.Scalar,
    score: (p, y) =>
      tf.tidy(() => tf.mean(tf.squaredDifference(p.reshape(y.shape), y)).dataSync()[0]),
    passes: (mse) => mse < passBelow,
  };
}

/**
 * L symbols, then T steps of pause (the last one says "now"), then L blank steps in which the
 * symbols must be repeated. Guessing has an accuracy of 1 / symbols. Inputs are one-hot: symbols,
 * then "blank", then "now".
 *
 * @param o.passAbove accuracy that counts as solved
 */
export function copyTask(
  T: number,
  o: { symbols?: number; length?: number; passAbove?: number } = {},
): MemoryTask {
  const { symbols = 8, length: L = 5, passAbove = 0.9 } = o;
  if (!(T >= 1)) throw new Error(`copyTask: expected T of at least 1, got ${T}`);
  const [blank, now] = [symbols, symbols + 1];
  const length = L + T + L;
  return {
    name: "copy",
    T,
    inputSize: symbols + 2,
    outputSize: symbols,
    answers: L,
    length,
    baseline: 1 / symbols,
    batch(size, rng) {
      const ids = new Int32Array(size * length).fill(blank);
      const y = new Int32Array(size * L);
      for (let b = 0; b < size; b++) {
        for (let k = 0; k < L; k++) ids[b * length + k] = y[b * L + k] = rng.integer(symbols);
        ids[b * length + L + T - 1] = now;
      }
      const x = tf.tidy(
        () => tf.oneHot(tf.tensor2d(ids, [size, length]), symbols + 2).toFloat() as tf.Tensor3D,
      );
      return { x, y: tf.tensor2d(y, [size, L], "int32") };
    },
    loss: (p, y) =>
      tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(p), tf.oneHot(y, symbols)), -1))) as tf.Scalar,
    score: (p, y) =>
      tf.tidy(() => tf.mean(tf.equal(tf.argMax(p, -1).toInt(), y).toFloat()).dataSync()[0]),
    passes: (accuracy) => accuracy > passAbove,
  };
}
