// A/B tests: sizes and p-values by hand, and what looking early does.
import {
  customersPerArm,
  drawOutcomes,
  peekingStop,
  sequentialBound,
  stopsAfter,
  twoShareTest,
} from "llm/capstone";
import { Random } from "llm/random";
import { expect, test } from "vitest";

test("how many customers each arm needs", () => {
  // (1.959964 + 0.841621)² · (0.25 + 0.24) / 0.01 = 384.6
  expect(customersPerArm(0.5, 0.6)).toBe(385);
  expect(customersPerArm(0.6, 0.5)).toBe(385);
  expect(customersPerArm(0.5, 0.6, { power: 0.9 })).toBeGreaterThan(500);
  expect(() => customersPerArm(0.5, 0.5)).toThrow(/two different shares/);
});

test("the p-value of two shares", () => {
  // pooled 0.525, error √(0.525 · 0.475 · 0.02) = 0.070622, z = 2.12399
  expect(twoShareTest({ good: 45, all: 100 }, { good: 60, all: 100 })).toBeCloseTo(0.03367, 4);
  expect(twoShareTest({ good: 5, all: 5 }, { good: 9, all: 9 })).toBe(1);
  expect(() => twoShareTest({ good: 0, all: 0 }, { good: 1, all: 2 })).toThrow(/both arms/);
});

test("the bound in its other form: exp(S²/(2V)) against √(V/ρ′)/α, solved for S", () => {
  for (const n of [1, 50, 5000]) {
    const [alpha, variance, rho] = [0.05, 0.5, 100];
    const s = sequentialBound(n, { alpha, variance, rho });
    // the mixture's martingale √(ρ/(n+ρ)) · exp(s² / (2σ²(n+ρ))) is 1/α exactly on the bound
    const martingale = Math.sqrt(rho / (n + rho)) * Math.exp(s ** 2 / (2 * variance * (n + rho)));
    expect(martingale).toBeCloseTo(1 / alpha, 8);
  }
});

test("looking often finds differences that are not there, the sequential bound does not", () => {
  const tests = Array.from({ length: 400 }, (_, i) => {
    const rng = new Random(7).fork(i);
    return { a: drawOutcomes(0.7, 1000, rng.fork("a")), b: drawOutcomes(0.7, 1000, rng.fork("b")) };
  });
  const share = (stop: (streams: (typeof tests)[0]) => number | null) =>
    tests.filter((streams) => stop(streams) !== null).length / tests.length;
  expect(share((streams) => peekingStop(streams, 1000))).toBeLessThan(0.085);
  expect(share((streams) => peekingStop(streams, 50))).toBeGreaterThan(0.15);
  expect(share((streams) => stopsAfter(streams))).toBeLessThan(0.05);
});

test("a large difference is found, and the first pair beyond the bound is named", () => {
  const n = 300;
  const [a, b] = [new Uint8Array(n), new Uint8Array(n).fill(1)];
  const stop = stopsAfter({ a, b }) as number;
  expect(stop).toBeGreaterThan(sequentialBound(stop));
  expect(stop - 1).toBeLessThanOrEqual(sequentialBound(stop - 1));
  expect(stopsAfter({ a, b: a })).toBeNull();
});
