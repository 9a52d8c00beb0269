// Whether stemming a text first helps a model that predicts it, as articles advise. A stemmed text
// has fewer different words, so each is counted more often; and it no longer says which form of a
// word stood there. To compare fairly, both models must predict the same: here the stem of the next
// word. A model of words does that too, because the probability of a stem is the sum of those of its
// forms.

import { stemText } from "../corpus";
import { KneserNey } from "../ngram";

/** Means over the words of the held-out text, in bits per word. */
export interface StemmingCosts {
  /** −log₂ p(word), by the model of words. */
  word: number;
  /** −log₂ p(its stem), by the model of words: its forms' probabilities added up. */
  stemByWords: number;
  /** −log₂ p(its stem), by the model of stems. */
  stemByStems: number;
  /** V: different words, and different stems. */
  words: number;
  stems: number;
}

/** Lower-case words and single signs; what both models read. */
const tokensOf = (texts: readonly string[]): string[] =>
  texts.flatMap((text) => text.toLowerCase().match(/[a-z]+|[^\sa-z]/g) ?? []);

/** Numbers for words, in the order in which they are first seen. */
function numbered(words: readonly string[]): Map<string, number> {
  const ids = new Map<string, number>();
  for (const word of words) if (!ids.has(word)) ids.set(word, ids.size);
  return ids;
}

/**
 * Trains two Kneser–Ney models of the same order, one on the words of a text and one on their stems,
 * and lets both predict the stems of the held-out text, each with its own kind of context. Both know
 * all words of both texts by name, so that neither is helped by a smaller list of what may come.
 *
 *     word − stemByWords    what the endings say: it is lost when a text is stemmed
 *
 * @param stem what makes a stem of a word; Porter's unless given
 */
export function stemmingCosts(
  train: readonly string[],
  test: readonly string[],
  order: number,
  stem: (word: string) => string = stemText,
): StemmingCosts {
  const [seen, heldOut] = [tokensOf(train), tokensOf(test)];
  const wordIds = numbered([...seen, ...heldOut]);
  const stemIds = numbered([...wordIds.keys()].map(stem));
  const stemOf = Int32Array.from(wordIds.keys(), (word) => stemIds.get(stem(word))!);
  const forms = Array.from({ length: stemIds.size }, (): number[] => []);
  stemOf.forEach((id, word) => {
    forms[id].push(word);
  });
  const idsOf = (words: readonly string[]) => Int32Array.from(words, (word) => wordIds.get(word)!);
  const trainIds = idsOf(seen);
  const byWords = KneserNey.train(trainIds, order, wordIds.size);
  const byStems = KneserNey.train(
    trainIds.map((id) => stemOf[id]),
    order,
    stemIds.size,
  );
  const ids = idsOf(heldOut);
  const stems = ids.map((id) => stemOf[id]);
  let [word, stemByWords, stemByStems] = [0, 0, 0];
  for (let i = 0; i < ids.length; i++) {
    let p = 0;
    for (const form of forms[stems[i]]) p += byWords.probability(ids, form, i);
    word -= Math.log2(byWords.probability(ids, ids[i], i));
    stemByWords -= Math.log2(p);
    stemByStems -= Math.log2(byStems.probability(stems, stems[i], i));
  }
  const n = ids.length;
  return {
    ...{ word: word / n, stemByWords: stemByWords / n, stemByStems: stemByStems / n },
    ...{ words: wordIds.size, stems: stemIds.size },
  };
}
