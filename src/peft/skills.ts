// What this lesson adapts to: instructions of llm/instructions, as chats of one question and one
// answer. Chats of several turns, other templates and packing are lesson 16 (instruction tuning).

import type { PromptAnswer } from "../answers";
import { drawInstruction, type Instruction, questionText } from "../instructions";
import type { Random } from "../random";
import type { Tokenizer } from "../tokenizer";

/** How a chat is written: what stands before the question and the answer, and what ends it. */
export interface ChatForm {
  user: string;
  assistant: string;
  end: string;
}

/** With the special tokens that the base model has (llm/baseModel) and has never read. */
export const baseForm: ChatForm = { user: "<|user|>", assistant: "<|assistant|>", end: "<|end|>" };

/** As SmolLM2 was trained, without the system message that its template puts first. */
export const smolForm: ChatForm = {
  user: "<|im_start|>user\n",
  assistant: "<|im_end|>\n<|im_start|>assistant\n",
  end: "<|im_end|>",
};

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
 * Examples in which the answers have changed places: each question has the answer of another one
 * of its kind and language. The form of an answer can be learnt from them, and little else.
 */
export function withShuffledAnswers(examples: readonly Instruction[], rng: Random): Instruction[] {
  const groups = new Map<string, number[]>();
  for (const [i, { kind, language }] of examples.entries()) {
    const key = `${kind} ${language}`;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  }
  const outputs: string[] = [];
  for (const members of groups.values()) {
    // Each gets the answer of the next one in a random round, so that nobody keeps its own.
    const order = rng.shuffle([...members]);
    for (const [k, i] of order.entries())
      outputs[i] = examples[order[(k + 1) % order.length]].output;
  }
  return examples.map((example, i) => ({ ...example, output: outputs[i] }));
}

export interface SkillOptions {
  kinds: readonly string[];
  languages?: Instruction["language"][];
  train: number;
  heldOut: number;
}

/**
 * Different questions of some kinds: those that training may see, and held-out ones.
 * @throws if the kinds have not got so many
 */
export function skillData(
  { kinds, languages, train, heldOut }: SkillOptions,
  rng: Random,
): { train: Instruction[]; heldOut: Instruction[] } {
  const draw = (count: number, part: "train" | "held out", own: Random) => {
    const found = new Map<string, Instruction>();
    for (let tries = 0; found.size < count; tries++) {
      if (tries > 100 * count)
        throw new Error(`skillData: expected ${count} different questions, got ${found.size}`);
      const example = drawInstruction({ kinds, languages, part, rng: own });
      found.set(questionText(example), example);
    }
    return [...found.values()];
  };
  return {
    train: draw(train, "train", rng.fork("train")),
    heldOut: draw(heldOut, "held out", rng.fork("held out")),
  };
}

/** Whether a text is what answers of a kind look like, right or wrong. */
const forms: Record<string, (answer: string) => boolean> = {
  capitals: (answer) => /^[A-Z ]+$/.test(answer),
  pick: (answer) => /^[\p{L}]+$/u.test(answer),
  extract: (answer) => /^[\p{L}\d]+$/u.test(answer),
  answer: (answer) => /^[\p{L}\d]+$/u.test(answer),
  feeling: (answer) => ["positive", "negative", "正面", "负面"].includes(answer.toLowerCase()),
  larger: (answer) => /^\d+$/.test(answer),
  repeat: (answer) => {
    const words = answer.split(/, |、/);
    return words.length > 1 && words.every((word) => word === words[0]);
  },
  json: (answer) => {
    try {
      return typeof JSON.parse(answer) === "object";
    } catch {
      return false;
    }
  },
};

/** The kinds of which `isFormed` knows the form. */
export const formedKinds: readonly string[] = Object.keys(forms);

/**
 * Whether an answer has the form that answers of its kind have, whatever it says.
 * @throws for a kind that is not one of `formedKinds`
 */
export function isFormed(kind: string, answer: string): boolean {
  if (!Object.hasOwn(forms, kind))
    throw new Error(`isFormed: expected one of ${formedKinds.join(", ")}, got "${kind}"`);
  return forms[kind](answer.trim());
}
