// The few directions in which a large matrix does most: eigenvectors of a small dense symmetric
// matrix by Jacobi's rotations (1846), and the first singular vectors of a large sparse one by
// subspace iteration from a random start (Halko, Martinsson and Tropp, Finding Structure with
// Randomness, 2011, algorithm 4.4). Only matrix times vector is needed, so zeros cost nothing.
import { Random } from "../random";
import { type SparseMatrix, times, transposedTimes } from "./sparse";

/** A matrix times its eigenvectors gives them back, each times its eigenvalue. */
export interface Eigen {
  /** n eigenvalues, the largest first. */
  values: Float64Array;
  /** (n, n), row by row: eigenvector j, of length 1, is column j. */
  vectors: Float64Array;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix: A = Q diag(λ) Qᵀ. Each rotation turns two
 * axes so that one number outside the diagonal becomes 0; after a few rounds all of them are.
 * @param a (n, n), row by row; stays as it is
 */
export function symmetricEigen(a: ArrayLike<number>, n: number): Eigen {
  if (a.length !== n * n)
    throw new Error(`symmetricEigen: expected ${n} × ${n} numbers, got ${a.length}`);
  const A = Float64Array.from(a);
  const Q = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  const scale = A.reduce((sum, x) => sum + x * x, 0);
  for (let round = 0; round < 60; round++) {
    let outside = 0;
    for (let p = 0; p < n; p++) for (let q = 0; q < p; q++) outside += A[p * n + q] ** 2;
    if (outside <= 1e-30 * scale) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(A, Q, n, p, q);
  }
  const order = Array.from({ length: n }, (_, j) => j);
  order.sort((i, j) => A[j * (n + 1)] - A[i * (n + 1)]);
  return {
    values: Float64Array.from(order, (j) => A[j * (n + 1)]),
    vectors: Float64Array.from({ length: n * n }, (_, k) => Q[k - (k % n) + order[k % n]]),
  };
}

/** One rotation in the plane of axes p and q, after which A[p, q] is 0. */
function rotate(A: Float64Array, Q: Float64Array, n: number, p: number, q: number): void {
  const apq = A[p * n + q];
  if (apq === 0) return;
  const theta = (A[q * (n + 1)] - A[p * (n + 1)]) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cos = 1 / Math.sqrt(t * t + 1);
  const sin = t * cos;
  const turn = (M: Float64Array, i: number, j: number) => {
    const [x, y] = [M[i], M[j]];
    M[i] = cos * x - sin * y;
    M[j] = sin * x + cos * y;
  };
  for (let k = 0; k < n; k++) turn(A, k * n + p, k * n + q); // columns
  for (let k = 0; k < n; k++) turn(A, p * n + k, q * n + k); // rows
  for (let k = 0; k < n; k++) turn(Q, k * n + p, k * n + q);
}

export interface Svd {
  /** K singular values, the largest first. */
  values: Float64Array;
  /** (N, K), row by row: left singular vectors in the columns. */
  left: Float64Array;
}

/**
 * The first K singular values and left singular vectors of A ≈ U diag(σ) Vᵀ: no other matrix of rank
 * K is nearer to A (Eckart and Young, 1936). The signs are chosen so that the largest number of each
 * vector is positive.
 * @param a (N, M)
 * @param K from 1 to min(N, M)
 * @param seed of the random start
 * @param iterations default 8; each makes the result more exact
 * @param extra vectors carried along besides the K, which make it more exact too (default 10)
 */
export function truncatedSvd(
  a: SparseMatrix,
  K: number,
  { seed, iterations = 8, extra = 10 }: { seed: number; iterations?: number; extra?: number },
): Svd {
  const most = Math.min(a.rows, a.columns);
  if (!Number.isInteger(K) || K < 1 || K > most)
    throw new Error(`truncatedSvd: expected a K from 1 to ${most}, got ${K}`);
  const L = Math.min(K + extra, most);
  const rng = new Random(seed).fork("svd");
  const start = Float64Array.from({ length: a.columns * L }, () => rng.normal());
  let Q = orthonormal(times(a, start, L), L);
  for (let i = 0; i < iterations; i++) {
    const back = orthonormal(transposedTimes(a, Q, L), L);
    Q = orthonormal(times(a, back, L), L);
  }
  // Within the space of Q the problem is small: B = Aᵀ Q, and BᵀB has the squares of σ.
  const B = transposedTimes(a, Q, L);
  const small = symmetricEigen(transposeTimes(B, B, L), L);
  const left = new Float64Array(a.rows * K);
  for (let i = 0; i < a.rows; i++)
    for (let l = 0; l < L; l++)
      for (let k = 0; k < K; k++) left[i * K + k] += Q[i * L + l] * small.vectors[l * L + k];
  fixSigns(left, K);
  return {
    values: Float64Array.from({ length: K }, (_, k) => Math.sqrt(Math.max(small.values[k], 0))),
    left,
  };
}

/** XᵀY of two matrices with L columns: (L, L). */
function transposeTimes(x: Float64Array, y: Float64Array, L: number): Float64Array {
  const result = new Float64Array(L * L);
  for (let row = 0; row < x.length; row += L)
    for (let i = 0; i < L; i++)
      for (let j = 0; j < L; j++) result[i * L + j] += x[row + i] * y[row + j];
  return result;
}

/**
 * Columns of length 1 at right angles that span the same space (Gram and Schmidt, each column twice,
 * because once is not exact enough). A column that adds nothing becomes 0.
 */
function orthonormal(x: Float64Array, L: number): Float64Array {
  const N = x.length / L;
  // Column after column in memory: walking down the columns of `x` would miss the cache.
  const columns = Array.from({ length: L }, (_, j) => {
    const column = new Float64Array(N);
    for (let i = 0; i < N; i++) column[i] = x[i * L + j];
    return column;
  });
  columns.forEach((column, j) => {
    const before = Math.sqrt(dot(column, column));
    for (let pass = 0; pass < 2; pass++)
      for (const earlier of columns.slice(0, j)) {
        const along = dot(column, earlier);
        for (let i = 0; i < N; i++) column[i] -= along * earlier[i];
      }
    const length = Math.sqrt(dot(column, column));
    const scale = length > 1e-12 * before ? 1 / length : 0;
    for (let i = 0; i < N; i++) column[i] *= scale;
  });
  const result = new Float64Array(x.length);
  for (let i = 0; i < N; i++) for (let j = 0; j < L; j++) result[i * L + j] = columns[j][i];
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * Turns each column so that its number of largest size is positive. Changes `x`.
 * @returns for each of the K columns −1 where it was turned, otherwise 1
 */
export function fixSigns(x: Float64Array, K: number): number[] {
  return Array.from({ length: K }, (_, k) => {
    let largest = 0;
    for (let i = k; i < x.length; i += K) if (Math.abs(x[i]) > Math.abs(largest)) largest = x[i];
    if (largest >= 0) return 1;
    for (let i = k; i < x.length; i += K) x[i] = -x[i];
    return -1;
  });
}
