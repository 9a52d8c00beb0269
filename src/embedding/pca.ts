// Principal components (Pearson, 1901): the flat picture of a cloud of points that keeps as much of
// their spread as a flat picture can. For maps of words; far from all of the spread fits on a page,
// so neighbours on the map need not be neighbours among the vectors.
import { fixSigns, symmetricEigen } from "./svd";

/** Points seen along their directions of largest spread. */
export interface Pca {
  /** (N, K), row by row. */
  points: Float64Array;
  /**
   * The same coordinates for any vectors of D numbers, (M, D) row by row: to see other points, or the
   * same ones at another time, from the same place.
   * @returns (M, K)
   */
  project: (values: ArrayLike<number>) => Float64Array;
  /** Of each of the K axes, its share in the whole variance. */
  explained: number[];
}

/**
 * The coordinates of N points along the K directions in which they vary most, the mean in the
 * origin. On each axis the largest coordinate is positive.
 * @param values (N, D), row by row
 * @param K from 1 to D
 */
export function pca(values: ArrayLike<number>, D: number, K: number): Pca {
  const N = values.length / D;
  if (!Number.isInteger(N) || N < 1)
    throw new Error(`pca: expected rows of ${D} numbers, got ${values.length} numbers`);
  if (!Number.isInteger(K) || K < 1 || K > D)
    throw new Error(`pca: expected a K from 1 to ${D}, got ${K}`);
  const mean = new Float64Array(D);
  for (let i = 0; i < values.length; i++) mean[i % D] += values[i] / N;
  const covariance = new Float64Array(D * D);
  for (let row = 0; row < values.length; row += D)
    for (let d = 0; d < D; d++)
      for (let e = 0; e < D; e++)
        covariance[d * D + e] += ((values[row + d] - mean[d]) * (values[row + e] - mean[e])) / N;
  const { values: variances, vectors } = symmetricEigen(covariance, D);
  let signs = new Array<number>(K).fill(1);
  const project = (x: ArrayLike<number>): Float64Array => {
    const points = new Float64Array((x.length / D) * K);
    for (let i = 0; i < x.length; i++)
      for (let k = 0; k < K; k++)
        points[Math.floor(i / D) * K + k] +=
          signs[k] * (x[i] - mean[i % D]) * vectors[(i % D) * D + k];
    return points;
  };
  const points = project(values);
  signs = fixSigns(points, K);
  const all = variances.reduce((sum, v) => sum + Math.max(v, 0), 0);
  return {
    ...{ points, project },
    explained: Array.from(variances.slice(0, K), (v) => (all > 0 ? Math.max(v, 0) / all : 0)),
  };
}
