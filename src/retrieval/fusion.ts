// Several lists of hits made one. Scores of different methods cannot be compared: BM25 has no upper end,
// a cosine is at most 1. Ranks can.
import type { Hit } from "./bm25";

/**
 * Reciprocal rank fusion (Cormack, Clarke & Büttcher, 2009): score(d) = Σ 1 / (60 + rank of d), over the
 * lists that have d; the first of a list has rank 1. Also what RAG-Fusion does with the lists of several
 * wordings of a question (Rackauckas, 2024).
 * @param lists the best first
 * @param options `constant`: 60; a small one lets the first places decide alone
 * @returns all that are in a list, the best first; of equal ones the one met first
 */
export function reciprocalRankFusion(
  lists: readonly (readonly Pick<Hit, "id">[])[],
  { constant = 60 }: { constant?: number } = {},
): Hit[] {
  const scores = new Map<string, number>();
  for (const list of lists)
    for (const [i, { id }] of list.entries())
      scores.set(id, (scores.get(id) ?? 0) + 1 / (constant + i + 1));
  return [...scores].map(([id, score]) => ({ id, score })).sort((a, b) => b.score - a.score);
}
