// How good a search is, when it is known which passages answer a question.

/**
 * The share of the right passages that are among the first k that were found.
 * @throws if there is no right passage, or k is below 1
 */
export function recallAtK(found: readonly string[], right: readonly string[], k: number): number {
  if (right.length === 0) throw new Error("recallAtK: expected at least one right id, got none");
  if (!(k >= 1)) throw new Error(`recallAtK: expected k of 1 or more, got ${k}`);
  const first = new Set(found.slice(0, k));
  const wanted = new Set(right);
  return [...wanted].filter((id) => first.has(id)).length / wanted.size;
}

/** 1 / rank of the first right passage; 0 if none was found. Its mean over questions is the MRR. */
export function reciprocalRank(found: readonly string[], right: readonly string[]): number {
  const place = found.findIndex((id) => right.includes(id));
  return place < 0 ? 0 : 1 / (place + 1);
}
