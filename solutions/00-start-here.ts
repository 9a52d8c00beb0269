/** Reference answers of lesson 00 (start here). */

import { tf } from "llm/engine";

export function countParameters(shapes: number[][]): number {
  // The product starts at 1, so that a scalar, whose shape is empty, counts as one number. The sum
  // starts at 0, so that a model without tensors has no parameters.
  return shapes.reduce((total, shape) => total + shape.reduce((size, d) => size * d, 1), 0);
}

export function reflect(text: string, swaps: ReadonlyMap<string, string>): string {
  // One pass, so that no word is replaced twice: swapping "my" everywhere and then "your" everywhere
  // would turn each new "your" back into "my". Whole words, so that "army" keeps its "my". \p{L} is
  // a letter of any alphabet and \p{M} an accent stored as a character of its own.
  return text.replace(/[\p{L}\p{M}']+/gu, (word) => swaps.get(word.toLowerCase()) ?? word);
}

export function mostLikelyNext(counts: number[][], current: number): number {
  const row = counts[current]; // rows are for the token before, columns for the token after
  let best = 0;
  // ">" and not ">=": a later token has to be strictly more frequent, so the smallest id wins a tie.
  for (let next = 1; next < row.length; next++) if (row[next] > row[best]) best = next;
  return best;
}

export function toProbabilities(counts: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const smoothed = counts.add(1);
    // The kept axis gives shape (rows, 1), which divides each row by its own sum. Without it the
    // shape is (rows), and broadcasting would match that with the columns.
    return smoothed.div(smoothed.sum(1, true)) as tf.Tensor2D;
  });
}
