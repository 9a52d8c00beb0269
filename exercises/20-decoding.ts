// Lesson 20 (decoding). Replace each `notDoneYet(…)` with your answer, save, and run the check in the
// notebook (or `npm run check 20`). All exercises work with plain numbers and strings, no tensors.
//
// Letter: V, the number of tokens in the vocabulary.

import { notDoneYet } from "llm/course/exercise";

/**
 * The distribution of the next token at a temperature:
 *
 *     p(i) = exp(zᵢ / T) / Σ exp(zⱼ / T)
 *
 * At T = 0 it is the limit, greedy decoding: 1 for the largest logit, the first of equals, and 0 for
 * all others. Logits may be so large that exp overflows (exp(1000) is Infinity): subtract the largest
 * one first, which changes no probability. A logit of −Infinity gets probability 0; at least one is
 * larger.
 *
 * @param logits z, V numbers
 * @param temperature T, 0 or more
 * @returns V probabilities, which add up to 1
 * @example logits [2, 1, 0], T 0.5 → [0.867, 0.117, 0.016]; T 0 → [1, 0, 0]
 * @points 2 @minutes 10 @difficulty 2
 */
export function temperedProbabilities(logits: number[], temperature: number): number[] {
  return notDoneYet("temperedProbabilities", logits, temperature);
}

/**
 * Top-p: only the nucleus is left, the smallest set of likeliest tokens that together have a
 * probability of at least p. The token with which the sum reaches p is the last one in it. Of equally
 * likely tokens, those with the smaller number are taken first. What is left is divided by its sum.
 *
 * @param probabilities V numbers that add up to 1
 * @param p above 0, up to 1
 * @returns V probabilities, in the order of the arguments, 0 for the tokens outside
 * @example probabilities [0.1, 0.5, 0.4], p 0.6 → [0, 0.556, 0.444]; p 0.5 → [0, 1, 0]
 * @points 3 @minutes 15 @difficulty 3
 */
export function nucleus(probabilities: number[], p: number): number[] {
  return notDoneYet("nucleus", probabilities, p);
}

/**
 * Min-p: only tokens are left that are at least `minP` times as likely as the likeliest. What is left
 * is divided by its sum.
 *
 * @param probabilities V numbers that add up to 1
 * @param minP from 0 (nothing is removed) to 1 (only the likeliest, and what ties with it, is left)
 * @returns V probabilities, 0 for the tokens that were removed
 * @example probabilities [0.5, 0.3, 0.2], minP 0.5 → the least is 0.25 → [0.625, 0.375, 0]
 * @points 2 @minutes 5 @difficulty 1
 */
export function minPProbabilities(probabilities: number[], minP: number): number[] {
  return notDoneYet("minPProbabilities", probabilities, minP);
}

/**
 * The repetition penalty (Keskar et al., 2019, in the form that transformers gave it): the logit of
 * every token that the text already has becomes smaller, once, however often the token has been
 * there. A logit above 0 is divided by the penalty, any other is multiplied by it.
 *
 * @param logits z, V numbers; −Infinity stays
 * @param previous ids of the text so far; it may be empty
 * @param penalty 1 or more; 1 changes nothing
 * @returns V logits, a new list
 * @example logits [4, −1, 2], previous [0, 1, 0], penalty 2 → [2, −2, 2]
 * @points 2 @minutes 10 @difficulty 2
 */
export function penalisedLogits(logits: number[], previous: number[], penalty: number): number[] {
  return notDoneYet("penalisedLogits", logits, previous, penalty);
}

/**
 * Which of the texts that a beam search has found is its result: the one with the largest score
 *
 *     ln p / n^lengthPenalty
 *
 * n counts the tokens of which ln p is the sum: the ids, and the end token of a finished text, which
 * is not among its ids. If a text is finished, the unfinished ones do not compete. Of equal scores the
 * first wins.
 *
 * @param candidates one or more texts; an unfinished one has at least one id
 * @param lengthPenalty 0 compares ln p itself, 1 its mean per token
 * @returns the place of the result in the list
 * @example ids [7], ln p −2, finished (n = 2) and ids [7, 8, 9], ln p −3, finished (n = 4):
 *   lengthPenalty 0 → 0 (−2 is more than −3); lengthPenalty 1 → 1 (−0.75 is more than −1)
 * @points 3 @minutes 15 @difficulty 3
 */
export function bestHypothesis(
  candidates: { ids: number[]; logProbability: number; finished: boolean }[],
  lengthPenalty: number,
): number {
  return notDoneYet("bestHypothesis", candidates, lengthPenalty);
}

/**
 * Constrained decoding: the logits of all tokens that cannot come next become −Infinity, all others
 * stay. The grammar is an automaton that reads characters. A token can come next if
 *
 *  - it has at least one character (special tokens have none),
 *  - each of its characters leads on, from state to state, beginning in `state`, and
 *  - from the state it leads to, the text can still be ended in the room that is then left.
 *
 * @param logits z, V numbers
 * @param tokens the text of each of the V tokens
 * @param grammar `next[s]` has for each character that can be read in state s the state it leads to;
 *   `endings[s]` is the number of tokens in the shortest ending from s, 0 where the text may end
 * @param at `state`: where the text is now; `left`: how many tokens may still be written, the next
 *   one included
 * @returns V logits, a new list
 * @example "a" any number of times and then "b": next [{ a: 0, b: 1 }, {}], endings [1, 0]; tokens
 *   ["a", "b", "ab", "ba"], state 0, left 5 → "ba" is −Infinity; left 1 → only "b" and "ab" are not
 * @points 4 @minutes 20 @difficulty 4
 */
export function maskByGrammar(
  logits: number[],
  tokens: string[],
  grammar: { next: Record<string, number>[]; endings: number[] },
  at: { state: number; left: number },
): number[] {
  return notDoneYet("maskByGrammar", logits, tokens, grammar, at);
}
