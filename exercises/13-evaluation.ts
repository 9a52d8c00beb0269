// Lesson 13 (evaluation). Replace each `notDoneYet(…)` with your answer, save, and run the check in
// the notebook (or `npm run check 13`). You may call the functions you have finished from the later
// ones.
//
// All functions work with plain numbers and arrays. None may change its arguments.

import { notDoneYet } from "llm/course/exercise";

/**
 * The windows in which a model with a limited context reads a long text, so that every token but the
 * first is predicted once, and counted once. Window k begins at token k · stride, reads at most
 * `blockSize` tokens, and predicts, for each token that it reads, the next one:
 *
 *     start = k · stride
 *     end   = the smaller of start + blockSize and length − 1     (predicts start + 1 … end)
 *     from  = the end of the window before + 1                    (in the first window 1)
 *
 * Only the predictions from … end count: those before `from` were counted already, and serve as
 * context. The last window is the first one whose end is length − 1. With length 0 or 1 there is
 * nothing to predict, and no window.
 *
 * @param length how many tokens the text has
 * @param blockSize how many tokens the model reads at once, at least 1
 * @param stride how far apart windows begin, from 1 to blockSize
 * @returns one row [start, end, from] for each window
 * @example windowsOf(6, 3, 2) → [[0, 3, 1], [2, 5, 4]]
 * @points 3 @minutes 12 @difficulty 3
 */
export function windowsOf(length: number, blockSize: number, stride: number): number[][] {
  return notDoneYet("windowsOf", length, blockSize, stride);
}

/**
 * The macro-averaged F1 of a confusion matrix: the plain mean of the F1 of all classes.
 *
 *     precision = right / all that were predicted as the class     (its column)
 *     recall    = right / all that are of the class                (its row)
 *     F1        = 2 · precision · recall / (precision + recall)
 *
 * Whatever would be 0 / 0 is 0.
 *
 * @param matrix C rows of C counts: rows are what an example is, columns what it was taken for
 * @returns from 0 to 1
 * @example [[3, 1], [0, 2]] → precisions 1 and 2/3, recalls 3/4 and 1, F1 6/7 and 4/5: 29/35 ≈ 0.829
 * @points 2 @minutes 10 @difficulty 2
 */
export function macroF1(matrix: number[][]): number {
  return notDoneYet("macroF1", matrix);
}

/**
 * BLEU of one candidate with one reference, both cut into tokens, from 0 to 1.
 *
 *     p_n  = Σ min(count in the candidate, count in the reference) / Σ count in the candidate
 *            both sums over the different n-grams of the candidate, for n = 1, 2, 3, 4
 *     BP   = 1 if the candidate has at least as many tokens as the reference, r ≤ c,
 *            else e^(1 − r / c)
 *     BLEU = BP · (p₁ · p₂ · p₃ · p₄)^¼
 *
 * If the candidate has fewer than 4 tokens, or one of the p_n is 0, BLEU is 0.
 *
 * @param candidate c tokens, perhaps none
 * @param reference r tokens, at least one
 * @example "a b c d e" with the reference "a b c d f" → p = 4/5, 3/4, 2/3, 1/2: about 0.669
 * @points 3 @minutes 15 @difficulty 3
 */
export function sentenceBleu(candidate: string[], reference: string[]): number {
  return notDoneYet("sentenceBleu", candidate, reference);
}

/**
 * Multiple choice by likelihood. The score of an option is the logarithm of its probability divided by
 * its bytes, so that long options do not lose because they are long. The softmax of the scores says
 * how sure the model is of each option.
 *
 *     score_i      = logProbs[i] / bytes[i]
 *     confidence_i = e^score_i / Σ_j e^score_j
 *
 * @param logProbs of each option, in nats, 0 or less; they may be below −1000
 * @param bytes of each option, at least 1
 * @returns the confidences, which sum to 1
 * @example choiceByLikelihood([−4, −6], [2, 6]) → scores −2 and −1: about [0.269, 0.731]
 * @points 2 @minutes 8 @difficulty 2
 */
export function choiceByLikelihood(logProbs: number[], bytes: number[]): number[] {
  return notDoneYet("choiceByLikelihood", logProbs, bytes);
}

/**
 * The bootstrap interval of a paired comparison: two systems, a and b, have one figure for each of n
 * examples. For each draw, take the mean of a − b over the examples that the draw names, which may
 * occur several times. Sort the R means. Of the sorted means,
 *
 *     low  is the one at place ⌊0.025 · R⌋
 *     high is the one at place ⌈0.975 · R⌉ − 1      (places are counted from 0)
 *
 * @param a n figures
 * @param b n figures of the same examples
 * @param draws R rows of n example numbers, from 0 to n − 1
 * @returns [mean of a − b over all examples, low, high]
 * @example a [3, 5], b [1, 1], draws [[0, 0], [1, 1], [0, 1]] → means 2, 4, 3: [3, 2, 4]
 * @points 3 @minutes 12 @difficulty 3
 */
export function pairedInterval(a: number[], b: number[], draws: number[][]): number[] {
  return notDoneYet("pairedInterval", a, b, draws);
}

/**
 * Strengths from comparisons by twos: the Bradley–Terry model says that i is preferred to j with
 * probability sᵢ / (sᵢ + sⱼ). Begin with sᵢ = 1 for all, and repeat `rounds` times:
 *
 *     sᵢ ← Wᵢ / Σ_{j ≠ i} (nᵢⱼ / (sᵢ + sⱼ))
 *     Wᵢ  = Σ_{j ≠ i} wins[i][j]           all wins of i
 *     nᵢⱼ = wins[i][j] + wins[j][i]        how often the two were compared
 *
 * On the right side stand the strengths of the round before, for all i alike. At the end of each
 * round, divide all strengths by their sum, times how many there are, so that their mean is 1.
 *
 * @param wins wins[i][j]: how often i was preferred to j; the diagonal does not count. Everyone has
 *   been compared and has won at least once
 * @param rounds 0 or more
 * @returns one strength for each contestant
 * @example wins [[0, 3], [1, 0]], 1 round → s = 3 / (4 / 2) and 1 / (4 / 2): [1.5, 0.5]
 * @points 3 @minutes 15 @difficulty 4
 */
export function strengths(wins: number[][], rounds: number): number[] {
  return notDoneYet("strengths", wins, rounds);
}
