// What a model answers to instructions, and whether it is right: greedily written answers compared
// with the right ones (exact match). Whether the right answer is at least likelier than others is in
// ./likelihood.

import { writeAnswers } from "../answers";
import type { Message } from "../chat";
import { type Instruction, isRightAnswer, questionText, toMessages } from "../instructions";
import { chatTokens, type InstructModel, promptIds } from "./template";

/** How answers are written. `shots`, where taken: examples before each question, as turns. */
export interface AnswerOptions {
  /** How many answers are written side by side. */
  rows?: number;
  maxNewTokens?: number;
  /** 0 (if absent) always takes the likeliest token. */
  temperature?: number;
  seed?: number;
}

/**
 * The answers to instructions, in their order.
 * @returns texts without the mark that ends them
 */
export function answerAll(
  model: InstructModel,
  questions: readonly Pick<Instruction, "instruction" | "input">[],
  { shots = [], ...options }: AnswerOptions & { shots?: readonly Instruction[] } = {},
): Promise<string[]> {
  const before = shots.flatMap(toMessages);
  const dialogues = questions.map((question): Message[] => [
    ...before,
    { role: "user", content: questionText(question) },
  ]);
  return answerDialogues(model, dialogues, options);
}

/**
 * The next answer of each conversation, in their order.
 * @param dialogues user and assistant in turn, the user last
 * @returns texts without the mark that ends them
 */
export async function answerDialogues(
  { params, config, tokenizer }: InstructModel,
  dialogues: readonly (readonly Message[])[],
  { rows = 64, maxNewTokens = 48, temperature = 0, seed = 1 }: AnswerOptions = {},
): Promise<string[]> {
  const { end } = chatTokens(tokenizer);
  const prompts = dialogues.map((messages) => promptIds(messages, tokenizer));
  const answers = await writeAnswers(params, config, prompts, {
    ...{ rows, maxNewTokens, temperature, seed, stopIds: [end] },
  });
  return answers.map((ids) => tokenizer.decode(ids));
}

/** How many of a kind's questions were answered rightly. */
export interface KindScore {
  kind: string;
  right: number;
  asked: number;
}

/** Exact matches by kind of task, in the order in which the kinds come. */
export async function exactByKind(
  model: InstructModel,
  examples: readonly Instruction[],
  options: AnswerOptions & { shots?: readonly Instruction[] } = {},
): Promise<KindScore[]> {
  const answers = await answerAll(model, examples, options);
  const scores = new Map<string, KindScore>();
  for (const [i, example] of examples.entries()) {
    const score = scores.get(example.kind) ?? { kind: example.kind, right: 0, asked: 0 };
    score.asked++;
    if (isRightAnswer(example, answers[i])) score.right++;
    scores.set(example.kind, score);
  }
  return [...scores.values()];
}
