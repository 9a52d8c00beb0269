// FlashAttention by hand against the readable attention, which has all scores at once.
import { causalMask, scaledDotProductAttention } from "llm/attention";
import { tf, useEngine } from "llm/engine";
import { type FlashOptions, flashAttention, fullAttentionBytes } from "llm/inference";
import { Random } from "llm/random";
import { beforeAll, describe, expect, test } from "vitest";

beforeAll(async () => {
  await useEngine({ prefer: "js", quiet: true });
});

function inputs({ H, T, S = T, D }: FlashOptions, seed = 1, scale = 1) {
  const rng = new Random(seed);
  const fill = (n: number, by = 1) => Float32Array.from({ length: n }, () => by * rng.normal());
  return [fill(H * T * D, scale), fill(H * S * D, scale), fill(H * S * D)] as const;
}

/** The same with src/attention: a mask of who sees whom, made anew from positions. */
function readable(q: Float32Array, k: Float32Array, v: Float32Array, options: FlashOptions) {
  const { H, T, S = T, D, causal = true, window = Infinity } = options;
  return tf.tidy(() => {
    const [Q, K, W] = [q, k, v].map((x, i) => tf.tensor3d(x, [H, i ? S : T, D]));
    const far = Array.from({ length: T }, (_, i) =>
      Array.from({ length: S }, (_, j) => S - T + i - j < window),
    );
    const mask = causal
      ? tf.logicalAnd(causalMask(T, { keys: S }), tf.tensor2d(far, [T, S], "bool"))
      : undefined;
    return scaledDotProductAttention(Q, K, W, { mask }).output.dataSync();
  });
}

const cases: [string, FlashOptions][] = [
  ["causal", { H: 2, T: 70, D: 8 }],
  ["one tile", { H: 1, T: 5, D: 3 }],
  ["exactly full tiles", { H: 3, T: 64, D: 4, tile: 16 }],
  ["tiles of one", { H: 1, T: 9, D: 2, tile: 1 }],
  ["everything in sight", { H: 2, T: 37, D: 8, causal: false, tile: 8 }],
  ["fewer queries than keys", { H: 2, T: 5, S: 41, D: 8, tile: 8 }],
  ["more queries than keys, as in cross-attention", { H: 1, T: 20, S: 7, D: 4, causal: false }],
  ["a window within a tile", { H: 2, T: 70, D: 8, window: 5, tile: 16 }],
  ["a window over several tiles", { H: 2, T: 70, D: 8, window: 37, tile: 16 }],
  ["a window of one", { H: 1, T: 20, D: 8, window: 1, tile: 4 }],
  ["a window that hides nothing", { H: 1, T: 20, D: 8, window: 999, tile: 4 }],
];

describe("the output is that of src/attention", () => {
  test.each(cases)("%s", (_, options) => {
    for (const scale of [1, 12]) {
      // with 12 the scores reach thousands, and e to their power overflows
      const [q, k, v] = inputs(options, 2, scale);
      const { output } = flashAttention(q, k, v, options);
      const expected = readable(q, k, v, options);
      for (const [i, x] of output.entries())
        expect(Math.abs(x - expected[i]), `number ${i}`).toBeLessThan(scale === 1 ? 1e-5 : 1e-3);
    }
  });

  test("the order of the keys does not matter to the running softmax", () => {
    const options = { H: 1, T: 1, S: 50, D: 4, tile: 8 };
    const [q, k, v] = inputs(options, 3, 5);
    const turned = (x: Float32Array) =>
      Float32Array.from(x, (_, i) => x[(49 - Math.floor(i / 4)) * 4 + (i % 4)]);
    const [a, b] = [
      flashAttention(q, k, v, options).output,
      flashAttention(q, turned(k), turned(v), options).output,
    ];
    for (const [i, x] of a.entries()) expect(Math.abs(x - b[i])).toBeLessThan(1e-5);
  });
});

test("memory grows with T, that of all scores at once with T²", () => {
  const [D, tile] = [8, 16];
  const bytesOf = (T: number) => {
    const options = { H: 1, T, D, tile };
    const { bytes } = flashAttention(...inputs(options), options);
    return { bytes, full: fullAttentionBytes(options) };
  };
  const [a, b, c] = [64, 128, 256].map(bytesOf);
  expect(c.bytes - b.bytes).toBe(2 * (b.bytes - a.bytes));
  expect(a.bytes).toBe(4 * (64 * D + tile * tile + 2 * tile + tile * D));
  expect(c.full - 4 * 256 * D).toBe(16 * (a.full - 4 * 64 * D));
  expect(a.full).toBe(4 * (2 * 64 * 64 + 64 * D));
});

test("sizes that do not fit are named", () => {
  const options = { H: 1, T: 4, D: 2 };
  const [q, k, v] = inputs(options);
  expect(() => flashAttention(q.subarray(1), k, v, options)).toThrow(
    "flashAttention: expected q of 1 · 4 · 2 numbers, got 7",
  );
  expect(() => flashAttention(q, k, v, { ...options, S: 3 })).toThrow("as many keys as queries");
  expect(() => flashAttention(q, k, v, { ...options, tile: 0 })).toThrow("tile of 1 or more");
  expect(() => flashAttention(q, k, v, { ...options, causal: false, window: 2 })).toThrow(
    "a window with causal only",
  );
});
