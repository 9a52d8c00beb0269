// Lesson 22 (compression). Replace each `notDoneYet(…)` with your answer, save, and run the check in
// the notebook (or `npm run check 22`). You may call the functions you have finished from the later
// ones.
//
// Only the last exercise is about tensors: put its code into `return tf.tidy(() => { … });`. The
// others take and return plain numbers. None of the functions may change its arguments.
//
// Letters: R rows, C columns, N places, V vocabulary.

import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answers will call the functions of tf
import { tf } from "llm/engine";

/**
 * Rounds a matrix to whole numbers, the levels. Every `group` numbers that follow one another in a row
 * share a scale:
 *
 *     scale = max |x| / (2^(bits − 1) − 1)        level = Math.round(x / scale)
 *
 * where max |x| is taken over the group. The scale of a group that has nothing but zeros is 1.
 *
 * @param W R rows of C numbers; the group divides C
 * @param bits from 2 to 8
 * @param group how many neighbours in a row share a scale
 * @returns levels: R rows of C whole numbers; scales: R rows of C / group numbers
 * @example W = [[7, −3.4, 0.5, −1]], bits 4, group 2
 *   → levels [[7, −3, 4, −7]] (scale 1, then 1/7: 0.5 · 7 = 3.5, and Math.round(3.5) is 4),
 *   scales [[1, 0.142857…]]
 * @points 3 @minutes 12 @difficulty 2
 */
export function quantizeGroups(
  W: number[][],
  bits: number,
  group: number,
): { levels: number[][]; scales: number[][] } {
  return notDoneYet("quantizeGroups", W, bits, group);
}

/**
 * Rounds numbers to levels that need not lie evenly around zero: they go from 0 to 2^bits − 1, and
 * one of them, `zero`, stands for the number 0.
 *
 *     min = the least of the numbers, but at most 0       max = the largest, but at least 0
 *     scale = (max − min) / (2^bits − 1)                  zero = Math.round(−min / scale)
 *     level = Math.round(x / scale) + zero, then limited to 0 … 2^bits − 1
 *
 * A level stands for (level − zero) · scale. If all numbers are 0, the scale is 1.
 *
 * @param x the numbers that share a scale, at least one
 * @param bits from 2 to 8
 * @example x = [−1, 0, 2], bits 2 → scale 1, zero 1, levels [0, 1, 3]
 * @points 3 @minutes 12 @difficulty 2
 */
export function affineLevels(
  x: number[],
  bits: number,
): { levels: number[]; scale: number; zero: number } {
  return notDoneYet("affineLevels", x, bits);
}

/**
 * One step of GPTQ for one row of a matrix: column i has just been rounded to `rounded`, and the
 * columns after it, which have not been rounded yet, make up for the error as far as they can.
 *
 *     error = (row[i] − rounded) / U[i][i]
 *     result[i] = rounded        result[j] = row[j] − error · U[i][j]  for j > i
 *
 * Columns before i are final: they stay as they are.
 *
 * @param row C numbers
 * @param i which column has been rounded, from 0
 * @param rounded what stands there now
 * @param U C rows of C numbers: the upper Cholesky factor of the inverse Hessian; U[i][i] > 0
 * @returns C numbers, a new array
 * @example row [2, 1.4, 3], i = 1, rounded 1, U[1] = [0, 2, −5] → [2, 1, 4]   // 3 − 0.2 · (−5)
 * @points 3 @minutes 12 @difficulty 3
 */
export function spreadError(row: number[], i: number, rounded: number, U: number[][]): number[] {
  return notDoneYet("spreadError", row, i, rounded, U);
}

/**
 * Which weights stay in N:M pruning: of every `of` neighbours in a row, the `keep` that are farthest
 * from zero. Of equal ones, those further right stay.
 *
 * @param W R rows of C numbers; `of` divides C
 * @param keep from 0 to `of`
 * @param of how many neighbours compete
 * @returns R rows of C numbers: 1 where a weight stays, 0 where it goes
 * @example W = [[3, −5, 1, 2]], keep 2 of 4 → [[1, 1, 0, 0]]
 * @points 3 @minutes 12 @difficulty 2
 */
export function nmMask(W: number[][], keep: number, of: number): number[][] {
  return notDoneYet("nmMask", W, keep, of);
}

/**
 * A step of gradient descent with momentum for a pruned layer. What is pruned must not come back:
 *
 *     velocity' = (momentum · velocity + gradient) · mask
 *     weights'  = (weights − lr · velocity') · mask
 *
 * number by number. At pruned places, `weights` and `velocity` may still hold numbers from before
 * the pruning; they become 0.
 *
 * @param weights n numbers; so have gradient, velocity and mask
 * @param mask 1 where a weight stays, 0 where it is pruned
 * @returns new arrays
 * @example weights [1, 2], gradient [1, 1], velocity [2, 2], mask [1, 0], lr 0.1, momentum 0.5
 *   → weights [0.8, 0], velocity [2, 0]
 * @points 2 @minutes 10 @difficulty 2
 */
export function maskedStep(
  weights: number[],
  gradient: number[],
  velocity: number[],
  mask: number[],
  { lr, momentum }: { lr: number; momentum: number },
): { weights: number[]; velocity: number[] } {
  return notDoneYet("maskedStep", weights, gradient, velocity, mask, { lr, momentum });
}

/**
 * What a student loses against a teacher: the divergence of the softened probabilities, mean over
 * the N places, times the square of the temperature.
 *
 *     p = softmax(teacher / T)    q = softmax(student / T)
 *     T² · (1 / N) · Σ over places Σ over tokens p · (ln p − ln q)
 *
 * Use `tf.logSoftmax`, so that nothing is divided by zero.
 *
 * @param student logits (N, V)
 * @param teacher logits (N, V)
 * @param temperature T, above 0
 * @returns a scalar, in nats
 * @example student [[0, 0]], teacher [[ln 3, 0]], T = 1 → 0.1308   // ¾ ln(¾ / ½) + ¼ ln(¼ / ½)
 * @points 4 @minutes 15 @difficulty 3
 */
export function softTargetLoss(
  student: tf.Tensor2D,
  teacher: tf.Tensor2D,
  temperature: number,
): tf.Scalar {
  return notDoneYet("softTargetLoss", student, teacher, temperature);
}
