// How positions enter the attention of a GPT (lesson 07, positions). Those that are added to the
// embeddings are `embedTokens` of llm/transformer.
import type { tf } from "../engine";
import { rope } from "../ops";
import { layerParams, type Params } from "../params";
import { alibiBias, relativeBias } from "../position";
import type { AttentionPosition } from "../transformer";
import type { GPTConfig } from "./config";

/** T5's name for the table of its first layer, which all layers share. */
export const RELATIVE_BIAS = "transformer.relative_attention_bias";

/** What position does inside attention, the same in every layer. */
export function attentionPosition(
  params: Params,
  { nHead: H, position, relativeMaxDistance: maxDistance }: GPTConfig,
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
  return { bias: relativeBias(table, T, T, { maxDistance }) };
}
