// Where positions enter a GPT (lesson 07, positions): added to the embeddings, or inside attention.
import { tf } from "../engine";
import { embedding, rope } from "../ops";
import { layerParams, type Params } from "../params";
import { alibiBias, relativeBias, sinusoidalPositions } from "../position";
import type { AttentionPosition } from "../transformer";
import type { GPTConfig } from "./config";

/** T5's name for the table of its first layer, which all layers share. */
export const RELATIVE_BIAS = "transformer.relative_attention_bias";

/**
 * Token embeddings, and position embeddings added to them where the model has any: (B, T) →
 * (B, T, C). Beside waves of size 1, embeddings are multiplied by √C (Vaswani et al., 2017, §3.4).
 */
export function embedded(
  params: Params,
  { nEmbd: C, blockSize, position = "learned" }: GPTConfig,
  ids: tf.Tensor2D,
  positions?: tf.Tensor1D,
): tf.Tensor3D {
  const T = ids.shape[1];
  const [table] = layerParams(params, "transformer.wte"); // (V, C)
  const tokens = embedding(table, ids) as tf.Tensor3D; // (B, T, C)
  if (position === "sinusoidal") {
    const waves = positions
      ? embedding(sinusoidalPositions(blockSize, C), positions)
      : sinusoidalPositions(T, C);
    return tf.add(tf.mul(tokens, Math.sqrt(C)), waves);
  }
  if (position !== "learned") return tokens;
  const [places] = layerParams(params, "transformer.wpe"); // (blockSize, C)
  return tf.add(tokens, positions ? embedding(places, positions) : tf.slice(places, 0, T));
}

/** What position does inside attention, the same in every layer. */
export function attentionPosition(
  params: Params,
  { nHead: H, position }: GPTConfig,
  T: number,
  positions?: tf.Tensor1D,
): AttentionPosition | undefined {
  if (position === "rope") return { rotate: (x) => rope(x, positions ? { positions } : {}) };
  if (position !== "alibi" && position !== "t5") return undefined;
  if (positions)
    throw new Error(
      `gptHidden: expected a model without a bias of the scores for a KV cache, got ${position}`,
    );
  if (position === "alibi") return { bias: alibiBias(H, T) };
  const [table] = layerParams<tf.Tensor2D>(params, RELATIVE_BIAS); // (buckets, H)
  return { bias: relativeBias(table, T) };
}
