// How often two words stand near each other: the counts under PPMI and GloVe.
import type { Corpus } from "./corpus";
import type { SparseMatrix } from "./sparse";

export interface WindowOptions {
  /** How many words on each side count as near (default 5). */
  window?: number;
  /**
   * What a pair counts: 1 at every distance (the default), or 1/distance, as in GloVe, so that the
   * next word counts most.
   */
  weight?: "equal" | "inverse";
}

/**
 * The (V, V) matrix X with, in row i and column j, how often word j stands within the window of word
 * i. Both sides count, so X is symmetric. Lines are counted one by one.
 */
export function coOccurrence(
  corpus: Pick<Corpus, "words" | "lines">,
  { window = 5, weight = "equal" }: WindowOptions = {},
): SparseMatrix {
  if (!Number.isInteger(window) || window < 1)
    throw new Error(`coOccurrence: expected a window of 1 word or more, got ${window}`);
  const V = corpus.words.length;
  const { start, near, distance } = pairsByRow(corpus.lines, V, window);

  // Add the pairs of each row up in a row of V sums, then keep what is not zero.
  const sums = new Float64Array(V);
  const rowStart = new Int32Array(V + 1);
  const columns: Int32Array[] = [];
  const values: Float64Array[] = [];
  for (let i = 0; i < V; i++) {
    for (let e = start[i]; e < start[i + 1]; e++)
      sums[near[e]] += weight === "equal" ? 1 : 1 / distance[e];
    const found = new Int32Array(near.subarray(start[i], start[i + 1])).sort();
    const unique = found.filter((j, k) => k === 0 || j !== found[k - 1]);
    columns.push(unique);
    values.push(Float64Array.from(unique, (j) => sums[j]));
    for (const j of unique) sums[j] = 0;
    rowStart[i + 1] = rowStart[i] + unique.length;
  }
  const column = new Int32Array(rowStart[V]);
  const value = new Float64Array(rowStart[V]);
  for (let i = 0; i < V; i++) {
    column.set(columns[i], rowStart[i]);
    value.set(values[i], rowStart[i]);
  }
  return { rows: V, columns: V, start: rowStart, column, value };
}

/** All pairs of words within the window, in both orders, sorted by the first. */
function pairsByRow(lines: readonly Int32Array[], V: number, window: number) {
  const start = new Int32Array(V + 1);
  for (const line of lines)
    for (let t = 0; t < line.length; t++)
      start[line[t] + 1] += Math.min(t, window) + Math.min(line.length - 1 - t, window);
  for (let i = 0; i < V; i++) start[i + 1] += start[i];
  const next = start.slice(0, V);
  const near = new Int32Array(start[V]);
  const distance = new Uint16Array(start[V]);
  for (const line of lines)
    for (let t = 0; t < line.length; t++)
      for (let d = 1; d <= window && t + d < line.length; d++)
        for (const [a, b] of [
          [line[t], line[t + d]],
          [line[t + d], line[t]],
        ]) {
          near[next[a]] = b;
          distance[next[a]++] = d;
        }
  return { start, near, distance };
}
