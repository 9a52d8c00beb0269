import fc from "fast-check";
import { tf, useEngine } from "llm/engine";
import { Random, randomNormal, randomUniform } from "llm/random";
import { beforeAll, describe, expect, test } from "vitest";

beforeAll(() => useEngine({ quiet: true }));

const seed = fc.integer({ min: 0, max: 0xffffffff });
const draws = (rng: Random, n: number) => Array.from({ length: n }, () => rng.uniform());

describe("the stream", () => {
  // Computed by an independent implementation with Python's unbounded integers:
  // def rotl(x, k): return (x << k | x >> 32 - k) & M            # M = 2**32 - 1 def splitmix(z): z
  // = (z ^ z >> 16) * 0x21f0aaad & M; z = (z ^ z >> 15) * 0x735a2d97 & M; return z ^ z >> 15 s =
  // [splitmix(seed + i * 0x9e3779b9 & M) for i in (1, 2, 3, 4)] def next(): r = rotl(s[1] * 5 & M,
  // 7) * 9 & M; t = s[1] << 9 & M; s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]
  //               s[0] ^= s[3]; s[2] ^= t; s[3] = rotl(s[3], 11); return r
  test.each<[number, number[], number[]]>([
    [
      0,
      [1684164658, 3653269916, 2939563536, 2141751570],
      [1789933344, 44971166, 2521387044, 3848737593, 1138324114, 749234105],
    ],
    [
      1,
      [1580013426, 350525680, 3524174333, 3011703609],
      [393288148, 2174103013, 3814759091, 2092745082, 1865176206, 2179171167],
    ],
    [
      42,
      [551831576, 144025891, 322543647, 3034809370],
      [660444221, 3652823732, 77672526, 910233633, 2297337756, 3786072677],
    ],
    [
      4294967295,
      [3950124170, 4293442868, 1302505678, 2762329221],
      [4104197751, 1825856343, 1152209388, 2427537429, 3685145430, 609215610],
    ],
  ])("seed %i gives the known numbers", (seed, state, integers) => {
    const rng = new Random(seed);
    expect(rng.getState().slice(0, 4)).toEqual(state);
    expect(Array.from({ length: integers.length }, () => rng.integer(2 ** 32))).toEqual(integers);
  });

  test("xoshiro128** from the state 1, 2, 3, 4 begins 11520, 0, 5927040", () => {
    const rng = new Random(0);
    rng.setState([1, 2, 3, 4, 1, 2, 3, 4]);
    expect([0, 1, 2].map(() => rng.integer(2 ** 32))).toEqual([11520, 0, 5927040]);
  });

  test("goes on from a saved state, forks included", () => {
    fc.assert(
      fc.property(seed, fc.nat(50), (s, n) => {
        const rng = new Random(s);
        draws(rng, n);
        const state = rng.getState();
        const copy = new Random(1);
        copy.setState(JSON.parse(JSON.stringify(state)));
        expect(draws(copy, 5)).toEqual(draws(rng, 5));
        expect(draws(copy.fork("x"), 5)).toEqual(draws(rng.fork("x"), 5));
      }),
    );
  });
});

describe("distributions", () => {
  const n = 200_000;
  test("uniform: in [0, 1), mean 1/2, variance 1/12, no correlation with the next", () => {
    const x = draws(new Random(1), n);
    expect(Math.min(...x.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(x.every((u) => u >= 0 && u < 1 && Math.fround(u) === u)).toBe(true);
    const mean = x.reduce((a, b) => a + b) / n;
    expect(mean).toBeCloseTo(0.5, 2);
    expect(x.reduce((a, b) => a + (b - mean) ** 2, 0) / n).toBeCloseTo(1 / 12, 2);
    expect(x.slice(1).reduce((a, b, i) => a + (b - mean) * (x[i] - mean), 0) / n).toBeCloseTo(0, 2);
  });

  test("normal: the first four moments and the share beyond 2", () => {
    const rng = new Random(2);
    const x = Array.from({ length: n }, () => rng.normal());
    const moment = (k: number) => x.reduce((a, b) => a + b ** k, 0) / n;
    expect(moment(1)).toBeCloseTo(0, 1.7);
    expect(moment(2)).toBeCloseTo(1, 1.7);
    expect(moment(3)).toBeCloseTo(0, 1.2);
    expect(moment(4)).toBeCloseTo(3, 0.8);
    expect(x.filter((v) => Math.abs(v) > 2).length / n).toBeCloseTo(0.0455, 2);
  });

  test("integer: every value equally often", () => {
    const rng = new Random(3);
    const counts = new Array(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[rng.integer(7)]++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    expect(rng.integer(1)).toBe(0);
  });

  test("categorical: in proportion to the weights, never one of weight zero", () => {
    const rng = new Random(4);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 60_000; i++) counts[rng.categorical([2, 0, 4, 0])]++;
    expect(counts[1] + counts[3]).toBe(0);
    expect(counts[0] / 60_000).toBeCloseTo(1 / 3, 1.7);
    expect(rng.categorical(new Float32Array([0, 0.5]))).toBe(1);
  });

  test("shuffle: in place, a permutation, every order", () => {
    const rng = new Random(5);
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const a = [1, 2, 3];
      expect(rng.shuffle(a)).toBe(a);
      seen.set(a.join(""), (seen.get(a.join("")) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual(["123", "132", "213", "231", "312", "321"]);
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(160);
  });
});

describe("forks", () => {
  test("depend on seed and key only, and take nothing from the parent", () => {
    fc.assert(
      fc.property(seed, fc.nat(20), (s, n) => {
        const [a, b] = [new Random(s), new Random(s)];
        draws(a, n);
        const before = a.getState();
        expect(draws(a.fork("batch", 7), 4)).toEqual(draws(b.fork("batch", 7), 4));
        expect(a.getState()).toEqual(before);
      }),
    );
  });

  test("differ for different keys, also where the keys' text joins alike", () => {
    const rng = new Random(6);
    const keys: (string | number)[][] = [
      ["a"],
      ["b"],
      ["a", "b"],
      ["ab"],
      ["a,b"],
      [1],
      ["1"],
      [12],
      [1, 2],
      [0],
      [-1],
      [0.5],
      [],
    ];
    const firsts = keys.map((key) => rng.fork(...key).uniform());
    expect(new Set([rng.uniform(), ...firsts]).size).toBe(keys.length + 1);
    expect(rng.fork("a").fork("b").uniform()).not.toBe(rng.fork("b").fork("a").uniform());
  });

  test("of a thousand keys are uniform and uncorrelated with each other", () => {
    const rng = new Random(7);
    const x = Array.from({ length: 10_000 }, (_, i) => rng.fork("step", i).uniform());
    expect(x.reduce((a, b) => a + b) / x.length).toBeCloseTo(0.5, 1.5);
    expect(x.slice(1).reduce((a, b, i) => a + (b - 0.5) * (x[i] - 0.5), 0) / x.length).toBeCloseTo(
      0,
      1.7,
    );
  });
});

test("tensors hold the same numbers on every engine", async () => {
  const values: number[][] = [];
  const before = tf.memory().numTensors;
  for (const prefer of ["wasm", "js"] as const) {
    await useEngine({ prefer, quiet: true });
    const [a, b] = [
      randomNormal([2, 3], { rng: new Random(8), mean: 1, std: 0.5 }),
      randomUniform([4], { rng: new Random(8), min: -1, max: 1 }),
    ];
    expect([a.shape, b.shape, a.dtype]).toEqual([[2, 3], [4], "float32"]);
    values.push([...a.dataSync(), ...b.dataSync()]);
    tf.dispose([a, b]);
  }
  await useEngine({ prefer: "wasm", quiet: true });
  expect(values[0]).toEqual(values[1]);
  expect(tf.memory().numTensors).toBe(before);
  const rng = new Random(8);
  expect(values[0][0]).toBe(Math.fround(1 + 0.5 * rng.normal()));
});

test("wrong arguments are errors in words", () => {
  const rng = new Random(9);
  for (const bad of [-1, 1.5, 2 ** 32, Number.NaN])
    expect(() => new Random(bad)).toThrow("expected a seed");
  for (const bad of [0, -1, 2.5, 2 ** 33])
    expect(() => rng.integer(bad)).toThrow("integer: expected n");
  expect(() => rng.categorical([])).toThrow("positive, finite sum, got 0 from 0 weights");
  expect(() => rng.categorical([0, 0])).toThrow("positive, finite sum");
  expect(() => rng.categorical([1, -1])).toThrow("expected weights ≥ 0, got -1 at index 1");
  expect(() => rng.categorical([1, Number.NaN])).toThrow("got NaN at index 1");
  expect(() => rng.fork(Number.NaN)).toThrow("finite");
  expect(() => rng.setState([0, 0, 0, 0, 1, 2, 3, 4])).toThrow("eight integers");
  expect(() => rng.setState([1, 2, 3])).toThrow("eight integers");
});
