// Parity of llm/position with transformers (recorded by test/fixtures/record/position.py), and the
// properties the encodings are made for.
import fc from "fast-check";
import { attentionByLoops, scaledDotProductAttention } from "llm/attention";
import { tf, useEngine } from "llm/engine";
import { rope } from "llm/ops";
import {
  alibiBias,
  alibiSlopes,
  relativeBias,
  relativeBucket,
  ropeScaled,
  sinusoidalPositions,
} from "llm/position";
import { Random, randomNormal } from "llm/random";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { difference, engines, fixture, type Recorded, tensor } from "./reference";

const recorded = fixture<{
  sinusoidal: { interleaved: Recorded; half: Recorded };
  distances: number[];
  buckets: {
    bidirectional: boolean;
    numBuckets: number;
    maxDistance: number;
    buckets: number[];
  }[];
  bias: Record<"decoder" | "encoder", Record<"table" | "bias" | "lossWeights" | "grad", Recorded>>;
  alibi: { H: number; lastRow: Recorded }[];
}>("position");

describe("relativeBucket", () => {
  it.each(recorded.buckets)(
    "equals T5's with $numBuckets buckets to $maxDistance, bidirectional: $bidirectional",
    ({ buckets, ...options }) => {
      expect(recorded.distances.map((n) => relativeBucket(n, options))).toEqual(buckets);
    },
  );
  it("refuses buckets that leave no room", () => {
    expect(() => relativeBucket(-1, { numBuckets: 1 })).toThrow(/expected at least 2 buckets/);
    expect(() => relativeBucket(-1, { numBuckets: 32, maxDistance: 16 })).toThrow(/maxDistance 16/);
  });
});

describe("alibiSlopes", () => {
  it("are those of the paper for eight heads", () => {
    expect(alibiSlopes(8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((h) => 2 ** -h));
  });
  it("refuses what is no number of heads", () => {
    expect(() => alibiSlopes(0)).toThrow("alibiSlopes: expected H");
  });
});

for (const name of engines) {
  describe(`positions on ${name}`, () => {
    beforeAll(() => useEngine({ prefer: name, quiet: true }));
    beforeEach(() => tf.engine().startScope());
    afterEach(() => tf.engine().endScope());

    it("sinusoidalPositions equals the paper's formula, and Marian's order of channels", () => {
      for (const layout of ["interleaved", "half"] as const) {
        const expected = recorded.sinusoidal[layout];
        const [T, C] = expected.shape;
        expect(difference(sinusoidalPositions(T, C, { layout }), expected)).toBeLessThan(1e-6);
      }
    });
    it("sinusoidalPositions from an offset are the later rows", () => {
      const all = sinusoidalPositions(9, 4);
      const late = sinusoidalPositions(4, 4, { offset: 5 });
      expect(late.arraySync()).toEqual(all.slice([5, 0], [4, 4]).arraySync());
    });
    it("the dot product of two sinusoids depends on their distance alone", () => {
      const table = sinusoidalPositions(40, 8);
      const products = tf.matMul(table, table, false, true).arraySync() as number[][];
      for (let d = 0; d < 40; d++)
        for (let i = 0; i + d < 40; i++)
          expect(Math.abs(products[i][i + d] - products[0][d])).toBeLessThan(1e-5);
    });
    it("refuses an odd width", () => {
      expect(() => sinusoidalPositions(4, 5)).toThrow("expected an even C, got 5");
    });

    it("alibiBias equals the authors' up to a number for a whole row", () => {
      for (const { H, lastRow } of recorded.alibi) {
        const S = lastRow.shape[1];
        const ours = alibiBias(H, 1, S).reshape([H, S]); // 0 at the query, which is the last key
        const theirs = tensor(lastRow);
        const shifted = tf.sub(theirs, theirs.slice([0, S - 1], [H, 1]));
        expect(tf.max(tf.abs(tf.sub(ours, shifted))).dataSync()[0]).toBeLessThan(1e-6);
      }
    });
    it("alibiBias lies on the diagonals, is 0 after the query, and ends as a part of the whole", () => {
      const whole = alibiBias(3, 5).arraySync();
      expect(alibiBias(3, 2, 5).arraySync()).toEqual(whole.map((head) => head.slice(3)));
      for (const [h, slope] of alibiSlopes(3).entries())
        for (let i = 0; i < 5; i++)
          for (let j = 0; j < 5; j++)
            expect(whole[h][i][j]).toBeCloseTo(j > i ? 0 : -slope * (i - j), 6);
    });

    it.each(["decoder", "encoder"] as const)(
      "relativeBias equals T5's, with its gradient: %s",
      (side) => {
        const r = recorded.bias[side];
        const options = { maxDistance: 20, bidirectional: side === "encoder" };
        const table = tensor<tf.Tensor2D>(r.table);
        const bias = (t: tf.Tensor2D) => relativeBias(t, 7, 7, options);
        expect(difference(bias(table), r.bias)).toBeLessThan(1e-6);
        const loss = (t: tf.Tensor) =>
          tf.sum(tf.mul(bias(t as tf.Tensor2D), tensor(r.lossWeights)));
        expect(difference(tf.grad(loss)(table), r.grad)).toBeLessThan(1e-5);
        const last = relativeBias(table, 2, 7, options).arraySync();
        expect(last).toEqual((bias(table).arraySync() as number[][][]).map((h) => h.slice(5)));
      },
    );

    it("a bias is added to the scores before the softmax", () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 99 }), (T, seed) => {
          const [q, k, v] = [1, 2, 3].map((n) =>
            randomNormal([T, 4], { rng: new Random(seed).fork(n) }),
          );
          const bias = randomNormal([T, T], { rng: new Random(seed).fork("bias") });
          const { weights } = scaledDotProductAttention(q, k, v, { bias });
          const rows = [q, k, v].map((x) => x.arraySync() as number[][]);
          // The same by loops: one more channel whose product is the bias of one query at a time.
          const biases = bias.arraySync() as number[][];
          for (let i = 0; i < T; i++) {
            const [query] = [[...rows[0][i], 1]];
            const keys = rows[1].map((key, j) => [...key, biases[i][j] * 2]);
            const byLoops = attentionByLoops([query], keys, rows[2], { scale: 1 / 2 });
            const row = weights.slice([i, 0], [1, T]).dataSync();
            byLoops.weights[0].forEach((w, j) => {
              expect(row[j]).toBeCloseTo(w, 5);
            });
          }
        }),
        { numRuns: 20 },
      );
    });

    it("ropeScaled is rope at scale 1, and at other scales rope between its positions", () => {
      const x = randomNormal([2, 3, 7, 6], { rng: new Random(1) });
      const gap = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];
      expect(gap(ropeScaled(x, { scale: 1 }), rope(x))).toBeLessThan(1e-5);
      const positions = tf.tensor1d([0, 3, 6, 9, 12, 15, 18], "int32");
      expect(gap(ropeScaled(x, { scale: 3 }), rope(x, { positions }))).toBeLessThan(1e-5);
      const every = ropeScaled(x, { scale: 0.5 }).slice([0, 0, 2, 0], [2, 3, 1, 6]);
      const first = rope(x.slice([0, 0, 2, 0], [2, 3, 1, 6]), { offset: 1 });
      expect(gap(every, first)).toBeLessThan(1e-5);
      expect(() => ropeScaled(x, { scale: 0 })).toThrow("a positive scale, got 6 and 0");
    });
    it("rope, like a bias of distances, gives scores that do not change when all move on", () => {
      const [q, k] = [1, 2].map((n) => randomNormal([1, 1, 6, 8], { rng: new Random(n) }));
      const scores = (offset: number) =>
        tf.matMul(rope(q, { offset }), rope(k, { offset }), false, true);
      expect(tf.max(tf.abs(tf.sub(scores(0), scores(100)))).dataSync()[0]).toBeLessThan(1e-4);
    });
  });
}
