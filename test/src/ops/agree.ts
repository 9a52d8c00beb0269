// Does the fast version of an operation give what its definition gives, in value and gradient, on
// every engine?

import { type EngineName, tf, useEngine } from "llm/engine";
import { distance, numbersOf, type Op, valueAndGradients as tensors } from "llm/ops/compare";
import { expect } from "vitest";

export { distance, type Op };

/** Value and gradients of Σ op(x) · weights, with fixed random inputs and weights, as numbers. */
export const valueAndGradients = (...args: Parameters<typeof tensors>): number[][] =>
  tf.tidy(() => numbersOf(tensors(...args)));

export interface Case {
  name: string;
  fast: Op;
  clear: Op;
  shapes: number[][];
  scale?: number;
}

/** fast on wasm against clear on js: two backends, two algorithms. */
export async function agree(cases: Case[]): Promise<void> {
  const results: number[][][] = [];
  for (const [engine, version] of [
    ["wasm", "fast"],
    ["wasm", "clear"],
    ["js", "clear"],
    ["js", "fast"],
  ] as [EngineName, "fast" | "clear"][]) {
    await useEngine({ prefer: engine, quiet: true });
    cases.forEach((c, i) => {
      const got = valueAndGradients(c[version], c.shapes, i, c.scale);
      if (!results[i]) results[i] = got;
      const d = distance(results[i], got);
      expect(
        d,
        `${c.name} ${JSON.stringify(c.shapes)}: ${version} on ${engine} is ${d} from fast on wasm`,
      ).toBeLessThan(1e-5);
    });
  }
}
