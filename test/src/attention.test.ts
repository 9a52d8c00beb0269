// Parity of llm/attention with PyTorch (F.scaled_dot_product_attention, nn.MultiheadAttention;
// recorded by test/fixtures/record/attention.py), the loops as oracle for the matrices, and the
// properties a mask must have.
import fc from "fast-check";
import {
  attentionByLoops,
  causalMask,
  maskedSoftmax,
  mergeHeads,
  multiHead,
  scaledDotProductAttention,
  scaledScores,
  splitHeads,
} from "llm/attention";
import { tf, useEngine } from "llm/engine";
import { gptAttention } from "llm/gpt";
import { causalSelfAttention } from "llm/ops";
import { Random, randomNormal } from "llm/random";
import { multiHeadAttention } from "llm/transformer";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { difference, engines, fixture, type Recorded, tensor } from "./reference";

type Case = Record<
  "q" | "k" | "v" | "output" | "lossWeights" | "gradQ" | "gradK" | "gradV",
  Recorded
> & {
  loss: number;
};
type Layer = Record<"x" | "output" | "weights" | "lossWeights" | "gradX", Recorded> & {
  params: Record<string, Recorded>;
  grads: Record<string, Recorded>;
  context?: Recorded;
  gradContext?: Recorded;
};
const recorded = fixture<{
  scaledDotProduct: Record<"causal" | "full" | "cross", Case>;
  multiHead: Record<"causal" | "full" | "cross", Layer>;
}>("attention");

const TOLERANCE = 1e-5; // float32 against numbers recorded in float64
const normal = (shape: number[], seed: number) => randomNormal(shape, { rng: new Random(seed) });
const closeTo = (a: tf.Tensor, b: tf.Tensor) => {
  expect(a.shape).toEqual(b.shape);
  expect(tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]).toBeLessThan(TOLERANCE);
};

for (const name of engines) {
  describe(`attention on ${name}`, () => {
    beforeAll(() => useEngine({ prefer: name, quiet: true }));
    beforeEach(() => tf.engine().startScope());
    afterEach(() => tf.engine().endScope());

    for (const kind of ["causal", "full", "cross"] as const) {
      it(`scaledDotProductAttention equals PyTorch's, with its gradients: ${kind}`, () => {
        const r = recorded.scaledDotProduct[kind];
        const inputs = [tensor(r.q), tensor(r.k), tensor(r.v)];
        const mask = kind === "causal" ? causalMask(r.q.shape[2]) : undefined;
        const { output, weights } = scaledDotProductAttention(inputs[0], inputs[1], inputs[2], {
          mask,
        });
        expect(difference(output, r.output)).toBeLessThan(TOLERANCE);
        expect(weights.shape).toEqual([2, 2, r.q.shape[2], r.k.shape[2]]);
        const loss = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
          tf.sum(
            tf.mul(scaledDotProductAttention(q, k, v, { mask }).output, tensor(r.lossWeights)),
          );
        const grads = tf.grads(loss as never)(inputs);
        for (const [i, g] of [r.gradQ, r.gradK, r.gradV].entries())
          expect(difference(grads[i], g)).toBeLessThan(TOLERANCE);
      });

      it(`multiHeadAttention equals nn.MultiheadAttention, with its gradients: ${kind}`, () => {
        const r = recorded.multiHead[kind];
        const names = Object.keys(r.params);
        const layer = (x: tf.Tensor, context: tf.Tensor | undefined, values: tf.Tensor[]) =>
          multiHeadAttention(x, Object.fromEntries(names.map((n, i) => [n, values[i]])), {
            nHead: 2,
            mask: kind === "causal" ? causalMask(r.x.shape[1]) : undefined,
            context,
          });
        const x = tensor(r.x);
        const params = names.map((n) => tensor(r.params[n]));
        const others = r.context ? [tensor(r.context)] : [];
        const result = layer(x, others[0], params);
        expect(difference(result.output, r.output)).toBeLessThan(TOLERANCE);
        expect(difference(result.weights, r.weights)).toBeLessThan(TOLERANCE);
        const loss = (...all: tf.Tensor[]) => {
          const values = all.slice(1 + others.length);
          const { output } = layer(all[0], others.length > 0 ? all[1] : undefined, values);
          return tf.sum(tf.mul(output, tensor(r.lossWeights)));
        };
        const grads = tf.grads(loss as never)([x, ...others, ...params]);
        const expected = [
          r.gradX,
          ...(r.gradContext ? [r.gradContext] : []),
          ...names.map((n) => r.grads[n]),
        ];
        for (const [i, g] of expected.entries())
          expect(difference(grads[i], g)).toBeLessThan(TOLERANCE);
      });
    }

    it("the matrices equal the loops, causal or not, for any lengths and widths", () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 6 }),
          fc.integer({ min: 1, max: 6 }),
          fc.integer({ min: 1, max: 5 }),
          fc.boolean(),
          fc.nat(1000),
          (T, others, D, causal, seed) => {
            tf.tidy(() => {
              const S = causal ? T : others;
              const [q, k, v] = [
                normal([T, D], seed),
                normal([S, D], seed + 1),
                normal([S, 3], seed + 2),
              ];
              const loops = attentionByLoops(
                q.arraySync() as number[][],
                k.arraySync() as number[][],
                v.arraySync() as number[][],
                { scale: 1 / Math.sqrt(D), causal },
              );
              const { output, weights } = scaledDotProductAttention(q, k, v, {
                mask: causal ? causalMask(T) : undefined,
              });
              closeTo(output, tf.tensor2d(loops.output));
              closeTo(weights, tf.tensor2d(loops.weights));
            });
          },
        ),
        { numRuns: 30, seed: 6 },
      );
    });

    it("rows of a masked softmax sum to 1, hidden weights are exactly 0, an empty row is all 0", () => {
      const mask = tf.tensor2d(
        [
          [1, 0, 0],
          [0, 1, 1],
          [0, 0, 0],
        ],
        [3, 3],
        "bool",
      );
      const weights = maskedSoftmax(tf.mul(normal([2, 3, 3], 1), 50), mask);
      closeTo(
        tf.sum(weights, -1),
        tf.tensor2d([
          [1, 1, 0],
          [1, 1, 0],
        ]),
      );
      closeTo(tf.mul(weights, tf.cast(tf.logicalNot(mask), "float32")), tf.zeros([2, 3, 3]));
      const gradient = tf.grad((s) => tf.sum(tf.square(maskedSoftmax(s, mask))))(normal([3, 3], 2));
      expect(Array.from(gradient.dataSync()).every(Number.isFinite)).toBe(true);
    });

    it("causal masks: of a square, of the last queries, and from an offset on", () => {
      const square = [
        [1, 0, 0],
        [1, 1, 0],
        [1, 1, 1],
      ];
      expect(causalMask(3).arraySync()).toEqual(square);
      expect(causalMask(2, { keys: 3 }).arraySync()).toEqual(square.slice(1));
      expect(causalMask(1, { keys: 3, offset: 1 }).arraySync()).toEqual([[1, 1, 0]]);
      expect(causalMask(2, { keys: 3, offset: -1 }).arraySync()).toEqual([
        [0, 0, 0],
        [1, 0, 0],
      ]);
      for (const offset of [tf.scalar(1, "int32"), tf.tensor1d([1], "int32")])
        expect(causalMask(1, { keys: 3, offset }).arraySync()).toEqual([[1, 1, 0]]);
      expect(causalMask(3).dtype).toBe("bool");
    });

    it("dropout acts on the weights that average, not on those that are returned", () => {
      const [q, k, v] = [normal([2, 4], 1), normal([3, 4], 2), normal([3, 5], 3)];
      const kept = scaledDotProductAttention(q, k, v);
      const dropped = scaledDotProductAttention(q, k, v, {
        dropout: (weights) => tf.mul(weights, 3),
      });
      closeTo(dropped.output, tf.mul(kept.output, 3));
      closeTo(dropped.weights, kept.weights);
    });

    it("a later word changes nothing before it", () => {
      const x = normal([1, 6, 8], 3);
      const changed = tf.add(
        x,
        tf.pad(tf.ones([1, 1, 8]), [
          [0, 0],
          [5, 0],
          [0, 0],
        ]),
      ); // only position 5
      const look = (t: tf.Tensor) => multiHead(t, t, t, { nHead: 2, mask: causalMask(6) }).output;
      closeTo(
        tf.slice(look(x), [0, 0, 0], [1, 5, 8]),
        tf.slice(look(changed), [0, 0, 0], [1, 5, 8]),
      );
    });

    it("heads: merge undoes split, and all heads at once equal one head after the other", () => {
      const x = normal([2, 5, 12], 4);
      expect(splitHeads(x, 3).shape).toEqual([2, 3, 5, 4]);
      closeTo(mergeHeads(splitHeads(x, 3)), x);
      const [q, k, v] = [x, normal([2, 7, 12], 5), normal([2, 7, 12], 6)];
      const single = [0, 4, 8].map((from) => {
        const cut = (t: tf.Tensor) => tf.slice(t, [0, 0, from], [-1, -1, 4]);
        return scaledDotProductAttention(cut(q), cut(k), cut(v)).output;
      });
      closeTo(multiHead(q, k, v, { nHead: 3 }).output, tf.concat(single, -1));
    });

    it("as the attention of a GPT it equals causalSelfAttention", () => {
      const qkv = normal([2, 9, 24], 7) as tf.Tensor3D;
      closeTo(gptAttention({ multiHead, causalMask })(qkv, 4), causalSelfAttention(qkv, 4));
    });

    it("leaves nothing behind but what it returns", () => {
      const x = normal([2, 5, 8], 8);
      const before = tf.memory().numTensors;
      const mask = causalMask(5);
      const { output, weights } = multiHead(x, x, x, { nHead: 2, mask });
      tf.dispose([mask, output, weights]);
      expect(tf.memory().numTensors).toBe(before);
    });

    it("says what it expected", () => {
      expect(() => causalMask(0)).toThrow(/causalMask: expected/);
      expect(() => splitHeads(normal([1, 2, 5], 1), 2)).toThrow(/divisible by nHead = 2/);
      expect(() => scaledScores(normal([2, 3], 1), normal([2, 4], 1))).toThrow(/one width/);
      expect(() => attentionByLoops([[1]], [[1]], [])).toThrow(/one value for each key/);
      expect(() => multiHeadAttention(normal([1, 2, 4], 1), {}, { nHead: 2 })).toThrow(
        /c_attn.weight/,
      );
    });
  });
}
