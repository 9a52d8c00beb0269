// The native engine's kernels for llm/ops (src/engine/native/nativeOps.ts) against the clear
// versions: value and gradient, not compiled, on odd shapes; and that AdamW writes nothing where
// somebody else looks. What is compiled of them is tested in native.test.ts. Needs `npm run
// native`; skipped elsewhere.

import { currentEngine, tf, useEngine } from "llm/engine";
import {
  adamwInPlace,
  causalSelfAttention,
  clear,
  gelu,
  layerNorm,
  linear,
  rmsNorm,
  rope,
  silu,
  softmaxCrossEntropy,
  sumOfSquares,
  swiglu,
} from "llm/ops";
import { distance, numbersOf, type Op, valueAndGradients } from "llm/ops/compare";
import { hasKernel } from "llm/ops/define";
import { adamwInit, adamwStep, clipByGlobalNorm } from "llm/optim";
import { Random, randomNormal } from "llm/random";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

await useEngine({ prefer: "native", quiet: true });
const native = tf.getBackend() === "tensorflow";
if (!native) console.log(`native-ops.test.ts is skipped: ${currentEngine().reasons.join("; ")}`);

/**
 * The largest difference between tensors of the same shapes, relative to the largest value of `b`
 * or 1.
 */
function apart(a: tf.Tensor[], b: tf.Tensor[]): number {
  expect(a.map((t) => t.shape)).toEqual(b.map((t) => t.shape));
  return distance(numbersOf(b), numbersOf(a));
}

describe.skipIf(!native)("fused operations on the native engine", () => {
  let before = 0;
  beforeEach(() => {
    before = tf.memory().numTensors;
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
    expect(tf.memory().numTensors, "tensors left behind").toBe(before);
  });

  const targets = (N: number, V: number) =>
    tf.tensor1d(
      Array.from({ length: N }, (_, i) => (i * 5) % V),
      "int32",
    );
  const heads = (attend: typeof clear.causalSelfAttention, H: number) => (x: tf.Tensor) =>
    attend(x as tf.Tensor3D, H);
  const loss = (f: typeof clear.softmaxCrossEntropy, N: number, V: number) => (x: tf.Tensor) =>
    f(x as tf.Tensor2D, targets(N, V));

  const cases: [name: string, fast: unknown, slow: unknown, shapes: number[][]][] = [
    ["linear", linear, clear.linear, [[5, 7], [7, 9], [9]]],
    ["linear", linear, clear.linear, [[2, 3, 4], [4, 1], [1]]],
    ["linear, one row of rank 1", linear, clear.linear, [[4], [4, 3], [3]]],
    ["linear, one number", linear, clear.linear, [[1, 1], [1, 1], [1]]],
    ["linear, no rows", linear, clear.linear, [[0, 3], [3, 2], [2]]],
    [
      "linear without bias",
      linear,
      clear.linear,
      [
        [2, 6, 5],
        [5, 3],
      ],
    ],
    ["layerNorm", layerNorm, clear.layerNorm, [[4, 7], [7], [7]]],
    ["layerNorm", layerNorm, clear.layerNorm, [[2, 3, 16], [16], [16]]],
    ["layerNorm of rank 1", layerNorm, clear.layerNorm, [[5], [5], [5]]],
    ["layerNorm of rank 4", layerNorm, clear.layerNorm, [[2, 1, 3, 130], [130], [130]]],
    ["layerNorm of width 1", layerNorm, clear.layerNorm, [[3, 1], [1], [1]]],
    ["rmsNorm", rmsNorm, clear.rmsNorm, [[4, 7], [7]]],
    ["rmsNorm of rank 1", rmsNorm, clear.rmsNorm, [[5], [5]]],
    ["rmsNorm of rank 4", rmsNorm, clear.rmsNorm, [[2, 1, 3, 130], [130]]],
    ["silu", silu, clear.silu, [[2, 2, 33]]],
    [
      "swiglu",
      swiglu,
      clear.swiglu,
      [
        [3, 11],
        [3, 11],
      ],
    ],
    ["rope", rope, clear.rope, [[2, 3, 5, 6]]],
    ["rope of rank 2", rope, clear.rope, [[5, 2]]],
    ["gelu", gelu, clear.gelu, [[2, 2, 33]]],
    ["sumOfSquares", sumOfSquares, clear.sumOfSquares, [[3, 11]]],
    ["sumOfSquares of one number", sumOfSquares, clear.sumOfSquares, [[]]],
    ["sumOfSquares of nothing", sumOfSquares, clear.sumOfSquares, [[0, 4]]],
    ["gelu of one number", gelu, clear.gelu, [[]]],
    ["gelu of nothing", gelu, clear.gelu, [[0, 4]]],
    ...[
      [1, 1, 1, 1],
      [2, 5, 2, 3],
      [1, 17, 4, 4],
      [3, 2, 1, 5],
    ].map(([B, T, H, D]): [string, unknown, unknown, number[][]] => [
      "causalSelfAttention",
      heads(causalSelfAttention, H),
      heads(clear.causalSelfAttention, H),
      [[B, T, 3 * H * D]],
    ]),
    ...[
      [1, 2],
      [33, 65],
    ].map(([N, V]): [string, unknown, unknown, number[][]] => [
      "softmaxCrossEntropy",
      loss(softmaxCrossEntropy, N, V),
      loss(clear.softmaxCrossEntropy, N, V),
      [[N, V]],
    ]),
  ];

  test("every fast operation has a kernel", () => {
    const kernels = ["Linear", "LayerNorm", "RmsNorm", "Gelu", "Silu", "Swiglu", "Rope"];
    for (const name of [...kernels, "Attention", "CrossEntropy", "SumOfSquares", "AdamW"])
      expect(hasKernel(name), name).toBe(true);
  });

  test.each(cases)(
    "%s agrees in value and gradient, small and large numbers",
    (_, fast, slow, shapes) => {
      for (const scale of [1, 8]) {
        const [a, b] = [fast, slow].map((op) => valueAndGradients(op as Op, shapes, 1, scale));
        expect(apart(a, b)).toBeLessThan(1e-5);
      }
    },
  );

  test("gelu far out is x or 0, its slope 1 or 0, and never NaN", () => {
    const x = tf.tensor1d([-1e4, -30, 30, 1e4]);
    expect(Array.from(gelu(x).dataSync(), Math.abs)).toEqual([0, 0, 30, 1e4]);
    expect(Array.from(tf.grad(gelu)(x).dataSync(), Math.abs)).toEqual([0, 0, 1, 1]);
  });

  test("a cast or a reshape that changes nothing shares the tensor, and outlives it", () => {
    const x = tf.tensor2d([[1, 2]]);
    const [same, other, cast] = [tf.reshape(x, [1, 2]), tf.reshape(x, [2]), tf.cast(x, "float32")];
    x.dispose();
    for (const t of [same, other, cast]) expect(Array.from(t.dataSync())).toEqual([1, 2]);
    expect(other.shape).toEqual([2]);
    expect(tf.cast(same, "int32").dtype).toBe("int32");
  });

  describe("AdamW", () => {
    const options = { lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.1 };
    const variable = (values: tf.Tensor) => tf.tidy(() => tf.variable(tf.add(values, 0)));

    test("30 steps with clipping equal those of the formulas, for matrices, vectors and a scalar", () => {
      const shapes = { w: [3, 5], b: [5], s: [] as number[] };
      const run = (lr: number | tf.Scalar) => {
        const rng = new Random(3);
        const params = Object.fromEntries(
          Object.entries(shapes).map(([name, shape]) => [
            name,
            variable(randomNormal(shape, { rng })),
          ]),
        );
        const state = adamwInit(params);
        for (let i = 0; i < 30; i++)
          tf.tidy(() => {
            const grads = Object.fromEntries(
              Object.entries(shapes).map(([name, shape]) => [name, randomNormal(shape, { rng })]),
            );
            adamwStep(params, clipByGlobalNorm(grads, 1).grads, state, { ...options, lr });
          });
        return [...Object.values(params), ...Object.values(state)];
      };
      const [fast, slow] = [run(0.01), run(tf.scalar(0.01))]; // a tensor as learning rate takes the formulas
      expect(apart(fast, slow)).toBeLessThan(2e-6);
      tf.dispose([fast, slow]);
    });

    test("writes no tensor that somebody else has: a clone, a reshape, the tensor it was made from", () => {
      const original = tf.ones([4]);
      const made = tf.variable(original);
      const [m, v] = [variable(tf.zeros([4])), variable(tf.zeros([4]))];
      const go = (param: tf.Variable) =>
        adamwInPlace(param, tf.ones([4]), m, v, { ...options, step: 1, weightDecay: 0 });
      expect(go(made)).toBe(false);
      const param = variable(original);
      const [clone, view] = [tf.clone(param), tf.reshape(m, [2, 2])];
      expect(go(param)).toBe(false);
      clone.dispose();
      expect(go(param)).toBe(true); // TensorFlow sees that the view shares m's buffer, and writes a copy
      expect(param.dataSync()[0]).toBeCloseTo(0.99, 6);
      expect(m.dataSync()[0]).toBeCloseTo(0.1, 6);
      expect(Array.from(view.dataSync())).toEqual([0, 0, 0, 0]);
      expect(Array.from(original.dataSync())).toEqual([1, 1, 1, 1]);
      expect(adamwInPlace(param, tf.ones([4]), m, m, { ...options, step: 1 })).toBe(false);
      tf.dispose([made, param, m, v]);
    });
  });
});
