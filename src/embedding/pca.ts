// Principal components (Pearson, 1901): the flat picture of a cloud of points that keeps as much of
// their spread as a flat picture can. For maps of words; far from all of the spread fits on a page,
// so neighbours on the map need not be neighbours among the vectors.
import { fixSigns, symmetricEigen } from "./svd";

/** Points seen along their directions of largest spread. */
export interface Pca {
  /** (N, K), row by row. */
  points: Float64Array;
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
  const centred = Float64Array.from(values);
  for (let d = 0; d < D; d++) {
    let mean = 0;
    for (let i = d; i < centred.length; i += D) mean += centred[i] / N;
    for (let i = d; i < centred.length; i += D) centred[i] -= mean;
  }
  const covariance = new Float64Array(D * D);
  for (let row = 0; row < centred.length; row += D)
    for (let d = 0; d < D; d++)
      for (let e = 0; e < D; e++)
        covariance[d * D + e] += (centred[row + d] * centred[row + e]) / N;
  const { values: variances, vectors } = symmetricEigen(covariance, D);
  const points = new Float64Array(N * K);
  for (let i = 0; i < N; i++)
    for (let d = 0; d < D; d++)
      for (let k = 0; k < K; k++) points[i * K + k] += centred[i * D + d] * vectors[d * D + k];
  fixSigns(points, K);
  const all = variances.reduce((sum, v) => sum + Math.max(v, 0), 0);
  return {
    points,
    explained: Array.from(variances.slice(0, K), (v) => (all > 0 ? Math.max(v, 0) / all : 0)),
  };
}
