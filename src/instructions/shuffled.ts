// The control of every experiment on instructions: the same questions and the same answers, without
// what connects them.
import type { Random } from "../random";
import type { Instruction } from "./kind";

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
