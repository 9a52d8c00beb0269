// Lesson 07 (positions). Replace each `notDoneYet(…)` with your answer, save, and run the check in
// the notebook (or `npm run check 07`). You may call the functions you have finished from the later
// ones.
//
// Where a function makes tensors, put your code into `return tf.tidy(() => { … });`, which frees all
// tensors that were made inside, except the one that it returns.
//
// Letters: T positions, C channels, H heads, D width of a head.

import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answers will call the functions of tf
import { tf } from "llm/engine";

/**
 * A table of waves: each pair of channels is a sine and a cosine of the position, and later pairs
 * swing more slowly.
 *
 *     table[p][2i]     = sin(p / 10000^(2i / C))
 *     table[p][2i + 1] = cos(p / 10000^(2i / C))        i = 0 … C/2 − 1
 *
 * Compute with numbers, and make the tensor at the end: `tf.tensor2d(rows, [T, C])`.
 *
 * @param T number of positions, from 0 on
 * @param C channels, even
 * @returns (T, C)
 * @example sinusoidalPositions(2, 4) → [[0, 1, 0, 1], [sin 1, cos 1, sin 0.01, cos 0.01]]
 * @points 2 @minutes 10 @difficulty 2
 */
export function sinusoidalPositions(T: number, C: number): tf.Tensor2D {
  return notDoneYet("sinusoidalPositions", T, C);
}

/**
 * T5's bucket of a distance, looking back. The first half of the buckets, `near` = numBuckets / 2 of
 * them, hold one distance each: 0, 1, … near − 1. The others hold ever longer stretches:
 *
 *     bucket = near + ⌊ ln(distance / near) / ln(maxDistance / near) · (numBuckets − near) ⌋
 *
 * and never more than numBuckets − 1: from maxDistance on, all share the last one.
 *
 * @param distance how far the key is behind the query, a whole number of 0 or more
 * @param options `numBuckets`, even; `maxDistance`, more than half of numBuckets
 * @returns a whole number from 0 to numBuckets − 1
 * @example with 32 buckets and maxDistance 128: distance 15 → 15, 16 → 16, 20 → 17, 100 → 30, 900 → 31
 * @points 2 @minutes 8 @difficulty 2
 */
export function distanceBucket(
  distance: number,
  { numBuckets, maxDistance }: { numBuckets: number; maxDistance: number },
): number {
  return notDoneYet("distanceBucket", distance, numBuckets, maxDistance);
}

/**
 * ALiBi: what is added to the scores of each head. It falls with the distance between query i and
 * key j, in each head at its own slope.
 *
 *     slope[h]      = 2^(−8 (h + 1) / H)             h = 0 … H − 1
 *     bias[h][i][j] = −slope[h] · (i − j)            for j ≤ i, and 0 for j > i
 *
 * @param H number of heads, a power of two
 * @param T number of positions: queries and keys alike
 * @returns (H, T, T): head, query, key
 * @example alibiBias(2, 3)[0] → [[0, 0, 0], [−1/16, 0, 0], [−2/16, −1/16, 0]]  // slopes 1/16 and 1/256
 * @points 3 @minutes 12 @difficulty 3
 */
export function alibiBias(H: number, T: number): tf.Tensor3D {
  return notDoneYet("alibiBias", H, T);
}

/**
 * RoPE: channels 2i and 2i + 1 of every row are a pair, a point in the plane, and the row at position
 * p turns each of its pairs about the origin by the angle
 *
 *     θ = scale · p · 10000^(−2i / D)                i = 0 … D/2 − 1
 *     (a, b) → (a cos θ − b sin θ,  a sin θ + b cos θ)
 *
 * Positions are the second axis from the end and begin at 0. Gradients must reach x, so use tensor
 * operations on it. One way: reshape x to (…, T, D/2, 2), and take it apart with `tf.unstack(…, -1)`.
 *
 * @param x (…, T, D), D even; any number of axes in front
 * @param options `scale` multiplies every position; 1 if absent
 * @returns the shape of x
 * @example x = [[1, 0], [1, 0]] → [[1, 0], [cos 1, sin 1]]; with scale 0.5 the second row is
 *   [cos 0.5, sin 0.5]
 * @points 4 @minutes 20 @difficulty 4
 */
export function rotatePairs(x: tf.Tensor, { scale = 1 }: { scale?: number } = {}): tf.Tensor {
  return notDoneYet("rotatePairs", x, scale);
}

/**
 * Rearranges the weights of queries or keys, so that a model made for pairs (2i, 2i + 1) works in
 * code whose pairs are (i, i + D/2). In every head the even columns come first, in their order, and
 * then the odd ones:
 *
 *     column h·D + i        of the result is column h·D + 2i      of W
 *     column h·D + D/2 + i  of the result is column h·D + 2i + 1  of W        i = 0 … D/2 − 1
 *
 * @param W (C, H·D) as in `tf.matMul(x, W)`: a column makes one channel of the result
 * @param nHead H
 * @returns (C, H·D)
 * @example one head: W = [[0, 1, 2, 3]] → [[0, 2, 1, 3]]; two heads: [[0, 1, 2, 3, 4, 5, 6, 7]] →
 *   [[0, 2, 1, 3, 4, 6, 5, 7]]
 * @points 3 @minutes 12 @difficulty 3
 */
export function interleavedToHalves(W: tf.Tensor2D, nHead: number): tf.Tensor2D {
  return notDoneYet("interleavedToHalves", W, nHead);
}
