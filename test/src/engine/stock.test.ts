// What stock tfjs 4.22 has wrong is right here, on every engine (src/engine/gradients.ts,
// src/engine/stock.ts).
import fc from "fast-check";
import { currentEngine, type EngineName, tf, useEngine } from "llm/engine";
import { Random, randomNormal } from "llm/random";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

await useEngine({ prefer: "native", quiet: true });
const here: EngineName[] =
  currentEngine().name === "native" ? ["native", "wasm", "js"] : ["wasm", "js"];
afterAll(() => useEngine({ prefer: "wasm", quiet: true }));

const values = (t: tf.Tensor) => Array.from(t.dataSync());
type Op = (...x: tf.Tensor[]) => tf.Tensor;

/** Both give the same value, and the same gradients at random inputs. */
function same(actual: Op, expected: Op, shapes: number[][], seed = 1): void {
  tf.tidy(() => {
    const rng = new Random(seed);
    const x = shapes.map((shape) => randomNormal(shape, { rng }));
    const weights = randomNormal(expected(...x).shape, { rng });
    const [got, want] = [actual, expected].map((op) => [
      op(...x),
      ...tf.grads((...x: tf.Tensor[]) => tf.sum(tf.mul(op(...x), weights)))(x),
    ]);
    want.forEach((t, k) => {
      expect(got[k].shape).toEqual(t.shape);
      const [a, b] = [values(got[k]), values(t)];
      const size = Math.max(1, ...b.map(Math.abs));
      b.forEach((v, i) => {
        expect(Math.abs(a[i] - v) / size, `result ${k}, value ${i}`).toBeLessThan(1e-5);
      });
    });
  });
}

/** matMul of the same matrices, one by one, with the batches written out by tiling. */
function matMulByTiling(a: tf.Tensor, b: tf.Tensor, ta: boolean, tb: boolean): tf.Tensor {
  const [batchA, batchB] = [a, b].map((x) => x.shape.slice(0, -2));
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const n = batch.reduce((p, q) => p * q, 1);
  const [x, y] = [a, b].map((x) => {
    const shape = [...new Array(batch.length + 2 - x.rank).fill(1), ...x.shape];
    const repeats = shape.map((s, i) => (i < batch.length ? batch[i] / s : 1));
    return tf.unstack(
      tf.reshape(tf.tile(tf.reshape(x, shape), repeats), [n, ...x.shape.slice(-2)]),
    );
  });
  const products = x.map((matrix, i) =>
    tf.matMul(matrix as tf.Tensor2D, y[i] as tf.Tensor2D, ta, tb),
  );
  return tf.reshape(tf.stack(products), [...batch, ...products[0].shape]);
}

describe.each(here)("on %s", (engine) => {
  beforeEach(async () => {
    await useEngine({ prefer: engine, quiet: true });
    expect(currentEngine().name).toBe(engine);
  });

  test("matMul and its gradient, whichever way the batches are broadcast (fast-check)", () => {
    const size = fc.integer({ min: 1, max: 4 });
    const axis = fc.record({ n: fc.integer({ min: 2, max: 3 }), a: fc.boolean(), b: fc.boolean() });
    fc.assert(
      fc.property(
        ...([
          fc.array(axis, { maxLength: 3 }),
          size,
          size,
          size,
          fc.boolean(),
          fc.boolean(),
        ] as const),
        ...([fc.nat(2), fc.boolean(), fc.nat()] as const),
        (batch, M, N, K, ta, tb, shorter, which, seed) => {
          let [a, b] = [batch.map((x) => (x.a ? x.n : 1)), batch.map((x) => (x.b ? x.n : 1))];
          if (which)
            a = a.slice(shorter); // leading axes that are not there are broadcast, too
          else b = b.slice(shorter);
          same(
            (x, y) => tf.matMul(x, y, ta, tb),
            (x, y) => matMulByTiling(x, y, ta, tb),
            [
              [...a, ...(ta ? [K, M] : [M, K])],
              [...b, ...(tb ? [N, K] : [K, N])],
            ],
            seed,
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  test("one weight for a batch, as tf.matMul(x, weight)", () => {
    const byRows: Op = (x, w) =>
      tf.reshape(tf.matMul(tf.reshape(x, [-1, 3]) as tf.Tensor2D, w as tf.Tensor2D), [2, 5, 4]);
    same((x, w) => tf.matMul(x, w), byRows, [
      [2, 5, 3],
      [3, 4],
    ]);
  });

  test.each(["maximum", "minimum", "squaredDifference"] as const)(
    "%s: gradients of inputs that are broadcast",
    (name) => {
      const op: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor = tf[name];
      const wide = (x: tf.Tensor, shape: number[]) => tf.add(x, tf.zeros(shape)); // its gradient is right
      const pairs: [number[], number[], number[]][] = [
        [[3, 5], [5], [3, 5]],
        [
          [3, 1],
          [1, 4],
          [3, 4],
        ],
        [[], [2, 3], [2, 3]],
        [
          [2, 1, 3],
          [2, 4, 1],
          [2, 4, 3],
        ],
      ];
      for (const [a, b, shape] of pairs)
        same(op, (x, y) => op(wide(x, shape), wide(y, shape)), [a, b]);
    },
  );

  test("maximum and minimum of equals: the first takes the gradient", () => {
    tf.tidy(() => {
      for (const op of [tf.maximum, tf.minimum]) {
        const [a, b] = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.sum(op(a, b)))([
          tf.ones([2]),
          tf.ones([2]),
        ]);
        expect([values(a), values(b)]).toEqual([
          [1, 1],
          [0, 0],
        ]);
      }
    });
  });

  test("cumsum along any axis, counted from either end, and its gradient", () => {
    for (const [exclusive, reverse] of [
      [false, false],
      [true, false],
      [false, true],
    ]) {
      // by a triangular matrix along the last axis; the others are moved there
      const byMatrix = (x: tf.Tensor, axis: number) => {
        const order = x.shape.map((_, i) => i).filter((i) => i !== axis);
        const there = tf.transpose(x, [...order, axis]);
        const n = x.shape[axis];
        const from = tf.range(0, n).expandDims(1);
        const to = tf.range(0, n).expandDims(0);
        const [early, late] = reverse ? [to, from] : [from, to];
        const sums = tf.cast(
          exclusive ? tf.less(early, late) : tf.lessEqual(early, late),
          "float32",
        );
        const y = tf.matMul(tf.reshape(there, [-1, n]) as tf.Tensor2D, sums as tf.Tensor2D);
        const back = [...order, axis].map((_, i) => [...order, axis].indexOf(i));
        return tf.transpose(tf.reshape(y, there.shape), back);
      };
      for (const axis of [0, 1, 2]) {
        same(
          (x) => tf.cumsum(x, axis, exclusive, reverse),
          (x) => byMatrix(x, axis),
          [[3, 4, 3]],
        );
        same(
          (x) => tf.cumsum(x, axis - 3, exclusive, reverse),
          (x) => byMatrix(x, axis),
          [[3, 4, 3]],
        );
      }
    }
    tf.tidy(() => {
      expect(values(tf.cumprod(tf.tensor2d([[1, 2, 3]]), -1))).toEqual([1, 2, 6]);
    });
  });

  test("tile and broadcastTo of rank 5: keys repeated for grouped queries", () => {
    const twice = (x: tf.Tensor, axis: number) => tf.concat([x, x], axis);
    same(
      (x) => tf.tile(x, [1, 2, 1, 2, 1]),
      (x) => twice(twice(x, 1), 3),
      [[2, 3, 1, 2, 2]],
    );
    same(
      (x) => tf.broadcastTo(x, [2, 2, 2, 3, 2]),
      (x) => twice(x, 2),
      [[2, 2, 1, 3, 2]],
    );
    same(
      (x) => tf.tile(x, [2]),
      (x) => twice(x, 0),
      [[3]],
    );
  });

  test("unstack and split into one part", () => {
    same(
      (x) => tf.square(tf.unstack(x, 1)[0]),
      (x) => tf.square(tf.reshape(x, [3, 2])),
      [[3, 1, 2]],
    );
    same(
      (x) => tf.square(tf.split(x, 1, 1)[0]),
      (x) => tf.square(x),
      [[3, 2]],
    );
  });

  test("gather along the last axis as −1", () => {
    tf.tidy(() => {
      const x = tf.tensor2d([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      expect(values(tf.gather(x, tf.tensor1d([2, 0], "int32"), -1))).toEqual([3, 1, 6, 4]);
    });
  });

  test("bools: cast, reversed, sliced with a stride, chosen; and integers stay integers", () => {
    tf.tidy(() => {
      const before = tf.ones([64]); // neighbours in the heap
      const bools = tf.cast(tf.tensor1d([0, 2, -1, 256, 0.5, 0, 1]), "bool");
      const after = tf.ones([64]);
      expect(values(bools)).toEqual([0, 1, 1, 1, 1, 0, 1]);
      for (let i = 0; i < 20; i++) tf.reverse(bools).dispose();
      expect(values(tf.reverse(bools))).toEqual([1, 0, 1, 1, 1, 1, 0]);
      const odd = tf.stridedSlice(bools, [1], [7], [2]);
      expect([odd.dtype, ...values(odd)]).toEqual(["bool", 1, 1, 0]);
      const large = tf.stridedSlice(tf.tensor1d([2 ** 30 + 1, 7, -3], "int32"), [0], [3], [2]);
      expect([large.dtype, ...values(large)]).toEqual(["int32", 2 ** 30 + 1, -3]);
      expect([...values(before), ...values(after)]).toEqual(new Array(128).fill(1));
    });
  });
});
