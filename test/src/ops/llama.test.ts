// The operations of LLaMA against PyTorch and transformers (test/fixtures/llama.json), and what
// rotary position embedding promises: lengths stay, dot products depend on the distance only, a
// position is a position however it comes.
import fc from "fast-check";
import { tf, useEngine } from "llm/engine";
import { clear, linear, type RopeOptions, rmsNorm, rope, silu, swiglu } from "llm/ops";
import { Random, randomNormal } from "llm/random";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { difference, engines, fixture, type Recorded, tensor } from "../reference";
import { agree, distance, type Op, valueAndGradients } from "./agree";

interface RecordedCase {
  inputs: Recorded[];
  output: Recorded;
  lossWeights: Recorded;
  grads: Recorded[];
}
const recorded = fixture<{
  rmsNorm: RecordedCase;
  rmsNormBare: RecordedCase;
  llamaRMSNorm: { inputs: Recorded[]; eps: number; output: Recorded };
  silu: RecordedCase;
  mlp: RecordedCase;
  rope: {
    positions: Recorded;
    half: RecordedCase;
    interleaved: RecordedCase;
    far: RecordedCase & { positions: Recorded; base: number };
  };
}>("llama");

beforeAll(() => useEngine({ quiet: true, prefer: "wasm" }));
afterEach(async () => {
  await useEngine({ prefer: "wasm", quiet: true });
});

/** Value and gradients of both versions, as they were recorded. */
function same(versions: Op[], { inputs, output, lossWeights, grads }: RecordedCase): void {
  tf.tidy(() => {
    const x = inputs.map((input) => tensor(input));
    for (const op of versions) {
      expect(difference(op(...x), output)).toBeLessThan(1e-5);
      const got = tf.grads((...x: tf.Tensor[]) => tf.sum(tf.mul(op(...x), tensor(lossWeights))))(x);
      got.forEach((gradient, i) => {
        expect(difference(gradient, grads[i])).toBeLessThan(1e-5);
      });
    }
  });
}

describe.each(engines)("equal to PyTorch and transformers on %s", (engine) => {
  const both = [
    { rmsNorm, silu, swiglu, rope },
    { rmsNorm: clear.rmsNorm, silu: clear.silu, swiglu: clear.swiglu, rope: clear.rope },
  ];
  const on = (test: () => void) => async () => {
    await useEngine({ prefer: engine, quiet: true });
    test();
  };

  test(
    "rmsNorm",
    on(() => {
      same(
        both.map((o) => (x, gain) => o.rmsNorm(x, gain)),
        recorded.rmsNorm,
      );
      same(
        both.map((o) => (x) => o.rmsNorm(x, null, 1e-3)),
        recorded.rmsNormBare,
      );
      const { inputs, eps, output } = recorded.llamaRMSNorm;
      tf.tidy(() => {
        const [x, gain] = inputs.map((input) => tensor(input));
        expect(difference(rmsNorm(x, gain, eps), output)).toBeLessThan(1e-5);
      });
    }),
  );

  test(
    "silu, and the SwiGLU layer",
    on(() => {
      same(
        both.map((o) => (x) => o.silu(x)),
        recorded.silu,
      );
      same(
        both.map(
          (o) => (x, gate, up, down) => linear(o.swiglu(linear(x, gate), linear(x, up)), down),
        ),
        recorded.mlp,
      );
    }),
  );

  test(
    "rope: LlamaRotaryEmbedding, GPT-J's, and positions up to 4 million",
    on(() => {
      const { positions, half, interleaved, far } = recorded.rope;
      const at = tensor<tf.Tensor2D>(positions, "int32");
      same(
        both.map((o) => (x) => o.rope(x, { positions: at })),
        half,
      );
      same(
        both.map((o) => (x) => o.rope(x, { positions: at, layout: "interleaved" })),
        interleaved,
      );
      const options = { positions: tensor<tf.Tensor1D>(far.positions, "int32"), base: far.base };
      same(
        both.map((o) => (x) => o.rope(x, { ...options, layout: "interleaved" })),
        far,
      );
      tf.dispose([at, options.positions]);
    }),
  );
});

describe("rope: fast and clear agree in value and gradient, on wasm and js", () => {
  test.each(["half", "interleaved"] as const)("%s", (layout) =>
    agree(
      [
        [1, 2],
        [5, 6],
        [3, 1, 10],
        [2, 3, 5, 8],
        [2, 2, 4, 22],
        [1, 1, 1, 16],
        [2, 1, 2, 3, 4],
        [2, 0, 4],
        [0, 3, 4],
      ].flatMap((shape) => {
        const [B, T] = [shape[0], shape.at(-2)!];
        const cases: RopeOptions[] = [
          {},
          { offset: 3, base: 100 },
          { offset: tf.scalar(7, "int32") },
        ];
        cases.push({ positions: tf.range(5, 5 + T, 1, "int32") });
        if (shape.length > 2)
          cases.push({
            positions: tf
              .range(0, B * T, 1, "int32")
              .reverse()
              .reshape([B, T]) as tf.Tensor2D,
          });
        return cases.map((options) => ({
          name: `rope ${Object.keys(options)}`,
          fast: (x: tf.Tensor) => rope(x, { ...options, layout }),
          clear: (x: tf.Tensor) => clear.rope(x, { ...options, layout }),
          shapes: [shape],
        }));
      }),
    ),
  );

  test("any shape (fast-check)", () => {
    const n = (max: number) => fc.integer({ min: 1, max });
    fc.assert(
      fc.property(
        n(3),
        n(3),
        n(9),
        n(12),
        fc.nat(9999),
        fc.boolean(),
        (B, H, T, half, offset, other) => {
          const options: RopeOptions = { offset, layout: other ? "interleaved" : "half" };
          const [fast, slow] = [rope, clear.rope].map((f) =>
            valueAndGradients((x) => f(x, options), [[B, H, T, 2 * half]], offset),
          );
          expect(distance(fast, slow)).toBeLessThan(1e-6);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("the second derivative, too: rope is linear", () => {
    tf.tidy(() => {
      const x = randomNormal([3, 4], { rng: new Random(1) });
      const slope = (op: typeof clear.rope) =>
        tf.grad((x: tf.Tensor) =>
          tf.sum(tf.square(tf.grad((x: tf.Tensor) => tf.sum(tf.pow(op(x), 3)))(x))),
        )(x);
      const [fast, slow] = [rope, clear.rope].map((op) => [Array.from(slope(op).dataSync())]);
      expect(distance(fast, slow)).toBeLessThan(1e-5);
    });
  });
});

describe("rope: what it promises", () => {
  const layouts = fc.constantFrom("half" as const, "interleaved" as const);
  const row = (seed: number, D: number) => randomNormal([1, D], { rng: new Random(seed) });
  const dot = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(a, b)).dataSync()[0];

  test("position 0 stays as it is; one pair turns by one radian a position", () => {
    tf.tidy(() => {
      for (const layout of ["half", "interleaved"] as const) {
        const y = rope(tf.tensor2d([1, 0, 1, 0, 1, 0], [3, 2]), { layout }).dataSync();
        [1, 0, Math.cos(1), Math.sin(1), Math.cos(2), Math.sin(2)].forEach((v, i) => {
          expect(y[i]).toBeCloseTo(v, 6);
        });
      }
    });
  });

  test("lengths stay (fast-check)", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.nat(100000),
        layouts,
        (half, offset, layout) => {
          tf.tidy(() => {
            const x = randomNormal([4, 2 * half], { rng: new Random(offset) });
            const [before, after] = [x, rope(x, { offset, layout })].map((t) =>
              tf.norm(t, 2, -1).dataSync(),
            );
            before.forEach((length, i) => {
              expect(after[i]).toBeCloseTo(length, 5);
            });
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  test("dot products depend on the distance only (fast-check)", () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.nat(1000),
        fc.nat(100000),
        layouts,
        fc.nat(),
        (m, n, shift, layout, seed) => {
          tf.tidy(() => {
            const [q, k] = [row(seed, 8), row(seed + 1, 8)];
            const score = (by: number) =>
              dot(rope(q, { offset: m + by, layout }), rope(k, { offset: n + by, layout }));
            expect(score(shift)).toBeCloseTo(score(0), 4);
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  test("but on the distance they do depend", () => {
    tf.tidy(() => {
      const q = row(1, 8);
      expect(dot(rope(q, { offset: 5 }), rope(q))).toBeLessThan(dot(q, q) - 0.1);
    });
  });

  test("from an offset on is the rest of the whole, as number, scalar or positions (fast-check)", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.integer({ min: 1, max: 8 }), layouts, (offset, T, layout) => {
        tf.tidy(() => {
          const whole = randomNormal([2, 3, offset + T, 6], { rng: new Random(offset) });
          const rest = (t: tf.Tensor) => tf.slice(t, [0, 0, offset, 0], [2, 3, T, 6]);
          const want = [Array.from(rest(rope(whole, { layout })).dataSync())];
          const at = tf.range(offset, offset + T, 1, "int32");
          for (const options of [
            { offset },
            { offset: tf.scalar(offset, "int32") },
            { positions: at },
            { positions: tf.stack([at, at]) as tf.Tensor2D },
          ])
            expect(
              distance([Array.from(rope(rest(whole), { ...options, layout }).dataSync())], want),
            ).toBeLessThan(1e-6);
        });
      }),
      { numRuns: 20 },
    );
  });

  test("the two layouts are one rotation with the entries in another order", () => {
    tf.tidy(() => {
      const x = randomNormal([5, 8], { rng: new Random(1) });
      const order = tf.tensor1d([0, 2, 4, 6, 1, 3, 5, 7], "int32");
      const half = rope(tf.gather(x, order, 1));
      const interleaved = tf.gather(rope(x, { layout: "interleaved" }), order, 1);
      expect(Array.from(half.dataSync())).toEqual(Array.from(interleaved.dataSync()));
    });
  });

  test("leaves nothing behind, and its input as it was", () => {
    const x = randomNormal([2, 3, 4], { rng: new Random(1) });
    const values = Array.from(x.dataSync());
    const at = tf.tensor1d([4, 5, 6], "int32");
    const before = tf.memory().numTensors;
    for (let i = 0; i < 20; i++) {
      rope(x, { offset: i }).dispose();
      rope(x, { positions: at, layout: "interleaved" }).dispose();
      tf.grad((x: tf.Tensor) => rope(x, { positions: at }))(x).dispose();
      rmsNorm(x, null).dispose();
      tf.grad((x: tf.Tensor) => rmsNorm(x, null))(x).dispose();
      tf.dispose(tf.grads((a: tf.Tensor, b: tf.Tensor) => swiglu(silu(a), b))([x, x]));
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(Array.from(x.dataSync())).toEqual(values);
    tf.dispose([x, at]);
  });

  const x = () => tf.zeros([2, 3, 4]);
  const ints = (...values: number[]) => tf.tensor1d(values, "int32");
  test.each<[string, () => unknown, string]>([
    [
      "odd D",
      () => rope(tf.zeros([2, 3, 5])),
      "rope: expected x (…, T, D) with an even D, got (2, 3, 5)",
    ],
    ["rank 1", () => rope(tf.zeros([4])), "rope: expected x (…, T, D), got x (4)"],
    ["D = 0", () => rope(tf.zeros([4, 0])), "with an even D, got (4, 0)"],
    ["negative offset", () => rope(x(), { offset: -1 }), "whole number from 0 to 4194301, got -1"],
    ["half an offset", () => rope(x(), { offset: 0.5 }), "whole number from 0 to 4194301, got 0.5"],
    [
      "offset of another type",
      () => rope(x(), { offset: tf.scalar(1) }),
      "offset to be a number or an int32 scalar, got float32 ()",
    ],
    [
      "negative scalar",
      () => rope(x(), { offset: tf.scalar(-2, "int32") }),
      "whole number from 0 to 4194301, got -2",
    ],
    [
      "negative position",
      () => rope(x(), { positions: ints(0, -1, 2) }),
      "rope: expected positions from 0 to 4194303, got -1 at position 1",
    ],
    [
      "too few positions",
      () => rope(x(), { positions: ints(0, 1) }),
      "rope: expected positions int32 (3) or (2, 3) for x (2, 3, 4), got int32 (2)",
    ],
    [
      "positions of other texts",
      () => rope(x(), { positions: tf.zeros([3, 3], "int32") as tf.Tensor2D }),
      "rope: expected positions int32 (3) or (2, 3) for x (2, 3, 4), got int32 (3, 3)",
    ],
    [
      "positions of a batch without one",
      () => rope(tf.zeros([3, 4]), { positions: tf.zeros([3, 3], "int32") as tf.Tensor2D }),
      "rope: expected positions int32 (3) for x (3, 4), got int32 (3, 3)",
    ],
    [
      "positions with a fraction",
      () => rope(x(), { positions: tf.tensor1d([0, 1, 2]) }),
      "got float32 (3)",
    ],
    [
      "both",
      () => rope(x(), { offset: 0, positions: ints(0, 1, 2) }),
      "rope: expected offset or positions, got both",
    ],
    ["base", () => rope(x(), { base: 0 }), "rope: expected base to be a positive number, got 0"],
    [
      "layout",
      () => rope(x(), { layout: "neox" as "half" }),
      'rope: expected layout "half" or "interleaved", got "neox"',
    ],
  ])("refuses %s", (_, act, message) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      expect(act).toThrow(message);
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
