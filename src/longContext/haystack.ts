// The needle in words, for models that read English: one sentence with a number is hidden among
// the sentences of a book, and the model is asked for the number (Kamradt, "Needle In A
// Haystack", 2023). Left out: several needles, and needles that must be understood to be found.
import type { Message } from "../chat";
import type { Random } from "../random";

/** Sentences of a text, each with its full stop; those that are very short or long are left out. */
export function sentencesOf(text: string): string[] {
  const whole = text.replace(/\s+/g, " ").split(/(?<=[.!?]) (?=[A-Z])/);
  return whole.filter(({ length }) => length >= 20 && length <= 240);
}

/**
 * Puts a needle among sentences.
 * @param depth 0: before all of them; 1: after all of them; 0.5: after half of them, rounded down
 */
export function hideNeedle(sentences: readonly string[], needle: string, depth: number): string {
  const at = Math.floor(depth * sentences.length);
  return [...sentences.slice(0, at), needle, ...sentences.slice(at)].join(" ");
}

/** A prompt with a needle, and the number that it asks for. */
export interface NeedlePrompt {
  messages: Message[];
  number: string;
}

export interface NeedlePromptOptions {
  /** About how many tokens of hay. */
  length: number;
  /** 0 to 1. */
  depth: number;
  countTokens: (text: string) => number;
  rng: Random;
  /** No needle is hidden: the control. */
  without?: boolean;
}

/**
 * Sentences of a book from a random place on, a needle among them, and the question for it.
 * @throws if the book has not got enough sentences
 */
export function needlePromptOf(
  book: readonly string[],
  { length, depth, countTokens, rng, without = false }: NeedlePromptOptions,
): NeedlePrompt {
  const number = String(1000 + rng.integer(9000));
  const start = rng.integer(Math.floor(book.length / 2));
  const hay: string[] = [];
  for (let tokens = 0; tokens < length; tokens += countTokens(` ${hay.at(-1)}`)) {
    if (start + hay.length >= book.length)
      throw new Error(`needlePromptOf: expected a book of ${length} tokens and more, got fewer`);
    hay.push(book[start + hay.length]);
  }
  const needle = `The secret number of the harbour is ${number}.`;
  const text = without ? hay.join(" ") : hideNeedle(hay, needle, depth);
  const question = "What is the secret number of the harbour? Answer with the number.";
  return { messages: [{ role: "user", content: `${text}\n\n${question}` }], number };
}
