/**
 * A picture or a caption as vectors, by the blocks of llm/transformer without the causal rule.
 *
 *     patches (B, N, P·P·3) · W + position of the patch   → blocks → norm   picture (B, N, C)
 *     words (B, T) + position of the word                 → blocks → norm   caption (B, T, C)
 *
 * For contrastive learning each becomes one vector of length 1: the mean over its patches or words,
 * times a matrix. ViT (Dosovitskiy et al., 2021) reads its answer at an extra token and CLIP
 * (Radford et al., 2021) its captions' at the last word; the mean needs neither. A caption without
 * blocks and positions is a bag of words, the control.
 *
 * Letters: B pictures or captions, N patches, T words, C channels, E width of the common vectors.
 */
import { tf } from "../engine";
import { embedding } from "../ops";
import { layerParams, type Params } from "../params";
import { blockShapes, dense, initTransformer, normalised, transformerBlock } from "../transformer";
import { patchify } from "./patches";
import { END, words } from "./words";

export interface VisionConfig {
  /** Side of a picture and of a patch, in pixels. */
  side: number;
  patch: number;
  nEmbd: number;
  nHead: number;
  /** Blocks of the picture's encoder. */
  nLayer: number;
  /** Blocks of the caption's encoder; 0: a bag of words. */
  textLayers: number;
  /** E */
  common: number;
  /** T: words of a caption. */
  captionLength: number;
}

/** What the lesson trains: 36 patches of 4 × 4 pixels. */
export const smallVision: VisionConfig = {
  ...{ side: 24, patch: 4, nEmbd: 64, nHead: 4, nLayer: 2, textLayers: 1, common: 32 },
  captionLength: 8,
};

/**
 * Fresh parameters: `image.…`, `text.…`, and `logit_scale.weight`, ln of CLIP's scale, 1/0.07 at
 * first.
 */
export function initVision(config: VisionConfig, seed: number): Params {
  const { side, patch, nEmbd: C, nLayer, textLayers, common: E, captionLength: T } = config;
  const N = (side / patch) ** 2;
  const shapes: Record<string, number[]> = {
    "image.patches.weight": [C, patch * patch * 3],
    "image.wpe.weight": [N, C],
    "text.wte.weight": [words.length, C],
    ...(textLayers > 0 ? { "text.wpe.weight": [T, C] } : {}),
  };
  for (const [name, layers] of [
    ["image", nLayer],
    ["text", textLayers],
  ] as const) {
    for (let i = 0; i < layers; i++)
      for (const [key, shape] of Object.entries(blockShapes({ nEmbd: C, bias: true })))
        shapes[`${name}.h.${i}.${key}`] = shape;
    shapes[`${name}.ln_f.weight`] = [C];
    shapes[`${name}.ln_f.bias`] = [C];
    shapes[`${name}.common.weight`] = [E, C];
  }
  const initStd = { embeddings: 0.1, matrices: 0.08 };
  const params = initTransformer(shapes, { seed, depth: nLayer, initStd });
  params["logit_scale.weight"] = tf.variable(tf.scalar(Math.log(1 / 0.07)));
  return params;
}

/** Colours are moved and stretched to about mean 0 and deviation 1 before they are read. */
const [MEAN, SCALE] = [0.3, 5];

type Look = { onAttention?: (layer: number, weights: tf.Tensor4D) => void };

/** The blocks and the last norm, (B, T, C) → (B, T, C). */
function blocks(
  x: tf.Tensor3D,
  params: Params<tf.Tensor>,
  name: "image" | "text",
  { layers, nHead, mask, onAttention }: { layers: number; nHead: number; mask?: tf.Tensor } & Look,
): tf.Tensor3D {
  let h = x;
  for (let i = 0; i < layers; i++)
    h = transformerBlock(h, params, `${name}.h.${i}.`, {
      ...{ nHead, causal: false, mask },
      onAttention: onAttention && ((weights) => onAttention(i, weights)),
    });
  return normalised(h, params, `${name}.ln_f`, {});
}

/**
 * A vector for each patch, in the light of all others.
 * @param images (B, S, S, 3)
 * @returns (B, N, C); the caller disposes it
 */
export function imageHidden(
  params: Params<tf.Tensor>,
  { patch, nLayer: layers, nHead }: VisionConfig,
  images: tf.Tensor4D,
  look: Look = {},
): tf.Tensor3D {
  return tf.tidy(() => {
    const scaled = tf.mul(tf.sub(images, MEAN), SCALE) as tf.Tensor4D;
    const tokens = dense(patchify(scaled, patch), params, "image.patches"); // (B, N, C)
    const [places] = layerParams(params, "image.wpe"); // (N, C)
    return blocks(tf.add(tokens, places), params, "image", { layers, nHead, ...look });
  });
}

/** Pictures as vectors of length 1: (B, E). */
export const embedImages = (
  params: Params<tf.Tensor>,
  config: VisionConfig,
  images: tf.Tensor4D,
): tf.Tensor2D =>
  tf.tidy(() => {
    const mean = tf.mean(imageHidden(params, config, images), 1, true); // (B, 1, C)
    return unit(tf.squeeze(dense(mean as tf.Tensor3D, params, "image.common"), [1]));
  });

/**
 * Captions as vectors of length 1.
 * @param ids (B, T) int32, filled up with END, which nobody sees
 * @returns (B, E); the caller disposes it
 */
export function embedCaptions(
  params: Params<tf.Tensor>,
  { textLayers: layers, nHead }: VisionConfig,
  ids: tf.Tensor2D,
): tf.Tensor2D {
  const [B, T] = ids.shape;
  return tf.tidy(() => {
    const real = tf.notEqual(ids, END); // (B, T)
    const tokens = embedding(layerParams(params, "text.wte")[0], ids) as tf.Tensor3D;
    const placed =
      layers > 0 ? tf.add<tf.Tensor3D>(tokens, layerParams(params, "text.wpe")[0]) : tokens;
    const mask = tf.reshape(real, [B, 1, 1, T]);
    const h = blocks(placed, params, "text", { layers, nHead, mask });
    const weights = tf.expandDims(tf.cast(real, "float32"), -1); // (B, T, 1)
    const mean = tf.div(tf.sum(tf.mul(h, weights), 1, true), tf.sum(weights, 1, true));
    return unit(tf.squeeze(dense(mean as tf.Tensor3D, params, "text.common"), [1]));
  });
}

/** Rows of length 1. */
const unit = (x: tf.Tensor): tf.Tensor2D =>
  tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-12))) as tf.Tensor2D;
