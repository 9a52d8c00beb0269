// What this lesson adapts to: instructions of llm/instructions, as chats of one question and one
// answer. Chats of several turns, other templates and packing are lesson 16 (instruction tuning).
import { drawInstruction, type Instruction, isRightAnswer, questionText } from "../instructions";
import type { Random } from "../random";
import type { Tokenizer } from "../tokenizer";
import type { PromptAnswer } from "./answers";

/** How a chat is written: what stands before the question and the answer, and what ends it. */
export interface ChatForm {
  user: string;
  assistant: string;
  end: string;
}

/** With the special tokens that the base model has (llm/baseModel) and has never read. */
export const baseForm: ChatForm = { user: "<|user|>", assistant: "<|assistant|>", end: "<|end|>" };

/** An example as a prompt that ends where the answer begins, and the answer with its end. */
export function chatIds(
  example: Pick<Instruction, "instruction" | "input" | "output">,
  tokenizer: Tokenizer,
  { user, assistant, end }: ChatForm = baseForm,
): PromptAnswer {
  return {
    prompt: tokenizer.encode(user + questionText(example) + assistant),
    answer: tokenizer.encode(example.output + end),
  };
}

/**
 * Examples in which the answers have changed places: each question gets the answer of another one
 * of its kind and language. The form of an answer can be learnt from them, and nothing else.
 */
export function withShuffledAnswers(examples: readonly Instruction[], rng: Random): Instruction[] {
  const groups = new Map<string, number[]>();
  for (const [i, { kind, language }] of examples.entries()) {
    const key = `${kind} ${language}`;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  }
  const outputs: string[] = [];
  for (const members of groups.values()) {
    const order = rng.shuffle([...members]);
    // each gets the answer of the next one in a random round: nobody keeps their own
    for (const [k, i] of order.entries())
      outputs[i] = examples[order[(k + 1) % order.length]].output;
  }
  return examples.map((example, i) => ({ ...example, output: outputs[i] }));
}

/** Examples that training may see, and held-out ones; all of them different. */
export function skillData(
  { kinds, train, heldOut }: { kinds: readonly string[]; train: number; heldOut: number },
  rng: Random,
): { train: Instruction[]; heldOut: Instruction[] } {
  const draw = (count: number, part: "train" | "held out", own: Random) => {
    const found = new Map<string, Instruction>();
    for (let tries = 0; found.size < count; tries++) {
      if (tries > 100 * count)
        throw new Error(`skillData: expected ${count} different questions, found ${found.size}`);
      const example = drawInstruction({ kinds, part, rng: own });
      found.set(questionText(example), example);
    }
    return [...found.values()];
  };
  return {
    train: draw(train, "train", rng.fork("train")),
    heldOut: draw(heldOut, "held out", rng.fork("held out")),
  };
}

/** How many answers are right, and how many have the form of a right one. */
export interface AnswerScore {
  /** Share of answers that are right to the letter. */
  exact: number;
  /** Share of answers that are, to the letter, the right answer of some question of the kind. */
  formed: number;
}

/**
 * Judges answers: right, or at least of the form that answers of this kind have.
 * @param forms for each kind, whether a text could be an answer to one of its questions
 */
export function scoreAnswers(
  examples: readonly Instruction[],
  answers: readonly string[],
  isFormed: (example: Instruction, answer: string) => boolean,
): AnswerScore {
  const share = (test: (example: Instruction, answer: string) => boolean) =>
    examples.filter((example, i) => test(example, answers[i])).length / examples.length;
  return { exact: share(isRightAnswer), formed: share(isFormed) };
}
