// What intervals are made of. Kept apart from llm/evaluate and llm/scaling, which both draw samples
// again and look at the middle of what comes out.

/**
 * The value below which a share p of the numbers lies, interpolated between neighbours, as NumPy's
 * `quantile` does: position p · (n − 1) among the sorted numbers.
 * @throws if there are none, or p lies outside 0 … 1
 */
export function quantile(values: ArrayLike<number>, p: number): number {
  if (values.length === 0 || !(p >= 0 && p <= 1))
    throw new Error(`quantile: expected numbers and p from 0 to 1, got ${values.length} and ${p}`);
  const sorted = Float64Array.from(values).sort();
  const at = p * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
