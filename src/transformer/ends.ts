// What every model of Transformer blocks has before its first block and after its last one: token
// embeddings with their positions, and a norm.
import { tf } from "../engine";
import { embedding } from "../ops";
import { layerParams, type Params } from "../params";
import { type PositionKind, sinusoidalPositions } from "../position";
import { type NormOptions, normalised, normShapes } from "./block";
import { type Hooks, hasHook, hooked } from "./hooks";
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
  /** Sees, or replaces, `hook_embed` and, where they are added, `hook_pos_embed`, (B, T, C) each. */
  hooks?: Hooks;
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
  { tokens: name, places: placesName, position, blockSize, positions, hooks }: EmbedOptions,
): tf.Tensor3D {
  const T = ids.shape[1];
  const found = embedding(layerParams(params, name)[0], ids) as tf.Tensor3D; // (B, T, C)
  const C = found.shape[2];
  const scaled = position === "sinusoidal" ? tf.mul<tf.Tensor3D>(found, Math.sqrt(C)) : found;
  const tokens = hooked(hooks, "hook_embed", scaled);
  if (position !== "sinusoidal" && position !== "learned") return tokens;
  const rows = (table: tf.Tensor) =>
    positions ? embedding(table, positions) : tf.slice(table, 0, T); // (T, C)
  const places =
    position === "learned"
      ? rows(layerParams(params, placesName)[0]) // of (blockSize, C)
      : positions
        ? rows(sinusoidalPositions(blockSize, C))
        : sinusoidalPositions(T, C);
  return tf.add(tokens, hookedPlaces(places, tokens, hooks));
}

/** One row of places for all texts; (B, T, C) where a hook may replace some of them. */
function hookedPlaces(places: tf.Tensor, tokens: tf.Tensor3D, hooks?: Hooks): tf.Tensor {
  if (!hasHook(hooks, "hook_pos_embed")) return places;
  const [B] = tokens.shape;
  return hooked(hooks, "hook_pos_embed", tf.tile(tf.expandDims(places, 0), [B, 1, 1]));
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
