// Lesson 05 (embeddings). Replace each `notDoneYet(…)` with your answer, save, and run the check in
// the notebook (or `npm run check 05`). You may call the functions you have finished from the later
// ones. Everything here is plain numbers and arrays: no tensors.
//
// Letters: V words in the vocabulary, D numbers in a vector.

import { notDoneYet } from "llm/course/exercise";

/**
 * How alike the directions of two vectors are: the cosine of the angle between them.
 *
 *     cos(a, b) = Σ_d a_d · b_d / ( √(Σ_d a_d²) · √(Σ_d b_d²) )
 *
 * A vector of zeros has no direction: the result is then 0, not NaN.
 *
 * @param a D numbers
 * @param b D numbers
 * @returns from −1 (opposite) through 0 (at right angles) to 1 (same direction)
 * @example cosineSimilarity([3, 4], [4, 3])  // (12 + 12) / (5 · 5) = 0.96
 * @points 2 @minutes 5 @difficulty 1
 */
export function cosineSimilarity(a: number[], b: number[]): number {
  return notDoneYet("cosineSimilarity", a, b);
}

/**
 * How often each word stands near each other word. Word j is near the word i at place t of a line if
 * it stands at most `window` places to its left or to its right in the same line. A word is not a
 * neighbour of itself at the same place; a second occurrence nearby does count.
 *
 * @param lines each line is a list of word ids from 0 to V − 1; lines may be empty
 * @param V number of words
 * @param window at least 1
 * @returns V rows of V counts: row i, column j says how often j stands near i
 * @example coOccurrenceTable([[0, 1, 0], [2]], 3, 1)
 *   // 0 and 1 meet twice, and 2 stands alone: [[0, 2, 0], [2, 0, 0], [0, 0, 0]]
 * @points 3 @minutes 12 @difficulty 2
 */
export function coOccurrenceTable(lines: number[][], V: number, window: number): number[][] {
  return notDoneYet("coOccurrenceTable", lines, V, window);
}

/**
 * Positive pointwise mutual information: by what factor two words meet more often than chance would
 * have it, as a natural logarithm; where they meet as often as by chance, or less often, 0.
 *
 *     PPMI[i][j] = max(0, log( p(i, j) / (p(i) · p(j)) ))
 *
 * p(i, j) is counts[i][j] divided by the sum of the whole table, p(i) the sum of row i divided by
 * the same, and p(j) the sum of column j divided by the same. Where the count is 0 the result is 0.
 *
 * @param counts rows of counts, 0 or more, at least one above 0; not always square
 * @returns a new table of the same shape
 * @example ppmiTable([[4, 0], [0, 4]])  // [[log 2, 0], [0, log 2]], and log 2 is 0.69
 * @points 3 @minutes 12 @difficulty 3
 */
export function ppmiTable(counts: number[][]): number[][] {
  return notDoneYet("ppmiTable", counts);
}

/**
 * The chance that an occurrence of a word is kept when a text is thinned out for training: frequent
 * words lose most of theirs, and rare words keep them all.
 *
 *     keep = √(threshold / share), but never more than 1
 *
 * @param share the word's part of all words in the text, above 0
 * @param threshold words rarer than this are always kept
 * @example keepProbability(0.04, 0.0001)  // √(1/400) = 0.05
 * @points 1 @minutes 4 @difficulty 1
 */
export function keepProbability(share: number, threshold: number): number {
  return notDoneYet("keepProbability", share, threshold);
}

/**
 * One training pair of skip-gram with negative sampling: its loss, and the gradients of the loss
 * with respect to all vectors in it. σ is the sigmoid, σ(x) = 1 / (1 + e^(−x)).
 *
 *     loss       = −log σ(v·u) − Σ_n log σ(−v·n)
 *     ∂loss/∂u   = (σ(v·u) − 1) · v
 *     ∂loss/∂n   = σ(v·n) · v                      for each n
 *     ∂loss/∂v   = (σ(v·u) − 1) · u + Σ_n σ(v·n) · n
 *
 * Dot products stay between −30 and 30 here, so nothing overflows.
 *
 * @param centre v, D numbers: the vector of the word
 * @param context u, D numbers: the vector of a neighbour
 * @param negatives the vectors n of words drawn at random, D numbers each; the list may be empty
 * @returns the loss in nats and the gradients, each of the same shape as what it belongs to
 * @example v = [0, 0], u = [1, 2] and no negatives
 *   // σ(0) is 0.5: loss = log 2, centre = [-0.5, -1], context = [0, 0], negatives = []
 * @points 4 @minutes 20 @difficulty 4
 */
export function negativeSampling(
  centre: number[],
  context: number[],
  negatives: number[][],
): { loss: number; centre: number[]; context: number[]; negatives: number[][] } {
  return notDoneYet("negativeSampling", centre, context, negatives);
}

/**
 * "a is to b as c is to …": the word whose vector has the largest cosine with b − a + c, where a, b
 * and c are first divided by their lengths. The three words of the question are never the answer.
 *
 * @param vectors V rows of D numbers, at least four rows, none of them all zeros
 * @param a id of a word, from 0 to V − 1; a, b and c differ
 * @param b id
 * @param c id
 * @returns the id of the answer; of ids with the same cosine, the smallest
 * @example solveAnalogy([[1, 0], [1, 1], [2, 0], [0, 3], [1, 2]], 0, 1, 2)
 *   // the query is (1, 1)/√2 − (1, 0) + (1, 0): nearest are 1 (left out), then 4
 * @points 3 @minutes 12 @difficulty 3
 */
export function solveAnalogy(vectors: number[][], a: number, b: number, c: number): number {
  return notDoneYet("solveAnalogy", vectors, a, b, c);
}
