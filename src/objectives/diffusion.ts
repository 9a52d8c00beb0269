// Masked diffusion of text (MDLM: Sahoo et al., 2024; LLaDA: Nie et al., 2025): masked language
// modelling in which the share of hidden tokens is drawn anew for every row, from nothing to
// everything, so that the model can also write: it begins with a row of [MASK]s and uncovers it in
// steps. With t uniform on [0, 1] and every token hidden with probability t by itself, the loss
//
//     L = E_t [ (1 / t) · (1 / T) Σ_{i hidden} −log p(xᵢ | what is visible) ]
//
// is an upper bound of −log p(x) / T, the surprise per token. (In MDLM 1/t stands for a general
// weight, −α′/(1 − α), with the linear schedule α = 1 − t.) No token is exchanged or left as it is:
// the 80/10/10 of BERT is not used.
import type { Random } from "../random";
import { type Example, inOrder, zeros } from "./example";
import type { BlankTokens } from "./tokens";

/** The smallest t: 1/t must stay finite. */
export const SMALLEST_TIME = 1e-3;

/**
 * A row with the given tokens hidden. Each hidden token counts 1 / (t · T), so that a row in which
 * few are hidden weighs as much as one in which many are.
 * @param text T ids
 * @param hidden T times whether the token is hidden
 * @param t the probability it was hidden with, above 0
 */
export function diffusionRow(
  text: readonly number[],
  hidden: readonly boolean[],
  t: number,
  tokens: BlankTokens,
): Example {
  const T = text.length;
  return {
    ids: text.map((id, i) => (hidden[i] ? tokens.mask : id)),
    positions: inOrder(T),
    blankPositions: zeros(T),
    targets: [...text],
    weights: hidden.map((isHidden) => (isHidden ? 1 / (t * T) : 0)),
    prefix: T,
  };
}

/**
 * Draws t, or takes the one given, hides each token with that probability, and makes a row of it.
 */
export function diffusionExample(
  text: readonly number[],
  tokens: BlankTokens,
  rng: Random,
  { t = Math.max(SMALLEST_TIME, rng.uniform()) }: { t?: number } = {},
): Example {
  const hidden = text.map(() => rng.uniform() < t);
  return diffusionRow(text, hidden, t, tokens);
}

/**
 * The times of a batch: one random number, and from there evenly around the circle from 0 to 1, so
 * that every batch has rows with much and with little hidden (MDLM's low-discrepancy sampler).
 */
export function spreadTimes(B: number, rng: Random): number[] {
  const first = rng.uniform();
  return Array.from({ length: B }, (_, b) => Math.max(SMALLEST_TIME, (first + b / B) % 1));
}
