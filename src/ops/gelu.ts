// The Gaussian error linear unit, in the tanh form that GPT-2 uses: Hendrycks & Gimpel, 2016,
// arXiv:1606.08415.
//
//     gelu(x) = x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))
import { tf } from "../engine";
import { op } from "./define";

function clear<T extends tf.Tensor>(x: T): T {
  const cube = tf.mul(tf.mul(x, x), x); // not tf.pow, which is slow
  const inner = tf.mul(tf.add(x, tf.mul(cube, 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}

/**
 * gelu(x) = x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), element by element: an approximation of
 * x · Φ(x), where Φ is the distribution function of the normal distribution.
 * @param x any shape
 * @returns the shape of x
 */
export const gelu = op({
  name: "gelu",
  shapes: "x (…)",
  clear,
  kernel: "Gelu",
  clearWhenCompiled: true,
  fast: (x) => ({
    inputs: { x },
    outputs: ["y", "gate"], // only native keeps the gate, x's factor in y
    saved: ["x", "gate"],
  }),
});
