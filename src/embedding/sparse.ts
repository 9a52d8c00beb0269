// Matrices that are mostly zeros, as lists of what is there, row by row (compressed sparse rows).
// Of the 18 million pairs of two words of Moby-Dick, one in thirty occurs within five words.

/** An (N, M) matrix: row i holds the entries from start[i] to start[i + 1] − 1. */
export interface SparseMatrix {
  /** N */
  rows: number;
  /** M */
  columns: number;
  /** N + 1 places in `column` and `value`. */
  start: Int32Array;
  /** The column of each entry, rising within a row. */
  column: Int32Array;
  /** Each entry. */
  value: Float64Array;
}

/** One entry: 0 where nothing is stored. */
export function entryOf({ start, column, value }: SparseMatrix, row: number, col: number): number {
  let [low, high] = [start[row], start[row + 1]];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] < col) low = middle + 1;
    else high = middle;
  }
  return low < start[row + 1] && column[low] === col ? value[low] : 0;
}

/** The sums of the rows, N numbers. */
export function rowSums({ rows, start, value }: SparseMatrix): Float64Array {
  const sums = new Float64Array(rows);
  for (let i = 0; i < rows; i++) for (let e = start[i]; e < start[i + 1]; e++) sums[i] += value[e];
  return sums;
}

/** The sums of the columns, M numbers. */
export function columnSums({ columns, column, value }: SparseMatrix): Float64Array {
  const sums = new Float64Array(columns);
  for (let e = 0; e < value.length; e++) sums[column[e]] += value[e];
  return sums;
}

/**
 * A times X.
 * @param x (M, K), row by row
 * @returns (N, K)
 */
export function times(a: SparseMatrix, x: Float64Array, K: number): Float64Array {
  const result = new Float64Array(a.rows * K);
  for (let i = 0; i < a.rows; i++)
    for (let e = a.start[i]; e < a.start[i + 1]; e++)
      addScaled(result, i * K, x, a.column[e] * K, a.value[e], K);
  return result;
}

/**
 * Aᵀ times X.
 * @param x (N, K), row by row
 * @returns (M, K)
 */
export function transposedTimes(a: SparseMatrix, x: Float64Array, K: number): Float64Array {
  const result = new Float64Array(a.columns * K);
  for (let i = 0; i < a.rows; i++)
    for (let e = a.start[i]; e < a.start[i + 1]; e++)
      addScaled(result, a.column[e] * K, x, i * K, a.value[e], K);
  return result;
}

/** to[at …] += scale · from[start …], K numbers. */
function addScaled(
  to: Float64Array,
  at: number,
  from: Float64Array,
  start: number,
  scale: number,
  K: number,
): void {
  for (let k = 0; k < K; k++) to[at + k] += scale * from[start + k];
}
