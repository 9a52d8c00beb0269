// Root mean square normalisation: Zhang & Sennrich, 2019, «Root Mean Square Layer Normalization», arXiv:1910.07467.
// Layer normalisation without the mean and the bias; what LLaMA and most models after it use.
import { tf } from "../engine";
import { allFloat, hasFused, runFused, shapeText } from "./fused";

function check(x: tf.Tensor, gain: tf.Tensor | null): void {
  const C = x.shape.at(-1);
  if (C === undefined) throw new Error("rmsNorm: expected x (…, C), got a scalar");
  if (gain && (gain.rank !== 1 || gain.shape[0] !== C))
    throw new Error(`rmsNorm: expected gain (${C}) for x ${shapeText(x)}, got ${shapeText(gain)}`);
}

/** `rmsNorm` from tfjs operations: the definition. */
export function clearRmsNorm<T extends tf.Tensor>(x: T, gain: tf.Tensor | null, eps = 1e-5): T {
  check(x, gain);
  return tf.tidy(() => {
    const meanSquare = tf.mean(tf.mul(x, x), -1, true);
    const y = tf.div(x, tf.sqrt(tf.add(meanSquare, eps)));
    return (gain ? tf.mul(y, gain) : y) as T;
  });
}

/**
 * Root mean square normalisation of the last axis: y = x / √(mean(x²) + ε) · gain, row by row.
 * PyTorch's `F.rms_norm` and Hugging Face's `LlamaRMSNorm`, whose ε differ: LLaMA has 1e-6, LLaMA 2 and 3 1e-5.
 * @param x (…, C)
 * @param gain (C), or null for none
 * @param eps ε, inside the root
 * @returns the shape of x
 * @throws Error when the shapes do not fit
 */
export function rmsNorm<T extends tf.Tensor>(x: T, gain: tf.Tensor | null, eps = 1e-5): T {
  check(x, gain);
  if (!hasFused("RmsNorm") || !allFloat(x, ...(gain ? [gain] : [])) || x.size === 0)
    return clearRmsNorm(x, gain, eps);
  return tf.tidy(() => fused(eps)(x, gain ?? tf.ones([x.shape.at(-1)!])) as T);
}

// With s = 1/√(mean(x²) + ε), h = x s and g = ∂y · gain:  ∂x = s (g − h · mean(g h)),  ∂gain = Σ_rows ∂y h
const fused = (eps: number) =>
  tf.customGrad((x, gain, save) => {
    const inputs = { x: x as tf.Tensor, gain: gain as tf.Tensor };
    const [y, scale] = runFused<tf.Tensor[]>("RmsNorm", inputs, { eps });
    (save as tf.GradSaveFunc)([inputs.x, scale, inputs.gain]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, [x, scale, gain]: tf.Tensor[]) =>
        runFused<tf.Tensor[]>("RmsNormGrad", { dy, x, scale, gain }),
    };
  });
