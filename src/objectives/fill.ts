// Filling blanks, token by token, with a model of any objective: a causal model from what stands to
// the left; T5's and GLM's from both sides and what they have written; a masked or a diffusion model
// at all blanks at once, of which a few are uncovered in each step.
import type { Random } from "../random";
import { sampleFromLogits } from "../sampling";
import { blanksOf, layoutOf } from "./blanks";
import { type ObjectiveModel, probabilitiesAt } from "./score";

/** One position to uncover, with the token for it. */
export interface Uncovered {
  position: number;
  id: number;
}

/**
 * Chooses what to uncover by confidence: of all hidden positions the `count` whose most probable
 * token has the highest probability. The others stay hidden, and are predicted anew in the next step
 * (LLaDA's low-confidence remasking, Nie et al., 2025, with the most probable token everywhere).
 * @param probabilities for each hidden position a row of V probabilities
 * @param positions of these rows in the text
 * @returns at most `count` pairs, the surest first; of equals the one further left
 */
export function surest(
  probabilities: readonly (readonly number[])[],
  positions: readonly number[],
  count: number,
): Uncovered[] {
  const best = probabilities.map((row, k) => {
    const p = Math.max(...row);
    return { position: positions[k], id: row.indexOf(p), p };
  });
  best.sort((a, b) => b.p - a.p || a.position - b.position);
  return best.slice(0, count).map(({ position, id }) => ({ position, id }));
}

/**
 * One step of the unmasking: the text with `count` more tokens uncovered, the surest.
 * @param ids T ids, some of them `mask`; not changed
 * @param probabilities T rows of V probabilities; only those of hidden positions are looked at
 * @returns T ids
 */
export function unmaskStep(
  ids: readonly number[],
  probabilities: readonly (readonly number[])[],
  mask: number,
  count: number,
): number[] {
  const hidden = ids.flatMap((id, i) => (id === mask ? [i] : []));
  const next = [...ids];
  const rows = hidden.map((i) => probabilities[i]);
  for (const { position, id } of surest(rows, hidden, count)) next[position] = id;
  return next;
}

export interface FillOptions {
  /** In how many steps a masked or a diffusion model uncovers everything; one token per step if absent. */
  steps?: number;
  /** Which tokens they uncover: the surest, or any. Drawing by chance needs `rng`. */
  order?: "surest" | "random";
  /** 0 takes the most probable token; above 0 tokens are drawn, which needs `rng`. */
  temperature?: number;
  rng?: Random;
}

/**
 * Fills all [MASK]s of a text.
 * @param ids T ids, with [MASK] for every token that is missing
 * @returns the text after each step; the first is `ids`, the last has no [MASK] left
 * @throws if something is to be drawn and there is no `rng`
 */
export function fillBlanks(
  model: ObjectiveModel,
  ids: readonly number[],
  { steps, order = "surest", temperature = 0, rng }: FillOptions = {},
): number[][] {
  if (!rng && (temperature > 0 || order === "random"))
    throw new Error("fillBlanks: expected an rng to draw with, got none");
  const { name, tokens } = model;
  const spans = blanksOf(ids, tokens.mask);
  const choose = (p: readonly number[]): number =>
    temperature === 0
      ? p.indexOf(Math.max(...p))
      : sampleFromLogits(
          p.map((x) => Math.log(x)),
          { temperature, rng: rng as Random },
        );
  const texts = [[...ids]];
  const total = spans.reduce((sum, [start, end]) => sum + end - start, 0);
  const atOnce = name === "masked" || name === "diffusion";
  const rounds = atOnce ? Math.min(steps ?? total, total) : total;
  for (let round = 0, left = total; round < rounds; round++) {
    const text = [...texts[texts.length - 1]];
    const { example, predictedAt } = layoutOf(name, text, spans, tokens);
    const hidden = [...predictedAt.keys()].filter((p) => text[p] === tokens.mask);
    if (!atOnce) {
      const [p] = hidden; // the leftmost
      const [row] = probabilitiesAt(model, example, [predictedAt.get(p) as number]);
      text[p] = choose(row);
    } else {
      const count = Math.ceil(left / (rounds - round));
      const rows = probabilitiesAt(model, example, hidden);
      const drawn = hidden.map((position, k) => {
        const id = choose(rows[k]);
        return { position, id, p: order === "surest" ? rows[k][id] : (rng as Random).uniform() };
      });
      drawn.sort((a, b) => b.p - a.p || a.position - b.position);
      for (const { position, id } of drawn.slice(0, count)) text[position] = id;
      left -= count;
    }
    texts.push(text);
  }
  return texts;
}
