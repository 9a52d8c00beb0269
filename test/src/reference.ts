// Reading the recorded fixtures of test/fixtures (recorded by the scripts in its folder record/)
// and comparing tensors with them.
import { readFileSync } from "node:fs";
import { type EngineName, tf } from "llm/engine";
import { expect } from "vitest";

/** A tensor as a recorder writes it. */
export interface Recorded {
  shape: number[];
  values: number[];
}

const asked = process.env.LLM_ENGINE;
/** The engines that every machine has; another one if LLM_ENGINE names it. */
export const engines = (asked && asked !== "wasm" ? [asked] : ["wasm", "js"]) as EngineName[];

export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8"));
}

export function tensor<T extends tf.Tensor>(
  { shape, values }: Recorded,
  dtype: "float32" | "int32" = "float32",
): T {
  return tf.tensor(values, shape, dtype) as T;
}

export function variables(recorded: Record<string, Recorded>): Record<string, tf.Variable> {
  return tf.tidy(() =>
    Object.fromEntries(Object.entries(recorded).map(([name, r]) => [name, tf.variable(tensor(r))])),
  );
}

/** The largest |actual − expected| / max(1, |expected|). */
export function difference(actual: tf.Tensor, expected: Recorded): number {
  expect(actual.shape).toEqual(expected.shape);
  const values = actual.dataSync();
  return expected.values.reduce(
    (worst, e, i) => Math.max(worst, Math.abs(values[i] - e) / Math.max(1, Math.abs(e))),
    0,
  );
}

/** Loss and the gradient of every named variable. */
export function lossAndGradients(loss: () => tf.Scalar, params: Record<string, tf.Variable>) {
  const { value, grads } = tf.variableGrads(loss, Object.values(params));
  return {
    value,
    grads: Object.fromEntries(Object.entries(params).map(([name, v]) => [name, grads[v.name]])),
  };
}
