// Linear probes: what can be read from a layer by a linear classifier (Alain & Bengio, 2016). That
// something can be read does not say that the model put it there, nor that it is used. Two controls:
// a control task, whose labels are drawn by chance for each word type, so that only a probe that
// learns by heart can do it (Hewitt & Liang, 2019, "Designing and Interpreting Probes with Control
// Tasks"), and the same model before training. The classifier is llm/objectives' logistic regression.
import { tf } from "../engine";
import { fitLogistic } from "../objectives";
import type { Random } from "../random";
import { streamNames } from "./lens";
import { type Model, runWithCache } from "./run";

/** A place in a text with a label. */
export interface ProbeExample {
  ids: number[];
  /** The word type that the label belongs to. */
  word: string;
  label: 0 | 1;
}

/**
 * The residual stream at the last token of each text, layer by layer.
 * @returns [layer][example][channel], from the embeddings to the last block
 */
export function streamAtEnd(model: Model, texts: readonly (readonly number[])[]): number[][][] {
  const names = streamNames(model);
  const layers: number[][][] = names.map(() => []);
  const byLength = new Map<number, number[]>();
  for (const [i, { length }] of texts.entries())
    byLength.set(length, [...(byLength.get(length) ?? []), i]);
  for (const [length, members] of byLength)
    tf.tidy(() => {
      const rows = members.map((i) => texts[i] as number[]);
      const ids = tf.tensor2d(rows, [rows.length, length], "int32");
      const { cache, logits } = runWithCache(model, ids, names);
      for (const [l, name] of names.entries()) {
        const last = tf.slice(cache[name], [0, length - 1, 0], [-1, 1, -1]);
        const values = tf.squeeze<tf.Tensor2D>(last, [1]).arraySync();
        for (const [n, i] of members.entries()) layers[l][i] = values[n];
      }
      tf.dispose([cache, logits]);
    });
  return layers;
}

/**
 * A control task: every word type gets one label by chance, with the shares of the real labels, and
 * all examples of that type have it.
 * @param words the word type of each example
 * @param labels the real labels
 * @param draws numbers from 0 to 1, at least one for each type, in the order in which types come up
 * @returns one label per example
 */
export function controlLabels(
  words: readonly string[],
  labels: readonly (0 | 1)[],
  draws: readonly number[],
): (0 | 1)[] {
  const ones = labels.filter((label) => label === 1).length / labels.length;
  const types = [...new Set(words)];
  const drawn = new Map(types.map((word, i) => [word, draws[i] < ones]));
  return words.map((word) => (drawn.get(word) ? 1 : 0));
}

/** Accuracy of a probe trained on some rows, judged on others. */
export function probeOn(
  features: readonly (readonly number[])[],
  labels: readonly (0 | 1)[],
  isTest: (i: number) => boolean,
  decay = 0.01,
): number {
  const pick = (test: boolean) => features.map((_, i) => i).filter((i) => isTest(i) === test);
  const [train, test] = [pick(false), pick(true)];
  const of = (rows: number[]) => ({
    features: rows.map((i) => features[i]),
    labels: rows.map((i) => labels[i]),
  });
  const classify = fitLogistic(of(train), decay);
  return test.filter((i) => classify(features[i]) === labels[i]).length / test.length;
}

/** English words that are nouns after "the" and verbs after "they". */
const both = (
  "watch sail work call look name point rest turn light fall cry drink walk talk love fear hope dream " +
  "strike guard ship hand head face laugh smoke hunt chase shout wish need help stand"
).split(" ");
const nounBefore = ["the", "a", "his", "that", "some old", "the great"];
const verbBefore = ["they", "we", "you", "they all", "we must", "I"];

/** Texts that end with a word that is a noun in one half of them and a verb in the other. */
export function nounOrVerb(): { text: string; word: string; label: 0 | 1 }[] {
  return both.flatMap((word) => [
    ...nounBefore.map((before) => ({ text: `${before} ${word}`, word, label: 0 as const })),
    ...verbBefore.map((before) => ({ text: `${before} ${word}`, word, label: 1 as const })),
  ]);
}

const nouns =
  "ship whale boat sailor captain man sea wind hand house king dog wave rope oar mast night boy storm bird".split(
    " ",
  );
const plurals: Record<string, string> = { man: "men" };
const plural = (noun: string) => plurals[noun] ?? `${noun}s`;

/**
 * Texts such as "the ships near the whale": the label says whether the first noun, the subject of the
 * verb that would follow, is plural; the last noun has a number of its own, drawn independently.
 */
export function subjectNumber(rng: Random, count: number) {
  return Array.from({ length: count }, () => {
    const [subject, other] = rng.shuffle([...nouns]).slice(0, 2);
    const label = (rng.uniform() < 0.5 ? 0 : 1) as 0 | 1;
    const last = rng.uniform() < 0.5 ? other : plural(other);
    const link = ["near", "of", "with", "behind"][rng.integer(4)];
    const text = `the ${label ? plural(subject) : subject} ${link} the ${last}`;
    return { text, word: subject, label };
  });
}
