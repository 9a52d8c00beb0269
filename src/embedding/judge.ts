// How good are word vectors? Of triples of words, in how many is the first word more similar to the
// second than to the third. Vectors that know nothing get half of them right.
import { coOccurrence, type WindowOptions } from "./coOccurrence";
import type { Corpus } from "./corpus";
import { ppmi } from "./ppmi";
import { entryOf } from "./sparse";
import type { Triple } from "./triples";
import { idOf } from "./vectors";

/** The result of a question asked many times. */
export interface Judged {
  /** How many are right; where both similarities are equal, one half. */
  right: number;
  total: number;
  /** right / total */
  accuracy: number;
  /** The 95 % interval of `wilsonInterval`. */
  interval: [low: number, high: number];
  /** The triples that are not right. */
  wrong: Triple[];
}

/**
 * Asks all triples.
 * @param similarity of two words: larger means more alike
 */
export function judgeTriples(
  triples: readonly Triple[],
  similarity: (a: string, b: string) => number,
): Judged {
  let right = 0;
  const wrong: Triple[] = [];
  for (const triple of triples) {
    const [word, near, far] = triple;
    const difference = similarity(word, near) - similarity(word, far);
    right += difference > 0 ? 1 : difference === 0 ? 0.5 : 0;
    if (!(difference > 0)) wrong.push(triple);
  }
  const total = triples.length;
  return {
    ...{ right, total, wrong },
    accuracy: right / total,
    interval: wilsonInterval(right, total),
  };
}

/**
 * The interval of shares that are compatible with `right` of `total` answers, if the answers do not
 * depend on each other (Wilson, Probable Inference, 1927). Unlike the mean plus or minus two
 * standard errors, it stays between 0 and 1.
 * @param z how many standard errors: 1.96 for 95 %
 */
export function wilsonInterval(right: number, total: number, z = 1.96): [number, number] {
  if (!(total > 0 && right >= 0 && right <= total))
    throw new Error(`wilsonInterval: expected from 0 to ${total} right answers, got ${right}`);
  const p = right / total;
  const centre = p + (z * z) / (2 * total);
  const reach = z * Math.sqrt((p * (1 - p)) / total + (z * z) / (4 * total * total));
  const scale = 1 + (z * z) / total;
  return [Math.max(0, (centre - reach) / scale), Math.min(1, (centre + reach) / scale)];
}

/**
 * A control: words are alike whose counts are. −|log c(a) − log c(b)|, which knows nothing of
 * meaning.
 */
export const frequencySimilarity =
  (corpus: Corpus) =>
  (a: string, b: string): number =>
    -Math.abs(Math.log(corpus.counts[idOf(corpus, a)] / corpus.counts[idOf(corpus, b)]));

/**
 * The strongest simple control: words are alike that stand near each other more often than by chance.
 * The PPMI of the pair itself; no word is described by its neighbours, and no vector is made.
 */
export function pairSimilarity(
  corpus: Corpus,
  window: WindowOptions = {},
): (a: string, b: string) => number {
  const surprise = ppmi(coOccurrence(corpus, window));
  return (a, b) => entryOf(surprise, idOf(corpus, a), idOf(corpus, b));
}
