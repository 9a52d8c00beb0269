/** Reference answers of lesson 00 (start here). */

import { tf } from "llm/engine";

export function countParameters(shapes: number[][]): number {
  // Sizes within one shape multiply, tensors add up. Starting the product at 1 makes a scalar,
  // shape [], count as one number: the product of nothing is 1, as the sum of nothing is 0.
  return shapes.reduce((total, shape) => total + shape.reduce((size, d) => size * d, 1), 0);
}

export function reflect(text: string, swaps: ReadonlyMap<string, string>): string {
  // One pass over the words, each replaced at most once. Swapping "my" everywhere and then "your"
  // everywhere would turn the fresh "your" back into "my". The pattern takes whole words, so that
  // "army" keeps its "my"; \p{L} is a letter of any alphabet, \p{M} an accent that stands by
  // itself.
  return text.replace(/[\p{L}\p{M}']+/gu, (word) => swaps.get(word.toLowerCase()) ?? word);
}

export function mostLikelyNext(counts: number[][], current: number): number {
  const row = counts[current]; // the row is where we stand, the column where we go
  let best = 0;
  // ">" and not ">=": a later token must be strictly better, so the smallest id wins a tie.
  for (let next = 1; next < row.length; next++) if (row[next] > row[best]) best = next;
  return best;
}

export function toProbabilities(counts: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const smoothed = counts.add(1);
    // Axis 1 runs along a row. keepDims leaves shape (rows, 1), which divides each row by its own
    // sum; without it the shape is (rows), which broadcasting lines up with the columns instead.
    return smoothed.div(smoothed.sum(1, true)) as tf.Tensor2D;
  });
}
