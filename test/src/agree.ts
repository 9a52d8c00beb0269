// Does the fast version of an operation give what its definition gives, in value and gradient, on every engine?
import { type EngineName, tf, useEngine } from "llm/engine";
import { Random, randomNormal } from "llm/random";
import { expect } from "vitest";

export type Op = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Value and gradients of Σ op(x) · weights, with fixed random inputs and weights. */
export function valueAndGradients(op: Op, shapes: number[][], seed: number, scale = 1): number[][] {
  return tf.tidy(() => {
    const rng = new Random(seed);
    const inputs = shapes.map((shape) => randomNormal(shape, { rng, std: scale }));
    const y = op(...inputs);
    const weights = randomNormal(y.shape, { rng });
    const gradients = tf.grads((...x: tf.Tensor[]) => tf.sum(tf.mul(op(...x), weights)))(inputs);
    return [y, ...gradients].map((t) => Array.from(t.dataSync()));
  });
}

/** Largest difference relative to the largest value (at least 1). */
export function distance(a: number[][], b: number[][]): number {
  let worst = 0;
  a.forEach((list, k) => {
    expect(list.length).toBe(b[k].length);
    const size = Math.max(1, ...list.map(Math.abs));
    list.forEach((v, i) => {
      worst = Math.max(worst, Math.abs(v - b[k][i]) / size || (Number.isNaN(v - b[k][i]) ? Infinity : 0));
    });
  });
  return worst;
}

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
