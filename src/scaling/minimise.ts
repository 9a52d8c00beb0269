// The least value of a function of one or two numbers, each within limits: a grid of values, evenly
// spaced on a logarithmic axis, and then ever finer grids around the best one. Slower than a
// gradient method and without its worries: no start, no step size, the same result every time.

/** Between which values one number is looked for; both above 0. */
export interface Limits {
  least: number;
  most: number;
}

/**
 * Where `f` is least.
 * @param limits of each number: one or two
 * @param options `points` of the grid along each axis, at least 11; `rounds` of refinement, each of
 *   which makes the grid five times as fine
 */
export function minimise(
  f: (at: number[]) => number,
  limits: Limits[],
  { points = 11, rounds = 6 }: { points?: number; rounds?: number } = {},
): number[] {
  const first = limits.map(({ least, most }) => [Math.log(least), Math.log(most)]);
  let around = first;
  let best = { at: first.map(([least]) => Math.exp(least)), value: Number.POSITIVE_INFINITY };
  for (let round = 0; round <= rounds; round++) {
    const axes = around.map(([least, most]) =>
      Array.from({ length: points }, (_, i) => least + ((most - least) * i) / (points - 1)),
    );
    for (const logs of pairsOf(axes)) {
      const at = logs.map(Math.exp);
      const value = f(at);
      if (value < best.value) best = { at, value };
    }
    around = around.map(([least, most], axis) => {
      const half = (most - least) / 10;
      const middle = Math.log(best.at[axis]);
      return [Math.max(first[axis][0], middle - half), Math.min(first[axis][1], middle + half)];
    });
  }
  return best.at;
}

/** Every combination of one value from each axis. */
const pairsOf = (axes: number[][]): number[][] =>
  axes.reduce<number[][]>(
    (all, axis) => all.flatMap((some) => axis.map((value) => [...some, value])),
    [[]],
  );
