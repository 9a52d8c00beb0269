// The mixture of experts of llm/moe by itself: both ways to compute it, the router's choice, and
// the balance loss by hand. Against transformers' Mixtral it is held in llama.test.ts.
import fc from "fast-check";
import { compile, tf, useEngine } from "llm/engine";
import { balanceLoss, mixtureOfExperts, routeTokens } from "llm/moe";
import { lossAndGrads } from "llm/params";
import { Random, randomNormal } from "llm/random";
import { beforeAll, describe, expect, test } from "vitest";
import { engines } from "./reference";

describe.each(engines)("on %s", (engine) => {
  beforeAll(async () => {
    await useEngine({ prefer: engine, quiet: true });
  });

  const draw = (rng: Random, ...shape: number[]) => randomNormal(shape, { rng }) as tf.Tensor2D;

  test("the fast way and the clear one agree, with every gradient", () => {
    const sizes = fc.record({
      ...{ N: fc.integer({ min: 1, max: 9 }), E: fc.integer({ min: 1, max: 5 }) },
      ...{ k: fc.integer({ min: 1, max: 5 }), seed: fc.nat() },
    });
    fc.assert(
      fc.property(sizes, ({ N, E, k, seed }) => {
        fc.pre(k <= E);
        const rng = new Random(seed);
        tf.tidy(() => {
          const given = [draw(rng, N, 3), draw(rng, E, 3), draw(rng, E, 9)];
          const along = draw(rng, N, 3);
          const loss = (clear: boolean) => (x: tf.Tensor, router: tf.Tensor, own: tf.Tensor) => {
            const matrices = tf.split(own, E, 0);
            const expert = (rows: tf.Tensor2D, e: number) =>
              tf.tanh(tf.matMul(rows, tf.reshape(matrices[e], [3, 3]))) as tf.Tensor2D;
            const options = { perToken: k, clear };
            const [rows, gate] = [x, router] as tf.Tensor2D[];
            return tf.sum(tf.mul(mixtureOfExperts(rows, gate, expert, options), along));
          };
          const [fast, clear] = [false, true].map((c) =>
            tf.valueAndGrads(loss(c) as (...args: tf.Tensor[]) => tf.Scalar)(given),
          );
          expect(fast.value.dataSync()[0]).toBeCloseTo(clear.value.dataSync()[0], 4);
          for (const [i, grad] of fast.grads.entries()) {
            const expected = clear.grads[i].dataSync();
            grad.dataSync().forEach((g, j) => void expect(g).toBeCloseTo(expected[j], 4));
          }
        });
      }),
      { numRuns: 25 },
    );
  });

  test("a token's output is that of its two experts, weighted by their share", () => {
    tf.tidy(() => {
      const x = tf.tensor2d([[1, 0]]);
      const router = tf.tensor2d([
        [Math.log(5), 0],
        [Math.log(1), 0],
        [Math.log(3), 0],
      ]); // 5 : 1 : 3
      const asked: number[] = [];
      const expert = (rows: tf.Tensor2D, e: number) => {
        asked.push(e);
        return tf.mul<tf.Tensor2D>(rows, 10 ** e);
      };
      const y = mixtureOfExperts(x, router, expert, { perToken: 2 });
      expect(asked).toEqual([0, 2]);
      expect(y.dataSync()[0]).toBeCloseTo((5 * 1 + 3 * 100) / 8, 3);
    });
  });

  test("the balance loss is k when all are used equally, and E when one gets everything", () => {
    tf.tidy(() => {
      const even = { probabilities: tf.fill([4, 4], 1 / 4), chosen: tf.eye(4) };
      expect(balanceLoss(even as Parameters<typeof balanceLoss>[0]).dataSync()[0]).toBeCloseTo(
        1,
        6,
      );
      const one = tf.tensor2d(new Array(4).fill([1, 0, 0, 0]));
      expect(balanceLoss({ probabilities: one, chosen: one }).dataSync()[0]).toBeCloseTo(4, 6);
    });
  });

  test("its gradient takes probability from the expert that is chosen most", () => {
    tf.tidy(() => {
      const x = tf.tensor2d([
        [1, 0.2],
        [1, -0.1],
        [1, 0.4],
        [0.1, 1],
      ]);
      const router = tf.tensor2d([
        [1, 0],
        [0, 1],
      ]);
      const gradient = tf.grad((w) => balanceLoss(routeTokens(x, w as tf.Tensor2D, 1)))(router);
      const change = tf.matMul(x, tf.neg(gradient) as tf.Tensor2D, false, true); // a step of the router
      const [first, second] = tf.mean(change, 0).dataSync();
      expect(first).toBeLessThan(second);
    });
  });

  test("an expert that no token chooses has a gradient too, of 0", () => {
    tf.tidy(() => {
      const x = tf.tensor2d([[1], [2]]);
      const router = tf.tensor2d([[1], [0], [-1]]); // expert 0 is the first choice of both tokens
      const weights = Object.fromEntries(
        [2, 3, 5].map((w, e) => [`w${e}`, tf.variable(tf.scalar(w))]),
      );
      const { loss, grads } = lossAndGrads(weights, () => {
        const times = (rows: tf.Tensor2D, e: number) => tf.mul<tf.Tensor2D>(rows, weights[`w${e}`]);
        return tf.sum(mixtureOfExperts(x, router, times, { perToken: 1 })) as tf.Scalar;
      });
      expect(loss.dataSync()[0]).toBeCloseTo(6, 5);
      expect(Object.values(grads).map((g) => g.dataSync()[0])).toEqual([3, 0, 0]);
    });
  });

  test.each([true, false])("balance adds its gradient and not its value (clear: %s)", (clear) => {
    tf.tidy(() => {
      const rng = new Random(4);
      const [x, router] = [draw(rng, 6, 3), draw(rng, 4, 3)];
      const square = (rows: tf.Tensor2D, e: number) => tf.mul<tf.Tensor2D>(rows, rows).mul(e + 1);
      const loss = (balance: number) => (router: tf.Tensor) => {
        const options = { perToken: 2, balance, clear };
        const gate = router as tf.Tensor2D;
        return tf.mean(mixtureOfExperts(x, gate, square as never, options)) as tf.Scalar;
      };
      const alone = tf.valueAndGrad(loss(0))(router);
      const both = tf.valueAndGrad(loss(0.3))(router);
      const balance = tf.grad((w) => balanceLoss(routeTokens(x, w as tf.Tensor2D, 2)))(router);
      expect(both.value.dataSync()[0]).toBe(alone.value.dataSync()[0]);
      const expected = tf.add(alone.grad, tf.mul(balance, 0.3)).dataSync();
      both.grad.dataSync().forEach((g, i) => void expect(g).toBeCloseTo(expected[i], 5));
    });
  });

  test("compiled it computes the same", () => {
    const rng = new Random(3);
    const [x, router] = [draw(rng, 5, 4), draw(rng, 3, 4)];
    const double = (rows: tf.Tensor2D, e: number) => tf.mul<tf.Tensor2D>(rows, e + 1);
    const program = compile(
      (x: tf.Tensor2D, router: tf.Tensor2D) => mixtureOfExperts(x, router, double, { perToken: 2 }),
      { name: "experts" },
    );
    const expected = mixtureOfExperts(x, router, double, { perToken: 2 }).dataSync();
    program(x, router)
      .dataSync()
      .forEach((y, i) => void expect(y).toBeCloseTo(expected[i], 5));
    program.dispose();
  });
});

test("a number of experts that makes no sense is refused", () => {
  const [x, router] = [tf.zeros([2, 3]), tf.zeros([4, 3])] as tf.Tensor2D[];
  for (const k of [0, 5, 1.5])
    expect(() => routeTokens(x, router, k)).toThrow(
      `expected from 1 to 4 experts per token, got ${k}`,
    );
});
