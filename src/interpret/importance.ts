// Which tokens of the input a prediction depends on: gradient × input (Shrikumar et al., 2016) and
// integrated gradients (Sundararajan et al., 2017, "Axiomatic Attribution for Deep Networks"). What
// an importance is worth is asked by deletion: without the tokens it names, the logit must fall faster
// than without tokens named by chance.
//
// Letters: B batch, T time, C channels, V vocabulary.
import { tf } from "../engine";
import { tensorOf } from "./heads";
import { type Model, runWithHooks } from "./run";

/** A scalar function of a tensor, one value for each row of a batch. */
export type ScoreFn = (x: tf.Tensor3D) => tf.Tensor1D;

/**
 * The gradient of f at S points of the straight line from x₀ to x: at the middle of each of S equal
 * pieces.
 * @param f gives one number per row
 * @param x (B, T, C)
 * @param baseline x₀, broadcastable to x
 * @returns (S, B, T, C)
 */
export function gradientsOnLine(
  f: ScoreFn,
  x: tf.Tensor3D,
  baseline: tf.Tensor,
  steps = 32,
): tf.Tensor4D {
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new Error(`gradientsOnLine: expected a whole number of steps, got ${steps}`);
  return tf.tidy(() => {
    const way = tf.sub(x, baseline); // (B, T, C)
    const gradient = tf.grad((at: tf.Tensor) => tf.sum(f(at as tf.Tensor3D)));
    const points = Array.from({ length: steps }, (_, i) =>
      gradient(tf.add(baseline, tf.mul(way, (i + 0.5) / steps))),
    );
    return tf.stack(points) as tf.Tensor4D;
  });
}

/**
 * Integrated gradients of each token: Σ_c (x − x₀) · the mean gradient on the line from x₀ to x. Their
 * sum over a row is f(x) − f(x₀) as the steps become many (completeness).
 * @param gradients (S, B, T, C), from `gradientsOnLine`
 * @param x (B, T, C)
 * @param baseline x₀ (C)
 * @returns (B, T)
 */
export function integratedGradients(
  gradients: tf.Tensor4D,
  x: tf.Tensor3D,
  baseline: tf.Tensor1D,
): tf.Tensor2D {
  return tf.tidy(() => tf.sum(tf.mul(tf.sub(x, baseline), tf.mean(gradients, 0)), -1));
}

/**
 * Gradient × input of each token: integrated gradients with the one gradient at x, and 0 for the
 * baseline.
 * @returns (B, T)
 */
export function gradientTimesInput(f: ScoreFn, x: tf.Tensor3D): tf.Tensor2D {
  return tf.tidy(() => {
    const gradient = tf.grad((at: tf.Tensor) => tf.sum(f(at as tf.Tensor3D)))(x);
    return tf.sum(tf.mul(x, gradient), -1) as tf.Tensor2D;
  });
}

/**
 * The logit of a token at the last place, as a function of the token embeddings (`hook_embed`),
 * relative to the mean logit.
 * @param targets one token for each row
 */
export function lastLogit(
  model: Model,
  rows: readonly (readonly number[])[],
  targets: readonly number[],
): ScoreFn {
  return (x) =>
    tf.tidy(() => {
      const logits = runWithHooks(model, tensorOf(rows), { hook_embed: () => x }); // (B, T, V)
      const [B, T, V] = logits.shape;
      const last = tf.reshape(tf.slice(logits, [0, T - 1, 0], [B, 1, V]), [B, V]);
      const right = tf.oneHot(tf.tensor1d([...targets], "int32"), V);
      return tf.sub(tf.sum(tf.mul(last, right), 1), tf.mean(last, 1)) as tf.Tensor1D;
    });
}

/**
 * The deletion test: embeddings are replaced by the baseline one after the other in a given order, and
 * after each the score is taken.
 * @param order for each row the places, in the order in which they are deleted
 * @param count how many are deleted
 * @returns count + 1 mean scores, the first with nothing deleted
 */
export function deletionCurve(
  f: ScoreFn,
  x: tf.Tensor3D,
  baseline: tf.Tensor1D,
  order: readonly (readonly number[])[],
  count: number,
): number[] {
  const [, T] = x.shape;
  return Array.from({ length: count + 1 }, (_, n) =>
    tf.tidy(() => {
      const kept = order.map((places) => {
        const gone = new Set(places.slice(0, n));
        return Array.from({ length: T }, (_, t) => (gone.has(t) ? 0 : 1));
      });
      const mask = tf.expandDims(tf.tensor2d(kept), 2); // (B, T, 1)
      const left = tf.add(tf.mul(x, mask), tf.mul(baseline, tf.sub(1, mask)));
      return tf.mean(f(left as tf.Tensor3D)).dataSync()[0];
    }),
  );
}

/** Places from the most to the least important. */
export const byImportance = (scores: readonly number[]): number[] =>
  scores.map((_, t) => t).sort((a, b) => scores[b] - scores[a]);
