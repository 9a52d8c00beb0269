// What an instruction is: a task in words, perhaps something to do it with, and the right answer.
// The three fields are those of the Alpaca data (Taori et al., 2023), which most instruction data
// sets have taken over. Here every kind of task can work out the right answers from the text alone,
// so that wrong answers are found in a data set, and a model's answers are judged without a judge.
import { pick, type Random } from "../random";

export type Language = "en" | "zh";

/** One example. */
export interface Instruction {
  kind: string;
  language: Language;
  instruction: string;
  /** What it is to be done with; may be empty. */
  input: string;
  output: string;
}

/** What is asked, without the answer. */
export type Question = Omit<Instruction, "output" | "kind">;

/** A kind of task, with an endless supply of questions. */
export interface Kind {
  name: string;
  languages: readonly Language[];
  /** Draws a question. */
  draw(rng: Random, language: Language): Omit<Question, "language">;
  /**
   * The right answers of a question, worked out from its text; the first is the one that is taught.
   * @throws if the text is no question of this kind
   */
  answers(question: Question): string[];
  /**
   * What the question is about, where several questions are about one thing, such as a number that
   * is to be read or to be written: held out are things. The kind and the input if absent.
   */
  subject?(question: Question): string;
}

export const BOTH: readonly Language[] = ["en", "zh"];

/** `n` different ones of a list, in random order. */
export const pickSome = <T>(rng: Random, list: readonly T[], n: number): T[] =>
  rng.shuffle([...list]).slice(0, n);

/** What stands between the members of a list: ", " or "、". */
export const separator = (language: Language): string => (language === "en" ? ", " : "、");

/** The members of a list that is written with `separator`. */
export const members = (text: string): string[] => text.split(/,\s*|、/);

/** The numbers of a text, in their order. */
export const numbersIn = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number);

/** A kind whose tasks have several wordings and one input that is drawn by itself. */
export function plainKind(options: {
  name: string;
  asks: Record<Language, readonly string[]> | Record<"en", readonly string[]>;
  input(rng: Random, language: Language): string;
  answer(input: string, language: Language): string;
  subject?: Kind["subject"];
}): Kind {
  const { name, input, answer, subject } = options;
  const asks = options.asks as Partial<Record<Language, readonly string[]>>;
  return {
    name,
    languages: BOTH.filter((language) => asks[language]),
    draw: (rng, language) => ({
      instruction: pick(rng, asks[language] as readonly string[]),
      input: input(rng, language),
    }),
    answers: ({ input, language }) => [answer(input, language)],
    subject,
  };
}

/**
 * A key of a Map or a record.
 * @throws with what was looked for
 */
export function known<T>(table: ReadonlyMap<string, T>, key: string, what: string): T {
  const value = table.get(key);
  if (value === undefined) throw new Error(`instructions: expected ${what}, got "${key}"`);
  return value;
}
