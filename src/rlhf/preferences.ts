// Preferences: of two answers to one prompt, which one was preferred. Here a rule judges, so that the
// true reward is known, and it errs as people do (Bradley & Terry, 1952): the better answer is
// preferred with probability σ(difference / noise), so that close calls are often wrong and clear
// ones seldom.
import type { Random } from "../random";

/** A prompt and two different answers. */
export interface Pair {
  prompt: number[];
  chosen: number[];
  rejected: number[];
}

/** An answer that has been judged. */
export interface Judged {
  prompt: number[];
  answer: number[];
  /** The true reward. */
  reward: number;
}

/**
 * Who is preferred: true for the first. At noise 0 always the better one.
 * @throws if a reward is no number
 */
export function prefersFirst(
  first: number,
  second: number,
  { noise, rng }: { noise: number; rng: Random },
): boolean {
  const difference = first - second;
  if (!Number.isFinite(difference))
    throw new Error(`prefersFirst: expected finite rewards, got ${first} and ${second}`);
  if (noise === 0) return difference > 0;
  return rng.uniform() < 1 / (1 + Math.exp(-difference / noise));
}

/**
 * Pairs out of judged answers: neighbours with the same prompt make a pair, unless they are the same
 * or, at noise 0, equally good.
 */
export function preferencePairs(
  judged: readonly Judged[],
  options: { noise: number; rng: Random },
): Pair[] {
  const pairs: Pair[] = [];
  for (let i = 0; i + 1 < judged.length; i += 2) {
    const [a, b] = [judged[i], judged[i + 1]];
    if (`${a.prompt}` !== `${b.prompt}`)
      throw new Error(`preferencePairs: expected answers ${i} and ${i + 1} to the same prompt`);
    if (`${a.answer}` === `${b.answer}` || (options.noise === 0 && a.reward === b.reward)) continue;
    const [chosen, rejected] = prefersFirst(a.reward, b.reward, options) ? [a, b] : [b, a];
    pairs.push({ prompt: a.prompt, chosen: chosen.answer, rejected: rejected.answer });
  }
  return pairs;
}
