// Lesson 23 (prompting). Replace each `notDoneYet(…)` with your answer, save, and run the check in the
// notebook (or `npm run check 23`). Everything here is plain strings, lists and numbers.

import { notDoneYet } from "llm/course/exercise";

/**
 * A prompt as a function: puts texts into the places of a template.
 *
 * A place is a name of letters, digits and _ in braces, such as {question}. Every other brace stays
 * as it is. A name may have several places. What is put in is not read again: if a value contains
 * "{x}", or "$&", these characters stand in the result.
 *
 * @throws {Error} with the name in its message, if a place has no value, or a value has no place
 * @example fillPrompt('{q} Answer as {"a": 1}', { q: "What is {x}?" })
 *   → 'What is {x}? Answer as {"a": 1}'
 * @points 2 @minutes 10 @difficulty 2
 */
export function fillPrompt(template: string, values: Record<string, string>): string {
  return notDoneYet("fillPrompt", template, values);
}

/**
 * A few-shot prompt: the instruction, the solved examples in their order, and the question. An empty
 * line stands between two parts. The prompt ends with the colon behind `outputName`, without a space:
 * there the model goes on. An empty instruction is left out, with its empty line.
 *
 *     Give the opposite.
 *
 *     Word: hot
 *     Opposite: cold
 *
 *     Word: big
 *     Opposite:
 *
 * @param form the instruction, and what stands before questions ("Word") and answers ("Opposite")
 * @param examples may be empty: then the prompt is zero-shot
 * @points 2 @minutes 10 @difficulty 1
 */
export function fewShotPrompt(
  form: { instruction: string; inputName: string; outputName: string },
  examples: { input: string; output: string }[],
  input: string,
): string {
  return notDoneYet("fewShotPrompt", form, examples, input);
}

/**
 * Takes away what a prompt prefers before there is a question (contextual calibration, Zhao et al.,
 * 2021). The probability of each choice is divided by its probability after a neutral question, such
 * as "N/A", and the quotients are divided by their sum:
 *
 *     qᵢ = (pᵢ / nᵢ) / Σⱼ (pⱼ / nⱼ),   pᵢ = e^logProbs[i],   nᵢ = e^neutral[i]
 *
 * The logarithms can be as small as −1000, and so can all of one list: e^−1000 is 0 in a computer.
 *
 * @param logProbs ln p of each choice after the question
 * @param neutral ln p of each choice after the neutral question; as many
 * @returns numbers that add up to 1
 * @example p = 0.6, 0.4 and n = 0.8, 0.2: the quotients are 0.75 and 2, the result is 0.27, 0.73
 * @points 3 @minutes 15 @difficulty 3
 */
export function calibrated(logProbs: number[], neutral: number[]): number[] {
  return notDoneYet("calibrated", logProbs, neutral);
}

/**
 * p-values as they count when several things were tested (Holm, 1979). The smallest of m values is
 * multiplied by m, the next one by m − 1, …, the largest by 1. Then none may be smaller than the one
 * before it in this order (if it is, it is raised to that one), and none is larger than 1.
 *
 * @param pValues each from 0 to 1; may be empty
 * @returns as many, in the order in which they were given
 * @example [0.04, 0.01, 0.03] → [0.06, 0.03, 0.06]: 0.01 · 3, 0.03 · 2, and 0.04 · 1 raised to 0.06
 * @points 3 @minutes 15 @difficulty 3
 */
export function holmAdjusted(pValues: number[]): number[] {
  return notDoneYet("holmAdjusted", pValues);
}

/**
 * The number that a written solution gives as its answer. If the text has the words "answer is" (in
 * capital or small letters), it is the first number after the last of these. If it has not, or no
 * number follows the last of them, it is the last number of the whole text.
 *
 * A number is digits with perhaps a minus sign directly before and a decimal part: -12, 3.5. There
 * are no commas within numbers here. "7." at the end of a sentence is 7.
 *
 * @returns null if there is no number at all
 * @example "3 + 4 = 7. The answer is 7, not 12." → 7; "2 + 2 = 4." → 4; "no idea" → null
 * @points 2 @minutes 10 @difficulty 2
 */
export function finalNumber(text: string): number | null {
  return notDoneYet("finalNumber", text);
}

/**
 * Tree of thoughts, breadth first: the states in the order in which they are expanded.
 *
 * Level after level, beginning with `root` alone: expand the states of the level one by one, which
 * gives their children, all of which make up the next level's candidates. Of these, only the `width`
 * with the largest values are kept, the largest first; of equal values the one that was found first
 * goes first. Stop when `budget` states have been expanded, in the middle of a level too, or when a
 * level is empty.
 *
 * @param root where the search begins; it has no value
 * @param tree the children of each state; a state that is not named has none
 * @param values of all states except the root
 * @param options width and budget, both at least 1
 * @example root "a", tree { a: ["b", "c", "d"], c: ["e"] }, values b 1, c 3, d 2, e 0, width 2,
 *   budget 9 → ["a", "c", "d", "e"]; with budget 2 → ["a", "c"]
 * @points 4 @minutes 20 @difficulty 4
 */
export function expandedStates(
  root: string,
  tree: Record<string, string[]>,
  values: Record<string, number>,
  options: { width: number; budget: number },
): string[] {
  return notDoneYet("expandedStates", root, tree, values, options);
}
