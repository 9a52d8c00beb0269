// LoRA inside a layer: Hu et al., 2021, "LoRA: Low-Rank Adaptation of Large Language Models",
// arXiv:2106.09685, section 4.1. A frozen matrix W gets a second path beside it, which is narrow in
// the middle:
//
//     y = x · Wᵀ + α/r · x · Aᵀ · Bᵀ        A (r, in), B (out, r)
//
// The two small matrices stand in the record of parameters under PEFT's names, `<layer>.lora_A.weight`
// and `<layer>.lora_B.weight`, in this layout whichever way W itself is stored. α is one number for
// all of them, under `lora_alpha`; a record without it has α = r. Making, training, merging and
// storing them is llm/peft. Left out: dropout before A, DoRA, r-dependent scales (rsLoRA is read by
// llm/peft as another α).
import { tf } from "../engine";
import type { Params } from "../params";

/** The name under which the record has α, a scalar. */
export const LORA_ALPHA = "lora_alpha";

/** The names of a layer's two matrices. */
export const loraNames = (layer: string): [a: string, b: string] => [
  `${layer}.lora_A.weight`,
  `${layer}.lora_B.weight`,
];

/**
 * y + α/r · x · Aᵀ · Bᵀ; y itself where the record has no update of this layer.
 * @param y (…, out), what the layer gives without it
 * @param x (…, in)
 * @param layer what stands before `.lora_A.weight`
 * @returns (…, out)
 * @throws if only one of the two matrices is there, or they do not fit the layer
 */
export function addLora<T extends tf.Tensor>(
  y: T,
  x: tf.Tensor,
  params: Params<tf.Tensor>,
  layer: string,
): T {
  const [nameA, nameB] = loraNames(layer);
  const a = params[nameA] as tf.Tensor2D | undefined;
  const b = params[nameB] as tf.Tensor2D | undefined;
  if (!a && !b) return y;
  const [width, out] = [x.shape.at(-1)!, y.shape.at(-1)!];
  if (!a || !b || a.shape[1] !== width || b.shape[0] !== out || a.shape[0] !== b.shape[1])
    throw new Error(
      `addLora: expected lora_A (r, ${width}) and lora_B (${out}, r) for ${layer}, ` +
        `got ${a ? `(${a.shape})` : "none"} and ${b ? `(${b.shape})` : "none"}`,
    );
  return tf.tidy(() => {
    const low = tf.matMul(tf.reshape(x, [-1, width]), a, false, true); // (N, r)
    const alpha = params[LORA_ALPHA];
    const scaled = alpha ? tf.mul(low, tf.div(alpha, a.shape[0])) : low;
    return tf.add(y, tf.reshape(tf.matMul(scaled, b, false, true), y.shape)) as T;
  });
}
