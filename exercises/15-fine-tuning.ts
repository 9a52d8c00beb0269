// Lesson 15 (fine-tuning). Replace each `notDoneYet(…)` with your answer, save, and run the check in
// the notebook (or `npm run check 15`). `lastHidden` and `rowMask` give tensors: put their code
// into `return tf.tidy(() => { … });`. The others are lists and plain numbers.
//
// Letters: B texts, T places of a row, C channels.

import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answers will call the functions of tf
import { tf } from "llm/engine";

/**
 * The hidden state of each text's last token. Rows are filled up on the right, so it is not always
 * the last one of the row: of a text with n tokens it stands at place n − 1.
 *
 * `tf.oneHot` and a product choose a place, and have a gradient on every engine.
 *
 * @param hidden (B, T, C), T at least 2
 * @param lengths B whole numbers from 1 to T: how many tokens each text has
 * @returns (B, C), a new tensor; gradients flow through it
 * @example hidden [[[1], [2], [0]]], lengths [2] → [[2]]
 * @points 3 @minutes 10 @difficulty 2
 */
export function lastHidden(hidden: tf.Tensor3D, lengths: number[]): tf.Tensor2D {
  return notDoneYet("lastHidden", hidden, lengths);
}

/**
 * Which place sees which in rows that are filled up on the right: place i sees place j if j holds a
 * token of the text and, under a causal mask, is not later than i. Only what is looked at matters:
 * a place of the filling sees the text like any other, because nobody reads its result.
 *
 * @param lengths B whole numbers from 1 to T: how many tokens each text has
 * @param T the length of the rows
 * @param causal whether later places are hidden
 * @returns (B, 1, T, T) of 1 and 0, float32: a row for the place that looks, a column for the place
 *   it looks at
 * @example rowMask([2], 3, true) → [[[[1, 0, 0], [1, 1, 0], [1, 1, 0]]]]
 * @points 3 @minutes 12 @difficulty 3
 */
export function rowMask(lengths: number[], T: number, causal: boolean): tf.Tensor4D {
  return notDoneYet("rowMask", lengths, T, causal);
}

/**
 * The names of the parameters that are trained when only the last `count` blocks, and the norm after
 * them, are trained. The names of block i contain ".layers.i."; the last norm is "model.norm.weight".
 *
 * @param names of all parameters, in any order
 * @param count from 0 to the number of blocks; with 0 nothing is trained, not even the norm
 * @returns some of the names, in the order of `names`
 * @example (["model.layers.9.a", "model.layers.10.a", "model.norm.weight"], 1)
 *   → ["model.layers.10.a", "model.norm.weight"]
 * @points 2 @minutes 8 @difficulty 2
 */
export function trainedNames(names: string[], count: number): string[] {
  return notDoneYet("trainedNames", names, count);
}

/**
 * Tags of words as targets for tokens, with the weight of each target in the loss. A word's tag is
 * read at its last token, because under a causal mask no earlier one has seen the whole word. All
 * other tokens get target 0 and weight 0.
 *
 * @param pieces how many tokens each word has, 1 or more
 * @param tags the number of each word's tag
 * @returns two lists with a number for each token
 * @example tokenTargets([1, 3], [2, 1]) → { targets: [2, 0, 0, 1], weights: [1, 0, 0, 1] }
 * @points 3 @minutes 10 @difficulty 2
 */
export function tokenTargets(
  pieces: number[],
  tags: number[],
): { targets: number[]; weights: number[] } {
  return notDoneYet("tokenTargets", pieces, tags);
}

/**
 * F1 of whole names: a name is found if its kind, its first and its last word are right.
 *
 *     P = right / found,   R = right / there,   F1 = 2 P R / (P + R)
 *
 * "B-X" begins a name of kind X. "I-X" goes on with a name of kind X that ends directly before it,
 * and begins one where there is none. "O" is no name.
 *
 * @param actual a tag for each word
 * @param predicted a tag for each of the same words
 * @returns from 0 to 1; 0 where no name is right
 * @example nameF1(["B-PER", "I-PER", "O"], ["B-PER", "O", "O"]) → 0: half a name is wrong
 * @points 4 @minutes 15 @difficulty 4
 */
export function nameF1(actual: string[], predicted: string[]): number {
  return notDoneYet("nameF1", actual, predicted);
}
