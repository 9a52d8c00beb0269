// The Gaussian error linear unit, in the tanh form that GPT-2 uses: Hendrycks & Gimpel, 2016, arXiv:1606.08415.
import { tf } from "../engine";
import { allFloat, hasFused, runFused } from "./fused";

/** `gelu` from tfjs operations: the definition. */
export function clearGelu<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => {
    const cube = tf.mul(tf.mul(x, x), x); // not tf.pow, which is slow
    const inner = tf.mul(tf.add(x, tf.mul(cube, 0.044715)), Math.sqrt(2 / Math.PI));
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1)) as T;
  });
}

/**
 * gelu(x) = x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), an approximation of x · Φ(x), element by element.
 * @param x any shape
 * @returns the shape of x
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  return hasFused("Gelu") && allFloat(x) ? (fused(x) as T) : clearGelu(x);
}

const fused = tf.customGrad((x, save) => {
  const inputs = { x: x as tf.Tensor };
  const [value, gate] = [runFused<tf.Tensor | tf.Tensor[]>("Gelu", inputs)].flat(); // some engines keep a second one
  (save as tf.GradSaveFunc)(gate ? [inputs.x, gate] : [inputs.x]);
  return {
    value,
    gradFunc: (dy: tf.Tensor, [x, gate]: tf.Tensor[]) =>
      runFused("GeluGrad", gate ? { x, gate, dy } : { x, dy }),
  };
});
