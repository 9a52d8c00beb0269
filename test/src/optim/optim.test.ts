// AdamW and clipping against PyTorch (fixtures/optim.json), the schedule against its formula, one
// step's purity.
import { tf } from "llm/engine";
import {
  adamw,
  adamwInit,
  adamwStep,
  clipByGlobalNorm,
  grouped,
  type Optimizer,
  perParameter,
  roundTensor,
  roundToBf16,
  roundToFp16,
  warmupCosine,
} from "llm/optim";
import { disposeParams, lossAndGrads, type Params } from "llm/params";
import { trainStep } from "llm/train";
import { describe, expect, it } from "vitest";
import recorded from "../../fixtures/optim.json";
import { type Recorded, tensor, variables, withoutLeaks } from "./recorded";

withoutLeaks();

const close = (actual: tf.Tensor, { shape, values }: Recorded, tolerance: number) => {
  expect(actual.shape).toEqual(shape);
  actual.dataSync().forEach((x, i) => {
    expect(Math.abs(x - values[i]), `${i}: ${x} ≠ ${values[i]}`).toBeLessThan(tolerance);
  });
};

describe("adamwStep", () => {
  const { settings, lr, initial, grads, after, moments } = recorded.adamw;

  it.each([
    ["a number", (rate: number) => rate],
    ["a scalar tensor", (rate: number) => tf.scalar(rate)],
  ])("gives PyTorch's parameters over 100 steps, learning rate as %s", (_, rate) => {
    const params = variables(initial);
    const state = adamwInit(params);
    for (let step = 0; step < 100; step++) {
      tf.tidy(() => {
        const now = Object.fromEntries(
          Object.entries(grads).map(([name, all]) => [
            name,
            tensor(all).gather([step]).squeeze([0]),
          ]),
        );
        adamwStep(params, now, state, { ...settings, lr: rate(lr[step]) });
      });
      const expected = (after as Record<string, typeof initial>)[String(step + 1)];
      if (expected !== undefined)
        for (const name of ["weight", "bias"] as const) close(params[name], expected[name], 2e-6);
    }
    for (const name of ["weight", "bias"] as const) {
      close(state[`m.${name}`], moments[name].expAvg, 1e-4);
      close(state[`v.${name}`], moments[name].expAvgSq, 1e-4);
    }
    expect(state.step.dataSync()[0]).toBe(100);
    tf.dispose([params, state]);
  });

  it("names the parameter that has no gradient", () => {
    const params = variables(initial);
    const state = adamwInit(params);
    expect(() => adamwStep(params, {}, state, { lr: 0.1 })).toThrow(
      "expected a gradient for weight",
    );
    tf.dispose([params, state]);
  });
});

describe("clipByGlobalNorm", () => {
  it.each(recorded.clip.map((c) => [c.maxNorm, c.norm, c] as const))(
    "gives PyTorch's gradients for max %s, norm %s",
    (maxNorm, norm, { grads, clipped }) => {
      const given = variables(grads);
      const result = clipByGlobalNorm(given, maxNorm);
      expect(result.norm.dataSync()[0]).toBeCloseTo(norm, 4);
      for (const name of ["weight", "bias"] as const) {
        close(result.grads[name], clipped[name], 1e-5);
        close(given[name], grads[name], 1e-7);
      }
      tf.dispose([given, result]);
    },
  );

  it("only measures when the limit is 0 or infinite", () => {
    for (const limit of [0, Number.POSITIVE_INFINITY]) {
      const given = { a: tf.tensor1d([3, 4]) };
      const result = clipByGlobalNorm(given, limit);
      expect(Array.from(result.grads.a.dataSync())).toEqual([3, 4]);
      expect(result.norm.dataSync()[0]).toBeCloseTo(5, 5);
      tf.dispose([given, result]);
    }
  });
});

describe("warmupCosine", () => {
  const schedule = { maxLr: 1, minLr: 0.1, warmupSteps: 9, totalSteps: 109 };
  it("rises in a line from above zero, peaks after the warm-up, falls along a cosine and stays at the bottom", () => {
    expect(warmupCosine(0, schedule)).toBeCloseTo(0.1, 12);
    expect(warmupCosine(4, schedule)).toBeCloseTo(0.5, 12);
    expect(warmupCosine(9, schedule)).toBe(1);
    expect(warmupCosine(59, schedule)).toBeCloseTo(0.55, 12);
    expect(warmupCosine(109, schedule)).toBe(0.1);
    expect(warmupCosine(1000, schedule)).toBe(0.1);
  });
  it("needs no warm-up", () => expect(warmupCosine(0, { ...schedule, warmupSteps: 0 })).toBe(1));
});

describe("optimizers", () => {
  const start = (): Params =>
    tf.tidy(() => ({
      "a.weight": tf.variable(tf.ones([2, 2])),
      "b.bias": tf.variable(tf.ones([2])),
    }));
  const gradients = () => ({
    "a.weight": tf.tensor2d([
      [1, -2],
      [0.5, 0],
    ]),
    "b.bias": tf.tensor1d([3, -1]),
  });
  /** The parameters after five steps. */
  function after(optimizer: Optimizer, lr = 0.1): Record<string, number[]> {
    const params = start();
    const state = optimizer.init(params);
    const grads = gradients();
    for (let i = 0; i < 5; i++) optimizer.step(params, grads, state, lr);
    const result = Object.fromEntries(
      Object.entries(params).map(([name, p]) => [name, Array.from(p.dataSync())]),
    );
    for (const record of [params, state, grads]) disposeParams(record);
    return result;
  }

  it("one parameter's update, made an optimizer, does what adamw does", () => {
    const byHand = perParameter(
      (p, g, m, v, step, { lr, beta1, beta2, eps, weightDecay }) => {
        const [newM, newV] = [
          m.mul(beta1).add(g.mul(1 - beta1)),
          v.mul(beta2).add(g.square().mul(1 - beta2)),
        ];
        const [mHat, vHat] = [newM.div(1 - beta1 ** step), newV.div(1 - beta2 ** step)];
        const decayed = p.sub(p.mul(p.rank >= 2 ? lr * weightDecay : 0));
        return { parameter: decayed.sub(mHat.mul(lr).div(vHat.sqrt().add(eps))), m: newM, v: newV };
      },
      { weightDecay: 0.3 },
    );
    const [own, course] = [after(byHand), after(adamw({ weightDecay: 0.3 }))];
    for (const name in course)
      course[name].forEach((x, i) => {
        expect(own[name][i]).toBeCloseTo(x, 5);
      });
    expect(byHand.compiles).toBe(false);
    expect(adamw().compiles).toBe(true);
  });

  it("groups have optimizers, rates and memories of their own", () => {
    const matrices = { name: "matrices", has: (_: string, p: tf.Variable) => p.rank === 2 };
    const rest = { name: "rest", has: () => true };
    const mixed = grouped([
      { ...matrices, optimizer: adamw({ weightDecay: 0.3 }), lrScale: 0.5 },
      { ...rest, optimizer: adamw({ beta1: 0.5 }) },
    ]);
    const result = after(mixed);
    expect(result["a.weight"]).toEqual(after(adamw({ weightDecay: 0.3 }), 0.05)["a.weight"]);
    expect(result["b.bias"]).toEqual(after(adamw({ beta1: 0.5 }))["b.bias"]);
    const params = start();
    const state = mixed.init(params);
    expect(Object.keys(state).sort()).toEqual(
      ["matrices/m.a.weight", "matrices/step", "matrices/v.a.weight"].concat([
        "rest/m.b.bias",
        "rest/step",
        "rest/v.b.bias",
      ]),
    );
    for (const record of [params, state]) disposeParams(record);
    expect(mixed.compiles).toBe(true);
  });

  it("a parameter without a group, and two groups of one name, are errors that name them", () => {
    const params = start();
    const matrices = {
      name: "m",
      has: (_: string, p: tf.Variable) => p.rank === 2,
      optimizer: adamw(),
    };
    expect(() => grouped([matrices]).init(params)).toThrow(
      "expected a group for every parameter, got none for b.bias",
    );
    expect(() => grouped([matrices, matrices])).toThrow(
      "expected groups with different names, got m, m",
    );
    disposeParams(params);
  });
});

describe("trainStep", () => {
  const batch = (x: number[]) => ({
    ids: tf.tensor2d([x], [1, x.length], "int32"),
    targets: tf.tensor2d([x], [1, x.length], "int32"),
  });
  const functions = {
    loss: (params: Record<string, tf.Variable>, { ids }: { ids: tf.Tensor2D }) =>
      tf.mean(tf.square(tf.sub(params.w, tf.cast(ids, "float32")))) as tf.Scalar,
    clip: clipByGlobalNorm,
    optimizer: adamw(),
  };

  it("averages the gradients of several batches: one step as if they were one batch", () => {
    const results = [[batch([1, 2, 9, 4])], [batch([1, 2]), batch([9, 4])]].map((batches) => {
      const params = tf.tidy(() => ({ w: tf.variable(tf.tensor1d([0.5])) }));
      const state = adamwInit(params);
      const { loss, norm } = trainStep(params, state, batches, functions, { lr: 0.1, maxNorm: 1 });
      const values = [loss, norm, params.w, state["m.w"]].map((t) => t.dataSync()[0]);
      tf.dispose([params, state, loss, norm, batches.map(({ ids, targets }) => [ids, targets])]);
      return values;
    });
    results[0].forEach((x, i) => {
      expect(x).toBeCloseTo(results[1][i], 5);
    });
  });

  it("lossAndGrads names gradients as the record names parameters", () => {
    const params = tf.tidy(() => ({ a: tf.variable(tf.scalar(3)), b: tf.variable(tf.scalar(4)) }));
    const { loss, grads } = lossAndGrads(params, () => tf.mul(params.a, params.b));
    expect([loss, grads.a, grads.b].map((t) => t.dataSync()[0])).toEqual([12, 4, 3]);
    tf.dispose([params, loss, grads]);
  });
});

describe("16-bit formats", () => {
  it("float16 has the steps and limits of IEEE 754's binary16", () => {
    const cases = [
      [1 + 2 ** -11, 1],
      [1 + 3 * 2 ** -11, 1 + 2 ** -9],
      [65519, 65504],
      [65520, Number.POSITIVE_INFINITY],
      [-1e6, Number.NEGATIVE_INFINITY],
      [2 ** -24, 2 ** -24],
      [2 ** -25, 0],
      [2 ** -25 * 1.01, 2 ** -24],
      [0.1, 0.0999755859375],
    ];
    for (const [x, y] of cases) expect(roundToFp16(x), String(x)).toBe(y);
  });
  it("bfloat16 is float32 cut to 16 bits, to nearest even; whole tensors give the same", () => {
    const xs = [
      1.00390625,
      1.01171875,
      -Math.PI,
      3.4e38,
      1e-40,
      0,
      Number.POSITIVE_INFINITY,
      300.7,
    ];
    const ys = [
      1,
      1.015625,
      -3.140625,
      Number.POSITIVE_INFINITY,
      roundToBf16(1e-40),
      0,
      Number.POSITIVE_INFINITY,
      300,
    ];
    expect(xs.map(roundToBf16)).toEqual(ys);
    tf.tidy(() => {
      expect(Array.from(roundTensor(tf.tensor1d(xs), "bfloat16").dataSync())).toEqual(ys);
      expect(Array.from(roundTensor(tf.tensor1d([0.1, 1e-9]), "float16").dataSync())).toEqual([
        0.0999755859375, 0,
      ]);
    });
  });
});
