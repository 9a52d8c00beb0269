// How far a fitted number could have come out otherwise: the bootstrap (Efron, 1979). The runs are
// drawn again with replacement, as many as there are, and the fit is repeated.

import { Random } from "../random";
import { quantile } from "../statistics";

/** A number with its interval: `low` and `high` are percentiles of the repetitions. */
export interface Interval {
  low: number;
  high: number;
}

/**
 * The results of `compute` for `samples` draws of the items with replacement. Draws for which it
 * throws (because all drawn runs have one size, say) are drawn again.
 * @throws if a tenth or more of the draws cannot be computed
 */
export function bootstrap<Item, Result>(
  items: readonly Item[],
  compute: (drawn: Item[]) => Result,
  { samples = 200, seed = 14 }: { samples?: number; seed?: number } = {},
): Result[] {
  const random = new Random(seed).fork("bootstrap");
  const results: Result[] = [];
  let failed = 0;
  while (results.length < samples) {
    const drawn = items.map(() => items[random.integer(items.length)]);
    try {
      results.push(compute(drawn));
    } catch (error) {
      failed++;
      if (failed >= Math.max(10, samples / 10)) throw error;
    }
  }
  return results;
}

/**
 * The interval that holds the middle `level` of the values; between two values it is interpolated.
 * @param level 0.95 leaves 2.5 % out at either end
 */
export function percentileInterval(values: readonly number[], level = 0.95): Interval {
  if (values.length === 0) throw new Error("percentileInterval: expected values, got none");
  return { low: quantile(values, (1 - level) / 2), high: quantile(values, (1 + level) / 2) };
}
