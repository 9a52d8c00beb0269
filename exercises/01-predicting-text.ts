// Exercises of lesson 01 (predicting text). Replace each `return notDoneYet(…)` with your answer,
// save the file, and run the check in the notebook again (or `npm run check 01` in a terminal).
import { notDoneYet } from "llm/course/exercise";

/**
 * The entropy of a distribution, in bits: the fewest yes-or-no questions per draw, on average, with
 * which one can find out what was drawn, if one question may be about many draws at once.
 *
 *     H(p) = −Σᵢ pᵢ log₂ pᵢ          (an outcome with p = 0 adds nothing)
 *
 *     entropy([0.5, 0.25, 0.25])  →  1.5
 *     entropy([1, 0])             →  0       (no question is needed)
 *
 * @param p probabilities, summing to 1; some may be 0
 * @returns bits
 * @points 2 @minutes 5 @difficulty 1
 */
export function entropy(p: number[]): number {
  return notDoneYet("entropy", p);
}

/**
 * How well a model predicted a text, in bits per character. Each token costs −log₂ p bits, where p
 * is the probability that the model gave it before it saw it; the sum is shared out among the
 * characters of the text, so that models with long tokens and models with short ones can be compared.
 *
 *     bits per character = −(Σᵢ log₂ pᵢ) / characters
 *
 *     bitsPerCharacter([0.5, 0.125], 2)  →  2      ((1 + 3) bits for 2 characters)
 *     bitsPerCharacter([0.5, 0.125], 8)  →  0.5    (the two tokens were 8 characters long)
 *
 * A text of thousands of tokens must work too: the product of so many probabilities would be 0.
 *
 * @param p the probability of each token that came, above 0
 * @param characters how many characters the tokens have together
 * @returns bits per character
 * @points 2 @minutes 6 @difficulty 2
 */
export function bitsPerCharacter(p: number[], characters: number): number {
  return notDoneYet("bitsPerCharacter", p, characters);
}

/**
 * Additive smoothing: probabilities from counts, as if every token had been counted `alpha` more
 * times than it was.
 *
 *     p[b] = (counts[b] + alpha) / (Σₖ counts[k] + alpha · V)          V = counts.length
 *
 *     additive([3, 1, 0, 0], 1)   →  [0.5, 0.25, 0.125, 0.125]
 *     additive([0, 0], 0.5)       →  [0.5, 0.5]                        (nothing is known)
 *
 * @param counts how often each of the V tokens followed the context
 * @param alpha above 0
 * @returns V probabilities, summing to 1: a new array
 * @points 2 @minutes 6 @difficulty 2
 */
export function additive(counts: number[], alpha: number): number[] {
  return notDoneYet("additive", counts, alpha);
}

/**
 * Interpolation with the weights of Witten and Bell (1991): mixes what was counted after a long
 * context with the distribution of the shorter context. The more *different* tokens have followed
 * the long context, the likelier a new one is, and the more the shorter context is trusted.
 *
 *     n = Σₖ counts[k]          how often the context occurred
 *     d = how many counts are above 0
 *     p[b] = (counts[b] + d · shorter[b]) / (n + d)
 *
 *     wittenBell([3, 1, 0], [0.2, 0.3, 0.5])  →  [0.5667, 0.2667, 0.1667]     (n = 4, d = 2)
 *
 * Where the context never occurred (n = 0), the shorter one answers alone: a copy of `shorter`.
 *
 * @param counts how often each of the V tokens followed the context
 * @param shorter V probabilities: what the shorter context expects
 * @returns V probabilities, summing to 1: a new array
 * @points 3 @minutes 10 @difficulty 3
 */
export function wittenBell(counts: number[], shorter: number[]): number[] {
  return notDoneYet("wittenBell", counts, shorter);
}

/**
 * Kneser and Ney's idea (1995): in the shorter context, judge a token not by how often it occurs but
 * by how many *different* tokens it follows. "Francisco" may be frequent, but it comes after "San".
 *
 *     continuations[b] = the number of different a for which the pair a b occurs in the text
 *
 *     text 0 1 0 1 2 1, V = 4: 0 follows {1}, 1 follows {0, 2}, 2 follows {1}, 3 follows nothing
 *     continuationCounts([0, 1, 0, 1, 2, 1], 4)  →  [1, 2, 1, 0]
 *
 * @param ids the text, token ids from 0 to vocabSize − 1; there may be none
 * @param vocabSize V
 * @returns V whole numbers
 * @points 3 @minutes 10 @difficulty 3
 */
export function continuationCounts(ids: number[], vocabSize: number): number[] {
  return notDoneYet("continuationCounts", ids, vocabSize);
}

/**
 * Shannon's bounds (1951): the two values between which the entropy of a text lies, from how many
 * guesses the best possible player needs for each of its symbols. Let q[r] be the share of the
 * symbols that were found at guess r; q[r] is 0 beyond the largest number of guesses.
 *
 *     upper = −Σ_r q[r] log₂ q[r]                       (a share of 0 adds nothing)
 *     lower =  Σ_r r · (q[r] − q[r+1]) · log₂ r
 *
 *     guessingBounds([1, 1, 2, 1])  →  [0.5, 0.8113]    (q[1] = 3/4, q[2] = 1/4)
 *
 * @param guesses for each symbol the number of the guess that was right, 1 or more; at least one
 * @returns [lower, upper], in bits per symbol
 * @points 4 @minutes 15 @difficulty 4
 */
export function guessingBounds(guesses: number[]): [number, number] {
  return notDoneYet("guessingBounds", guesses);
}
