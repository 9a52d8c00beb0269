// Lesson 30 (in practice). Replace each `notDoneYet(…)` with your answer, save, and run the check in the
// notebook (or `npm run check 30`). All of it is plain TypeScript, without tensors.

import { notDoneYet } from "llm/course/exercise";

/** A system by its figures: more quality is better, a lower cost is better. */
export interface SystemFigures {
  name: string;
  quality: number;
  /** Such as [price, seconds]; every system has equally many. */
  costs: number[];
}

/** A model on a machine. Bytes, and bytes per second. */
export interface Decoding {
  /** Of all weights; each token of a text needs them all. */
  weightBytes: number;
  /** Of keys and values, for one token of one text. */
  kvBytesPerToken: number;
  /** How many tokens each text has. */
  contextLength: number;
  /** How many texts are written at once. */
  texts: number;
  memory: number;
  bandwidth: number;
}

/** How often each topic came. */
export type TopicCounts = Record<string, number>;

/**
 * The systems that no other beats.
 *
 * A beats B if A is at least as good as B in everything (its quality is not lower, none of its costs is
 * higher) and better in something. Two systems with the same figures do not beat each other.
 *
 * @param systems in any order
 * @returns the names of those that no other beats, in the order of the list; [] for an empty list
 * @example qualities and costs a 0.9 [5], b 0.7 [1], c 0.7 [2] → ["a", "b"]: b beats c
 * @points 3 @minutes 10 @difficulty 2
 */
export function paretoFront(systems: SystemFigures[]): string[] {
  return notDoneYet("paretoFront", systems);
}

/**
 * Whether a model fits, and how fast it can write at most if reading memory is the limit.
 *
 *     cache  = texts · contextLength · kvBytesPerToken
 *     needed = weightBytes + cache
 *     tokens per second = texts · bandwidth / (weightBytes + cache)
 *
 * For one token of every text the weights are read once, together for all texts, and the keys and values
 * of each text. It fits if what it needs is at most the memory there is.
 *
 * @returns bytes needed, whether they fit, and the bound for all texts together
 * @example weights 8e9, kv 1e5, context 1000, texts 32, memory 12e9, bandwidth 1e11
 *   → { needed: 1.12e10, fits: true, tokensPerSecond: 285.7… }
 * @points 2 @minutes 10 @difficulty 2
 */
export function decodeBound(model: Decoding): {
  needed: number;
  fits: boolean;
  tokensPerSecond: number;
} {
  return notDoneYet("decodeBound", model);
}

/**
 * From how many answers an hour a machine of your own is cheaper than a provider.
 *
 * The machine costs `hourly` whether it works or not, and can give at most `capacity` answers an
 * hour. An answer at the provider costs
 *
 *     (promptTokens · promptPrice + completionTokens · completionPrice) / 10⁶
 *
 * because prices are for a million tokens. The break-even lies at hourly / that. If it is more than
 * `capacity`, or the provider charges nothing, the machine is never cheaper: Infinity.
 *
 * @returns answers an hour, not rounded
 * @example hourly 2, capacity 1000, tokens 300 and 50 at 4 and 16: 0.002 each → 1000
 * @points 2 @minutes 10 @difficulty 1
 */
export function breakEvenLoad(
  machine: { hourly: number; capacity: number },
  tokens: { prompt: number; completion: number },
  prices: { prompt: number; completion: number },
): number {
  return notDoneYet("breakEvenLoad", machine, tokens, prices);
}

/**
 * The population stability index of two sets of counts.
 *
 *     PSI = Σ_k (q_k − p_k) · ln(q_k / p_k)
 *     p_k = (before_k + ½) / (all before + K/2),   q_k likewise from now
 *
 * k runs through all topics that are named in either of the two; K is their number, and a topic that is
 * not named has the count 0. The halves keep a topic that never came from making the index infinite.
 *
 * @param before counts of the evaluation
 * @param now counts of a window of the log
 * @returns 0 if all shares are the same, else more
 * @example before { a: 30, b: 10 }, now { a: 20, b: 20 } → 0.2600…
 * @points 3 @minutes 15 @difficulty 3
 */
export function driftIndex(before: TopicCounts, now: TopicCounts): number {
  return notDoneYet("driftIndex", before, now);
}

/**
 * After how many pairs of customers a test may stop that is looked at after every pair.
 *
 * Pair n has the outcomes a_n and b_n, 0 or 1. With S_n = Σ_{i ≤ n} (b_i − a_i), the test stops at the
 * first n with |S_n| > bound(n), where
 *
 *     bound(n) = √( ½ · (n + ρ) · ln( (n + ρ) / (ρ · α²) ) )
 *
 * @param a outcomes of the old application, one for each pair
 * @param b outcomes of the new one; as many
 * @param alpha α, how often it may stop where there is no difference
 * @param rho ρ; the bound is tightest after about 8ρ pairs (α = 0.05)
 * @returns n, counted from 1; null if it never stops
 * @example a all 0, b all 1, α 0.05, ρ 10 → 8; with equal outcomes → null
 * @points 3 @minutes 15 @difficulty 3
 */
export function sequentialStop(
  a: number[],
  b: number[],
  alpha: number,
  rho: number,
): number | null {
  return notDoneYet("sequentialStop", a, b, alpha, rho);
}
