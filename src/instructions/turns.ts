// Conversations of several turns: one task after another in the same language, and questions that
// only the turn before can answer ("Now write that in words."). Somebody who reads only the last
// question cannot answer those; that is what several turns are for. Left out: corrections of an
// answer, a change of language, a person who comes back to something earlier than the last turn.
import { numberInChinese, numberInEnglish } from "../numberWords";
import { pick, type Random } from "../random";
import { type DrawOptions, drawInstruction, isHeldOutQuestion } from "./dataset";
import { type Message, toMessages } from "./files";
import type { Language } from "./kind";

/** A question about the answer before it. */
export interface FollowUp {
  asks: Record<Language, readonly string[]>;
  /** The kind of task that is asked for in other words, if there is one. */
  kind?: string;
  /** The right answer, or undefined where it cannot be asked about such an answer. */
  answer(before: string, language: Language): string | undefined;
}

const numberIn = (text: string) => (/^\d{1,2}$/.test(text) ? Number(text) : undefined);

/** The questions that can follow. */
export const followUps: readonly FollowUp[] = [
  {
    kind: "number-to-words",
    asks: {
      en: ["Now write that in words.", "And in words?"],
      zh: ["现在用汉字写出来。", "用汉字怎么写？"],
    },
    answer: (before, language) => {
      const n = numberIn(before);
      if (n === undefined) return undefined;
      return language === "en" ? numberInEnglish(n) : numberInChinese(n);
    },
  },
  {
    asks: { en: ["Add one to it.", "And one more?"], zh: ["再加一。", "加一是多少？"] },
    answer: (before) => {
      const n = numberIn(before);
      return n === undefined ? undefined : String(n + 1);
    },
  },
];

export interface DialogueOptions extends DrawOptions {
  /** How many questions with their answers; 2 if absent. */
  turns?: number;
}

/**
 * Draws a conversation: user and assistant in turn, an answer last. Each question after the first is
 * a follow-up where one fits, half of the time, and a task of its own otherwise. In training
 * (`part: "train"`), no follow-up asks for what is held out: "And in words?" after 42 would teach
 * the words of a number that is kept for the test.
 * @throws as `drawInstruction`, or if there is to be no turn
 * @example
 * drawDialogue({ kinds: ["add"], languages: ["en"], rng });
 * // user "Add the two numbers.\n12 + 30" · assistant "42" · user "And in words?" ·
 * // assistant "forty-two"
 */
export function drawDialogue({ turns = 2, rng, ...options }: DialogueOptions): Message[] {
  if (!(Number.isInteger(turns) && turns >= 1))
    throw new Error(`drawDialogue: expected 1 turn or more, got ${turns}`);
  const first = drawInstruction({ ...options, rng });
  const { language } = first;
  const messages = toMessages(first);
  for (let turn = 1; turn < turns; turn++) {
    const follow =
      rng.uniform() < 0.5 ? following(messages, language, options.part, rng) : undefined;
    messages.push(
      ...(follow ?? toMessages(drawInstruction({ ...options, languages: [language], rng }))),
    );
  }
  return messages;
}

/** A question about the last answer, with its own answer, if there is one. */
function following(
  messages: readonly Message[],
  language: Language,
  part: DrawOptions["part"],
  rng: Random,
): Message[] | undefined {
  const before = messages[messages.length - 1].content;
  const isKept = (kind?: string) =>
    part === "train" &&
    kind !== undefined &&
    isHeldOutQuestion(kind, { language, instruction: "", input: before });
  const able = followUps.filter(
    ({ answer, kind }) => answer(before, language) !== undefined && !isKept(kind),
  );
  if (able.length === 0) return undefined;
  const { asks, answer } = pick(rng, able);
  return [
    { role: "user", content: pick(rng, asks[language]) },
    { role: "assistant", content: answer(before, language) as string },
  ];
}
