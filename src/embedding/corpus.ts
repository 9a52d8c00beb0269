// A text as the words that get vectors: lower-case words of an alphabet, single characters of
// Chinese. This is the simplest cut that serves both texts of the course; lesson 04 (tokenization)
// has better ones. Words that are rare are left out before anything is counted, as in word2vec, so
// that the words around them move together.
import type { Random } from "../random";

/** A text cut into words, as ids. */
export interface Corpus {
  /** V words, the most frequent first; a word's id is its place. */
  words: string[];
  /** id of a word */
  ids: ReadonlyMap<string, number>;
  /** How often each word occurs. */
  counts: Float64Array;
  /** The sum of the counts. */
  total: number;
  /** The ids of each line that has at least one of the words. No window reaches across lines. */
  lines: Int32Array[];
}

const WORD = /\p{Script=Han}|(?:(?!\p{Script=Han})\p{L})+(?:['’](?:(?!\p{Script=Han})\p{L})+)*/gu;

/**
 * The words of a text, in order and in lower case: runs of letters, which may have apostrophes
 * within, and each Chinese character by itself. Digits and punctuation are left out.
 *
 *     splitWords("The whale's eye. 江上月")    // ["the", "whale's", "eye", "江", "上", "月"]
 */
export const splitWords = (text: string): string[] => text.toLowerCase().match(WORD) ?? [];

/**
 * Reads a text: a paragraph of prose, or a poem, on each line.
 * @param minCount words that occur fewer times get no id (default 5)
 * @throws if no word occurs so often
 */
export function readCorpus(text: string, { minCount = 5 }: { minCount?: number } = {}): Corpus {
  const lines = text.split("\n").map(splitWords);
  const found = new Map<string, number>();
  for (const line of lines) for (const word of line) found.set(word, (found.get(word) ?? 0) + 1);
  // Sorting is stable: of words with equal counts, the first in the text comes first.
  const kept = [...found].filter(([, count]) => count >= minCount).sort((a, b) => b[1] - a[1]);
  if (kept.length === 0)
    throw new Error(`readCorpus: expected a word that occurs ${minCount} times, got none`);
  const ids = new Map(kept.map(([word], id) => [word, id]));
  const counts = Float64Array.from(kept, ([, count]) => count);
  return {
    words: kept.map(([word]) => word),
    ids,
    counts,
    total: counts.reduce((sum, count) => sum + count),
    lines: lines
      .map((line) => Int32Array.from(line.flatMap((word) => ids.get(word) ?? [])))
      .filter((line) => line.length > 0),
  };
}

/**
 * The same words as often as before, each at a random place of the whole text: a control. What
 * vectors trained on it can tell apart, they tell apart by frequency or by chance.
 */
export function shuffledCorpus(corpus: Corpus, rng: Random): Corpus {
  const all = rng.shuffle(corpus.lines.flatMap((line) => Array.from(line)));
  let start = 0;
  const lines = corpus.lines.map(({ length }) => {
    start += length;
    return Int32Array.from(all.slice(start - length, start));
  });
  return { ...corpus, lines };
}
