// Layer normalisation: Ba, Kiros & Hinton, 2016, «Layer Normalization», arXiv:1607.06450.
import { tf } from "../engine";
import { allFloat, hasFused, runFused, shapeText } from "./fused";

function check(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor | null | undefined): void {
  const C = x.shape.at(-1);
  for (const [name, t] of [
    ["gain", gain],
    ["bias", bias],
  ] as const) {
    if (t && (t.rank !== 1 || t.shape[0] !== C)) {
      throw new Error(`layerNorm: expected ${name} (${C}) for x ${shapeText(x)}, got ${shapeText(t)}`);
    }
  }
}

/** `layerNorm` from tfjs operations: the definition. */
export function clearLayerNorm<T extends tf.Tensor>(
  x: T,
  gain: tf.Tensor,
  bias: tf.Tensor | null,
  eps = 1e-5,
): T {
  check(x, gain, bias);
  return tf.tidy(() => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.mul(centred, centred), -1, true); // divided by C, not C − 1
    const y = tf.mul(tf.div(centred, tf.sqrt(tf.add(variance, eps))), gain);
    return (bias ? tf.add(y, bias) : y) as T;
  });
}

/**
 * Layer normalisation of the last axis: y = (x − μ) / √(σ² + ε) · gain + bias, where μ and σ² are the mean and the
 * (biased) variance of each row of C values.
 * @param x (…, C)
 * @param gain (C)
 * @param bias (C), or null for none
 * @param eps ε, inside the root; 1e-5 as in GPT-2
 * @returns the shape of x
 * @throws Error when the shapes do not fit
 */
export function layerNorm<T extends tf.Tensor>(x: T, gain: tf.Tensor, bias: tf.Tensor | null, eps = 1e-5): T {
  check(x, gain, bias);
  if (!hasFused("LayerNorm") || !allFloat(x, gain, ...(bias ? [bias] : [])) || x.size === 0) {
    return clearLayerNorm(x, gain, bias, eps);
  }
  return tf.tidy(() => fused(eps)(x, gain, bias ?? tf.zerosLike(gain)) as T);
}

// With h = (x − μ)/√(σ² + ε) and g = ∂y · gain:  ∂x = (g − mean(g) − h · mean(g h)) / √(σ² + ε)
const fused = (eps: number) =>
  tf.customGrad((x, gain, bias, save) => {
    const inputs = { x: x as tf.Tensor, gain: gain as tf.Tensor, bias: bias as tf.Tensor };
    const [y, normalised, scale] = runFused<tf.Tensor[]>("LayerNorm", inputs, { eps });
    (save as tf.GradSaveFunc)([normalised, scale, gain as tf.Tensor]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, [normalised, scale, gain]: tf.Tensor[]) =>
        runFused<tf.Tensor[]>("LayerNormGrad", { dy, normalised, scale, gain }),
    };
  });
