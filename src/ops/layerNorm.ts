// Layer normalisation: Ba, Kiros & Hinton, 2016, "Layer Normalization", arXiv:1607.06450.
//
//     y = (x − μ) / √(σ² + ε) · gain + bias
//
// μ and σ² are the mean and the variance of the C values in one row.
import { tf } from "../engine";
import { op } from "./define";

function clear<T extends tf.Tensor>(x: T, gain: tf.Tensor, bias: tf.Tensor | null, eps = 1e-5): T {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.mul(centred, centred), -1, true); // divided by C, not by C − 1
  const normalised = tf.div(centred, tf.sqrt(tf.add(variance, eps)));
  const y: T = tf.mul(normalised, gain);
  return bias ? tf.add(y, bias) : y;
}

/**
 * Layer normalisation of the last axis: (x − μ) / √(σ² + ε) · gain + bias, row by row, with the
 * mean μ and the (biased) variance σ² of each row.
 * @param x (…, C)
 * @param gain (C)
 * @param bias (C), or null for none
 * @param eps ε, inside the root; 1e-5 as in GPT-2
 * @returns the shape of x
 * @throws Error when the shapes do not fit
 */
export const layerNorm = op({
  name: "layerNorm",
  shapes: "x (…, C), gain (C), bias? (C)",
  clear,
  kernel: "LayerNorm",
  // With n the normalised values and g = ∂y · gain:
  // ∂x = (g − mean(g) − n · mean(g · n)) / √(σ² + ε)
  fast: (x, gain, bias, eps = 1e-5) => ({
    inputs: { x, gain, bias: bias ?? tf.zerosLike(gain) },
    attributes: { eps },
    outputs: ["y", "normalised", "scale"],
    saved: ["normalised", "scale", "gain"],
  }),
});
