// Texts as rows of tensors: a prompt, the answer that was written to it, and padding on the right.
// In a causal model nothing sees what comes after it, so padding on the right needs no attention
// mask; it must only never be counted. `mask` says which targets are the answer's: the prompt was
// given, not chosen, and padding was never written.
//
// Letters: B texts, T places of a row.
import type { PromptAnswer } from "../answers";
import { tf } from "../engine";

/** A prompt with an answer to it. The answer has at least one id, and the stop token where one ended it. */
export type Text = PromptAnswer;

/** A text that the policy has written itself. */
export interface WrittenText extends Text {
  /** ln p of each id of the answer when it was drawn. */
  logProbs: number[];
  /** Whether a stop token ended it; otherwise it was cut. */
  stopped: boolean;
}

/** Texts side by side. A record of tensors, so that it can be a part of a batch. */
export type TokenRows = {
  /** (B, T) int32 */
  ids: tf.Tensor2D;
  /** (B, T) int32: what follows each place, ids shifted by one. */
  targets: tf.Tensor2D;
  /** (B, T): 1 where the target is an id of the answer, 0 in the prompt and in the padding. */
  mask: tf.Tensor2D;
  /** (B, T): 1 at the last id of each text. */
  last: tf.Tensor2D;
};

/** The same in plain arrays, row after row. */
export type RowArrays = Record<keyof TokenRows, Float32Array>;

/**
 * Texts as arrays of B·T numbers.
 * @param length T, at least the longest text
 * @throws if an answer is empty, a prompt is empty, or a text is longer than a row
 */
export function rowArrays(texts: readonly Text[], length: number): RowArrays {
  const make = () => new Float32Array(texts.length * length);
  const rows: RowArrays = { ids: make(), targets: make(), mask: make(), last: make() };
  for (const [b, { prompt, answer }] of texts.entries()) {
    if (prompt.length === 0 || answer.length === 0)
      throw new Error(
        `textRows: expected a prompt and an answer of at least one id each in text ${b}, ` +
          `got ${prompt.length} and ${answer.length}`,
      );
    const ids = [...prompt, ...answer];
    if (ids.length > length)
      throw new Error(
        `textRows: expected texts of at most ${length} ids, got ${ids.length} in text ${b}`,
      );
    const start = b * length;
    rows.ids.set(ids, start);
    rows.targets.set(ids.slice(1), start);
    rows.mask.fill(1, start + prompt.length - 1, start + ids.length - 1);
    rows.last[start + ids.length - 1] = 1;
  }
  return rows;
}

/**
 * Texts as tensors; the caller disposes them.
 * @param length T
 * @throws as `rowArrays`
 */
export function textRows(texts: readonly Text[], length: number): TokenRows {
  const { ids, targets, mask, last } = rowArrays(texts, length);
  const shape: [number, number] = [texts.length, length];
  return {
    ids: tf.tensor2d(Int32Array.from(ids), shape, "int32"),
    targets: tf.tensor2d(Int32Array.from(targets), shape, "int32"),
    mask: tf.tensor2d(mask, shape),
    last: tf.tensor2d(last, shape),
  };
}

/**
 * One number for each id of each answer, at the places where `mask` is 1; 0 elsewhere.
 * @param values for each text as many numbers as its answer has ids
 * @returns B·T numbers
 */
export function atAnswers(
  texts: readonly Text[],
  values: readonly ArrayLike<number>[],
  length: number,
): Float32Array {
  const all = new Float32Array(texts.length * length);
  for (const [b, { prompt, answer }] of texts.entries()) {
    if (values[b].length !== answer.length)
      throw new Error(
        `atAnswers: expected ${answer.length} numbers for text ${b}, got ${values[b].length}`,
      );
    all.set(values[b], b * length + prompt.length - 1);
  }
  return all;
}

/** The opposite of `atAnswers`: for each text the numbers at its answer. */
export function ofAnswers(
  texts: readonly Text[],
  all: ArrayLike<number>,
  length: number,
): number[][] {
  return texts.map(({ prompt, answer }, b) =>
    answer.map((_, t) => all[b * length + prompt.length - 1 + t]),
  );
}
