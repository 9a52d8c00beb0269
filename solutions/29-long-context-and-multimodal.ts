// Lesson 29 (long context and images), reference answers. Letters: D width of a head, B pictures, P
// side of a patch, K channels, E width of the common vectors.

import { tf } from "llm/engine";

/** What YaRN needs to know. */
export interface Yarn {
  factor: number;
  trained: number;
  fast: number;
  slow: number;
}

export function yarnFrequencies(D: number, { factor, trained, fast, slow }: Yarn): number[] {
  // Pair i turns L · θ_i / 2π times within L: solved for i.
  const pair = (turns: number) =>
    (D * Math.log(trained / (2 * Math.PI * turns))) / (2 * Math.log(10000));
  const first = Math.max(Math.floor(pair(fast)), 0);
  const last = Math.min(Math.ceil(pair(slow)), D - 1);
  const width = last === first ? 0.001 : last - first;
  return Array.from({ length: D / 2 }, (_, i) => {
    const theta = 10000 ** ((-2 * i) / D);
    const share = Math.min(Math.max((i - first) / width, 0), 1);
    // Quick pairs know how far a near token is, and stay; slow ones must not leave what they have
    // seen in training, and are interpolated.
    return (1 - share) * theta + (share * theta) / factor;
  });
}

export function keepSinks(
  n: number,
  sinks: number,
  window: number,
): { token: number; place: number }[] {
  const tokens = Array.from({ length: n }, (_, token) => token);
  // One condition for both: a token that is a sink and in the window is kept once.
  const kept = tokens.filter((token) => token < sinks || token >= n - window);
  // Places without gaps, so that no distance is larger than in training.
  return kept.map((token, place) => ({ token, place }));
}

export function patchify(images: tf.Tensor4D, P: number): tf.Tensor3D {
  const [B, height, width, K] = images.shape;
  const [rows, columns] = [height / P, width / P];
  return tf.tidy(() => {
    // A reshape alone would read on along the row of pixels, through all patches of that row.
    const cut = tf.reshape(images, [B, rows, P, columns, P * K]);
    return tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4]), [B, rows * columns, P * P * K]);
  });
}

/** Rows of length 1. */
const unit = (x: tf.Tensor): tf.Tensor =>
  tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-12)));

export function infoNCE(
  images: tf.Tensor2D,
  captions: tf.Tensor2D,
  logScale: tf.Scalar,
): tf.Scalar {
  const [B] = images.shape;
  return tf.tidy(() => {
    const s = tf.mul(tf.matMul(unit(images), unit(captions), false, true), tf.exp(logScale));
    // The diagonal is what belongs together; rows ask for the caption, columns for the picture.
    const own = (x: tf.Tensor) => tf.sum(tf.mul(tf.logSoftmax(x), tf.eye(B)));
    const both = tf.add(own(s), own(tf.transpose(s)));
    return tf.div(tf.neg(both), 2 * B) as tf.Scalar;
  });
}

export function zeroShot(images: tf.Tensor2D, captions: tf.Tensor3D): number[] {
  return tf.tidy(() => {
    // Divided before the mean, or a long vector would count for more than the others; and again
    // after it, because captions that differ have a shorter mean.
    const classes = unit(tf.mean(unit(captions), 1)); // (classes, E)
    const cosines = tf.matMul(images, classes as tf.Tensor2D, false, true); // up to the picture's length
    return Array.from(tf.argMax(cosines, -1).dataSync());
  });
}
