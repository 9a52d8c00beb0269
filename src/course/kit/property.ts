// fast-check, saying its smallest counterexample in words. A file of its own, because loading
// fast-check takes time that a learner's check should not spend where a lesson needs no properties.

import fc from "fast-check";
import { Told } from "./assert";
import { isTensor, numberText } from "./words";

export { fc };

function text(value: unknown): string {
  if (typeof value === "number") return numberText(value);
  if (isTensor(value)) return `a tensor of shape (${value.shape.join(", ")})`;
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return `[${Array.from(value as ArrayLike<unknown>, text).join(", ")}]`;
  return JSON.stringify(value) ?? String(value);
}

type Arbitraries<T> = { [K in keyof T]: fc.Arbitrary<T[K]> };

/**
 * For all values: `check` may fail with the helpers of the kit, or return a boolean (then `message`
 * says what should hold). Seeded, so that everybody sees the same counterexample, and the smallest
 * one:
 * "With T = 2, heads = 1: row [0] adds up to 0.5, expected 1".
 */
export async function forAll<T extends Record<string, unknown>>(
  arbitraries: Arbitraries<T>,
  check: (values: T) => unknown,
  { runs = 40, seed = 7, message }: { runs?: number; seed?: number; message?: string } = {},
): Promise<void> {
  const property = fc.asyncProperty(fc.record(arbitraries) as fc.Arbitrary<T>, async (values) => {
    if ((await check(values)) === false) throw new Told(message ?? "the property does not hold.");
  });
  const result = await fc.check(property, { numRuns: runs, seed });
  if (!result.failed) return;
  const error = result.errorInstance;
  if (!(error instanceof Error) || error.name !== "Told") throw error;
  const values = Object.entries(result.counterexample?.[0] ?? {}).map(
    ([name, value]) => `${name} = ${text(value)}`,
  );
  throw new Told(`With ${values.join(", ")}: ${error.message}`);
}
