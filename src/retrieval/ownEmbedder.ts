// Vectors of texts without a large model: the word vectors of lesson 05 (embeddings), averaged. A word
// counts by its idf, so that "the" moves a text hardly at all (Arora, Liang & Ma, 2017, weight in a
// similar way and take out the common direction besides, which is done here too). The word vectors are
// trained on the documents themselves, so they know the words of any language that is in them.
import { readCorpus, skipGram, splitWords, trained } from "../embedding";
import type { Embedder } from "../languageModel";
import { normalised } from "./vectors";

export interface OwnEmbedderOptions {
  seed?: number;
  /** Numbers of a vector; 64. */
  D?: number;
  /** Passes over the texts; 15. */
  epochs?: number;
  /** Words that occur fewer times get no vector; 2. */
  minCount?: number;
}

/**
 * An embedder that has learnt from texts.
 * @param texts the pieces that are to be found
 * @returns an embedder; a text of unknown words has the vector of zeros
 */
export function ownEmbedder(
  texts: readonly string[],
  { seed = 0, D = 64, epochs = 15, minCount = 2 }: OwnEmbedderOptions = {},
): Embedder {
  const corpus = readCorpus(texts.map((text) => text.replace(/\s+/g, " ")).join("\n"), {
    minCount,
  });
  const { values, ids } = trained(skipGram(corpus, { seed, D, epochs }));
  const within = new Map<string, number>(); // in how many texts a word stands
  for (const text of texts)
    for (const word of new Set(splitWords(text))) within.set(word, (within.get(word) ?? 0) + 1);
  const idf = (word: string) => Math.log(1 + texts.length / (within.get(word) ?? 1));
  const average = (text: string): Float32Array => {
    const sum = new Float32Array(D);
    for (const word of splitWords(text)) {
      const id = ids.get(word);
      if (id === undefined) continue;
      for (let d = 0; d < D; d++) sum[d] += idf(word) * values[id * D + d];
    }
    return normalised(sum);
  };
  const mean = new Float32Array(D);
  for (const text of texts)
    for (const [d, x] of average(text).entries()) mean[d] += x / texts.length;
  return {
    name: `skip-gram ${D}`,
    dimensions: D,
    embed: async (list) =>
      list.map((text) => {
        const own = average(text);
        const isKnown = own.some((x) => x !== 0);
        const vector = isKnown ? normalised(own.map((x, d) => x - mean[d])) : own;
        return { vector, tokens: splitWords(text).length };
      }),
    dispose: () => {},
  };
}
