// Pointwise mutual information: how much more often than by chance two words stand near each other
// (Church and Hanks, Word Association Norms, Mutual Information, and Lexicography, 1990). Negative
// values, which small counts make unreliable, are set to 0 (Bullinaria and Levy, 2007).
import { columnSums, rowSums, type SparseMatrix } from "./sparse";

/**
 * Positive pointwise mutual information of a matrix of counts:
 *
 *     PPMI(i, j) = max(0, log( p(i, j) / (p(i) · p(j)) ))
 *
 * p(i, j) is the share of a pair in all counts, p(i) that of a row. In p(j), that of a column, each
 * sum is raised to the power α first: α = 0.75 makes rare words less surprising (Levy, Goldberg and
 * Dagan, Improving Distributional Similarity with Lessons Learned from Word Embeddings, 2015).
 * @param counts (N, M), 0 or more
 * @param alpha default 1: plain PPMI
 * @returns (N, M), in nats; what is 0 is not stored
 */
export function ppmi(counts: SparseMatrix, { alpha = 1 }: { alpha?: number } = {}): SparseMatrix {
  const rows = rowSums(counts);
  const columns = columnSums(counts).map((sum) => sum ** alpha);
  const allColumns = columns.reduce((sum, x) => sum + x, 0);
  const start = new Int32Array(counts.rows + 1);
  const column: number[] = [];
  const value: number[] = [];
  for (let i = 0; i < counts.rows; i++) {
    for (let e = counts.start[i]; e < counts.start[i + 1]; e++) {
      const j = counts.column[e];
      // p(i, j) / p(i) = count / sum of the row
      const pmi = Math.log(counts.value[e] / rows[i] / (columns[j] / allColumns));
      if (!(pmi > 0)) continue;
      column.push(j);
      value.push(pmi);
    }
    start[i + 1] = column.length;
  }
  return {
    ...{ rows: counts.rows, columns: counts.columns, start },
    ...{ column: Int32Array.from(column), value: Float64Array.from(value) },
  };
}
