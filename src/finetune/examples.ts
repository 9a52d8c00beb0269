// Data sets with labels: reading them from a table, checking them, drawing a few of each label.
import type { Random } from "../random";
import { readCsv } from "./csv";

/** A text and what it is. */
export interface LabelledText {
  text: string;
  label: string;
}

/** A sentence in words, and the tag of each. */
export interface TaggedWords {
  words: string[];
  tags: string[];
}

/**
 * Texts with labels, from a table with the columns `text` and `label`.
 * @throws for a text or a label that is empty, with the number of the example
 */
export function readLabelled(table: string, file = "the table"): LabelledText[] {
  const rows = readCsv(table, { columns: ["text", "label"], file });
  rows.forEach((row, i) => {
    for (const name of ["text", "label"] as const)
      if (row[name].trim() === "")
        throw new Error(
          `readLabelled: expected a ${name} in example ${i + 1} of ${file}, got none`,
        );
  });
  return rows.map(({ text, label }) => ({ text, label: label.trim() }));
}

/**
 * Sentences with tags, from a table with a row for each word: `sentence` (its number or name), `word`
 * and `tag`.
 * @throws for a word or a tag that is empty, with the number of the row
 */
export function readTagged(table: string, file = "the table"): TaggedWords[] {
  const rows = readCsv(table, { columns: ["sentence", "word", "tag"], file });
  const sentences = new Map<string, TaggedWords>();
  rows.forEach((row, i) => {
    for (const name of ["word", "tag"] as const)
      if (row[name].trim() === "")
        throw new Error(`readTagged: expected a ${name} in row ${i + 1} of ${file}, got none`);
    const sentence = sentences.get(row.sentence) ?? { words: [], tags: [] };
    sentence.words.push(row.word.trim());
    sentence.tags.push(row.tag.trim());
    sentences.set(row.sentence, sentence);
  });
  return [...sentences.values()];
}

/** The different labels, sorted. */
export const labelsOf = (examples: readonly { label: string }[]): string[] =>
  [...new Set(examples.map(({ label }) => label))].sort();

/** The different tags, sorted, O first. */
export const tagSetOf = (examples: readonly TaggedWords[]): string[] => {
  const tags = [...new Set(examples.flatMap(({ tags }) => tags))].sort();
  return ["O", ...tags.filter((tag) => tag !== "O")];
};

/**
 * `count` examples with as many of each label as possible, in random order.
 * @throws if a label has too few
 */
export function drawPerLabel<T extends { label: string }>(
  examples: readonly T[],
  count: number,
  rng: Random,
): T[] {
  const labels = labelsOf(examples);
  const drawn = labels.flatMap((label, i) => {
    const own = examples.filter((example) => example.label === label);
    const wanted = Math.floor(count / labels.length) + (i < count % labels.length ? 1 : 0);
    if (own.length < wanted)
      throw new Error(
        `drawPerLabel: expected ${wanted} examples of ${label} or more, got ${own.length}`,
      );
    return rng
      .fork(label)
      .shuffle([...own])
      .slice(0, wanted);
  });
  return rng.fork("order").shuffle(drawn);
}

/**
 * In two, by groups: no group has examples in both (the passages of one speaker, say).
 * @param share about how many of the groups are held out
 */
export function splitByGroup<T>(
  examples: readonly T[],
  groupOf: (example: T) => string,
  { share = 0.3, rng }: { share?: number; rng: Random },
): { train: T[]; heldOut: T[] } {
  const groups = rng.shuffle([...new Set(examples.map(groupOf))].sort());
  const out = new Set(groups.slice(0, Math.max(1, Math.round(groups.length * share))));
  return {
    train: examples.filter((example) => !out.has(groupOf(example))),
    heldOut: examples.filter((example) => out.has(groupOf(example))),
  };
}
