// What a link of attention carries, and what it is worth: the weight that the last noun gives to a
// word, and the accuracy of the next word when that one link is cut. To cut it, the mask hides the
// word from the last noun and from nothing else. The softmax then shares the weight among the
// other words, so a cut changes their weights too; cuts of other words are the control.

import { tf } from "../engine";
import { Random } from "../random";
import { type LookBack, type LookBackParts, lookBack } from "./model";
import {
  encodeWords,
  type Kind,
  longest,
  type Role,
  roles,
  vocabulary,
  writeSentence,
} from "./sentences";

export interface MeasureOptions extends Pick<LookBackParts, "multiHead"> {
  kind: Kind;
  /** Of the sentences. */
  seed: number;
  /** How many sentences; 300. */
  count?: number;
}

/** Means over the sentences. */
export interface LinkReport {
  role: Role;
  /** Of the head that gives most. */
  weight: number;
  /** What each word would get if all that can be seen got the same. */
  uniform: number;
  /** Share of sentences whose next word is the most probable one, with this link cut. */
  accuracy: number;
}

/**
 * Cuts each link from the last noun in turn.
 * @returns `accuracy` with all links in place, and a report for each role of that kind of sentence
 */
export function measureLinks(
  model: LookBack,
  { kind, seed, count = 300, multiHead }: MeasureOptions,
): { accuracy: number; links: LinkReport[] } {
  const rng = new Random(seed).fork("test", kind);
  const sentences = Array.from({ length: count }, () => writeSentence(rng, kind));
  const mean = (f: (sentence: (typeof sentences)[number], n: number) => number) =>
    sentences.reduce((sum, sentence, n) => sum + f(sentence, n), 0) / count;
  return tf.tidy(() => {
    const rows = sentences.map(({ words }) => encodeWords(words).slice(0, longest));
    const ids = tf.tensor2d(rows, [count, longest], "int32");
    const read = (mask?: tf.Tensor) => {
      const { logits, weights } = lookBack(model, ids, { multiHead, mask });
      const best = tf.argMax(logits, -1).arraySync() as number[][];
      const right = ({ words, at: { noun } }: (typeof sentences)[number], n: number) =>
        vocabulary[best[n][noun]] === words[noun + 1] ? 1 : 0;
      return { accuracy: mean(right), weights };
    };
    const whole = read();
    const weights = whole.weights.arraySync() as number[][][][]; // [sentence][head][query][key]
    const links = roles
      .filter((role) => sentences[0].at[role] !== undefined)
      .map((role) => ({
        role,
        weight: mean(({ at }, n) => {
          const given = weights[n].map((head) => head[at.noun][at[role] as number]);
          return Math.max(...given);
        }),
        uniform: mean(({ at }) => 1 / (at.noun + 1)),
        accuracy: read(cutMask(sentences, role)).accuracy,
      }));
    return { accuracy: whole.accuracy, links };
  });
}

/** Causal, and the last noun does not see the word of that role: (B, 1, T, T) bool. */
function cutMask(sentences: { at: Partial<Record<Role, number>> }[], role: Role): tf.Tensor4D {
  const places = Array.from({ length: longest }, (_, i) => i);
  const rows = sentences.map(({ at }) => [
    places.map((i) => places.map((j) => (j <= i && !(i === at.noun && j === at[role]) ? 1 : 0))),
  ]);
  return tf.tensor4d(rows, [sentences.length, 1, longest, longest], "bool");
}
