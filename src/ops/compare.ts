// Do two versions of an operation, or two engines, compute the same? `npm run selfcheck` and the
// tests of llm/ops ask so.
import { tf } from "../engine";
import { Random, randomNormal } from "../random";

export type Op = (...inputs: tf.Tensor[]) => tf.Tensor;

/**
 * Value and gradients of Σ op(x) · weights at fixed random inputs and weights.
 * @param shapes of the inputs
 * @param scale their standard deviation
 * @returns the value of op, then the gradient by each input
 */
export function valueAndGradients(
  op: Op,
  shapes: number[][],
  seed: number,
  scale = 1,
): tf.Tensor[] {
  const rng = new Random(seed);
  const inputs = shapes.map((shape) => randomNormal(shape, { rng, std: scale }));
  const y = op(...inputs);
  const weights = randomNormal(y.shape, { rng });
  return [y, ...tf.grads((...x: tf.Tensor[]) => tf.sum(tf.mul(op(...x), weights)))(inputs)];
}

export const numbersOf = (tensors: tf.Tensor[]): number[][] =>
  tensors.map((t) => Array.from(t.dataSync()));

/**
 * Largest difference, relative to the largest value of its list (at least 1); infinite for NaN and
 * other sizes.
 */
export function distance(a: number[][], b: number[][]): number {
  if (a.length !== b.length || a.some((list, k) => list.length !== b[k].length))
    return Number.POSITIVE_INFINITY;
  return Math.max(
    ...a.flatMap((list, k) => {
      const size = Math.max(1, ...list.map(Math.abs));
      return list.map((v, i) => {
        const d = Math.abs(v - b[k][i]) / size;
        return Number.isNaN(d) ? Number.POSITIVE_INFINITY : d;
      });
    }),
  );
}
