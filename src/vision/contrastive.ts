/**
 * Learning what picture belongs to what caption: CLIP (Radford et al., 2021, "Learning Transferable
 * Visual Models From Natural Language Supervision", arXiv:2103.00020, figure 3). In a batch of B
 * pairs every picture is compared with every caption, and the right one is to win, in both
 * directions:
 *
 *     s = e^τ · I Tᵀ             (B, B), cosines times a scale that is learnt
 *     loss = (cross-entropy of rows + cross-entropy of columns) / 2,   target i in row i
 *
 * which is InfoNCE (van den Oord et al., 2018) both ways. Equal captions in one batch would count
 * as wrong for one another, so a batch has each caption once. CLIP limits e^τ to 100, and so do we.
 * Left out: large batches over many machines, augmentation, real pictures.
 */
import { tf } from "../engine";
import { softmaxCrossEntropy } from "../ops";
import type { Params } from "../params";
import { Random } from "../random";
import { type ShortOptions, trainShortly } from "../train";
import { embedCaptions, embedImages, type VisionConfig } from "./encoders";
import { captionOf, drawScene, renderScene, type Scene, type Thing, things } from "./shapes";
import { captionIds } from "./words";

/** ln 100. */
const MOST = Math.log(100);

/**
 * The symmetric loss of matching pairs.
 * @param images (B, E) of length 1; @param captions (B, E) of length 1, row i belongs to row i
 * @param logScale τ, scalar
 * @returns scalar in nats: ln B where nothing is known; the caller disposes it
 */
export function contrastiveLoss(
  images: tf.Tensor2D,
  captions: tf.Tensor2D,
  logScale: tf.Tensor,
): tf.Scalar {
  return tf.tidy(() => {
    const scores = similarities(images, captions, logScale); // (B, B)
    const right = tf.range(0, images.shape[0], 1, "int32");
    const columns = tf.transpose(scores) as tf.Tensor2D;
    const both = tf.add(softmaxCrossEntropy(scores, right), softmaxCrossEntropy(columns, right));
    return tf.div(both, 2);
  });
}

/** e^τ · I Tᵀ: (B, E), (A, E) → (B, A). */
export function similarities(
  images: tf.Tensor2D,
  captions: tf.Tensor2D,
  logScale: tf.Tensor,
): tf.Tensor2D {
  const scale = tf.exp(tf.minimum(logScale, MOST));
  return tf.mul(tf.matMul(images, captions, false, true), scale) as tf.Tensor2D;
}

/** A batch of pairs. */
export type Pairs = { images: tf.Tensor4D; captions: tf.Tensor2D };

type Drawing = { noise?: number; rng?: Random };

/** Scenes as pictures, (B, S, S, 3); the caller disposes them. @param noise as in `renderScene` */
export function imagesOf(
  scenes: readonly Scene[],
  { side }: Pick<VisionConfig, "side">,
  { noise = 0, rng }: Drawing = {},
): tf.Tensor4D {
  const size = side * side * 3;
  const pixels = new Float32Array(scenes.length * size);
  for (const [i, scene] of scenes.entries())
    pixels.set(renderScene(scene, { side, noise, rng }), i * size);
  return tf.tensor4d(pixels, [scenes.length, side, side, 3]);
}

/** Scenes as pictures and captions; the caller disposes both. */
export function pairsOf(
  scenes: readonly Scene[],
  config: Pick<VisionConfig, "side" | "captionLength">,
  drawing: Drawing = {},
): Pairs {
  const ids = scenes.map(({ objects }) => captionIds(captionOf(objects)));
  return {
    images: imagesOf(scenes, config, drawing),
    captions: tf.tensor2d(ids, [scenes.length, config.captionLength], "int32"),
  };
}

/** Scenes whose captions all differ. */
export function distinctScenes(count: number, from: readonly Thing[], rng: Random): Scene[] {
  const found = new Map<string, Scene>();
  while (found.size < count) {
    const scene = drawScene({ from, rng });
    const caption = captionOf(scene.objects);
    if (!found.has(caption)) found.set(caption, scene);
  }
  return [...found.values()];
}

export interface TrainVisionOptions extends ShortOptions {
  batchSize?: number;
  /** Standard deviation of the noise on every picture, 0.05 if absent. */
  noise?: number;
}

/** Trains both encoders in place, on pictures without the held-out pairs. */
export async function trainContrastive(
  params: Params,
  config: VisionConfig,
  { batchSize = 48, noise = 0.05, ...options }: TrainVisionOptions,
): Promise<void> {
  const from = things("train");
  await trainShortly<Pairs>(
    {
      params,
      batch: (index) => {
        const rng = new Random(options.seed).fork("pairs", index);
        return pairsOf(distinctScenes(batchSize, from, rng), config, { noise, rng });
      },
      loss: (p, { images, captions }) =>
        contrastiveLoss(
          embedImages(p, config, images),
          embedCaptions(p, config, captions),
          p["logit_scale.weight"],
        ),
    },
    options,
  );
}
