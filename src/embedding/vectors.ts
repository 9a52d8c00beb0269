// A table of vectors, one row per word, and the questions that one asks of it: how alike are two
// words, which are the nearest, and a is to b as c is to … (3CosAdd: Mikolov, Yih and Zweig,
// Linguistic Regularities in Continuous Space Word Representations, 2013).
import type { Random } from "../random";

/** V vectors of D numbers. */
export interface WordVectors {
  words: readonly string[];
  ids: ReadonlyMap<string, number>;
  /** Numbers in a vector. */
  D: number;
  /** (V, D), row by row. */
  values: Float32Array;
}

/** A word with its similarity to what was asked for. */
export interface Neighbour {
  word: string;
  similarity: number;
}

type Words = Pick<WordVectors, "words" | "ids">;

/** Vectors for these words: `values` is (V, D), row by row; a Float32Array is kept, not copied. */
export function wordVectors({ words, ids }: Words, values: ArrayLike<number>): WordVectors {
  const D = values.length / words.length;
  if (!Number.isInteger(D) || D < 1)
    throw new Error(
      `wordVectors: expected as many numbers for each of ${words.length} words, ` +
        `got ${values.length}`,
    );
  const kept = values instanceof Float32Array ? values : Float32Array.from(values);
  return { words, ids, D, values: kept };
}

/** Vectors that know nothing, from N(0, 1): what training has to beat. */
export function randomVectors(words: Words, D: number, rng: Random): WordVectors {
  return wordVectors(
    words,
    Float32Array.from({ length: words.words.length * D }, () => rng.normal()),
  );
}

/** A vector of `size` numbers: 1 at the place of the id, 0 elsewhere. */
export function oneHot(id: number, size: number): number[] {
  if (!(Number.isInteger(id) && id >= 0 && id < size))
    throw new Error(`oneHot: expected an id from 0 to ${size - 1}, got ${id}`);
  return Array.from({ length: size }, (_, i) => (i === id ? 1 : 0));
}

/** The place of a word in the table. @throws if it has none */
export function idOf({ ids, words }: Words, word: string): number {
  const id = ids.get(word);
  if (id === undefined)
    throw new Error(
      `idOf: expected one of the ${words.length} words that have a vector, got ${word}`,
    );
  return id;
}

/** The vector of a word: a view of its row, not a copy. @throws if it has none */
export function vectorOf(vectors: WordVectors, word: string): Float32Array {
  const start = idOf(vectors, word) * vectors.D;
  return vectors.values.subarray(start, start + vectors.D);
}

/**
 * The cosine of the angle between two vectors: a·b / (‖a‖ ‖b‖), from −1 to 1. A vector of length
 * 0 has no direction; its similarity to everything is 0.
 * @param a D numbers
 * @param b D numbers
 */
export function cosineSimilarity(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw new Error(
      `cosineSimilarity: expected vectors of one length, got ${a.length} and ${b.length}`,
    );
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}

/** The cosine similarity of two words. @throws if one has no vector */
export const similarityOf = (vectors: WordVectors, a: string, b: string): number =>
  cosineSimilarity(vectorOf(vectors, a), vectorOf(vectors, b));

/**
 * The words whose vectors point most nearly in a direction, best first.
 * @param query D numbers
 * @param count how many (default 10)
 * @param without words that are left out
 */
export function nearestTo(
  vectors: WordVectors,
  query: ArrayLike<number>,
  { count = 10, without = [] }: { count?: number; without?: readonly string[] } = {},
): Neighbour[] {
  const { words, D, values } = vectors;
  if (query.length !== D)
    throw new Error(`nearestTo: expected a query of ${D} numbers, got ${query.length}`);
  return words
    .map((word, id) => ({
      word,
      similarity: cosineSimilarity(query, values.subarray(id * D, (id + 1) * D)),
    }))
    .filter(({ word }) => !without.includes(word))
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, count);
}

/** The nearest other words of a word, best first. @throws if it has no vector */
export const nearest = (vectors: WordVectors, word: string, count = 10): Neighbour[] =>
  nearestTo(vectors, vectorOf(vectors, word), { count, without: [word] });

/**
 * "a is to b as c is to …": the words nearest to b − a + c, each of the three divided by its length
 * first, and left out of the answers. Without leaving them out, the answer is nearly always b or c.
 *
 *     analogy(vectors, ["man", "king", "woman"])
 *
 * @throws if a word has no vector
 */
export function analogy(
  vectors: WordVectors,
  [a, b, c]: readonly [string, string, string],
  count = 10,
): Neighbour[] {
  const [from, to, like] = [a, b, c].map((word) => unit(vectorOf(vectors, word)));
  const query = to.map((x, i) => x - from[i] + like[i]);
  return nearestTo(vectors, query, { count, without: [a, b, c] });
}

/** A vector divided by its length; of length 0 it stays as it is. */
function unit(vector: ArrayLike<number>): number[] {
  const numbers = Array.from(vector);
  const length = Math.hypot(...numbers);
  return length === 0 ? numbers : numbers.map((x) => x / length);
}
