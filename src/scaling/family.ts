// Runs of a family of models, looked at together: the means over seeds, and the best of each group.

/**
 * The mean loss of the runs that `keyOf` does not tell apart, their median, and the spread from the
 * least to the largest; the other fields are the first's.
 */
export function meanOfSeeds<R extends { loss: number }>(
  runs: readonly R[],
  keyOf: (run: R) => string | number,
): (R & { median: number; spread: number; seeds: number })[] {
  const groups = new Map<string | number, R[]>();
  for (const run of runs) {
    const key = keyOf(run);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].map((some) => {
    const losses = some.map((run) => run.loss).sort((a, b) => a - b);
    const loss = losses.reduce((a, b) => a + b, 0) / losses.length;
    const half = losses.length / 2;
    const median = (losses[Math.ceil(half) - 1] + losses[Math.floor(half)]) / 2;
    const spread = losses[losses.length - 1] - losses[0];
    return { ...some[0], loss, median, spread, seeds: some.length };
  });
}

/** The run with the least loss of each group, in the order of the groups' first runs. */
export function bestOfEach<R extends { loss: number }>(
  runs: readonly R[],
  keyOf: (run: R) => string | number,
): R[] {
  const best = new Map<string | number, R>();
  for (const run of runs) {
    const key = keyOf(run);
    if (!best.has(key) || run.loss < best.get(key)!.loss) best.set(key, run);
  }
  return [...best.values()];
}

/**
 * How suddenly a measure changes over a family: the largest share of its whole change, from the
 * first value to the last, that lies between two neighbours. 1 / (n − 1) is as even as can be.
 * @throws if there are fewer than two values, or the last is the first again
 */
export function sharpness(values: readonly number[]): number {
  const whole = values[values.length - 1] - values[0];
  if (!(values.length > 1 && whole !== 0))
    throw new Error(`sharpness: expected values that change, got ${values.join(", ")}`);
  return Math.max(...values.slice(1).map((value, i) => (value - values[i]) / whole));
}
