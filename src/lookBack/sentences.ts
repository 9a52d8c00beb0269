// Sentences about animals. In one kind the word after the last noun depends on the subject, in the
// other it does not; otherwise the two are alike. A toy grammar, so that it is known what each
// prediction needs.

import type { Random } from "../random";

export const animals = ["cat", "dog", "bird", "cow", "bee", "frog", "duck", "owl"];
/** What each animal does: `sounds[i]` belongs to `animals[i]`. */
export const sounds = ["purrs", "barks", "sings", "moos", "buzzes", "croaks", "quacks", "hoots"];
const things = ["mat", "bed", "box", "tree"];
const adjectives = ["small", "old", "black"];
const prepositions = ["on", "by", "under"];

/** The V = 29 words; a word's id is its place here. */
export const vocabulary = [
  ...[".", "the", "is"],
  ...[...animals, ...sounds, ...things, ...adjectives, ...prepositions],
];

/** The most words that the model reads: the longest sentence has 11, and the last is never read. */
export const longest = 10;

/**
 * "told": *the cat is on the mat*, then a full stop, whichever animal it is.
 * "asked": *the cat on the mat*, then what a cat does: *purrs*.
 */
export type Kind = "told" | "asked";

/**
 * Words of a sentence that a test may hide from the last noun: the first article, the subject, "is"
 * (only in told), the preposition, the second article, and the last noun itself.
 */
export type Role = "the" | "subject" | "is" | "preposition" | "the2" | "noun";
export const roles: Role[] = ["the", "subject", "is", "preposition", "the2", "noun"];

export interface Sentence {
  words: string[];
  /** Where the word of each role stands, counted from 0. */
  at: Partial<Record<Role, number>> & { subject: number; noun: number };
}

/** A sentence with up to two adjectives before each noun; its last noun may be an animal too. */
export function writeSentence(rng: Random, kind: Kind): Sentence {
  const pick = (list: string[]) => list[rng.integer(list.length)];
  const phrase = (nouns: string[]) => [
    "the",
    ...Array.from({ length: rng.integer(3) }, () => pick(adjectives)),
    pick(nouns),
  ];
  const who = phrase(animals);
  const where = [pick(prepositions), ...phrase([...animals, ...things])];
  const told = kind === "told";
  const subject = who.length - 1;
  const preposition = who.length + (told ? 1 : 0);
  return {
    words: [
      ...who,
      ...(told ? ["is"] : []),
      ...where,
      ...(told ? [] : [sounds[animals.indexOf(who[subject])]]),
      ".",
    ],
    at: {
      the: 0,
      subject,
      ...(told ? { is: subject + 1 } : {}),
      preposition,
      the2: preposition + 1,
      noun: preposition + where.length - 1,
    },
  };
}

/**
 * The ids of words, filled up with full stops.
 * @param length how many ids; by default what is read and the word after it
 * @throws if there are more words than ids, or a word is not in the vocabulary
 */
export function encodeWords(words: string[], length: number = longest + 1): number[] {
  if (words.length > length)
    throw new Error(`encodeWords: expected at most ${length} words, got ${words.length}`);
  return Array.from({ length }, (_, t) => {
    const id = vocabulary.indexOf(words[t] ?? ".");
    if (id >= 0) return id;
    const known = vocabulary.join(" ");
    throw new Error(`encodeWords: expected words out of (${known}), got "${words[t]}"`);
  });
}
