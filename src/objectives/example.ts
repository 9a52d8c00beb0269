// One row of a batch, whatever the objective: what is read, what is predicted where, what each
// prediction counts for, and who may see whom. The objectives differ in nothing else.
//
// Letters: T positions of a row, B rows.
import { padRows } from "../data";
import { tf } from "../engine";

/** What an objective makes of a stretch of text. All lists are T long. */
export interface Example {
  /** What the model reads. */
  ids: number[];
  /** The place of each token: 0, 1, 2, …, except in GLM's blanks. */
  positions: number[];
  /** The place within a blank, from 1; 0 outside. Only GLM uses it. */
  blankPositions: number[];
  /** What is to be predicted at each position. */
  targets: number[];
  /** What the surprise at each position counts for in the loss; 0: nothing. */
  weights: number[];
  /**
   * The first so many positions are seen by all. From there on a position is seen by itself and by
   * later ones only: 0 is a causal mask, T a mask that hides nothing.
   */
  prefix: number;
}

/** A batch as tensors; the caller disposes them. */
export type ObjectiveBatch = {
  ids: tf.Tensor2D; // (B, T) int32
  positions: tf.Tensor2D; // (B, T) int32
  blankPositions: tf.Tensor2D; // (B, T) int32
  targets: tf.Tensor2D; // (B, T) int32
  weights: tf.Tensor2D; // (B, T)
  mask: tf.Tensor4D; // (B, 1, T, T), 1 where the row's position may see the column's
};

/**
 * Who may see whom: position i sees j if j is in the prefix, or not later than i.
 *
 *     visible[i][j] = (j < prefix or j ≤ i) ? 1 : 0
 *
 * With prefix 0 that is the causal mask of a GPT, with prefix T the open mask of BERT, and in
 * between the prefix mask of a model that reads a text and then writes (UniLM's "sequence to
 * sequence" mask, Dong et al., 2019; T5's "prefix LM"; GLM's parts A and B).
 * @param T number of positions
 * @param prefix from 0 to T
 * @returns T rows of T numbers: row = the one that looks, column = what it looks at
 */
export function prefixMask(T: number, prefix: number): number[][] {
  if (!(Number.isInteger(prefix) && prefix >= 0 && prefix <= T))
    throw new Error(`prefixMask: expected a prefix from 0 to ${T}, got ${prefix}`);
  const places = Array.from({ length: T }, (_, i) => i);
  return places.map((i) => places.map((j) => (j < prefix || j <= i ? 1 : 0)));
}

/**
 * Puts examples into one batch. Shorter ones are filled up behind with `pad`, which counts for
 * nothing and is seen by nothing before it.
 * @param length T of the batch; the longest example if absent
 * @throws if an example is longer, or none is given
 */
export function batchOf(examples: Example[], pad: number, length?: number): ObjectiveBatch {
  const B = examples.length;
  const T = length ?? Math.max(...examples.map(({ ids }) => ids.length));
  const longest = Math.max(0, ...examples.map(({ ids }) => ids.length));
  if (B === 0 || longest > T)
    throw new Error(`batchOf: expected examples of at most ${T} tokens, got ${longest}`);
  const mask = new Float32Array(B * T * T);
  examples.forEach(({ prefix }, b) => {
    for (let i = 0; i < T; i++)
      mask.fill(1, (b * T + i) * T, (b * T + i) * T + Math.max(prefix, i + 1));
  });
  const whole = (key: "ids" | "positions" | "blankPositions" | "targets", fill: number) =>
    padRows(
      examples.map((example) => example[key]),
      { fill, length: T },
    );
  const weights = examples.map((example) => example.weights);
  return {
    ids: whole("ids", pad),
    positions: whole("positions", 0),
    blankPositions: whole("blankPositions", 0),
    targets: whole("targets", pad),
    weights: padRows(weights, { fill: 0, length: T, dtype: "float32" }),
    mask: tf.tensor4d(mask, [B, 1, T, T]),
  };
}

/** 0, 1, 2, …: the places of tokens that stand one after another. */
export const inOrder = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** So many zeros. */
export const zeros = (count: number): number[] => new Array<number>(count).fill(0);
