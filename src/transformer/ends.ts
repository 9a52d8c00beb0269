// What every model of Transformer blocks has before its first block and after its last one: token
// embeddings with their positions, and a norm.
import { tf } from "../engine";
import { embedding } from "../ops";
import { layerParams, type Params } from "../params";
import { type PositionKind, sinusoidalPositions } from "../position";
import { type NormOptions, normalised, normShapes } from "./block";
import type { BlockDesign } from "./options";

/** Where the tables of `embedTokens` are, and which positions are wanted. */
export interface EmbedOptions {
  /** Name of the token embeddings, (V, C). */
  tokens: string;
  /** Name of the position embeddings, (blockSize, C): only where positions are learned. */
  places: string;
  position: PositionKind;
  blockSize: number;
  /** The place of each token in the text, (T) int32; 0 … T − 1 if absent. */
  positions?: tf.Tensor1D;
}

/**
 * Token embeddings, and position embeddings added to them where the model has any. Beside waves of
 * size 1, token embeddings are multiplied by √C (Vaswani et al., 2017, §3.4).
 * @param ids (B, T) int32
 * @returns (B, T, C)
 */
export function embedTokens(
  ids: tf.Tensor2D,
  params: Params<tf.Tensor>,
  { tokens: name, places, position, blockSize, positions }: EmbedOptions,
): tf.Tensor3D {
  const T = ids.shape[1];
  const tokens = embedding(layerParams(params, name)[0], ids) as tf.Tensor3D; // (B, T, C)
  const C = tokens.shape[2];
  if (position === "sinusoidal") {
    const waves = positions
      ? embedding(sinusoidalPositions(blockSize, C), positions)
      : sinusoidalPositions(T, C);
    return tf.add(tf.mul(tokens, Math.sqrt(C)), waves);
  }
  if (position !== "learned") return tokens;
  const [table] = layerParams(params, places); // (blockSize, C)
  return tf.add(tokens, positions ? embedding(table, positions) : tf.slice(table, 0, T));
}

/** Whether a stack of blocks ends with a norm of its own: post-norm blocks each end with one. */
const hasFinalNorm = ({ norm, normPlacement = "pre" }: BlockDesign): boolean =>
  norm !== "none" && normPlacement === "pre";

/** The norm after the last block: (B, T, C) → (B, T, C). */
export const finalNorm = (
  x: tf.Tensor3D,
  params: Params<tf.Tensor>,
  name: string,
  design: NormOptions & BlockDesign,
): tf.Tensor3D => (hasFinalNorm(design) ? normalised(x, params, name, design) : x);

/** Its parameters by name; none where there is no such norm. */
export const finalNormShapes = (
  name: string,
  size: { nEmbd: number; bias: boolean } & BlockDesign,
): Record<string, number[]> => (hasFinalNorm(size) ? normShapes(name, size) : {});
