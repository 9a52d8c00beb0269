// Dropout: Srivastava et al., 2014, «Dropout: A Simple Way to Prevent Neural Networks from Overfitting», JMLR 15,
// in the «inverted» form: survivors are scaled up in training, so that nothing need be done afterwards.
// The mask is drawn in JavaScript, so that every backend drops the same values.
import { tf } from "../engine";
import type { Random } from "../random";

/**
 * Sets each value to zero with probability `rate` and divides the others by 1 − rate.
 * @param x any shape
 * @param rate from 0 to below 1; 0 returns x unchanged
 * @param rng takes one draw a value, in row-major order (none when rate is 0)
 * @returns the shape of x
 * @throws Error when the rate is out of range
 */
export function dropout<T extends tf.Tensor>(x: T, rate: number, rng: Random): T {
  if (!(rate >= 0 && rate < 1)) throw new Error(`dropout: expected a rate from 0 to below 1, got ${rate}`);
  if (rate === 0) return tf.clone(x);
  return tf.tidy(() => {
    const mask = new Float32Array(x.size);
    const scale = 1 / (1 - rate);
    for (let i = 0; i < mask.length; i++) mask[i] = rng.uniform() < rate ? 0 : scale;
    return tf.mul(x, tf.tensor(mask, x.shape)) as T;
  });
}
