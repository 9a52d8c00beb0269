// The Gaussian error linear unit itself, as BERT uses it; ./gelu is its approximation by tanh.
// Hendrycks & Gimpel, 2016, arXiv:1606.08415.
//
//     gelu(x) = x · Φ(x) = x/2 · (1 + erf(x/√2))
import { tf } from "../engine";
import { op } from "./define";

function clear<T extends tf.Tensor>(x: T): T {
  const gate = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5); // Φ(x)
  return tf.mul(x, gate);
}

/**
 * gelu(x) = x · Φ(x), element by element, where Φ is the distribution function of the normal
 * distribution. The tanh form differs from it by at most 0.0005.
 * @param x any shape
 * @returns the shape of x
 */
export const geluExact = op({ name: "geluExact", shapes: "x (…)", clear });
