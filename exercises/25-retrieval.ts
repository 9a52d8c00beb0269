// Lesson 25 (retrieval). Replace each `notDoneYet(…)` with your answer, save, and run the check in the
// notebook (or `npm run check 25`). All five work with plain numbers and strings, and none may change
// its arguments. You may call the functions you have finished from the later ones.

import { notDoneYet } from "llm/course/exercise";

/**
 * Where a text is cut into pieces of `size` characters that overlap. Each piece begins `size − overlap`
 * characters after the one before. The last piece ends where the text ends, and may be shorter; no
 * piece follows it.
 *
 * @param length characters of the text, 0 or more
 * @param size characters of a piece, 1 or more
 * @param overlap characters that a piece shares with the next one, from 0 to size − 1
 * @returns [start, end] of each piece: its characters are start to end − 1; none for an empty text
 * @example length 10, size 4, overlap 1 → [[0, 4], [3, 7], [6, 10]]
 * @example length 11, size 4, overlap 1 → [[0, 4], [3, 7], [6, 10], [9, 11]]
 * @points 2 @minutes 10 @difficulty 2
 */
export function overlappingSpans(
  length: number,
  size: number,
  overlap: number,
): [start: number, end: number][] {
  return notDoneYet("overlappingSpans", length, size, overlap);
}

/**
 * How well a text fits a question, by BM25 with k₁ = 1.2 and b = 0.75:
 *
 *     score = Σ_t idf(t) · 2.2 · f / (f + 1.2 · (0.25 + 0.75 · length / mean length))
 *     idf(t) = ln(1 + (N − n + 0.5) / (n + 0.5))
 *
 * The sum runs over the terms of the question; one that occurs there twice counts twice. f: how often
 * the term t occurs in the text; n: in how many of the N texts it occurs; length: how many terms the
 * text has; mean length: over all N texts.
 *
 * @param question its terms
 * @param texts N texts as terms, each with one or more
 * @param i which text is scored
 * @example question ["whale"], texts [["white", "whale"], ["a", "ship"]], i 0
 *   → ln(1 + 1.5 / 1.5) · 2.2 · 1 / (1 + 1.2) = ln 2 = 0.6931
 * @points 4 @minutes 15 @difficulty 3
 */
export function bm25Score(question: string[], texts: string[][], i: number): number {
  return notDoneYet("bm25Score", question, texts, i);
}

/**
 * Merges several rankings into one, by reciprocal rank fusion:
 *
 *     score(d) = Σ 1 / (60 + rank of d)
 *
 * The sum runs over the rankings that contain d; the first place of a ranking is rank 1.
 *
 * @param rankings ids, the best first; each id at most once in a ranking
 * @returns every id once, the highest score first; of ids with equal scores, the one comes first that
 *   is met first when the rankings are read one after the other
 * @example [["a", "b"], ["b", "c"]] → ["b", "a", "c"]: b has 1/62 + 1/61, a has 1/61, c has 1/62
 * @points 3 @minutes 12 @difficulty 2
 */
export function fuseRankings(rankings: string[][]): string[] {
  return notDoneYet("fuseRankings", rankings);
}

/**
 * The greedy walk of HNSW in one layer: from each node it goes on to the neighbour that is most similar
 * to the query, as long as this neighbour is more similar than the node itself.
 *
 * @param links the neighbours of each node
 * @param similarity of each node to the query
 * @param start where the walk begins
 * @returns the nodes on the way, from `start` to the node where the walk ends; of equally similar
 *   neighbours, it takes the one that comes first in the list
 * @example links [[1], [0, 2], [1]], similarity [0.1, 0.5, 0.3], start 0 → [0, 1]
 * @points 3 @minutes 12 @difficulty 3
 */
export function greedyWalk(links: number[][], similarity: number[], start: number): number[] {
  return notDoneYet("greedyWalk", links, similarity, start);
}

/**
 * Checks the citations of one sentence. "uncited": it cites nothing. "unknown": it cites a number that
 * no passage has. "supported": one of the cited passages has at least half of the sentence's different
 * terms. "unsupported": none has.
 *
 * @param terms of the sentence, one or more, perhaps with repetitions
 * @param cited the numbers in its brackets; passages are counted from 1
 * @param passages as terms
 * @example terms ["debian", "is", "free"], cited [2], passages [["x"], ["debian", "is", "old"]]
 *   → "supported": 2 of 3 terms
 * @points 3 @minutes 10 @difficulty 2
 */
export function citationVerdict(
  terms: string[],
  cited: number[],
  passages: string[][],
): "uncited" | "unknown" | "supported" | "unsupported" {
  return notDoneYet("citationVerdict", terms, cited, passages);
}
