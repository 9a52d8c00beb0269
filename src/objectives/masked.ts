// Masked language modelling, the objective of BERT (Devlin et al., 2018, §3.1): 15 % of the positions
// are chosen, and the model predicts what stood there from both sides. A chosen token is replaced by
// [MASK] in 80 % of the cases, by a random token in 10 %, and left as it is in 10 %: later, when the
// model is used, no [MASK] will appear, so it must not rely on seeing one wherever it has to know
// something. Left out: the paper's second objective, next-sentence prediction.
import type { Random } from "../random";
import { type Example, inOrder, zeros } from "./example";
import type { BlankTokens } from "./tokens";

/** The share of positions that BERT chooses. */
export const BERT_RATE = 0.15;

/**
 * BERT's 80/10/10 rule. For the k-th of the chosen positions: [MASK] where draws[k] < 0.8, the
 * token randomIds[k] where draws[k] < 0.9, and otherwise no change.
 * @param ids T ids; not changed
 * @param chosen positions to be predicted, each once
 * @param draws one number from [0, 1) for each of them
 * @param randomIds one id of the text for each of them
 * @param mask id of [MASK]
 * @returns what the model reads, T ids
 */
export function maskTokens(
  ids: readonly number[],
  chosen: readonly number[],
  draws: readonly number[],
  randomIds: readonly number[],
  mask: number,
): number[] {
  const read = [...ids];
  chosen.forEach((position, k) => {
    if (draws[k] < 0.8) read[position] = mask;
    else if (draws[k] < 0.9) read[position] = randomIds[k];
  });
  return read;
}

/** A function that does what `maskTokens` does: a lesson passes the learner's own. */
export type MaskTokens = typeof maskTokens;

/**
 * `count` different positions below T, in order, all choices equally likely.
 */
export function choosePositions(T: number, count: number, rng: Random): number[] {
  return rng
    .shuffle(inOrder(T))
    .slice(0, count)
    .sort((a, b) => a - b);
}

/**
 * The rule with numbers drawn from `rng`. Only the chosen positions count, all alike: also those
 * whose token was left as it is.
 * @param text T ids
 * @param options `rate`, the share of positions that are chosen; at least one is
 */
export function maskedExample(
  text: readonly number[],
  tokens: BlankTokens,
  rng: Random,
  { rate = BERT_RATE, mask = maskTokens }: { rate?: number; mask?: MaskTokens } = {},
): Example {
  const T = text.length;
  const chosen = choosePositions(T, Math.max(1, Math.round(rate * T)), rng);
  const draws = chosen.map(() => rng.uniform());
  const randomIds = chosen.map(() => rng.integer(tokens.textSize));
  const weights = zeros(T);
  for (const position of chosen) weights[position] = 1 / chosen.length;
  return {
    ids: mask(text, chosen, draws, randomIds, tokens.mask),
    positions: inOrder(T),
    blankPositions: zeros(T),
    targets: [...text],
    weights,
    prefix: T,
  };
}
