// Lesson 21 (inference). Replace each `notDoneYet(…)` with your answer, save, and run the check in the
// notebook (or `npm run check 21`). All six work with plain numbers and arrays.

import { notDoneYet } from "llm/course/exercise";

/**
 * The bytes that keys and values of one text take. Each layer keeps, for each token it can still see,
 * one key and one value of `headWidth` numbers per head of keys:
 *
 *     2 · nLayer · heads of keys · headWidth · tokens kept · bytes per number
 *
 * With grouped queries there are `nKvHead` heads of keys; without, as many as heads of queries. With
 * a window only the last `window` tokens are kept.
 *
 * @param model `nKvHead` and `window` may be absent
 * @param tokens how many tokens of the text have been read
 * @param bytes per number: 2 for float16
 * @example 32 layers, 32 heads of width 128, 1,000 tokens, 2 bytes → 524,288,000; with nKvHead 8 →
 *   131,072,000
 * @points 2 @minutes 8 @difficulty 1
 */
export function kvBytes(
  model: { nLayer: number; nHead: number; headWidth: number; nKvHead?: number; window?: number },
  tokens: number,
  bytes: number,
): number {
  return notDoneYet("kvBytes", model, tokens, bytes);
}

/**
 * Where the key of a position lies. The cache is divided into blocks of `blockTokens` rows: block b has
 * the rows b · blockTokens to b · blockTokens + blockTokens − 1. The table of a text lists its blocks in
 * the order of the text, wherever they lie.
 *
 * @param position of the token in its text, from 0
 * @param table the blocks of the text
 * @returns the row in the cache, or −1 if the table does not reach so far, or if the block was given
 *   back, which the table says by −1
 * @example table [7, 2], blockTokens 4: position 1 → 29, position 5 → 9, position 8 → −1
 * @points 2 @minutes 8 @difficulty 2
 */
export function cacheRow(position: number, table: number[], blockTokens: number): number {
  return notDoneYet("cacheRow", position, table, blockTokens);
}

/**
 * How many tokens at the beginning of a text need not be read, because the cache has them. Only whole
 * blocks are found: block i counts if some kept text has the same tokens from its *beginning* to the
 * end of block i. (Keys and values depend on everything before them.) At least the last token of the
 * text is read in any case: the model's answer to it is what we want.
 *
 * @param ids the text, at least one token
 * @param kept texts that have been read; the blocks that they filled are in the cache
 * @returns a number from 0 to ids.length − 1
 * @example blockTokens 2, kept [[1, 2, 3, 4, 5]]: ids [1, 2, 3, 4, 9] → 4; [1, 2, 3, 9, 9] → 2;
 *   [1, 2, 3, 4] → 3 (the last token is read); [3, 4, 1] → 0
 * @points 3 @minutes 15 @difficulty 3
 */
export function reusedTokens(ids: number[], kept: number[][], blockTokens: number): number {
  return notDoneYet("reusedTokens", ids, kept, blockTokens);
}

/**
 * How many tokens each text reads in the next step. The oldest comes first. Each text gets as many of
 * its unread tokens as three limits allow:
 *
 *     what the older ones have left of the budget
 *     rows: those left in the text's last block, and blockTokens for each block that is still free
 *
 * Blocks that a text needs are no longer free for the younger ones. A text that gets nothing reads 0.
 *
 * @param texts the oldest first: how many tokens each has `read`, and how many are `unread`
 * @param limits `budget`: tokens in all; `free`: blocks that nobody has yet; `blockTokens`
 * @returns one number for each text
 * @example budget 8, free 2, blockTokens 4: texts with read 5, 0, 8 and unread 1, 9, 1 → [1, 7, 0]
 *   (the first has room in its second block; the other two would need blocks, and the budget is spent)
 * @points 3 @minutes 15 @difficulty 3
 */
export function planStep(
  texts: { read: number; unread: number }[],
  { budget, free, blockTokens }: { budget: number; free: number; blockTokens: number },
): number[] {
  return notDoneYet("planStep", texts, budget, free, blockTokens);
}

/**
 * Attention in two pieces, put together. Of the keys it has seen, a piece keeps
 *
 *     largest   m = the largest score
 *     sum       Σ exp(s − m)
 *     mixed     Σ exp(s − m) v, one number for each place of a value
 *
 * The merged piece is what one pass over the keys of both would have kept; `mixed / sum` is then the
 * result of attention. A piece that has seen no key has largest −Infinity, sum 0 and zeros; merging
 * two of them gives one like that (and no NaN).
 *
 * @param a a piece; `b` another with as many numbers in `mixed`
 * @returns a new piece
 * @example a: score 0 with value 10 → largest 0, sum 1, mixed [10]; b: score ln 3 with value 2 →
 *   largest 1.0986, sum 1, mixed [2]. Merged: largest 1.0986, sum 1.3333, mixed [5.3333]: 5.3333 /
 *   1.3333 = 4, a quarter of 10 and three quarters of 2.
 * @points 4 @minutes 15 @difficulty 3
 */
export function mergeSoftmax(
  a: { largest: number; sum: number; mixed: number[] },
  b: { largest: number; sum: number; mixed: number[] },
): { largest: number; sum: number; mixed: number[] } {
  return notDoneYet("mergeSoftmax", a, b);
}

/**
 * The rule of speculative decoding. A draft has drawn the token `guess` from its distribution q; the
 * model's own distribution is p. The guess stays if u < p[guess] / q[guess], where u is a random number
 * from 0 to 1. Otherwise the token is drawn from what p has more than q:
 *
 *     max(0, p − q), divided by its sum
 *
 * @param p the model's distribution, V probabilities
 * @param q the draft's, V probabilities, with q[guess] above 0
 * @param guess a token
 * @param u a random number, at least 0 and below 1
 * @returns the distribution of the token that is written, V probabilities: 1 at the guess if it stays,
 *   the residual if not
 * @example p [0.5, 0.5], q [0.8, 0.2], guess 0: u 0.6 → [1, 0]; u 0.7 → [0, 1]
 * @points 4 @minutes 15 @difficulty 3
 */
export function afterGuess(p: number[], q: number[], guess: number, u: number): number[] {
  return notDoneYet("afterGuess", p, q, guess, u);
}
