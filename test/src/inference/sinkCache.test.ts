// The cache with sinks and a window: against a specification by loops that re-reads the kept tokens'
// keys at their places in the cache, against the one pass of `sinkAttention`, and against the model
// itself where nothing is forgotten.
import { tf, useEngine } from "llm/engine";
import { type GPTConfig, gptHidden, gptLogits, initGPT } from "llm/gpt";
import { keptPositions, SinkCache, sinkAttention } from "llm/inference";
import { rope } from "llm/ops";
import { disposeParams, type Params } from "llm/params";
import { Random } from "llm/random";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const config: GPTConfig = {
  ...{ family: "llama", vocabSize: 11, nLayer: 2, nHead: 4, nKvHead: 2, nEmbd: 16, blockSize: 16 },
  ...{ dropout: 0, bias: false, ropeBase: 50 },
};
let params: Params;
beforeAll(async () => {
  await useEngine({ prefer: "wasm", quiet: true });
  params = initGPT(config, { seed: 3 });
  // larger than fresh weights, so that attention is not flat
  for (const p of Object.values(params)) if (p.rank === 2) p.assign(tf.mul(p, 12));
});
afterAll(() => disposeParams(params));

const T = 23;
const rng = new Random(5);
const ids = Array.from({ length: T }, () => rng.integer(11));
const row = (list: number[]) => tf.tensor2d([list], [1, list.length], "int32");
const logitsOf = (config: GPTConfig, options: object) =>
  tf.tidy(() => gptLogits(params, config, row(ids), options).arraySync()[0]) as number[][];
const gap = (a: number[][], b: number[][]) =>
  Math.max(...a.flatMap((r, i) => r.map((x, j) => Math.abs(x - b[i][j]))));

/** One query after the other, one head after the other, each key turned to its place in the cache. */
function byLoops(sinks: number, window: number) {
  const turn = (x: number[], p: number) =>
    Array.from(
      rope(tf.tensor2d([x]), { base: 50, positions: tf.tensor1d([p], "int32") }).dataSync(),
    );
  return {
    positions: tf.zeros([T], "int32") as tf.Tensor1D,
    mixHeads: (_: number, q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D) => {
      const [Q, K, V] = [q, k, v].map((x) => (x.arraySync() as number[][][][])[0]);
      const mixed = Array.from({ length: T }, (_, i) =>
        Q.flatMap((queries, h) => {
          const g = Math.floor(h / 2); // four heads of queries, two of keys
          const cache = Array.from({ length: i + 1 }, (_, j) => j).filter(
            (j) => j < sinks || i - j < window,
          );
          const asks = turn(queries[i], cache.length - 1);
          const scores = cache.map((j, place) =>
            turn(K[g][j], place).reduce((sum, x, c) => sum + (x * asks[c]) / 2, 0),
          );
          const most = Math.max(...scores);
          const powers = scores.map((s) => Math.exp(s - most));
          const sum = powers.reduce((a, b) => a + b);
          return [0, 1, 2, 3].map((c) =>
            cache.reduce((total, j, n) => total + (powers[n] / sum) * V[g][j][c], 0),
          );
        }),
      );
      return tf.tensor3d([mixed]);
    },
  };
}

function byCache(sinks: number, window: number, config: GPTConfig): number[][] {
  const cache = new SinkCache(params, config, { sinks, window });
  const rows = ids.map((id) => {
    const logits = cache.read(row([id]));
    const numbers = Array.from(logits.dataSync());
    logits.dispose();
    return numbers;
  });
  expect(cache.length).toBe(Math.min(T, sinks + window));
  cache.dispose();
  return rows;
}

describe("a cache with sinks", () => {
  it("keeps the first and the last", () => {
    expect(keptPositions(9, { sinks: 2, window: 3 })).toEqual([0, 1, 6, 7, 8]);
    expect(keptPositions(5, { sinks: 2, window: 3 })).toEqual([0, 1, 2, 3, 4]);
    expect(keptPositions(3, { sinks: 0, window: 1 })).toEqual([2]);
    expect(keptPositions(6, { window: 1 })).toEqual([0, 1, 2, 3, 5]);
  });

  it.each([
    [0, 5],
    [1, 4],
    [3, 6],
    [4, 1],
  ])("with %i sinks and a window of %i computes what the loops do", (sinks, window) => {
    const slow = logitsOf(config, byLoops(sinks, window));
    expect(gap(byCache(sinks, window, config), slow)).toBeLessThan(2e-4);
    expect(gap(logitsOf(config, sinkAttention(config, T, { sinks, window })), slow)).toBeLessThan(
      2e-4,
    );
    const whole = logitsOf(config, {});
    expect(gap(slow, whole)).toBeGreaterThan(0.05);
  });

  it("that forgets nothing is the model itself", () => {
    const whole = logitsOf(config, {});
    expect(gap(byCache(4, 40, config), whole)).toBeLessThan(2e-4);
    const options = sinkAttention(config, T, { sinks: 0, window: 40 });
    expect(gap(logitsOf(config, options), whole)).toBeLessThan(2e-4);
  });

  it("reads several texts side by side, and with scaled positions", () => {
    const scaled: GPTConfig = { ...config, ropeScaling: { type: "linear", factor: 3 } };
    const other = ids.map((id) => (id + 4) % 11);
    const cache = new SinkCache(params, scaled, { sinks: 2, window: 5 });
    const both = ids.map((id, t) => {
      const logits = cache.read(tf.tensor2d([[other[t]], [id]], [2, 1], "int32"));
      const numbers = (logits.arraySync() as number[][])[1];
      logits.dispose();
      return numbers;
    });
    cache.dispose();
    expect(gap(both, byCache(2, 5, scaled))).toBeLessThan(1e-4);
    expect(gap(both, byCache(2, 5, config))).toBeGreaterThan(0.05);
  });

  it("leaves no tensors behind and keeps no more memory", () => {
    const before = tf.memory().numTensors;
    const cache = new SinkCache(params, config, { sinks: 1, window: 3 });
    const counts = ids.map((id) => {
      const input = row([id]);
      tf.dispose([cache.read(input), input]);
      return tf.memory().numTensors;
    });
    expect(new Set(counts).size).toBe(1);
    cache.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses other positions, scalings that look at the length, and windows of nothing", () => {
    const gpt2: GPTConfig = {
      ...{ vocabSize: 11, nLayer: 1, nHead: 2, nEmbd: 8, blockSize: 8, dropout: 0, bias: true },
    };
    expect(() => new SinkCache(params, gpt2, { window: 4 })).toThrow("got learned");
    const yarn = { type: "yarn", factor: 2, originalBlockSize: 16 } as const;
    expect(() => sinkAttention({ ...config, ropeScaling: yarn }, 4, { window: 2 })).toThrow(
      "sinkAttention: expected angles that are only turned, got yarn scaling",
    );
    expect(() => new SinkCache(params, config, { window: 0 })).toThrow("got 4 and 0");
  });
});

it("the first token's hidden state does not depend on what is kept", () => {
  const first = (options: object) =>
    tf.tidy(() => {
      const hidden = gptHidden(params, config, row(ids), options);
      return Array.from(tf.slice(hidden, [0, 0, 0], [1, 1, -1]).dataSync());
    });
  const [a, b] = [first({}), first(sinkAttention(config, T, { sinks: 1, window: 2 }))];
  expect(Math.max(...a.map((x, i) => Math.abs(x - b[i])))).toBeLessThan(1e-5);
});
