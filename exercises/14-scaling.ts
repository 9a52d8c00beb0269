// Lesson 14 (scaling). Replace each `notDoneYet(…)` with your answer, save, and run the check in the
// notebook (or `npm run check 14`). You may call the functions you have finished from the later
// ones. Only `feedForwardShare` works with tensors; put its code into `return tf.tidy(() => { … });`.
//
// Letters: N parameters or workers, D tokens, C operations or channels, B batch, F width inside the
// feed-forward network, S stages, M micro-batches.

import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answers will call the functions of tf
import { tf } from "llm/engine";

/**
 * Fits y = E + A / x^α for an irreducible loss E that is given. Then
 *
 *     ln(y − E) = ln A − α · ln x
 *
 * is a straight line: take the logarithms, and find slope and intercept by least squares,
 *
 *     slope = Σ (u − ū)(v − v̄) / Σ (u − ū)²,   intercept = v̄ − slope · ū
 *
 * with u = ln x, v = ln(y − E), and ū, v̄ their means.
 *
 * @param x at least two different numbers above 0: parameters, tokens or operations
 * @param y as many losses, all above E
 * @param E the loss that is subtracted first; 0 or more
 * @returns A and α ("alpha", above 0 where y falls)
 * @example x [1, 10, 100], y [3, 2.1, 2.01], E 2 → { A: 1, alpha: 1 }
 * @points 2 @minutes 10 @difficulty 2
 */
export function fitAboveFloor(x: number[], y: number[], E: number): { A: number; alpha: number } {
  return notDoneYet("fitAboveFloor", x, y, E);
}

/**
 * Spends C operations as well as the law allows: for each size N in the list the number of tokens
 * that the operations are enough for is D = C / (6 N), and the law says what loss to expect,
 *
 *     L(N, D) = E + A / N^α + B / D^β
 *
 * Gives the size with the least loss; of equal ones, the first in the list.
 *
 * @param law E, A, alpha, B, beta
 * @param flops C, operations of the whole training
 * @param sizes at least one number of parameters, in any order
 * @returns the size, its tokens, and the loss that the law expects
 * @example law E 1, A 4, alpha 0.5, B 9, beta 0.5; C 600; sizes [1, 4, 100] → size 4, 25 tokens,
 *   loss 1 + 4/2 + 9/5 = 4.8
 * @points 2 @minutes 8 @difficulty 2
 */
export function bestSize(
  law: { E: number; A: number; alpha: number; B: number; beta: number },
  flops: number,
  sizes: number[],
): { parameters: number; tokens: number; loss: number } {
  return notDoneYet("bestSize", law, flops, sizes);
}

/**
 * The sum of the workers' rows, so that every worker ends with all of it, by messages along a ring:
 * worker i sends only to worker i + 1, the last one to worker 0. The rows are cut into N chunks of
 * equal length, numbered from 0.
 *
 *     add up:  in round r = 0 … N − 2, worker i sends chunk i − r − 1 (modulo N), and the receiver
 *              adds it to its own
 *     copy:    in round r = 0 … N − 2, worker i sends chunk i − r (modulo N), and the receiver
 *              replaces its own
 *
 * All messages of a round hold what the senders had before the round. Note that −1 % 5 is −1 in
 * JavaScript: add N first.
 *
 * @param rows N rows of N · m numbers, one row of each worker; they must stay as they are
 * @returns `rows`: what every worker holds at the end; `sent`: how many numbers each worker has sent
 * @example rows [[1, 2], [10, 20]] → rows [[11, 22], [11, 22]], sent [2, 2]. One row → itself,
 *   sent [0]
 * @points 4 @minutes 20 @difficulty 4
 */
export function ringSum(rows: number[][]): { rows: number[][]; sent: number[] } {
  return notDoneYet("ringSum", rows);
}

/**
 * One worker's share of a feed-forward network relu(x · wIn) · wOut that is cut into equal parts:
 * worker `rank` of `workers` has its columns of wIn and its rows of wOut, rank · F / workers up to
 * (rank + 1) · F / workers, and multiplies with these alone. The shares of all workers add up to the
 * whole.
 *
 * `tf.slice(y, begin, size)` cuts a part out of a tensor, `tf.relu` is the activation.
 *
 * @param x (B, C), whole on every worker
 * @param wIn (C, F)
 * @param wOut (F, C)
 * @param options `rank`: which worker, from 0; `workers`: how many, a divisor of F
 * @returns (B, C): a share, not yet added up
 * @points 3 @minutes 12 @difficulty 3
 */
export function feedForwardShare(
  x: tf.Tensor2D,
  wIn: tf.Tensor2D,
  wOut: tf.Tensor2D,
  { rank, workers }: { rank: number; workers: number },
): tf.Tensor2D {
  return notDoneYet("feedForwardShare", x, wIn, wOut, rank, workers);
}

/**
 * GPipe's time table: what each stage of a pipeline does in each slot of time. Stage s works on
 * micro-batch m forward in slot s + m. When the last stage has done the last micro-batch forward, it
 * goes backward, the last micro-batch first; a stage goes backward one slot after the stage behind
 * it. A backward pass takes one slot here, as a forward pass does.
 *
 * @param stages S, at least 1
 * @param microBatches M, at least 1
 * @returns a row for each stage with 2 (S + M − 1) slots: "F0" is micro-batch 0 forward, "B0" the
 *   same one backward, "" an idle slot
 * @example 2 stages, 2 micro-batches →
 *   [["F0", "F1", "", "", "B1", "B0"], ["", "F0", "F1", "B1", "B0", ""]]
 * @points 3 @minutes 15 @difficulty 3
 */
export function gpipeTable(stages: number, microBatches: number): string[][] {
  return notDoneYet("gpipeTable", stages, microBatches);
}

/**
 * Bytes that each of N workers keeps from step to step when a model of P parameters is trained with
 * Adam in mixed precision, by ZeRO's stage (Rajbhandari et al., 2020). Without ZeRO, for each
 * parameter:
 *
 *     2 bytes    the parameter in 16 bits
 *     2 bytes    its gradient in 16 bits
 *     12 bytes   the optimizer's state: the parameter and Adam's two means, in 32 bits each
 *
 * Stage 1 shares the optimizer's state out, so that each worker keeps 1/N of it; stage 2 the
 * gradients as well; stage 3 the parameters as well. Stage 0 shares out nothing.
 *
 * @param parameters P
 * @param workers N, at least 1
 * @param stage 0, 1, 2 or 3
 * @returns bytes on each worker; need not be a whole number
 * @example 100 parameters, 4 workers → stage 0: 1600, stage 1: 700, stage 2: 550, stage 3: 400
 * @points 2 @minutes 6 @difficulty 1
 */
export function zeroBytes(parameters: number, workers: number, stage: number): number {
  return notDoneYet("zeroBytes", parameters, workers, stage);
}
