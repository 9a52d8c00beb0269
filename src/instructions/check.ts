// What can be wrong with a set of instructions: the same question twice, a question of the test set
// in training, an answer that is wrong, empty or too long, a question that nobody can answer.
import { isRightAnswer, questionKey } from "./dataset";
import type { Instruction } from "./kind";

export type Fault = "duplicate" | "leak" | "empty" | "long" | "wrong" | "unanswerable";

/** One thing that is wrong. */
export interface Finding {
  /** Which example, from 0. */
  index: number;
  fault: Fault;
  /** In a sentence. */
  message: string;
}

export interface CheckOptions {
  /** Examples that must not occur in the set. */
  test?: readonly Instruction[];
  /** The longest text of a question and its answer, in characters. */
  longest?: number;
}

/** Everything that is wrong with a set, in the order of its examples. */
export function checkInstructions(
  examples: readonly Instruction[],
  { test = [], longest = 400 }: CheckOptions = {},
): Finding[] {
  const tested = new Set(test.map(questionKey));
  const first = new Map<string, number>();
  return examples.flatMap((example, index): Finding[] => {
    const key = questionKey(example);
    const found = (fault: Fault, message: string): Finding => ({ index, fault, message });
    const list: Finding[] = [];
    const before = first.get(key);
    if (before === undefined) first.set(key, index);
    else list.push(found("duplicate", `the same question as number ${before}`));
    if (tested.has(key)) list.push(found("leak", "the question is in the test set"));
    if (!example.instruction.trim()) list.push(found("empty", "there is no instruction"));
    if (!example.output.trim()) list.push(found("empty", "there is no answer"));
    else list.push(...judged(example, found));
    const length = key.length + example.output.length;
    if (length > longest) list.push(found("long", `${length} characters, more than ${longest}`));
    return list;
  });
}

function judged(
  example: Instruction,
  found: (fault: Fault, message: string) => Finding,
): Finding[] {
  try {
    if (isRightAnswer(example, example.output)) return [];
    return [found("wrong", `"${example.output}" is not the answer`)];
  } catch (error) {
    return [found("unanswerable", (error as Error).message)];
  }
}
