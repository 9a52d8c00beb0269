/**
 * Exercises of lesson 00 (start here). Replace each `return notDoneYet(…)` with your answer, save
 * the file, and run the check in the notebook again (or `npm run check 00` in a terminal). Nothing
 * has to be restarted.
 */

import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answer to toProbabilities will call tf
import { tf } from "llm/engine";

/**
 * Counts the numbers stored in tensors of these shapes, all of them together.
 *
 *     a tensor of shape [d₁, d₂, …, dₖ] holds d₁·d₂·…·dₖ numbers; a scalar has shape [] and holds 1
 *
 *     countParameters([[2, 3], [3]])  →  9     (2·3 weights and 3 biases: a linear layer from 2 to 3)
 *
 * @param shapes one shape for each tensor of a model
 * @returns the number of parameters of the model
 * @points 1 @minutes 4 @difficulty 1
 */
export function countParameters(shapes: number[][]): number {
  return notDoneYet("countParameters", shapes);
}

/**
 * Says a sentence from the other person's point of view: every word that is in `swaps` is replaced
 * by its partner, once.
 *
 *     with swaps = { my → your, your → my, i → you, you → I, am → are }:
 *     reflect("My army follows you, as I am your friend.", swaps)
 *         →  "your army follows I, as you are my friend."
 *
 * A word is a run of letters (of any alphabet: ä and я too) and apostrophes, so "I'm" is one word;
 * everything between words stays as it was. Words are looked up in lower case, and the replacement
 * is taken exactly as it is in `swaps`. Words that are not in `swaps` keep their capitals.
 *
 * @param swaps lower-case word → the word that replaces it
 * @points 2 @minutes 8 @difficulty 2
 */
export function reflect(text: string, swaps: ReadonlyMap<string, string>): string {
  return notDoneYet("reflect", text, swaps);
}

/**
 * Finds the token that most often came next.
 *
 *     counts[i][j] says how often token j came directly after token i
 *     mostLikelyNext([[0, 5, 2], [7, 0, 1], [3, 3, 0]], 0)  →  1     (token 1 came 5 times after token 0)
 *     mostLikelyNext([[0, 5, 2], [7, 0, 1], [3, 3, 0]], 2)  →  0     (a tie: the smallest id wins)
 *
 * @param counts V×V table of counts, V = vocabulary size
 * @param current id of the token whose successor is wanted
 * @returns the id of the most frequent next token
 * @points 1 @minutes 5 @difficulty 1
 */
export function mostLikelyNext(counts: number[][], current: number): number {
  return notDoneYet("mostLikelyNext", counts, current);
}

/**
 * Turns counts into probabilities: adds 1 to every count, so that nothing is impossible, and divides
 * each row by its sum.
 *
 *     p[i][j] = (counts[i][j] + 1) / Σₖ (counts[i][k] + 1)
 *
 *     [[3, 0],        [[0.8, 0.2],
 *      [0, 0]]    →    [0.5, 0.5]]
 *
 * Tensor operations do this in one line. Put them inside `tf.tidy(() => …)`, which frees the tensors
 * that you make on the way.
 *
 * @param counts (rows, V), not negative
 * @returns (rows, V), each row sums to 1
 * @points 2 @minutes 10 @difficulty 2
 */
export function toProbabilities(counts: tf.Tensor2D): tf.Tensor2D {
  return notDoneYet("toProbabilities", counts);
}
