// Lesson 10 (data). Replace each `notDoneYet(…)` with your answer, save, and run the check in the
// notebook (or `npm run check 10`). You may call the functions you have finished from the later
// ones.

import { notDoneYet } from "llm/course/exercise";

/**
 * Says why a text is left out, or null if it stays. The rules are asked in this order, and the first
 * one that is broken is named. Words are what stands between white space.
 *
 *     "words"        fewer than 50 words
 *     "word length"  the mean number of characters in a word is below 3 or above 10
 *     "letters"      fewer than 80 % of the words have a letter in them (/\p{L}/u finds one)
 *     "repetition"   more than 30 % of the lines are equal to an earlier line; lines of white space
 *                    do not count as lines
 *
 * @returns "words", "word length", "letters", "repetition" or null
 * @example dropReason("Buy now!")                      // → "words"
 * @example dropReason("the whale ".repeat(25))         // → null: 50 words on one line
 * @points 3 @minutes 12 @difficulty 2
 */
export function dropReason(text: string): string | null {
  return notDoneYet("dropReason", text);
}

/**
 * The shingles of a text: every run of `size` words, joined by single spaces, each once, in the order
 * in which they first occur. A text with fewer words than that has one shingle, all its words; a text
 * without words has none.
 *
 * @param words of the text, in order
 * @param size at least 1
 * @example shingles(["to", "be", "or", "to", "be"], 2)   // → ["to be", "be or", "or to"]
 * @example shingles(["to", "be"], 5)                     // → ["to be"]
 * @points 2 @minutes 8 @difficulty 1
 */
export function shingles(words: string[], size: number): string[] {
  return notDoneYet("shingles", words, size);
}

/**
 * The MinHash signature of a set of numbers. Number k of the signature is the smallest value that
 * the k-th hash function gives to a member of the set:
 *
 *     signature[k] = min over all members x of (a[k] · x + b[k]) mod p
 *
 * @param members whole numbers from 0 to p − 1
 * @param a, b one number for each hash function
 * @param p a prime number
 * @returns as many numbers as there are hash functions; p everywhere if there are no members
 * @example minHash([1, 4], [2, 3], [0, 1], 7)
 *   // → [1, 4]: (2, 8 mod 7 = 1) has the minimum 1, and (4, 13 mod 7 = 6) has 4
 * @points 2 @minutes 10 @difficulty 2
 */
export function minHash(members: number[], a: number[], b: number[], p: number): number[] {
  return notDoneYet("minHash", members, a, b, p);
}

/**
 * Which documents have to be compared. Signatures are cut into bands of `rows` numbers. Two
 * documents are a candidate pair if all numbers of at least one band agree, the band being at the
 * same place in both.
 *
 * @param signatures one of each document, all equally long, a multiple of `rows`
 * @returns pairs [i, j] with i < j, each once, ordered by i, then by j
 * @example candidatePairs([[1, 2, 3, 4], [1, 9, 3, 4], [3, 4, 1, 2]], 2)
 *   // → [[0, 1]]: 3 4 is the second band of both; of document 2 it is the first
 * @points 3 @minutes 15 @difficulty 3
 */
export function candidatePairs(signatures: number[][], rows: number): [number, number][] {
  return notDoneYet("candidatePairs", signatures, rows);
}

/**
 * Chooses which documents are held out, so that no two that repeat each other are on different
 * sides. Documents that are joined by a pair, or by a chain of pairs, are one group. All of a group
 * is held out if its first document, the one with the smallest number, was drawn; otherwise none is.
 *
 * @param drawn for each document, whether it was drawn for the held-out side; not to be changed
 * @param pairs of documents that repeat each other
 * @returns for each document, whether it is held out
 * @example splitGroups([false, true, true, true], [[0, 2], [2, 3]])
 *   // → [false, true, false, false]: 0, 2 and 3 are one group, and 0 was not drawn
 * @points 3 @minutes 15 @difficulty 4
 */
export function splitGroups(drawn: boolean[], pairs: [number, number][]): boolean[] {
  return notDoneYet("splitGroups", drawn, pairs);
}

/**
 * How much of a test text stands in the training text word for word: the share of its words that
 * belong to a run of `n` words which occurs in the training text too. A word that belongs to several
 * such runs counts once. 0 for a test text with fewer than `n` words.
 *
 * @param train, test words, in order
 * @param n at least 1
 * @example leakedShare(["a", "b", "c", "x"], ["z", "a", "b", "c"], 2)
 *   // → 0.75: the runs "a b" and "b c" cover a, b and c
 * @points 3 @minutes 15 @difficulty 3
 */
export function leakedShare(train: string[], test: string[], n: number): number {
  return notDoneYet("leakedShare", train, test, n);
}
