// The affine map of a layer as PyTorch stores it, weight (out, in): LLaMA, BERT and most models of
// Hugging Face. GPT-2's weights are (in, out): `linear` of llm/ops.
import { tf } from "../engine";
import { layerParams, type Params } from "../params";

/**
 * x · Wᵀ + b, where b is added if the record has it.
 * @param x (…, in)
 * @param name what stands before `.weight` (out, in) and `.bias` (out)
 * @returns (…, out)
 * @throws if there is no such weight
 */
export function dense<T extends tf.Tensor>(x: T, params: Params<tf.Tensor>, name: string): T {
  const [weight, bias] = layerParams<tf.Tensor2D>(params, name);
  const [out, width] = weight.shape;
  if (x.shape.at(-1) !== width)
    throw new Error(`dense: expected x (…, ${width}) for ${name}, got (${x.shape})`);
  return tf.tidy(() => {
    const y = tf.matMul(tf.reshape(x, [-1, width]), weight, false, true); // (N, out)
    return tf.reshape(bias ? tf.add(y, bias) : y, [...x.shape.slice(0, -1), out]) as T;
  });
}
