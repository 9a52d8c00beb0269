// The four rules on plain numbers, against PyTorch's figures where a step is worked out by hand, and
// Adam against the AdamW that trains the course's models.
import { adamStep, emptyMemory, momentumStep, type Rule, rmspropStep, sgdStep } from "llm/autograd";
import { tf, useEngine } from "llm/engine";
import { adamwInit, adamwStep } from "llm/optim";
import { Random } from "llm/random";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(() => useEngine({ prefer: "js", quiet: true }));

const twice = (rule: Rule, lr: number): number[] => {
  let [parameters, memory] = [[1, -2], emptyMemory(2)];
  for (const gradients of [
    [0.5, -4],
    [1, 2],
  ]) {
    const before = structuredClone({ parameters, gradients, memory });
    const next = rule(parameters, gradients, memory, { lr });
    expect({ parameters, gradients, memory }).toEqual(before);
    [parameters, memory] = [next.parameters, next.memory];
  }
  expect(memory.step).toBe(2);
  return parameters;
};
const close = (actual: number[], expected: number[]) =>
  actual.forEach((a, i) => {
    expect(a).toBeCloseTo(expected[i], 9);
  });

describe("two steps by hand", () => {
  it("SGD", () => close(twice(sgdStep, 0.1), [1 - 0.15, -2 + 0.2]));
  it("momentum", () =>
    close(twice(momentumStep, 0.1), [1 - 0.05 - 0.1 * 1.45, -2 + 0.4 + 0.1 * 1.6]));
  it("RMSProp", () => {
    const s1 = [0.1 * 0.25, 0.1 * 16];
    const s2 = [0.9 * s1[0] + 0.1, 0.9 * s1[1] + 0.4];
    close(twice(rmspropStep, 0.1), [
      1 - 0.05 / (Math.sqrt(s1[0]) + 1e-8) - 0.1 / (Math.sqrt(s2[0]) + 1e-8),
      -2 + 0.4 / (Math.sqrt(s1[1]) + 1e-8) - 0.2 / (Math.sqrt(s2[1]) + 1e-8),
    ]);
  });
  it("Adam's first step is lr in the direction of the sign, whatever the gradient's size", () => {
    const { parameters } = adamStep([1, -2], [1e-3, -400], emptyMemory(2), { lr: 0.1 });
    expect(parameters[0]).toBeCloseTo(0.9, 5);
    expect(parameters[1]).toBeCloseTo(-1.9, 5);
  });
});

describe("adamStep", () => {
  it("equals AdamW of llm/optim without decay, over 50 steps", () => {
    const rng = new Random(8);
    const n = 7;
    let parameters = Array.from({ length: n }, () => rng.normal());
    let memory = emptyMemory(n);
    const params = { w: tf.variable(tf.tensor1d(parameters)) };
    const state = adamwInit(params);
    for (let step = 0; step < 50; step++) {
      const gradients = Array.from({ length: n }, () => rng.normal() * 10 ** (rng.integer(5) - 2));
      ({ parameters, memory } = adamStep(parameters, gradients, memory, { lr: 0.01 }));
      const grads = { w: tf.tensor1d(gradients) };
      adamwStep(params, grads, state, { lr: 0.01, weightDecay: 0 });
    }
    params.w.dataSync().forEach((w, i) => {
      expect(w).toBeCloseTo(parameters[i], 4);
    });
  });
});
