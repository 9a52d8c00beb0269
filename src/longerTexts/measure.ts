// How well a model predicts the same characters when it is given more or less of the text before
// them. The shortest context is the control: a longer one is harmless if the loss does not rise,
// and used only if it falls.

import { tf } from "../engine";
import { type GPTOptions, gptHead, gptHidden, tokenLogProbs } from "../gpt";
import type { CharGPT } from "./model";

export interface MeasureLengthsOptions {
  /** Characters of a window, shortest first. All windows of one stretch end at the same place. */
  lengths: readonly number[];
  /** Stretches of text, spread evenly over `ids`. */
  stretches: number;
  /**
   * The stretches are spread as for windows of this length, the longest of `lengths` if absent: so
   * that several calls measure the same characters.
   */
  longest?: number;
  /** Of each stretch only the last characters are predicted, 16 if absent: full contexts. */
  predicted?: number;
  /** What is replaced when the model reads windows of a length. */
  options?: (length: number) => GPTOptions;
  /** What is fed in place of a window of ids, such as the same characters in another order. */
  rewrite?: (window: Int32Array) => Int32Array;
}

/**
 * The loss over the last characters of stretches of text, given windows of several lengths.
 * @param ids a text that the model was not trained on
 * @returns for each length, the mean loss of each stretch in nats per character
 */
export function measureLengths(
  { config, params }: CharGPT,
  ids: Int32Array,
  { lengths, stretches, predicted = 16, options, rewrite, ...given }: MeasureLengthsOptions,
): number[][] {
  const longest = given.longest ?? Math.max(...lengths);
  const room = ids.length - longest - 1;
  if (room < 0 || Math.min(...lengths) < predicted)
    throw new Error(
      `measureLengths: expected windows of ${predicted} to ${ids.length - 1} characters, got ${lengths}`,
    );
  const ends = stretchEnds(ids.length, longest, stretches);
  return lengths.map((length) => {
    const atOnce = Math.max(1, Math.floor(4096 / length));
    const losses: number[] = [];
    for (let at = 0; at < ends.length; at += atOnce) {
      const some = ends.slice(at, at + atOnce);
      const means = tf.tidy(() => {
        const rows = some.map((end) => {
          const window = ids.slice(end - length, end);
          return Array.from(rewrite ? rewrite(window) : window);
        });
        const read = tf.tensor2d(rows, [some.length, length], "int32");
        const hidden = gptHidden(params, config, read, options?.(length)); // (B, L, C)
        const last = tf.slice(hidden, [0, length - predicted, 0], [-1, -1, -1]); // (B, P, C)
        const right = some.flatMap((end) => Array.from(ids.subarray(end + 1 - predicted, end + 1)));
        const logits = gptHead(params, last, config); // (B·P, V)
        const loss = tf.neg(tokenLogProbs(logits, tf.tensor1d(right, "int32"))); // (B·P)
        return tf.mean(tf.reshape(loss, [some.length, predicted]), 1);
      });
      losses.push(...means.dataSync());
      means.dispose();
    }
    return losses;
  });
}

/**
 * Where the stretches end that `measureLengths` spreads over a text: `ids[end]` is the last character
 * to be predicted, and windows of up to `longest` characters before it are inside the text.
 */
export function stretchEnds(textLength: number, longest: number, stretches: number): number[] {
  const room = textLength - longest - 1;
  return Array.from(
    { length: stretches },
    (_, i) => longest + Math.floor((i * room) / Math.max(1, stretches - 1)),
  );
}

/** A mean difference and how sure it is. */
export interface Paired {
  mean: number;
  /** Standard error of the mean. */
  error: number;
}

/** a − b, stretch by stretch: what they have in common, such as hard words, drops out. */
export function paired(a: readonly number[], b: readonly number[]): Paired {
  if (a.length !== b.length || a.length < 2)
    throw new Error(`paired: expected two lists of equal length, got ${a.length} and ${b.length}`);
  const differences = a.map((value, i) => value - b[i]);
  const mean = differences.reduce((x, y) => x + y, 0) / a.length;
  const squares = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (a.length - 1) / a.length) };
}
