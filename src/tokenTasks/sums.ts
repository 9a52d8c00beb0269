// Addition, written down in several ways: with a token for each digit, or with digits grouped by
// threes, from the left as in the split patterns of GPT-4's tokenizers (\p{N}{1,3}), or from the
// right, as people put their commas.

import type { Random } from "../random";
import type { Example, Notation } from "./model";

export type SumNotation = "single digits" | "groups from the left" | "groups from the right";
export const sumNotations: SumNotation[] = [
  "single digits",
  "groups from the left",
  "groups from the right",
];

export interface Sum {
  a: number;
  b: number;
}

/** The tokens of a number. */
export function cutNumber(n: number, name: SumNotation): string[] {
  const digits = `${n}`;
  if (name === "single digits") return [...digits];
  if (name === "groups from the left") return digits.match(/\d{1,3}/g) as string[];
  return digits.match(/\d{1,3}(?=(?:\d{3})*$)/g) as string[];
}

/**
 * What writes a sum of two numbers in a notation.
 * @param digits of each number
 */
export function sumNotation(
  name: SumNotation,
  digits: number,
): { notation: Notation; write: (sum: Sum) => Example } {
  const longest = name === "single digits" ? 1 : Math.min(3, digits + 1);
  const symbols = ["+"];
  for (let length = 1; length <= longest; length++)
    for (let n = 0; n < 10 ** length; n++) symbols.push(`${n}`.padStart(length, "0"));
  const places = (n: number) => cutNumber(n, name).length;
  const question = 2 * places(10 ** digits - 1) + 1;
  return {
    notation: { name, symbols, places: { question, answer: places(2 * 10 ** digits - 2) } },
    write: ({ a, b }) => ({
      question: [...cutNumber(a, name), "+", ...cutNumber(b, name)],
      answer: cutNumber(a + b, name),
    }),
  };
}

/** About one sum in ten is held out, in either order of its numbers. */
export function isHeldOut({ a, b }: Sum): boolean {
  const [small, large] = a < b ? [a, b] : [b, a];
  let mixed = Math.imul(small * 4099 + large, 0x9e3779b1); // so that no digit tells which ones
  mixed ^= mixed >>> 15;
  return (Math.imul(mixed, 0x85ebca6b) >>> 8) % 10 === 0;
}

/** Two numbers of exactly `digits` digits: a held-out sum, or one of the others. */
export function drawSum(
  rng: Random,
  { digits, heldOut }: { digits: number; heldOut: boolean },
): Sum {
  const least = 10 ** (digits - 1);
  for (;;) {
    const sum = { a: least + rng.integer(9 * least), b: least + rng.integer(9 * least) };
    if (isHeldOut(sum) === heldOut) return sum;
  }
}
