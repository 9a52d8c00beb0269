// An A/B test: customers are sent to the old or the new application by chance, and one compares.
// How many it takes is worked out before (power). Whoever looks every day and stops at the first
// "significant" difference finds one far too often where there is none; a bound that holds at all
// times at once (the normal mixture of Robbins, 1970; Johari et al., 2017, for A/B tests) allows
// looking, at a price.
//
// For pairs with the same customer's question, lesson 13 (evaluation) has `signFlipTest`. Left out: more
// than two arms, what changes with the day of the week.
import { normalCdf, sampleSize } from "../evaluate";
import type { Random } from "../random";

/**
 * How many customers each arm needs to tell two shares apart.
 *
 *     n = (z_{1−α/2} + z_power)² · (a(1−a) + b(1−b)) / (a − b)²      rounded up
 *
 * @throws if the shares are the same, or one is 0 and the other 1
 */
export function customersPerArm(
  a: number,
  b: number,
  options: { alpha?: number; power?: number } = {},
): number {
  if (a === b) throw new Error(`customersPerArm: expected two different shares, got ${a} twice`);
  const sd = Math.sqrt(a * (1 - a) + b * (1 - b)); // of the difference of two customers
  return sampleSize({ difference: a - b, sd }, options);
}

/** Customers of one arm, and how many of them were served well. */
export interface Arm {
  good: number;
  all: number;
}

/** The p-value of a difference of two shares (two-sided, pooled variance). @throws for an empty arm */
export function twoShareTest(a: Arm, b: Arm): number {
  if (a.all === 0 || b.all === 0) throw new Error("twoShareTest: expected customers in both arms");
  const p = (a.good + b.good) / (a.all + b.all);
  const error = Math.sqrt(p * (1 - p) * (1 / a.all + 1 / b.all));
  if (error === 0) return 1;
  return 2 * (1 - normalCdf(Math.abs(a.good / a.all - b.good / b.all) / error));
}

export interface SequentialOptions {
  /** How often a difference is found at any time where there is none; 0.05. */
  alpha?: number;
  /** σ² of one difference; 0.5, the most that two outcomes of 0 or 1 can have without a difference. */
  variance?: number;
  /** ρ, 100: the bound is tightest after about 8ρ pairs (α = 0.05). */
  rho?: number;
}

/**
 * The bound that a sum of n differences with mean 0 exceeds at *any* n with probability at most α:
 *
 *     |S_n| ≤ √( σ² · (n + ρ) · ln( (n + ρ) / (ρ · α²) ) )
 *
 * (Robbins, 1970; in this form Howard et al., 2021, "Time-uniform, nonparametric, nonasymptotic
 * confidence sequences"). It holds for differences that vary no more than a normal distribution of this
 * variance would, such as b − a of two outcomes of 0 or 1 with σ² = ½.
 */
export function sequentialBound(n: number, options: SequentialOptions = {}): number {
  const { alpha = 0.05, variance = 0.5, rho = 100 } = options;
  return Math.sqrt(variance * (n + rho) * Math.log((n + rho) / (rho * alpha ** 2)));
}

/** Two streams of outcomes, 1 for a customer who was served well. */
export interface Streams {
  a: ArrayLike<number>;
  b: ArrayLike<number>;
}

/**
 * After how many pairs the bound is passed.
 * @returns null if it never is
 */
export function stopsAfter({ a, b }: Streams, options: SequentialOptions = {}): number | null {
  let sum = 0;
  for (let n = 1; n <= a.length; n++) {
    sum += b[n - 1] - a[n - 1];
    if (Math.abs(sum) > sequentialBound(n, options)) return n;
  }
  return null;
}

/** After how many pairs the ordinary test, looked at every `every` pairs, says p < α; null if never. */
export function peekingStop({ a, b }: Streams, every: number, alpha = 0.05): number | null {
  const arms = [
    { good: 0, all: 0 },
    { good: 0, all: 0 },
  ];
  for (let n = 1; n <= a.length; n++) {
    arms[0].good += a[n - 1];
    arms[1].good += b[n - 1];
    arms[0].all = arms[1].all = n;
    if (n % every === 0 && twoShareTest(arms[0], arms[1]) < alpha) return n;
  }
  return null;
}

/** Outcomes of customers by chance. */
export const drawOutcomes = (share: number, n: number, rng: Random): Uint8Array =>
  Uint8Array.from({ length: n }, () => Number(rng.uniform() < share));
