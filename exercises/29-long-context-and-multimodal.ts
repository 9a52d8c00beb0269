// Lesson 29 (long context and images). Replace each `notDoneYet(…)` with your answer, save, and run
// the check in the notebook (or `npm run check 29`).
//
// Where a function makes tensors, put your code into `return tf.tidy(() => { … });`, which frees
// all tensors that were made inside, except the one that it returns.
//
// Letters: D width of a head, B pictures, S side of a picture, P side of a patch, K channels, E
// width of the vectors that pictures and captions have in common.

import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answers will call the functions of tf
import { tf } from "llm/engine";

/** What YaRN needs to know. */
export interface Yarn {
  /** How many times as long the texts become. */
  factor: number;
  /** L: positions in the texts of the training. */
  trained: number;
  /** Pairs that turn more often than this within L are left alone. */
  fast: number;
  /** Pairs that turn less often than this within L are divided by the factor. */
  slow: number;
}

/**
 * How fast each pair of a head turns under YaRN's "NTK by parts", in radians per position. The
 * paper mixes by how often a pair turns. Here γ grows in equal steps from pair to pair, as in the
 * code of its authors and in transformers.
 *
 *     θ_i     = 10000^(−2i / D)                            plain RoPE, i = 0 … D/2 − 1
 *     pair(n) = D · ln(L / (2π n)) / (2 · ln 10000)        the pair that turns n times within L
 *     first   = ⌊pair(fast)⌋, but at least 0
 *     last    = ⌈pair(slow)⌉, but at most D − 1
 *     γ_i     = (i − first) / (last − first), kept between 0 and 1
 *     θ′_i    = (1 − γ_i) · θ_i + γ_i · θ_i / factor
 *
 * Where first and last are the same pair, divide by 0.001 in place of 0.
 *
 * @param D head width, even
 * @returns D/2 numbers
 * @example D 8, factor 4, trained 2000, fast 32, slow 1: first 0, last 3, so γ is 0, 1/3, 2/3, 1
 *   and the numbers are 1, 0.075, 0.005, 0.00025
 * @points 3 @minutes 15 @difficulty 3
 */
export function yarnFrequencies(D: number, { factor, trained, fast, slow }: Yarn): number[] {
  return notDoneYet("yarnFrequencies", D, factor, trained, fast, slow);
}

/**
 * What a cache with sinks holds after n tokens: the first `sinks` tokens, and the last `window`
 * ones with the newest of them; and at which place of the cache each stands, counted from 0 without
 * gaps.
 *
 *     n = 9, sinks 2, window 3:    tokens 0 1 · · · · 6 7 8
 *                                  places 0 1         2 3 4
 *
 * @param n tokens read so far, 1 or more
 * @param sinks 0 or more
 * @param window 1 or more
 * @returns one { token, place } for each that is kept, the oldest first; no token twice
 * @example keepSinks(9, 2, 3) → tokens 0, 1, 6, 7, 8 at places 0, 1, 2, 3, 4;
 *   keepSinks(4, 2, 3) → tokens 0, 1, 2, 3 at places 0, 1, 2, 3
 * @points 2 @minutes 10 @difficulty 2
 */
export function keepSinks(
  n: number,
  sinks: number,
  window: number,
): { token: number; place: number }[] {
  return notDoneYet("keepSinks", n, sinks, window);
}

/**
 * Cuts pictures into patches: squares of P × P pixels without overlap, row by row from the top
 * left. The numbers of a patch stand in one row: its first row of pixels from left to right, each
 * with its K channels, then its second row, and so on. `images` stays as it is.
 *
 * @param images (B, height, width, K); P divides height and width, which may differ
 * @returns (B, N, P·P·K), where N = height/P · width/P
 * @example a picture of 4 × 4 numbers 0 … 15, K = 1, P = 2 →
 *   [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]
 * @points 2 @minutes 12 @difficulty 3
 */
export function patchify(images: tf.Tensor4D, P: number): tf.Tensor3D {
  return notDoneYet("patchify", images, P);
}

/**
 * CLIP's loss: picture i belongs to caption i, and every other caption of the batch is wrong for
 * it.
 *
 *     a, b  = the rows of images and of captions, each divided by its length
 *     s     = exp(logScale) · a bᵀ                                     (B, B)
 *     loss  = ½ · mean over i of −ln softmax(row i of s)[i]
 *           + ½ · mean over i of −ln softmax(column i of s)[i]
 *
 * The length of a row is √(Σ x² + 1e-12), so that a row of zeros stays one. Gradients reach all
 * three.
 *
 * @param images (B, E), of any length
 * @param captions (B, E), of any length; row i belongs to row i of images
 * @param logScale scalar; `tf.logSoftmax` is worked out along the last axis
 * @returns scalar, in nats
 * @example B = 1 → 0: there is nothing to confuse it with
 * @points 3 @minutes 15 @difficulty 3
 */
export function infoNCE(
  images: tf.Tensor2D,
  captions: tf.Tensor2D,
  logScale: tf.Scalar,
): tf.Scalar {
  return notDoneYet("infoNCE", images, captions, logScale);
}

/**
 * Names pictures without having been trained to: each class has several captions ("a red circle",
 * "a red circle and a blue cross"), and the class whose captions are nearest wins.
 *
 *     class vector = mean over its captions of (vector / length), then again divided by its length
 *     result       = the class with the largest cosine to the picture; of equal ones the first
 *
 * @param images (B, E), none of them zero
 * @param captions (classes, captions of each, E), none of them zero
 * @returns for each picture the number of its class
 * @example images [[1, 0.2]], captions [[[0, 3], [0, 1]], [[9, 1], [1, 1]]] → [1]
 * @points 2 @minutes 12 @difficulty 3
 */
export function zeroShot(images: tf.Tensor2D, captions: tf.Tensor3D): number[] {
  return notDoneYet("zeroShot", images, captions);
}
