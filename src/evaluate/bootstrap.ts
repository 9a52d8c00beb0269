// How sure is a mean over a few examples? Draw as many examples again from those there are, with
// repetition, many times, and see how much the figure moves (Efron, Bootstrap Methods: Another Look
// at the Jackknife, 1979). Intervals are percentiles. Left out: bias correction (BCa).
import type { Random } from "../random";
import { quantile } from "../statistics";

/** A figure and the interval it may lie in. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

export interface BootstrapOptions {
  rng: Random;
  /** 2,000 */
  resamples?: number;
  /** 0.95: the share of resamples inside. */
  level?: number;
}

/**
 * A bootstrap interval for any figure of n examples.
 * @param n how many examples there are
 * @param statistic the figure of the examples with these numbers (which may repeat)
 * @example bootstrapInterval(x.length, (some) => meanOf(some.map((i) => x[i])), { rng })
 * @throws if there is no example
 */
export function bootstrapInterval(
  n: number,
  statistic: (indices: Int32Array) => number,
  { rng, resamples = 2000, level = 0.95 }: BootstrapOptions,
): Interval {
  if (!Number.isInteger(n) || n < 1)
    throw new Error(`bootstrapInterval: expected at least one example, got ${n}`);
  const indices = Int32Array.from({ length: n }, (_, i) => i);
  const value = statistic(indices);
  const drawn = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    for (let i = 0; i < n; i++) indices[i] = rng.integer(n);
    drawn[r] = statistic(indices);
  }
  const tail = (1 - level) / 2;
  return { value, low: quantile(drawn, tail), high: quantile(drawn, 1 - tail) };
}

/** The mean of numbers with its bootstrap interval: of differences, for a paired comparison. */
export function meanInterval(values: ArrayLike<number>, options: BootstrapOptions): Interval {
  return bootstrapInterval(
    values.length,
    (some) => {
      let sum = 0;
      for (const i of some) sum += values[i];
      return sum / some.length;
    },
    options,
  );
}
