// Log-probabilities as people read them: tokens as text, the likeliest beside the one that was written.
import { logProbability } from "../sampling";
import type { Tokenizer } from "../tokenizer";
import type { TokenLogprob } from "./languageModel";

/**
 * A token with its log-probability and the likeliest ones.
 * @param logits V scores, before temperature
 * @param top how many of the likeliest are told; equals in the order of their ids
 */
export function tokenLogprob(
  logits: ArrayLike<number>,
  id: number,
  { tokenizer, top }: { tokenizer: Tokenizer; top: number },
): TokenLogprob {
  const named = (one: number) => ({ id: one, token: tokenizer.decode([one]) });
  // ln p = z − ln Σ exp z: the last part is the same for all tokens
  const rest = logProbability(logits, id) - logits[id];
  const likeliest = likeliestIds(logits, top).map((one) => ({
    ...named(one),
    logprob: logits[one] + rest,
  }));
  return { ...named(id), logprob: logits[id] + rest, top: likeliest };
}

/** The ids of the k largest scores, the largest first, kept while reading. */
export function likeliestIds(logits: ArrayLike<number>, k: number): number[] {
  const best: number[] = [];
  for (let id = 0; id < logits.length && k > 0; id++) {
    if (best.length === k && logits[id] <= logits[best[k - 1]]) continue;
    let place = best.length;
    while (place > 0 && logits[best[place - 1]] < logits[id]) place--;
    best.splice(place, 0, id);
    if (best.length > k) best.pop();
  }
  return best;
}
