// Lesson 04 (tokenization). Replace each `notDoneYet(…)` with your answer, save, and run the check in
// the notebook (or `npm run check 04`). You may call the functions you have finished from the later
// ones.
//
// A token is a whole number here. Ids 0 to 255 are the bytes of UTF-8; the first pair that is joined
// gets the id 256, the next one 257, and so on.

import { notDoneYet } from "llm/course/exercise";

/**
 * Counts how often each pair of neighbouring tokens occurs in a text. The text is given as its
 * different words and how often each occurs, so that a word that occurs 1,000 times is looked at
 * only once. No pair goes from one word into another.
 *
 * @param words the tokens of each word
 * @param counts how often each word occurs, in the same order
 * @returns for each pair that occurs, its count, under the key `${left},${right}`
 * @example pairCounts([[1, 2, 1, 2], [2, 1]], [10, 3])
 *   // → Map { "1,2" → 20, "2,1" → 13 }: 1,2 is twice in the first word
 * @example pairCounts([[7, 7, 7]], [1])   // → Map { "7,7" → 2 }: at every place where it stands
 * @points 2 @minutes 8 @difficulty 1
 */
export function pairCounts(words: number[][], counts: number[]): Map<string, number> {
  return notDoneYet("pairCounts", words, counts);
}

/**
 * Joins every pair `left`, `right` of a word into the one token `id`, going from left to right. A
 * token that has just been joined is used up: it does not take part in the next pair.
 *
 * @param ids the tokens of a word; not to be changed
 * @returns the tokens afterwards, a new array
 * @example mergePair([1, 2, 3, 1, 2], 1, 2, 256)   // → [256, 3, 256]
 * @example mergePair([7, 7, 7], 7, 7, 256)         // → [256, 7]
 * @points 2 @minutes 8 @difficulty 2
 */
export function mergePair(ids: number[], left: number, right: number, id: number): number[] {
  return notDoneYet("mergePair", ids, left, right, id);
}

/**
 * Learns byte-pair encoding. Every word begins as its bytes in UTF-8
 * (`[...new TextEncoder().encode(word)]`). Then, `merges` times: count all pairs, take the most
 * frequent one, and join it in all words, under the next id: 256, 257, …
 *
 * Of equally frequent pairs take the one with the smaller left token, and if the left ones are
 * equal, the one with the smaller right token (as numbers, not as text). Stop early when no word has
 * two tokens left.
 *
 * @param words the different words of a text, and how often each occurs
 * @returns the pairs that were joined, in that order
 * @example trainBpe(new Map([["aab", 2], ["ab", 1]]), 2)
 *   // → [[97, 98], [97, 256]]: "a" is 97 and "b" 98; ab occurs 3 times and becomes 256, then a·ab
 * @points 4 @minutes 15 @difficulty 3
 */
export function trainBpe(words: ReadonlyMap<string, number>, merges: number): [number, number][] {
  return notDoneYet("trainBpe", words, merges);
}

/**
 * Cuts a word as it would have been cut in training: begins with its bytes and joins pairs in the
 * order in which they were learned. The pair that was learned first is joined wherever it
 * stands, before any pair that was learned later.
 *
 * @param merges what `trainBpe` returned; `merges[i]` makes the token 256 + i
 * @returns the ids of the word's tokens
 * @example encodeBpe("abc", [[98, 99], [97, 98]])
 *   // → [97, 256]: bc was learned first, so no b is left for ab, though ab stands further left
 * @points 3 @minutes 10 @difficulty 3
 */
export function encodeBpe(word: string, merges: [number, number][]): number[] {
  return notDoneYet("encodeBpe", word, merges);
}

/**
 * Cuts a word as BERT's WordPiece does: takes the longest piece of the vocabulary that the word
 * begins with, then the longest one that the rest begins with, until nothing is left. Pieces that do
 * not begin the word are in the vocabulary with ## in front.
 *
 * @param word at least one character
 * @param vocabulary piece → id
 * @returns the pieces; ["[UNK]"] alone if at some place no piece fits
 * @example with un, ##want and ##ed: wordPiece("unwanted", vocabulary)   // → ["un", "##want", "##ed"]
 * @example with a, ab and ##cd: wordPiece("abc", vocabulary)
 *   // → ["[UNK]"]: ab is taken, and then no piece begins with c
 * @points 3 @minutes 12 @difficulty 3
 */
export function wordPiece(word: string, vocabulary: ReadonlyMap<string, number>): string[] {
  return notDoneYet("wordPiece", word, vocabulary);
}

/**
 * Cuts a word in the most probable way, as the Unigram model does: of all cuts into pieces that have
 * a score, the one whose scores have the largest sum.
 *
 * There are up to 2ⁿ⁻¹ cuts, so do not try them all. Go through the places between characters from
 * left to right and keep, for each place, the best cut of what stands before it:
 *
 *     best(0) = 0
 *     best(t) = the largest of best(s) + scores(characters s … t−1), over all s < t
 *
 * and remember for each t which s it was.
 *
 * @param word at least one character; each of its characters has a score
 * @param scores piece → log of its probability, a negative number
 * @returns the pieces, from left to right
 * @example with a −2, b −2, c −1, ab −3, bc −4: viterbi("abc", scores)
 *   // → ["ab", "c"]: −4 beats a·b·c with −5 and a·bc with −6
 * @points 4 @minutes 18 @difficulty 4
 */
export function viterbi(word: string, scores: ReadonlyMap<string, number>): string[] {
  return notDoneYet("viterbi", word, scores);
}
