// Networks, losses and the training loop: against the same in tfjs, and against their definitions.
import fc from "fast-check";
import {
  accuracyOf,
  batchLoss,
  createMlp,
  crossEntropyLoss,
  hingeLoss,
  initialStd,
  logisticLoss,
  mlp,
  numbersOf,
  parametersOf,
  scoreOf,
  squaredLoss,
  trainClassifier,
  Value,
} from "llm/autograd";
import { twoMoons } from "llm/data";
import { tf, useEngine } from "llm/engine";
import { Random } from "llm/random";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(() => useEngine({ prefer: "js", quiet: true }));

describe("mlp", () => {
  it("has the loss and the gradients that tfjs has", () => {
    const network = createMlp([2, 5, 3, 1], { rng: new Random(4) });
    const data = twoMoons(16, { rng: new Random(5) });
    const loss = batchLoss(network, data);
    loss.backward();
    const layers = numbersOf(network);
    const flat = layers.flatMap(({ weights, biases }) => [
      tf.tensor2d(weights),
      tf.tensor1d(biases),
    ]);
    const f = (...p: tf.Tensor[]) => {
      let x: tf.Tensor = tf.tensor2d(data.points);
      for (let i = 0; i < layers.length; i++) {
        x = tf.matMul(x as tf.Tensor2D, p[2 * i] as tf.Tensor2D, false, true).add(p[2 * i + 1]);
        if (i < layers.length - 1) x = tf.tanh(x);
      }
      const margin = x.reshape([-1]).mul(tf.tensor1d(data.targets));
      return tf.softplus(margin.neg()).mean() as tf.Scalar;
    };
    const { value, grads } = tf.valueAndGrads(f)(flat);
    expect(loss.data).toBeCloseTo(value.dataSync()[0], 5);
    const expected = grads.flatMap((g) => Array.from(g.dataSync()));
    const actual = parametersOf(network).map((p) => p.gradient);
    expect(actual).toHaveLength(expected.length);
    actual.forEach((g, i) => {
      expect(g).toBeCloseTo(expected[i], 5);
    });
  });

  it("scoreOf is the same network in plain numbers, with every activation", () => {
    for (const activation of ["tanh", "relu", "sigmoid", "linear"] as const) {
      const network = createMlp([3, 4, 2, 1], { rng: new Random(6), activation, init: "he" });
      const x = [0.3, -1.2, 2];
      expect(scoreOf(numbersOf(network), x)).toBeCloseTo(mlp(network, x)[0].data, 12);
    }
  });

  it("starts with the spread that was asked for", () => {
    const weights = (init: "xavier" | "he" | "zero") =>
      numbersOf(createMlp([100, 200], { rng: new Random(7), init }))[0].weights.flat();
    const std = (list: number[]) => Math.sqrt(list.reduce((s, w) => s + w * w, 0) / list.length);
    expect(std(weights("he"))).toBeCloseTo(Math.sqrt(2 / 100), 2);
    expect(std(weights("xavier"))).toBeCloseTo(Math.sqrt(2 / 300), 2);
    expect(initialStd.zero()).toBe(0);
    expect(weights("zero").every((w) => w === 0)).toBe(true);
  });

  it("refuses what has no sense", () => {
    const network = createMlp([2, 1], { rng: new Random(1) });
    expect(() => mlp(network, [1])).toThrow(/neuron: expected 2 inputs, got 1/);
    expect(() => createMlp([2], { rng: new Random(1) })).toThrow(/createMlp: expected two sizes/);
  });
});

describe("losses", () => {
  it("equal their definitions", () => {
    fc.assert(
      fc.property(fc.double({ min: -9, max: 9, noNaN: true }), fc.constantFrom(1, -1), (s, y) => {
        const of = (loss: typeof squaredLoss) => loss(new Value(s), y).data;
        expect(of(squaredLoss)).toBeCloseTo((s - y) ** 2, 9);
        expect(of(logisticLoss)).toBeCloseTo(Math.log(1 + Math.exp(-y * s)), 9);
        expect(of(hingeLoss)).toBeCloseTo(Math.max(0, 1 - y * s), 9);
      }),
    );
  });

  it("cross-entropy is −ln softmax, its gradient softmax − one-hot, also of huge logits", () => {
    for (const z of [
      [0.5, -1, 2],
      [1000, 0, -1000],
    ]) {
      const logits = z.map((x) => new Value(x));
      const loss = crossEntropyLoss(logits, 2);
      loss.backward();
      const p = Array.from(tf.softmax(tf.tensor1d(z)).dataSync());
      const gap = Math.max(...z) - z[2];
      if (gap < 100) expect(loss.data).toBeCloseTo(-Math.log(p[2]), 5);
      else expect(loss.data).toBeCloseTo(2000, 5);
      logits.forEach((v, k) => {
        expect(v.gradient).toBeCloseTo(p[k] - (k === 2 ? 1 : 0), 5);
      });
    }
    expect(() => crossEntropyLoss([new Value(1)], 1)).toThrow(/expected a target from 0 to 0/);
  });
});

describe("trainClassifier", () => {
  const data = twoMoons(120, { rng: new Random(1) });
  it("learns, and is the same for the same seed", () => {
    const train = () => trainClassifier(data, { seed: 3, hidden: [6], steps: 60, lr: 0.1 });
    const [a, b] = [train(), train()];
    expect(a.losses).toEqual(b.losses);
    expect(a.losses[59]).toBeLessThan(a.losses[0]);
    expect(accuracyOf(a.network, data)).toBeGreaterThan(0.8);
  });

  it("with weights of zero, tells no class from the other", () => {
    const { network } = trainClassifier(data, { seed: 3, hidden: [6], init: "zero", steps: 30 });
    const numbers = numbersOf(network);
    expect(scoreOf(numbers, [2, 0])).toBe(scoreOf(numbers, [-1, 1]));
  });
});
