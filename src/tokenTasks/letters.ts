// How often does a letter occur in a word? The same questions, written down in several ways: the
// word letter by letter; as tokens; as tokens, with the answer spelling the word before it gives
// the number; and, as a control, with a dot for every letter instead of the spelling.

import type { Random } from "../random";
import type { Example, Notation } from "./model";

/** How the word is written in the question, and what the answer writes before the number. */
export type LetterNotation = "letters" | "tokens" | "tokens, spelled out" | "tokens, dots";
export const letterNotations: LetterNotation[] = [
  "letters",
  "tokens",
  "tokens, spelled out",
  "tokens, dots",
];

/** A word, a letter, and how often it occurs: 0 to 3. */
export interface LetterQuestion {
  word: string;
  letter: string;
  count: number;
}

const ALPHABET = [..."abcdefghijklmnopqrstuvwxyz"];
const LONGEST = 12;
/** Counts above this are too rare in words to be asked. */
const MOST = 3;

/** The different lower-case words of 4 to 12 letters of a text, in the order of the alphabet. */
export function wordsOf(text: string): string[] {
  const words = text.match(/(?<![\p{L}'’-])[a-z]{4,12}(?![\p{L}'’-])/gu) ?? [];
  return [...new Set(words)].sort();
}

/**
 * Questions about words. Every count from 0 to 3 is equally frequent, so always giving the same
 * number is right one time in four.
 */
export class LetterQuestions {
  private readonly byCount: [word: string, letter: string][][];

  constructor(words: readonly string[]) {
    this.byCount = Array.from({ length: MOST + 1 }, () => []);
    for (const word of words)
      for (const letter of ALPHABET) this.byCount[countOf(word, letter)]?.push([word, letter]);
  }

  draw(rng: Random): LetterQuestion {
    const count = rng.integer(MOST + 1);
    const pairs = this.byCount[count];
    const [word, letter] = pairs[rng.integer(pairs.length)];
    return { word, letter, count };
  }
}

export const countOf = (word: string, letter: string): number => word.split(letter).length - 1;

/**
 * What writes a question in a notation.
 * @param cut a word's tokens
 * @param tokens all tokens that `cut` can give
 */
export function letterNotation(
  name: LetterNotation,
  cut: (word: string) => string[],
  tokens: readonly string[],
): { notation: Notation; write: (question: LetterQuestion) => Example } {
  const letters = ALPHABET.map((letter) => `'${letter}`); // a letter that is asked for or spelt
  const numbers = Array.from({ length: MOST + 1 }, (_, n) => `${n}`);
  const symbols = [
    ...new Set([...letters, ...numbers, ".", ...(name === "letters" ? [] : tokens)]),
  ];
  const before = name === "tokens, spelled out" || name === "tokens, dots" ? LONGEST : 0;
  return {
    notation: {
      name,
      symbols,
      places: { question: LONGEST + 1, answer: before === 0 ? 1 : before + 2 },
    },
    write: ({ word, letter, count }) => {
      const spelled = [...word].map((l) => `'${l}`);
      const written = name === "letters" ? spelled : cut(word);
      const first =
        name === "tokens, spelled out"
          ? spelled
          : name === "tokens, dots"
            ? spelled.map(() => ".")
            : [];
      return {
        question: [...written, `'${letter}`],
        answer: [...first, ...(first.length ? [`'${letter}`] : []), `${count}`],
      };
    },
  };
}

/**
 * What can be answered without looking at the word's letters: for each letter and each length, the
 * count that is most frequent among the questions of the training words.
 */
export function guessByLength(questions: LetterQuestions, rng: Random, draws = 200_000) {
  const tally = new Map<string, number[]>();
  const key = ({ word, letter }: { word: string; letter: string }) => `${letter}${word.length}`;
  for (let i = 0; i < draws; i++) {
    const question = questions.draw(rng);
    const counts = tally.get(key(question)) ?? Array(MOST + 1).fill(0);
    counts[question.count]++;
    tally.set(key(question), counts);
  }
  return (question: { word: string; letter: string }): number => {
    const counts = tally.get(key(question)) ?? [1];
    return counts.indexOf(Math.max(...counts));
  };
}
