// Plausible wrong answers of lesson 29 (long context and images), each with the sentence it must
// be told.
import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";
import * as right from "../../solutions/29-long-context-and-multimodal";

/** YaRN with something done differently. */
const yarned =
  ({
    share = (i: number, first: number, last: number) =>
      Math.min(Math.max((i - first) / (last === first ? 0.001 : last - first), 0), 1),
    edges = (fast: number, slow: number, D: number) => [
      Math.max(Math.floor(fast), 0),
      Math.min(Math.ceil(slow), D - 1),
    ],
    mix = (theta: number, s: number, factor: number) => (1 - s) * theta + (s * theta) / factor,
  }) =>
  (D: number, { factor, trained, fast, slow }: right.Yarn) => {
    const pair = (turns: number) =>
      (D * Math.log(trained / (2 * Math.PI * turns))) / (2 * Math.log(10000));
    const [first, last] = edges(pair(fast), pair(slow), D);
    return Array.from({ length: D / 2 }, (_, i) =>
      mix(10000 ** ((-2 * i) / D), share(i, first, last), factor),
    );
  };

const placed = (tokens: number[]) => tokens.map((token, place) => ({ token, place }));
const kept = (n: number, keep: (token: number) => boolean) =>
  Array.from({ length: n }, (_, token) => token).filter(keep);

/** The loss with something done differently. */
const contrasted =
  ({
    unit = (x: tf.Tensor) => tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-12))),
    scale = (logScale: tf.Tensor) => tf.exp(logScale),
    sides = ["rows", "columns"],
    mean = true,
  }: {
    unit?: (x: tf.Tensor) => tf.Tensor;
    scale?: (logScale: tf.Tensor) => tf.Tensor;
    sides?: string[];
    mean?: boolean;
  }) =>
  (images: tf.Tensor2D, captions: tf.Tensor2D, logScale: tf.Scalar) => {
    const [B] = images.shape;
    return tf.tidy(() => {
      const s = tf.mul(tf.matMul(unit(images), unit(captions), false, true), scale(logScale));
      const own = (x: tf.Tensor) => tf.sum(tf.mul(tf.logSoftmax(x), tf.eye(B)));
      const parts = sides.map((side) => own(side === "rows" ? s : tf.transpose(s)));
      const sum = parts.reduce((a, b) => tf.add(a, b));
      return tf.div(tf.neg(sum), parts.length * (mean ? B : 1)) as tf.Scalar;
    });
  };

const unit = (x: tf.Tensor) => tf.div(x, tf.sqrt(tf.sum(tf.square(x), -1, true)));
/** Classes by something like cosines. */
const named =
  (classesOf: (captions: tf.Tensor3D) => tf.Tensor) =>
  (images: tf.Tensor2D, captions: tf.Tensor3D): number[] =>
    tf.tidy(() => {
      const scores = tf.matMul(images, classesOf(captions) as tf.Tensor2D, false, true);
      return Array.from(tf.argMax(scores, -1).dataSync());
    });

export const mutants: Mutants<typeof right> = {
  yarnFrequencies: [
    {
      name: "the ramp the wrong way round",
      told: /0 in the quickest pair/,
      answer: yarned({
        share: (i, first, last) => 1 - Math.min(Math.max((i - first) / (last - first), 0), 1),
      }),
    },
    {
      name: "all pairs divided",
      told: /linear interpolation/,
      answer: yarned({ share: () => 1 }),
    },
    {
      name: "divisors mixed in place of frequencies",
      told: /not the two divisors/,
      answer: yarned({ mix: (theta, s, factor) => theta / (1 - s + s * factor) }),
    },
    {
      name: "the edges not rounded",
      told: /rounded down and last is rounded up/,
      answer: yarned({ edges: (fast, slow, D) => [Math.max(fast, 0), Math.min(slow, D - 1)] }),
    },
    {
      name: "the first pair below 0",
      told: /first is at least 0/,
      answer: yarned({
        edges: (fast, slow, D) => [Math.floor(fast), Math.min(Math.ceil(slow), D - 1)],
      }),
    },
    {
      name: "the last pair beyond D − 1",
      told: /at most D − 1/,
      answer: yarned({ edges: (fast, slow) => [Math.max(Math.floor(fast), 0), Math.ceil(slow)] }),
    },
    {
      name: "the last pair kept at D/2 − 1",
      told: /as large as D − 1/,
      answer: yarned({
        edges: (fast, slow, D) => [
          Math.max(Math.floor(fast), 0),
          Math.min(Math.ceil(slow), D / 2 - 1),
        ],
      }),
    },
    {
      name: "the ramp of the paper, by turns",
      told: /as the paper on YaRN does/,
      answer: (D, { factor, trained, fast, slow }) =>
        Array.from({ length: D / 2 }, (_, i) => {
          const theta = 10000 ** ((-2 * i) / D);
          const turns = (trained * theta) / (2 * Math.PI);
          const alone = Math.min(Math.max((turns - slow) / (fast - slow), 0), 1);
          return alone * theta + ((1 - alone) * theta) / factor;
        }),
    },
    {
      name: "both edges rounded to the nearest",
      told: /rounded up \(2.5 to 3\)/,
      answer: yarned({
        edges: (fast, slow, D) => [
          Math.max(Math.round(fast), 0),
          Math.min(Math.round(slow), D - 1),
        ],
      }),
    },
    {
      name: "γ not kept between 0 and 1",
      told: /kept between 0 and 1/,
      answer: yarned({
        share: (i, first, last) => (i - first) / (last === first ? 0.001 : last - first),
      }),
    },
    {
      name: "first and last the same, divided by 0",
      told: /divide by 0.001/,
      answer: yarned({
        share: (i, first, last) => Math.min(Math.max((i - first) / (last - first), 0), 1),
      }),
    },
  ],
  keepSinks: [
    {
      name: "places of the text",
      told: /those of the text/,
      answer: (n, sinks, window) =>
        right.keepSinks(n, sinks, window).map(({ token }) => ({ token, place: token })),
    },
    {
      name: "the window without the newest token",
      told: /one token too many/,
      answer: (n, sinks, window) => placed(kept(n, (t) => t < sinks || t >= n - window - 1)),
    },
    {
      name: "the sinks forgotten",
      told: /sinks are missing/,
      answer: (n, _sinks, window) => placed(kept(n, (t) => t >= n - window)),
    },
    {
      name: "sinks taken out of the window",
      told: /counted without the sinks/,
      answer: (n, sinks, window) => placed(kept(n, (t) => t < sinks || t >= n - (window - sinks))),
    },
    {
      name: "sinks and window joined, some tokens twice",
      told: /kept once/,
      answer: (n, sinks, window) =>
        placed([...kept(n, (t) => t < sinks), ...kept(n, (t) => t >= n - window)]),
    },
    {
      name: "places of the window from 0 again",
      told: /two tokens cannot have one place/,
      answer: (n, sinks, window) =>
        right.keepSinks(n, sinks, window).map(({ token, place }) => ({
          token,
          place: place < sinks ? place : place - sinks,
        })),
    },
  ],
  patchify: [
    {
      name: "a reshape alone",
      told: /reshape alone/,
      answer: (images, P) => {
        const [B, height, width, K] = images.shape;
        const N = (height / P) * (width / P);
        return tf.tidy(() => tf.reshape(tf.clone(images), [B, N, P * P * K]) as tf.Tensor3D);
      },
    },
    {
      name: "patches column by column",
      told: /not column by column/,
      answer: (images, P) => {
        const [B, height, width, K] = images.shape;
        const [rows, columns] = [height / P, width / P];
        return tf.tidy(() => {
          const cut = tf.reshape(images, [B, rows, P, columns, P * K]);
          const moved = tf.transpose(cut, [0, 3, 1, 2, 4]);
          return tf.reshape(moved, [B, rows * columns, P * P * K]);
        });
      },
    },
    {
      name: "channels first inside a patch",
      told: /channels last/,
      answer: (images, P) => {
        const [B, height, width, K] = images.shape;
        const [rows, columns] = [height / P, width / P];
        return tf.tidy(() => {
          const cut = tf.reshape(images, [B, rows, P, columns, P, K]);
          const moved = tf.transpose(cut, [0, 1, 3, 5, 2, 4]);
          return tf.reshape(moved, [B, rows * columns, P * P * K]) as tf.Tensor3D;
        });
      },
    },
  ],
  infoNCE: [
    {
      name: "only the pictures divided by their lengths",
      told: /Only the pictures are divided/,
      answer: (images, captions, logScale) =>
        tf.tidy(() => {
          const s = tf.mul(
            tf.matMul(unit(images) as tf.Tensor2D, captions, false, true),
            tf.exp(logScale),
          );
          const own = (x: tf.Tensor) => tf.sum(tf.mul(tf.logSoftmax(x), tf.eye(images.shape[0])));
          const both = tf.add(own(s), own(tf.transpose(s)));
          return tf.div(tf.neg(both), 2 * images.shape[0]) as tf.Scalar;
        }),
    },
    {
      name: "the logarithm of a softmax",
      told: /never makes the probability/,
      answer: (images, captions, logScale) =>
        tf.tidy(() => {
          const cosines = tf.matMul(
            unit(images) as tf.Tensor2D,
            unit(captions) as tf.Tensor2D,
            false,
            true,
          );
          const s = tf.mul(cosines, tf.exp(logScale));
          const own = (x: tf.Tensor) =>
            tf.sum(tf.mul(tf.log(tf.add(tf.softmax(x), 1e-9)), tf.eye(images.shape[0])));
          const both = tf.add(own(s), own(tf.transpose(s)));
          return tf.div(tf.neg(both), 2 * images.shape[0]) as tf.Scalar;
        }),
    },
    {
      name: "the small number outside the root",
      told: /INSIDE the root/,
      answer: contrasted({
        unit: (x) => tf.div(x, tf.add(tf.sqrt(tf.sum(tf.square(x), -1, true)), 1e-12)),
      }),
    },
    {
      name: "rows not divided by their lengths",
      told: /divided by their lengths first/,
      answer: contrasted({ unit: (x) => x }),
    },
    {
      name: "the logarithm of the scale used as the scale",
      told: /logarithm is what is learnt/,
      answer: contrasted({ scale: (logScale) => logScale }),
    },
    {
      name: "divided by the scale",
      told: /multiplied by exp/,
      answer: contrasted({ scale: (logScale) => tf.exp(tf.neg(logScale)) }),
    },
    {
      name: "one direction only",
      told: /Only rows are asked/,
      answer: contrasted({ sides: ["rows"] }),
    },
    {
      name: "a sum in place of the mean",
      told: /not the sum/,
      answer: contrasted({ mean: false }),
    },
  ],
  zeroShot: [
    {
      name: "the nearest single caption",
      told: /nearest single caption does not decide/,
      answer: (images, captions) =>
        tf.tidy(() => {
          const [classes, M, E] = captions.shape;
          const all = tf.reshape(unit(captions), [classes * M, E]) as tf.Tensor2D;
          const scores = tf.reshape(tf.matMul(images, all, false, true), [-1, classes, M]);
          return Array.from(tf.argMax(tf.max(scores, 2), -1).dataSync());
        }),
    },
    {
      name: "of equal classes the last",
      told: /Of equal classes the first/,
      answer: (images, captions) =>
        tf.tidy(() => {
          const classes = unit(tf.mean(unit(captions), 1)) as tf.Tensor2D;
          const scores = (tf.matMul(images, classes, false, true) as tf.Tensor2D).arraySync();
          return scores.map((row) => row.lastIndexOf(Math.max(...row)));
        }),
    },
    {
      name: "captions not divided by their lengths at all",
      told: /only longer/,
      answer: named((captions) => tf.mean(captions, 1)),
    },
    {
      name: "divided only after the mean",
      told: /BEFORE the mean/,
      answer: named((captions) => unit(tf.mean(captions, 1))),
    },
    {
      name: "divided only before the mean",
      told: /divided by its length again/,
      answer: named((captions) => tf.mean(unit(captions), 1)),
    },
  ],
};
