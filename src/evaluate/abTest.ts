// Comparing two systems on the same examples. `signFlipTest` asks how often chance alone would give
// such a difference (Fisher's randomization test for pairs, 1935); `sampleSize` says before the test
// how many examples it takes to find one (for example Cohen, Statistical Power Analysis, 1988).
// `holmAdjusted` is for many comparisons at once (Holm, A Simple Sequentially Rejective Multiple Test
// Procedure, 1979).
// Left out: looking at the result while examples still come in, which needs other thresholds.
import type { Random } from "../random";

/**
 * Φ(x), the share of a normal distribution below x, by the series of Marsaglia (Evaluating the
 * Normal Distribution, 2004): ½ + φ(x) · (x + x³/3 + x⁵/(3·5) + …).
 */
export function normalCdf(x: number): number {
  if (x < -8) return 0;
  if (x > 8) return 1;
  let [sum, term] = [x, x];
  for (let k = 3; sum + term !== sum; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** The x with Φ(x) = p, by halving. @throws unless 0 < p < 1 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new Error(`normalQuantile: expected p between 0 and 1, got ${p}`);
  let [low, high] = [-8, 8];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * How many pairs it takes to find a difference.
 *
 *     n = ((z_{1−α/2} + z_{power}) · σ / δ)²     rounded up
 *
 * @param difference δ, the smallest difference that would matter
 * @param sd σ, the standard deviation of the differences of single pairs
 * @param options.alpha how often a difference is found where there is none; 0.05
 * @param options.power how often a difference of δ is found; 0.8
 */
export function sampleSize(
  { difference, sd }: { difference: number; sd: number },
  { alpha = 0.05, power = 0.8 }: { alpha?: number; power?: number } = {},
): number {
  if (!(Math.abs(difference) > 0 && sd > 0))
    throw new Error(
      `sampleSize: expected a difference and an sd that are not 0, got ${difference} and ${sd}`,
    );
  const z = normalQuantile(1 - alpha / 2) + normalQuantile(power);
  return Math.ceil(((z * sd) / difference) ** 2);
}

/**
 * How probable a mean difference as far from 0 as this one is, if each pair's sign were a matter of
 * chance: signs are exchanged at random `draws` times, and the share of means that are at least as
 * far away is returned, the one observed counted in: (hits + 1) / (draws + 1).
 * @param differences one for each pair
 * @throws if there are none
 */
export function signFlipTest(
  differences: ArrayLike<number>,
  { rng, draws = 5000 }: { rng: Random; draws?: number },
): number {
  if (differences.length === 0)
    throw new Error("signFlipTest: expected at least one difference, got none");
  const d = Float64Array.from(differences);
  const observed = Math.abs(d.reduce((a, b) => a + b, 0));
  let hits = 0;
  for (let i = 0; i < draws; i++) {
    let sum = 0;
    for (const one of d) sum += rng.uniform() < 0.5 ? one : -one;
    if (Math.abs(sum) >= observed * (1 - 1e-12)) hits++;
  }
  return (hits + 1) / (draws + 1);
}

/**
 * p-values as they count when several things have been tested (Holm, 1979): the smallest of m is
 * multiplied by m, the next by m − 1, and so on; none may be smaller than the one before it, and none
 * is above 1. Those below α keep the chance of even one false find below α.
 * @returns in the order of the p-values given
 */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((i, j) => pValues[i] - pValues[j]);
  const adjusted = new Array<number>(pValues.length);
  let least = 0;
  order.forEach((i, rank) => {
    least = Math.min(1, Math.max(least, pValues[i] * (pValues.length - rank)));
    adjusted[i] = least;
  });
  return adjusted;
}
