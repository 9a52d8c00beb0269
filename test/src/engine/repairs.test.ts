// What stock tfjs 4.22 has wrong is right here, on every engine (src/engine/gradients.ts,
// src/engine/repairs, src/engine/wasm/exact.ts). That the engines agree, for any arguments, is
// tested in operations.test.ts; here it is compared with what each operation is defined to give.
import fc from "fast-check";
import { currentEngine, type EngineName, EngineRefusal, tf, useEngine } from "llm/engine";
import { Random, randomNormal } from "llm/random";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { softwareGpu } from "./softwareGpu";

await useEngine({ prefer: "native", quiet: true });
const here: EngineName[] =
  currentEngine().name === "native" ? ["native", "wasm", "js"] : ["wasm", "js"];
if (await softwareGpu("repairs")) here.unshift("webgpu");
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

  const ints = (...x: number[]) => tf.tensor1d(x, "int32");
  const bools = (...x: number[]) => tf.tensor1d(x, "bool");
  const all = (...list: tf.Tensor[]) => list.map((x) => [x.dtype, ...values(x)]);

  test("oneHot with values and a type of its own, as a method, too", () => {
    tf.tidy(() => {
      const ids = ints(0, 2);
      const ones = ["float32", 1, 0, 0, 0, 0, 1];
      const method = ids.oneHot as (...args: unknown[]) => tf.Tensor;
      expect(all(tf.oneHot(ids, 3, 1, 0, "float32"), method.call(ids, 3, 1, 0, "float32"))).toEqual(
        [ones, ones],
      );
      expect(all(tf.oneHot(ids, 2, 5, -2.5, "float32"), tf.oneHot(ids, 2, 7, 3, "int32"))).toEqual([
        ["float32", 5, -2.5, -2.5, -2.5],
        ["int32", 7, 3, 3, 3],
      ]);
      expect(all(tf.oneHot(ids, 3, 5, 0, "bool"))).toEqual([["bool", 1, 0, 0, 0, 0, 1]]);
    });
  });

  test("gather with batchDims: the logit of each row's target, and its gradient", () => {
    tf.tidy(() => {
      const x = tf.tensor2d([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      const at = tf.tensor2d([[2], [0]], [2, 1], "int32");
      expect(values(tf.gather(x, at, 1, 1))).toEqual([3, 4]);
    });
    const ids = tf.tensor3d([1, 0, 2, 2, 3, 0, 0, 1], [2, 2, 2], "int32");
    same(
      (x) => tf.gather(x, ids, 2, 2),
      (x) => tf.sum(tf.mul(tf.oneHot(ids, 4), tf.expandDims(x, 2)), 3),
      [[2, 2, 4]],
    );
    ids.dispose();
  });

  test("einsum: attention, letters of one factor alone, three factors, and its gradient", () => {
    const last = (x: tf.Tensor) => x.transpose([0, 2, 1]);
    const cases: [string, Op, number[][]][] = [
      [
        "btd,bsd->bts",
        (q, k) => tf.matMul(q, last(k)),
        [
          [2, 3, 4],
          [2, 5, 4],
        ],
      ],
      [
        "bts,bsd->btd",
        (w, v) => tf.matMul(w, v),
        [
          [2, 3, 5],
          [2, 5, 4],
        ],
      ],
      [
        "ij,jk->ki",
        (a, b) => tf.transpose(tf.matMul(a, b)),
        [
          [2, 3],
          [3, 4],
        ],
      ],
      ["kc,c->c", (a, b) => tf.mul(tf.sum(a, 0), b), [[2, 3], [3]]],
      [
        "ab,cd->",
        (a, b) => tf.mul(tf.sum(a), tf.sum(b)),
        [
          [2, 3],
          [1, 2],
        ],
      ],
      ["i,j->ij", (a, b) => tf.mul(tf.expandDims(a, 1), b), [[2], [3]]],
      [
        "bi,bi->b",
        (a, b) => tf.sum(tf.mul(a, b), 1),
        [
          [2, 3],
          [2, 3],
        ],
      ],
      ["ijk->kj", (a) => tf.transpose(tf.sum(a, 0)), [[2, 3, 4]]],
      ["ij->ij", (a) => tf.mul(a, 1), [[2, 3]]],
      [
        "ij,jk,kl->il",
        (a, b, c) => tf.matMul(tf.matMul(a, b) as tf.Tensor2D, c as tf.Tensor2D),
        [
          [2, 3],
          [3, 4],
          [4, 2],
        ],
      ],
    ];
    for (const [equation, by, shapes] of cases)
      same((...x) => tf.einsum(equation, ...x), by, shapes);
    tf.tidy(() => {
      const products = tf.einsum("i,i->i", ints(2 ** 24 + 1, 3), ints(1, -2));
      expect(all(products)).toEqual([["int32", 2 ** 24 + 1, -6]]);
      const x = tf.ones([2, 3]);
      expect(() => tf.einsum("ij,jk", x, x)).toThrow('einsum: expected an equation with one "->"');
      expect(() => tf.einsum("ij,jk->ik", x, x)).toThrow(
        'einsum: expected one size for "j" in "ij,jk->ik", got 3 and 2',
      );
      expect(() => tf.einsum("ijk->i", x)).toThrow('einsum: expected 3 axes for "ijk"');
      expect(() => tf.einsum("ii->i", x)).toThrow("einsum: expected every letter once in a term");
    });
  });

  test("functions of real numbers take integers and bools; arithmetic on bools counts", () => {
    tf.tidy(() => {
      const [acos, exp] = [tf.acos(ints(1, 0)), tf.exp(bools(0, 1))];
      expect(all(acos, exp)).toEqual([
        ["float32", 0, expect.closeTo(Math.PI / 2, 5)],
        ["float32", 1, expect.closeTo(Math.E, 5)],
      ]);
      const [a, b] = [bools(1, 1, 0), bools(1, 0, 0)];
      expect(all(a.add(b), b.sub(a), tf.neg(a), tf.cumsum(a))).toEqual([
        ["int32", 2, 1, 0],
        ["int32", 0, -1, 0],
        ["int32", -1, -1, 0],
        ["int32", 1, 2, 2],
      ]);
      expect(all(a.mul(b), a.maximum(b), tf.max(a), tf.abs(a))).toEqual([
        ["bool", 1, 0, 0],
        ["int32", 1, 1, 0], // tf.maximum itself makes integers of bools
        ["bool", 1],
        ["bool", 1, 1, 0],
      ]);
      const { values: top, indices } = tf.topk(b, 2);
      expect(all(top, indices, tf.greater(a, b))).toEqual([
        ["bool", 1, 0],
        ["int32", 0, 1],
        ["bool", 0, 1, 0],
      ]);
      expect(all(tf.matMul([[1, 2]], tf.tensor2d([3, 4], [2, 1], "int32")))).toEqual([
        ["float32", 11],
      ]);
      const large = tf.tensor2d([2 ** 24 + 1], [1, 1], "int32");
      expect(all(tf.matMul(large, tf.ones([1, 1], "int32")))).toEqual([["int32", 2 ** 24 + 1]]);
    });
  });

  test("tensors of several types in one result: the widest", () => {
    tf.tidy(() => {
      const [i, f] = [ints(1, -2), tf.tensor1d([0.5, 1.5])];
      expect(
        all(tf.concat([i, f]), tf.stack([i, bools(1, 0)]), tf.where(bools(1, 0), i, f)),
      ).toEqual([
        ["float32", 1, -2, 0.5, 1.5],
        ["int32", 1, -2, 1, 0],
        ["float32", 1, 1.5],
      ]);
    });
  });

  test("integers stay exact, and division by zero is 0", () => {
    tf.tidy(() => {
      const n = 2 ** 24 + 1;
      expect(
        all(tf.abs(ints(-n)), tf.neg(ints(n)), tf.square(ints(4097)), tf.round(ints(-5))),
      ).toEqual([
        ["int32", n],
        ["int32", -n],
        ["int32", 4097 ** 2],
        ["int32", -5],
      ]);
      const [a, b] = [ints(n, 7, -7, 3), ints(3, -2, 2, 0)];
      expect(all(tf.floorDiv(a, b), tf.mod(a, b), tf.pow(ints(2, 3), ints(3, 2)))).toEqual([
        ["int32", Math.floor(n / 3), -4, -4, 0],
        ["int32", n % 3, -1, 1, 0],
        ["int32", 8, 9],
      ]);
      expect(all(tf.floorDiv([7.5], [2]), tf.clipByValue(ints(-9, 9), -3, Infinity))).toEqual([
        ["float32", 3],
        ["int32", -3, 9],
      ]);
    });
  });

  test("NaN and infinite numbers are not lost", () => {
    tf.tidy(() => {
      const x = tf.tensor1d([NaN, 1, -2, 7]);
      const nan = tf.sub(tf.scalar(Infinity), Infinity); // has another sign than NaN
      expect(all(tf.maximum(1, x), tf.minimum(x, 1), tf.clipByValue(x, 0, 2))).toEqual([
        ["float32", NaN, 1, 1, 7],
        ["float32", NaN, 1, -2, 1],
        ["float32", NaN, 1, 0, 2],
      ]);
      expect(all(tf.relu(x), tf.relu6(x), tf.relu(nan), tf.sign(x))).toEqual([
        ["float32", NaN, 1, 0, 7],
        ["float32", NaN, 1, 0, 6],
        ["float32", NaN],
        ["float32", NaN, 1, -1, 1],
      ]);
      expect(all(tf.argMax(x), tf.argMin(x), tf.sign([1e-30]))).toEqual([
        ["int32", 3],
        ["int32", 2],
        ["float32", 1],
      ]);
      expect(
        all(tf.mod([-1, 1], [Infinity, Infinity]), tf.prelu([-Infinity, Infinity], [2])),
      ).toEqual([
        ["float32", Infinity, 1],
        ["float32", -Infinity, Infinity],
      ]);
      const wide = tf.cast(tf.tensor1d([NaN, Infinity, -3e9, 3e9, -1.7]), "int32");
      expect(values(wide)).toEqual([0, 2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 1, -1]);
      expect(
        Math.abs(values(tf.sin(tf.scalar(3e38)))[0] - Math.sin(Math.fround(3e38))),
      ).toBeLessThan(1e-5);
    });
  });

  test("no elements: what changes nothing", () => {
    tf.tidy(() => {
      const x = tf.zeros([2, 0]);
      expect(
        all(
          tf.max(x, 1),
          tf.min(x, 1),
          tf.sum(x, 1),
          tf.prod(x, 1),
          tf.mean(x, 1),
          tf.logSumExp(x, 1),
        ),
      ).toEqual([
        ["float32", -Infinity, -Infinity],
        ["float32", Infinity, Infinity],
        ["float32", 0, 0],
        ["float32", 1, 1],
        ["float32", NaN, NaN],
        ["float32", -Infinity, -Infinity],
      ]);
      expect(all(tf.all(x.toBool(), 1), tf.any(x.toBool(), 1))).toEqual([
        ["bool", 1, 1],
        ["bool", 0, 0],
      ]);
      expect(() => tf.argMax(x, 1)).toThrow("argMax: expected at least one element along axis 1");
      expect(tf.broadcastTo(tf.ones([2, 1]), [2, 0]).shape).toEqual([2, 0]);
      expect(tf.where(tf.ones([2, 1], "bool"), x, 1).shape).toEqual([2, 0]);
      expect(tf.stridedSlice(tf.ones([3, 2]), [2, 0], [0, 2], [1, 1]).shape).toEqual([0, 2]);
    });
  });

  test("a number as padding, in both directions, whatever the filter and the strides", () => {
    const padded = (x: tf.Tensor) =>
      tf.pad(x, [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ]) as tf.Tensor4D;
    same(
      (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, [2, 1], 1, "NHWC", 1, "floor"),
      (x, w) => tf.conv2d(padded(x), w as tf.Tensor4D, [2, 1], "valid"),
      [
        [2, 5, 4, 3],
        [2, 3, 3, 4],
      ],
    );
    same(
      (x) => tf.maxPool(x as tf.Tensor4D, [3, 2], [1, 2], 1, "floor"),
      (x) => tf.sub(tf.maxPool(padded(tf.add(x, 100)), [3, 2], [1, 2], "valid"), 100),
      [[2, 5, 4, 3]],
    );
  });

  test("convolutions and pools of images with the channels second, with unequal strides, in 3D", () => {
    const last = (x: tf.Tensor) => tf.transpose(x, [0, 2, 3, 1]) as tf.Tensor4D;
    same(
      (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, [1, 2], "valid", "NCHW"),
      (x, w) =>
        tf.transpose(
          tf.stack(
            tf
              .unstack(last(x))
              .map((one) => tf.conv2d(one as tf.Tensor3D, w as tf.Tensor4D, [1, 2], "valid")),
          ),
          [0, 3, 1, 2],
        ),
      [
        [3, 2, 4, 5],
        [3, 2, 2, 3],
      ],
    );
    same(
      (x) => tf.avgPool3d(x as tf.Tensor5D, [1, 2, 1], [1, 3, 1], "same"),
      (x) => tf.avgPool3d(tf.slice(x, 0, [2, 2, 2, 3, 2]) as tf.Tensor5D, [1, 2, 1], 1, "valid"),
      [[2, 2, 3, 3, 2]],
    );
  });

  test("gradients that functions bring along: logSigmoid of what was computed, labels of a loss", () => {
    same(
      (x) => tf.logSigmoid(tf.mul(x, 2)),
      (x) => tf.neg(tf.log(tf.add(1, tf.exp(tf.mul(x, -2))))),
      [[2, 3]],
    );
    same(
      (y, z) => tf.losses.softmaxCrossEntropy(y as tf.Tensor2D, z as tf.Tensor2D),
      (y, z) => tf.neg(tf.mean(tf.sum(tf.mul(y, tf.logSoftmax(z)), 1))),
      [
        [4, 3],
        [4, 3],
      ],
    );
  });

  test("a choice that depends on x: no gradient flows through it", () => {
    same(
      (x) => tf.where(x.greater(0), x, x.mul(0.1)),
      (x) => tf.leakyRelu(x, 0.1),
      [[2, 3]],
    );
    same(
      (x) => tf.sum(tf.mul(x, tf.oneHot(tf.argMax(x, 1), 4)), 1),
      (x) => tf.max(x, 1),
      [[3, 4]],
    );
    same(
      (x) => tf.mul(x, tf.logicalAnd(x.less(1), tf.logicalNot(x.less(-1))).toFloat()),
      (x) => tf.mul(x, tf.mul(tf.step(tf.sub(1, x)), tf.step(tf.add(1, x)))),
      [[2, 3]],
    );
  });

  test("kernels that only js has are computed there, and leave the engine in use", () => {
    tf.tidy(() => {
      expect(values(tf.bitwiseAnd(ints(6, 5), ints(3, 4)))).toEqual([2, 4]);
      expect(values(tf.denseBincount(ints(0, 2, 2), tf.tensor1d([]), 3))).toEqual([1, 0, 2]);
      expect(values(tf.lowerBound([1, 3, 5], [3, 4]))).toEqual([1, 2]);
      const parts = tf.string.stringSplit(["a b", "c"], " ") as unknown as Record<
        string,
        tf.Tensor
      >;
      expect(values(parts.values as never)).toEqual(["a", "b", "c"]);
      expect(tf.getBackend()).toBe(
        { js: "cpu", wasm: "wasm", webgpu: "webgpu", native: "tensorflow" }[engine as "js"],
      );
    });
  });

  test("what an engine does not do it refuses by name, and what to do instead", () => {
    const complex = () => tf.tidy(() => values(tf.real(tf.complex([1, 2], [3, 4]))));
    if (engine !== "wasm" && engine !== "webgpu") return expect(complex()).toEqual([1, 2]);
    expect(complex).toThrow(EngineRefusal);
    expect(complex).toThrow(
      "tf.complex: there are no complex numbers on the " +
        engine +
        ' engine; use await useEngine({ prefer: "js" })',
    );
  });
});

test("every kernel of js is on every engine, but for drawing in a browser", () => {
  const kernels = (backend: string) =>
    tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName);
  const backends = here.map(
    (name) => ({ js: "cpu", wasm: "wasm", webgpu: "webgpu", native: "tensorflow" })[name as "js"],
  );
  for (const backend of backends) {
    const missing = kernels("cpu").filter((name) => !kernels(backend).includes(name));
    expect(
      missing.filter((name) => name !== "Draw"),
      backend,
    ).toEqual([]);
  }
});

test("tf.train.momentum: nothing is left once the optimizer is disposed", () => {
  const before = tf.memory().numTensors;
  const x = tf.variable(tf.scalar(2));
  const optimizer = tf.train.momentum(0.1, 0.9);
  for (let i = 0; i < 2; i++) optimizer.minimize(() => tf.square(x) as tf.Scalar);
  tf.dispose(x);
  optimizer.dispose();
  expect(tf.memory().numTensors - before).toBe(1); // the number that the variable began with
});
