/**
 * A small GPT that reads a picture and writes its caption: LLaVA (Liu et al., 2023, "Visual
 * Instruction Tuning", arXiv:2304.08485, section 4). The patches' vectors of a picture encoder are
 * projected to the width of the GPT's embeddings and stand before the words, as if they were words
 * of a language that has one word for every vector. The GPT (family llama of llm/gpt) is not
 * changed: the table of embeddings that it reads from gets the projected patches as further rows,
 * and their numbers are the ids V, V + 1, …
 *
 *     [patch 1] … [patch N] <image> a red circle .
 *
 * The picture's encoder is trained before, by contrast, and frozen; projection and GPT are trained.
 * Left out: instructions, pretraining the GPT on other texts, pictures of different sizes.
 *
 * Letters: B pictures, N patches, T words, C width of the GPT, V words of the vocabulary.
 */
import { tf } from "../engine";
import {
  type GPTConfig,
  type GPTOptions,
  gptHead,
  gptHidden,
  initGPT,
  tokenLogProbs,
} from "../gpt";
import { softmaxCrossEntropy } from "../ops";
import type { Params } from "../params";
import { Random, randomNormal } from "../random";
import { trainShortly } from "../train";
import { dense } from "../transformer";
import { type Pairs, pairsOf, type TrainVisionOptions } from "./contrastive";
import { imageHidden, type VisionConfig } from "./encoders";
import { drawScene, things } from "./shapes";
import { BEGIN, END, words } from "./words";

/** The GPT of the lesson: 2 layers, 4 heads, 64 wide, a head of its own. */
export const captionerConfig: GPTConfig = {
  ...{ family: "llama", vocabSize: words.length, nLayer: 2, nHead: 4, nEmbd: 64, blockSize: 64 },
  ...{ dropout: 0, bias: false, tied: false },
};

const TOKENS = "model.embed_tokens.weight";

/** The picture's encoder (frozen), and what is trained: GPT and `projector.weight` (C, C). */
export interface Captioner {
  vision: { params: Params; config: VisionConfig };
  config: GPTConfig;
  params: Params;
}

/** A fresh one beside a trained encoder, which the caller keeps. */
export function initCaptioner(
  vision: Captioner["vision"],
  seed: number,
  config = captionerConfig,
): Captioner {
  const params = initGPT(config, { seed });
  const rng = new Random(seed).fork("projector");
  const shape = [config.nEmbd, vision.config.nEmbd];
  params["projector.weight"] = tf.variable(randomNormal(shape, { rng, std: 0.05 }));
  return { vision, config, params };
}

/**
 * The GPT's hidden states over patches and words.
 * @param images (B, S, S, 3)
 * @param ids (B, T) int32 of words, the first of them BEGIN
 * @returns (B, N + T, C); the caller disposes it
 */
export function captionHidden(
  { vision, config, params }: Captioner,
  images: tf.Tensor4D,
  ids: tf.Tensor2D,
  options: GPTOptions = {},
): tf.Tensor3D {
  return tf.tidy(() => {
    const seen = imageHidden(vision.params, vision.config, images); // (B, N, C)
    const [B, N] = seen.shape;
    const { nEmbd: C, vocabSize: V } = config;
    const rows = tf.reshape(dense(seen, params, "projector"), [B * N, C]);
    const table = tf.concat([params[TOKENS], rows], 0); // (V + B·N, C)
    const patches = tf.reshape(tf.range(V, V + B * N, 1, "int32"), [B, N]);
    const all = tf.concat([patches, ids], 1) as tf.Tensor2D; // (B, N + T)
    return gptHidden({ ...params, [TOKENS]: table as tf.Variable }, config, all, options);
  });
}

/** Logits (B·T, V) of what follows each of the T words. */
export function captionLogits(
  captioner: Captioner,
  images: tf.Tensor4D,
  ids: tf.Tensor2D,
): tf.Tensor2D {
  return tf.tidy(() => {
    const hidden = captionHidden(captioner, images, ids);
    const T = ids.shape[1];
    const ofWords = tf.slice(hidden, [0, hidden.shape[1] - T, 0], [-1, T, -1]);
    return gptHead(captioner.params, ofWords, captioner.config);
  });
}

/** What the GPT reads (BEGIN and all but the last word) and what it is to write. */
const shifted = (captions: tf.Tensor2D): tf.Tensor2D => {
  const [B, T] = captions.shape;
  return tf.concat([tf.fill([B, 1], BEGIN, "int32"), tf.slice(captions, [0, 0], [B, T - 1])], 1);
};

/**
 * −ln p(caption | picture) for each pair, in nats, up to the "." that ends it.
 * @returns (B); the caller disposes it
 */
export function captionLosses(captioner: Captioner, { images, captions }: Pairs): tf.Tensor1D {
  const [B, T] = captions.shape;
  return tf.tidy(() => {
    const logits = captionLogits(captioner, images, shifted(captions));
    const lnP = tokenLogProbs(logits, tf.reshape(captions, [-1]));
    const each = tf.reshape(tf.neg(lnP), [B, T]);
    return tf.sum(tf.mul(each, countedPlaces(captions)), 1);
  });
}

/** 1 for every word and the first ".", 0 behind it: (B, T). */
function countedPlaces(captions: tf.Tensor2D): tf.Tensor2D {
  return tf.cast<tf.Tensor2D>(tf.notEqual(shifted(captions), END), "float32"); // none after a "."
}

/** Trains projection and GPT in place; the encoder stays as it is. */
export async function trainCaptioner(
  captioner: Captioner,
  { batchSize = 48, noise = 0.05, ...options }: TrainVisionOptions,
): Promise<void> {
  const from = things("train");
  const { vision, params } = captioner;
  await trainShortly<Pairs>(
    {
      params,
      batch: (index) => {
        const rng = new Random(options.seed).fork("captions", index);
        const scenes = Array.from({ length: batchSize }, () => drawScene({ from, rng }));
        return pairsOf(scenes, vision.config, { noise, rng });
      },
      loss: (trained, { images, captions }) => {
        const logits = captionLogits({ ...captioner, params: trained }, images, shifted(captions));
        const weights = tf.reshape(countedPlaces(captions), [-1]) as tf.Tensor1D;
        return softmaxCrossEntropy(logits, tf.reshape(captions, [-1]), weights);
      },
    },
    options,
  );
}

/**
 * The most probable words, one after the other.
 * @param images (B, S, S, 3)
 * @returns for each picture `captionLength` ids
 */
export function writeCaptions(captioner: Captioner, images: tf.Tensor4D): number[][] {
  const [B] = images.shape;
  const written: number[][] = Array.from({ length: B }, () => []);
  for (let t = 0; t < captioner.vision.config.captionLength; t++) {
    const next = tf.tidy(() => {
      const ids = tf.tensor2d(
        written.map((ids) => [BEGIN, ...ids]),
        [B, t + 1],
        "int32",
      );
      const logits = captionLogits(captioner, images, ids); // (B·(t + 1), V)
      const last = tf.slice(tf.reshape(logits, [B, t + 1, -1]), [0, t, 0], [-1, 1, -1]);
      return Array.from(tf.argMax(tf.reshape(last, [B, -1]), -1).dataSync());
    });
    for (const [b, id] of next.entries()) written[b].push(id);
  }
  return written;
}

/**
 * Where the GPT looks while it chooses each word: the weights on the patches, the mean over heads.
 * @param image (1, S, S, 3)
 * @param ids the words that it writes, without BEGIN
 * @param layer of the GPT
 * @returns for each word a square of weights, rows of patches from the top; what is missing to 1
 *   goes to BEGIN and to the words before
 */
export function patchAttention(
  captioner: Captioner,
  image: tf.Tensor4D,
  ids: readonly number[],
  layer: number,
): number[][][] {
  const { side, patch } = captioner.vision.config;
  const across = side / patch;
  let found: number[][] = [];
  tf.tidy(() => {
    const read = tf.tensor2d([[BEGIN, ...ids.slice(0, -1)]], [1, ids.length], "int32");
    captionHidden(captioner, image, read, {
      onAttention: (index, weights) => {
        if (index !== layer) return;
        const N = across * across;
        const rows = tf.slice(tf.mean(weights, 1), [0, N, 0], [1, ids.length, N]); // (1, T, N)
        found = tf.squeeze<tf.Tensor2D>(rows, [0]).arraySync();
      },
    });
  });
  return found.map((row) =>
    Array.from({ length: across }, (_, r) => row.slice(r * across, (r + 1) * across)),
  );
}
