// Attention block by block against the readable one of lesson 06 (attention).
import { multiHead } from "llm/attention";
import { tf, useEngine } from "llm/engine";
import { repeatHeads, slidingMask } from "llm/gpt";
import { Random } from "llm/random";
import { attendInBlocks } from "llm/runtime";
import { beforeAll, describe, expect, it } from "vitest";
import { kernels } from "./kernels";

beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));

function inputs(T: number, H: number, G: number, D: number, seed = 1) {
  const rng = new Random(seed);
  const draw = (n: number) => Float32Array.from({ length: n }, () => 2 * rng.normal());
  return { q: draw(T * H * D), k: draw(T * G * D), v: draw(T * G * D) };
}

type Inputs = ReturnType<typeof inputs>;

/** The same with a table of all scores. */
function readable({ q, k, v }: Inputs, T: number, H: number, G: number, window = T): Float32Array {
  return tf.tidy(() => {
    const D = q.length / (T * H);
    const heads = (x: Float32Array, n: number) =>
      tf.transpose(tf.tensor4d(x, [1, T, n, D]), [0, 2, 1, 3]) as tf.Tensor4D;
    const all = (x: Float32Array) => {
      const repeated = repeatHeads(heads(x, G), H / G);
      return tf.reshape(tf.transpose(repeated, [0, 2, 1, 3]), [1, T, H * D]) as tf.Tensor3D;
    };
    const queries = tf.tensor3d(q, [1, T, H * D]);
    const mask = slidingMask(T, window);
    return multiHead(queries, all(k), all(v), { nHead: H, mask }).output.dataSync() as Float32Array;
  });
}

describe.each(kernels)("attendInBlocks on %s", (_, options) => {
  it.each([
    [1, 1, 1, 4, 16, undefined],
    [17, 2, 2, 8, 16, undefined],
    [50, 6, 2, 12, 4, undefined],
    [50, 3, 1, 20, 16, 7],
    [33, 4, 4, 6, 5, 1],
  ])("T %i, H %i, G %i, D %i, blocks of %i, window %s", async (T, H, G, D, blockTokens, window) => {
    const given = inputs(T, H, G, D);
    const copy = { q: given.q.slice(), k: given.k.slice(), v: given.v.slice() };
    const { output } = await attendInBlocks(given, T, {
      ...{ heads: H, keyHeads: G, blockTokens, window, ...options },
    });
    const expected = readable(given, T, H, G, window);
    for (const [i, x] of expected.entries()) expect(Math.abs(output[i] - x)).toBeLessThan(1e-5);
    expect(given).toEqual(copy);
  });

  it("is right where scores are far apart", async () => {
    const given = inputs(40, 2, 2, 8);
    for (let i = 0; i < given.q.length; i++) given.q[i] *= 50; // scores up to hundreds
    const { output } = await attendInBlocks(given, 40, { heads: 2, ...options });
    const expected = readable(given, 40, 2, 2);
    expect(output.every(Number.isFinite)).toBe(true);
    for (const [i, x] of expected.entries()) expect(Math.abs(output[i] - x)).toBeLessThan(2e-4);
  });
});

describe("attendInBlocks", () => {
  it("keeps twelve bytes or fewer per position, where a table of scores keeps 4 · T", async () => {
    const kept = async (T: number) =>
      (await attendInBlocks(inputs(T, 1, 1, 4), T, { heads: 1 })).kept;
    const [short, long] = [await kept(256), await kept(1024)];
    expect(long - short).toBeLessThanOrEqual(12 * (1024 - 256));
    expect(long).toBeLessThan((4 * 1024 * 1024) / 100);
  });

  it("says what does not fit together", async () => {
    const { q, k, v } = inputs(4, 2, 2, 8);
    await expect(attendInBlocks({ q, k, v: v.slice(1) }, 4, { heads: 2 })).rejects.toThrow(
      "got 64, 64 and 63 numbers with T 4, H 2 and G 2",
    );
    await expect(attendInBlocks({ q, k, v }, 4, { heads: 2, keyHeads: 3 })).rejects.toThrow(
      "G a divisor of H",
    );
  });
});
