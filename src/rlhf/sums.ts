// Sums that a small GPT can learn, with answers that can be checked (lesson 19, reasoning): a few
// numbers to be added, answered at once or by a chain in which each step adds two of them.
//
//     direct   23 + 45 + 17 =            85
//     chain    23 + 45 + 17 =            68 + 17 = 85
import type { Random } from "../random";
import type { Tokenizer } from "../tokenizer";

export interface SumOptions {
  /** How many numbers. */
  terms: number;
  /** The largest of them: 99. */
  largest?: number;
  /** Sums that training may see, or those held out: one in ten, in all orders of their numbers. */
  part: "train" | "held out";
}

/** Whether a sum is held out; the order of its numbers makes no difference. */
export function isHeldOutSum(numbers: readonly number[]): boolean {
  let mixed = 0x9e3779b9;
  for (const n of [...numbers].sort((a, b) => a - b)) {
    mixed = Math.imul(mixed ^ n, 0x85ebca6b);
    mixed ^= mixed >>> 15;
  }
  return (mixed >>> 8) % 10 === 0;
}

/** The numbers of a sum. */
export function drawNumbers(rng: Random, { terms, largest = 99, part }: SumOptions): number[] {
  for (let i = 0; i < 1000; i++) {
    const numbers = Array.from({ length: terms }, () => rng.integer(largest + 1));
    if (isHeldOutSum(numbers) === (part === "held out")) return numbers;
  }
  throw new Error(`drawNumbers: expected a sum that is ${part}, found none in 1000`);
}

/** "23 + 45 + 17 =" */
export const sumQuestion = (numbers: readonly number[]): string => `${numbers.join(" + ")} =`;

/** " 68 + 17 = 85": each step adds the first two numbers. With two numbers only the sum. */
export function sumChain(numbers: readonly number[]): string {
  const [a, b, ...rest] = numbers;
  const left = [a + b, ...rest];
  return left.length === 1 ? ` ${left[0]}` : ` ${left.join(" + ")} =${sumChain(left)}`;
}

/** " 85" */
export const sumDirect = (numbers: readonly number[]): string =>
  ` ${numbers.reduce((a, b) => a + b, 0)}`;

/**
 * The number that a written answer ends with: after its last "=", or all of it.
 * @returns null where there is none
 */
export function finalNumber(answer: string): number | null {
  const found = /^\s*(\d+)\s*$/.exec(answer.slice(answer.lastIndexOf("=") + 1));
  return found ? Number(found[1]) : null;
}

/** Reads the numbers of a question. */
export const numbersOf = (question: string): number[] => (question.match(/\d+/g) ?? []).map(Number);

/** 1 where the answer ends with the right number and was ended by the model, else 0. */
export function sumReward(tokenizer: Tokenizer, stopIds: readonly number[]) {
  return (texts: readonly { prompt: number[]; answer: number[] }[]): number[] =>
    texts.map(({ prompt, answer }) => {
      if (!stopIds.includes(answer[answer.length - 1])) return 0;
      const numbers = numbersOf(tokenizer.decode(prompt));
      const written = finalNumber(tokenizer.decode(answer.slice(0, -1)));
      return written === numbers.reduce((a, b) => a + b, 0) ? 1 : 0;
    });
}
