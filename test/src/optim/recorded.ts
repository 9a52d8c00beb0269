// What the tests of optimizers share: tensors as the fixtures record them, and the engine.
import { tf, useEngine } from "llm/engine";
import { afterEach, beforeAll, beforeEach, expect } from "vitest";

export interface Recorded {
  shape: number[];
  values: number[];
}
export const tensor = ({ shape, values }: Recorded) => tf.tensor(values, shape);
export const variables = (values: Record<string, Recorded>) =>
  tf.tidy(() =>
    Object.fromEntries(Object.entries(values).map(([name, t]) => [name, tf.variable(tensor(t))])),
  );

/** Starts the engine for a test file, and holds each of its tests to leaving no tensor behind. */
export function withoutLeaks(): void {
  beforeAll(async () => {
    await useEngine({ quiet: true });
  });
  let before = 0;
  beforeEach(() => {
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors, "tensors leaked").toBe(before));
}
