// What is measured of the two models: naming a picture among all captions (zero-shot), telling
// which colour belongs to which shape (swapped captions), and captions that are right word by
// word.
import { tf } from "../engine";
import type { Params } from "../params";
import { Random } from "../random";
import { type Captioner, captionLosses, writeCaptions } from "./captioner";
import { imagesOf, pairsOf, similarities } from "./contrastive";
import { embedCaptions, embedImages, type VisionConfig } from "./encoders";
import { captionOf, drawScene, type Scene, type Thing, things } from "./shapes";
import { captionIds, captionText } from "./words";

/** How often something was right, of `n`. */
export interface Counts {
  n: number;
  right: number;
  colour: number;
  shape: number;
}

export interface MeasureVisionOptions {
  /** Things in the pictures: those of training, or the held-out pairs. */
  part: "train" | "held out";
  /** Pictures. */
  count: number;
  seed: number;
  noise?: number;
}

/** Which of two captions a picture belongs to, by some model: how far the first is preferred. */
export type Preference = (scenes: readonly Scene[], first: Scene[], second: Scene[]) => number[];

const testScenes = ({ part, count, seed }: MeasureVisionOptions, objects: 1 | 2): Scene[] => {
  const rng = new Random(seed).fork("test", part, objects);
  return Array.from({ length: count }, () =>
    drawScene({ from: things(part), count: objects, rng }),
  );
};

/**
 * Zero-shot classification: the caption of a picture of one object is chosen among those of all 24
 * things, by cosine. Chance is 1/24; 1/6 for the colour and 1/4 for the shape. Who sees the colour
 * and guesses the shape is right 1/4 of the time.
 * @param options `change`: what is put in the place of the captions' vectors, (24, E) in the order
 *   of `things()`; rows are of length 1 before, and are to be afterwards
 */
export function zeroShotCounts(
  params: Params,
  config: VisionConfig,
  { change, ...options }: MeasureVisionOptions & { change?: (names: tf.Tensor2D) => tf.Tensor2D },
): Counts {
  const { noise = 0.05, seed } = options;
  const scenes = testScenes(options, 1);
  const all = things();
  const best = tf.tidy(() => {
    const images = imagesOf(scenes, config, { noise, rng: new Random(seed).fork("noise") });
    const ids = tf.tensor2d(
      all.map((thing) => captionIds(captionOf([thing]))),
      undefined,
      "int32",
    );
    const [pictures, names] = [
      embedImages(params, config, images),
      embedCaptions(params, config, ids),
    ];
    const scores = similarities(pictures, change ? change(names) : names, tf.scalar(0));
    return Array.from(tf.argMax(scores, 1).dataSync());
  });
  return countThings(
    scenes.map(({ objects }) => objects[0]),
    best.map((i) => all[i]),
  );
}

function countThings(right: readonly Thing[], said: readonly (Thing | undefined)[]): Counts {
  const same = (keys: (keyof Thing)[]) =>
    right.filter((thing, i) => keys.every((key) => said[i]?.[key] === thing[key])).length;
  return {
    n: right.length,
    right: same(["colour", "shape"]),
    ...{ colour: same(["colour"]), shape: same(["shape"]) },
  };
}

/**
 * Pictures of two objects with different colours and shapes: does a model prefer the right caption
 * to the one in which the colours have changed places? Chance is 1/2; ties count as half.
 * @returns the share of pictures
 */
export function swapAccuracy(prefer: Preference, options: MeasureVisionOptions): number {
  const scenes = testScenes({ ...options, count: 8 * options.count }, 2)
    .filter(({ objects: [a, b] }) => a.colour !== b.colour && a.shape !== b.shape)
    .slice(0, options.count);
  const swapped = scenes.map(({ objects: [a, b], ...rest }) => ({
    ...rest,
    objects: [
      { ...a, colour: b.colour },
      { ...b, colour: a.colour },
    ],
  }));
  const margins = prefer(scenes, scenes, swapped);
  const points = margins.map((m) => (Math.abs(m) < 1e-5 ? 0.5 : m > 0 ? 1 : 0));
  return points.reduce((a: number, b) => a + b, 0) / points.length;
}

/** By contrast: the difference of the cosines. */
export const preferByContrast =
  (params: Params, config: VisionConfig, noise = 0.05): Preference =>
  (scenes, first, second) =>
    tf.tidy(() => {
      const images = imagesOf(scenes, config, { noise, rng: new Random(1) });
      const pictures = embedImages(params, config, images);
      const [a, b] = [first, second].map((list) => {
        const { captions } = pairsOf(list, config);
        return tf.sum(tf.mul(pictures, embedCaptions(params, config, captions)), -1);
      });
      return Array.from(tf.sub(a, b).dataSync());
    });

/** By a captioner: the difference of the log-probabilities. */
export const preferByWriting =
  (captioner: Captioner, noise = 0.05): Preference =>
  (scenes, first, second) =>
    tf.tidy(() => {
      const { config } = captioner.vision;
      const images = imagesOf(scenes, config, { noise, rng: new Random(1) });
      const [a, b] = [first, second].map((list) =>
        captionLosses(captioner, { images, captions: pairsOf(list, config).captions }),
      );
      return Array.from(tf.sub(b, a).dataSync());
    });

/** What a caption says of each object; undefined for a part that is no thing. */
export const thingsOf = (caption: string): (Thing | undefined)[] =>
  caption.split(" and ").map((part) => things().find((thing) => captionOf([thing]) === part));

export interface CaptionCounts extends Counts {
  /** Captions that are right from the first word to the last, of `pictures`. */
  exact: number;
  pictures: number;
}

/**
 * Captions of pictures with one object and with two (half each).
 * @param options `pictures`: "shuffled" gives every caption's writer the next picture, "blank" a
 *   grey one: the controls
 */
export function captionCounts(
  captioner: Captioner,
  {
    pictures = "own",
    ...options
  }: MeasureVisionOptions & {
    pictures?: "own" | "shuffled" | "blank";
  },
): CaptionCounts {
  const { noise = 0.05, seed, count } = options;
  const half = { ...options, count: count / 2 };
  const scenes = [...testScenes(half, 1), ...testScenes(half, 2)];
  const shown = scenes.map((_, i) =>
    pictures === "blank"
      ? { objects: [], background: 0.2 }
      : scenes[pictures === "own" ? i : (i + 1) % scenes.length],
  );
  const said = tf.tidy(() => {
    const rng = new Random(seed).fork("noise");
    const images = imagesOf(shown, captioner.vision.config, { noise, rng });
    return writeCaptions(captioner, images).map(captionText);
  });
  const right = scenes.flatMap(({ objects }) => objects);
  const found = scenes.flatMap(({ objects }, i) => {
    const list = thingsOf(said[i]);
    return objects.map((_, at) => list[at]);
  });
  const exact = scenes.filter(({ objects }, i) => said[i] === captionOf(objects)).length;
  return { ...countThings(right, found), exact, pictures: scenes.length };
}
