// Prices, break-even, the bound of memory and the Pareto front, with figures worked out by hand.
import {
  apiPricePerThousand,
  breakEven,
  memoryBound,
  ownPricePerThousand,
  paretoFront,
} from "llm/capstone";
import { Random } from "llm/random";
import { expect, test } from "vitest";

test("prices of 1,000 answers", () => {
  // 1.8 s each are 1,800 s for 1,000, half an hour at 2 an hour; at half the load twice as much
  expect(ownPricePerThousand(1.8, 2)).toBeCloseTo(1, 12);
  expect(ownPricePerThousand(1.8, 2, 0.5)).toBeCloseTo(2, 12);
  expect(() => ownPricePerThousand(1, 1, 0)).toThrow(/expected a utilisation/);
  const usage = { promptTokens: 300, completionTokens: 50, cachedTokens: 100 };
  // 200 · 1 + 100 · 0.1 + 50 · 4 = 410 millionths, times 1,000
  expect(apiPricePerThousand(usage, { prompt: 1, completion: 4, cached: 0.1 })).toBeCloseTo(
    0.41,
    12,
  );
});

test("from how many answers on one's own machine is cheaper", () => {
  expect(breakEven({ hourly: 2, capacity: 1000, perAnswer: 0.004 })).toBeCloseTo(500, 9);
  expect(breakEven({ hourly: 2, capacity: 400, perAnswer: 0.004 })).toBe(Infinity);
  expect(breakEven({ hourly: 2, capacity: 400, perAnswer: 0 })).toBe(Infinity);
});

test("what fits and how fast it can be", () => {
  // 8 GB of weights, 32 texts of 1,000 tokens with 0.1 MB each: 3.2 GB more; 32 · 100 / 11.2
  const model = { weightBytes: 8e9, kvBytesPerToken: 1e5, contextLength: 1000, texts: 32 };
  const machine = { memory: 12e9, bandwidth: 100e9 };
  expect(memoryBound(model, machine)).toEqual({
    ...{ needed: 11.2e9, fits: true, tokensPerSecond: (32 * 100e9) / 11.2e9 },
  });
  expect(memoryBound({ ...model, texts: 64 }, machine).fits).toBe(false);
  // a mixture of experts needs all of its memory and reads a part of it
  const mixture = memoryBound({ ...model, texts: 1, activeBytes: 1e9 }, machine);
  expect(mixture.needed).toBe(8.1e9);
  expect(mixture.tokensPerSecond).toBeCloseTo(100 / 1.1, 9);
});

test("the Pareto front is what no other beats, by a slow search", () => {
  const rng = new Random(3);
  for (let round = 0; round < 50; round++) {
    const systems = Array.from({ length: 8 }, (_, i) => ({
      name: String(i),
      quality: rng.integer(4),
      costs: [rng.integer(4), rng.integer(4)],
    }));
    const axes = systems.map(({ quality, costs }) => [quality, -costs[0], -costs[1]]);
    const slow = axes.flatMap((a, i) => {
      const isBeaten = axes.some((b) => b.every((v, k) => v >= a[k]) && b.some((v, k) => v > a[k]));
      return isBeaten ? [] : [String(i)];
    });
    expect(paretoFront(systems)).toEqual(slow);
  }
  expect(paretoFront([])).toEqual([]);
  const twins = [1, 2].map((n) => ({ name: String(n), quality: 1, costs: [1] }));
  expect(paretoFront(twins)).toEqual(["1", "2"]);
});
