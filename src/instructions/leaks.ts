// Kinds of tasks that training has seen although they are kept for the test. `checkInstructions` finds
// a question of the test set in training; it cannot find a kind of question, because all of its
// questions may be new. What shows the kind is the instruction. This check was written after a run of
// lesson 16 (instruction tuning) had been trained in Chinese on kinds that were to be asked in Chinese
// for the first time. Left out: a kind whose instruction is worded in a way that the test does not use.
import type { Message } from "./files";
import type { Instruction, Language } from "./kind";

/** A kind that is kept for the test, in one language, and what training has of it. */
export interface LeakedKind {
  kind: string;
  language: Language;
  /** How many of the user's turns in training have an instruction of this kind. */
  turns: number;
  /** The first of these turns. */
  example: string;
}

/** Without regard to capital letters and spaces. */
const normalised = (text: string) => text.trim().toLowerCase().replace(/\s+/g, " ");

/**
 * The kinds of test questions that occur in training: those of which some turn of a user, in any
 * conversation, has the instruction (its first line) of a test question.
 * @param conversations what is trained; examples with `toMessages`
 * @param tests questions of kinds and languages that training must not see, best several of each,
 *   so that all wordings of their instructions occur
 * @returns by kind and language, in the order of the test; empty if nothing leaks
 * @example leakedKinds(dialogues, tests["other language"]) // [{ kind: "feeling", turns: 67, … }]
 */
export function leakedKinds(
  conversations: readonly (readonly Message[])[],
  tests: readonly Pick<Instruction, "kind" | "language" | "instruction">[],
): LeakedKind[] {
  const kindOf = new Map(tests.map((test) => [normalised(test.instruction), test]));
  const found = new Map<string, LeakedKind>();
  for (const { kind, language } of tests)
    found.set(`${kind} ${language}`, { kind, language, turns: 0, example: "" });
  for (const { role, content } of conversations.flat()) {
    const test = kindOf.get(normalised(content.split("\n")[0]));
    if (role !== "user" || !test) continue;
    const leaked = found.get(`${test.kind} ${test.language}`) as LeakedKind;
    if (leaked.turns++ === 0) leaked.example = content;
  }
  return [...found.values()].filter(({ turns }) => turns > 0);
}
