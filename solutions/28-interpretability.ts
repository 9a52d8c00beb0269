// Reference answers of lesson 28 (interpretability), each with why it is so.

/**
 * The mean of the numbers: mean(x) = (x₁ + … + xₙ) / n.
 *
 * @param x at least one number
 * @returns their mean; `mean([1, 2, 6])` is 3
 * @points 1 @minutes 5 @difficulty 1
 */
export function mean(x: number[]): number {
  // The 0 matters: reduce without a first value throws on an empty list instead of giving NaN.
  return x.reduce((sum, value) => sum + value, 0) / x.length;
}
