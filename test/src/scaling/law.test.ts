// Fits of scaling laws against scipy's and against laws that are known; the best way to spend
// operations against all others; intervals by the bootstrap.
import fc from "fast-check";
import {
  bootstrap,
  computeOptimal,
  fitPowerLaw,
  fitScalingLaw,
  lossAt,
  type PowerLaw,
  percentileInterval,
  powerLawAt,
  type Run,
  type ScalingLaw,
} from "llm/scaling";
import { describe, expect, it } from "vitest";
import { fixture } from "../reference";

interface Recorded {
  power: { x: number[]; y: number[]; fit: PowerLaw; squares: number };
  law: { runs: Run[]; fit: ScalingLaw; squares: number; unlucky: number[]; huber: ScalingLaw };
}
const recorded = fixture<Recorded>("scaling");

describe("fitPowerLaw", () => {
  it("finds scipy's fit of noisy losses", () => {
    const { x, y, fit, squares } = recorded.power;
    const ours = fitPowerLaw(x, y);
    const left = x.reduce((sum, value, i) => sum + (powerLawAt(ours, value) - y[i]) ** 2, 0);
    expect(left).toBeLessThanOrEqual(squares * (1 + 1e-6));
    for (const key of ["E", "A", "alpha"] as const)
      expect(Math.abs(ours[key] / fit[key] - 1)).toBeLessThan(1e-3);
  });

  it("finds any law again that made the losses", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.double({ min: 0.5, max: 100, noNaN: true }),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        fc.constantFrom(1, 1e6),
        (E, A, alpha, unit) => {
          const x = [1, 2, 5, 10, 30, 100].map((value) => value * unit);
          const law = { E, A: A * unit ** alpha, alpha };
          const fit = fitPowerLaw(
            x,
            x.map((value) => powerLawAt(law, value)),
          );
          for (const at of [3 * unit, 300 * unit])
            expect(Math.abs(powerLawAt(fit, at) - powerLawAt(law, at))).toBeLessThan(
              1e-3 * (E + A),
            );
        },
      ),
      { numRuns: 30 },
    );
  });

  it("holds the irreducible loss at 0 if asked, and never below", () => {
    const x = [1, 10, 100, 1000];
    expect(fitPowerLaw(x, [8, 4, 2, 1], { irreducible: false })).toMatchObject({ E: 0 });
    expect(fitPowerLaw(x, [8, 4, 2, 1]).alpha).toBeCloseTo(Math.log10(2), 5);
    expect(fitPowerLaw(x, [5, 3, 1, -1]).E).toBe(0); // a straight line in log x points below 0
  });

  it("refuses what no law can be fitted to", () => {
    expect(() => fitPowerLaw([1, 2, 2], [3, 2, 2])).toThrow(
      "fitPowerLaw: expected at least 3 different x, got 2",
    );
    expect(() => fitPowerLaw([0, 1, 2], [3, 2, 1])).toThrow("expected x above 0, got 0");
    expect(() => fitPowerLaw([1, 2, 3], [3, 2])).toThrow("expected 2 values of x, got 3");
    expect(() => fitPowerLaw([1, 2, 3], [3, 2, Number.NaN])).toThrow("expected finite losses");
  });
});

describe("fitScalingLaw", () => {
  it("finds scipy's fit of noisy runs", () => {
    const { runs, fit, squares } = recorded.law;
    const ours = fitScalingLaw(runs, { delta: Number.POSITIVE_INFINITY });
    const left = runs.reduce(
      (sum, run) => sum + (lossAt(ours, run.parameters, run.tokens) - run.loss) ** 2,
      0,
    );
    expect(left).toBeLessThanOrEqual(squares * (1 + 1e-6));
    for (const key of ["E", "A", "alpha", "B", "beta"] as const)
      expect(Math.abs(ours[key] / fit[key] - 1)).toBeLessThan(5e-3);
  });

  it("finds scipy's Huber fit where two runs were unlucky", () => {
    const { runs, unlucky, fit, huber } = recorded.law;
    const some = runs.map((run, i) => ({ ...run, loss: unlucky[i] }));
    const [robust, plain] = [{}, { delta: Number.POSITIVE_INFINITY }].map((options) =>
      fitScalingLaw(some, options),
    );
    const [N, D] = [1e6, 3e6];
    const away = (law: ScalingLaw, from: ScalingLaw) =>
      Math.abs(lossAt(law, N, D) - lossAt(from, N, D));
    expect(away(robust, huber)).toBeLessThan(2e-3);
    expect(away(robust, fit)).toBeLessThan(away(plain, fit) / 2);
  });

  it("finds the law again that made the runs, and predicts outside of them", () => {
    const law = { E: 1.2, A: 30, alpha: 0.4, B: 200, beta: 0.5 };
    const sizes = [1e4, 4e4, 2e5];
    const runs = sizes.flatMap((parameters) =>
      [2e5, 5e5, 2e6].map((tokens) => ({
        ...{ parameters, tokens, loss: lossAt(law, parameters, tokens) },
      })),
    );
    const fit = fitScalingLaw(runs);
    expect(fit.alpha).toBeCloseTo(0.4, 3);
    expect(lossAt(fit, 1e6, 1e7)).toBeCloseTo(lossAt(law, 1e6, 1e7), 3);
    expect(() => fitScalingLaw(runs.slice(0, 5))).toThrow("at least 6 runs for 5 numbers, got 5");
    expect(() => fitScalingLaw(runs.filter((run) => run.tokens < 1e6))).toThrow(
      "expected at least 3 different tokens, got 2",
    );
  });
});

describe("computeOptimal", () => {
  // Hoffmann et al. (2022), equation 10: the constants of their approach 3, as printed.
  const chinchilla = { E: 1.69, A: 406.4, alpha: 0.34, B: 410.7, beta: 0.28 };

  it("is not beaten by any other size of equal cost", () => {
    for (const flops of [1e18, 5.76e23]) {
      const best = computeOptimal(chinchilla, flops);
      expect(6 * best.parameters * best.tokens).toBeCloseTo(flops, -Math.log10(flops) + 20);
      for (const factor of [0.5, 0.9, 1.1, 2]) {
        const N = best.parameters * factor;
        expect(lossAt(chinchilla, N, flops / 6 / N)).toBeGreaterThan(best.loss);
      }
    }
  });

  it("grows as C^(β / (α + β))", () => {
    const [one, hundred] = [1e20, 1e22].map((C) => computeOptimal(chinchilla, C).parameters);
    expect(Math.log10(hundred / one) / 2).toBeCloseTo(0.28 / 0.62, 9);
  });

  it("refuses a law without a best size", () => {
    expect(() => computeOptimal({ ...chinchilla, B: 0 }, 1e20)).toThrow("A and B above 0");
    expect(() => computeOptimal(chinchilla, 0)).toThrow("operations above 0, got 0");
  });
});

describe("bootstrap", () => {
  it("covers a mean about as often as it says", () => {
    let covered = 0;
    for (let trial = 0; trial < 60; trial++) {
      // 40 uniform numbers from a small generator of their own, with mean 0.5
      const items = Array.from({ length: 40 }, (_, i) => ((trial * 40 + i + 1) * 0.618033988) % 1);
      const shuffled = items.map(
        (x, i) => (x * 7919 + Math.sin(i * 12.9898 + trial) * 43758.5) % 1,
      );
      const values = shuffled.map((x) => (x + 1) % 1);
      const mean = (some: number[]) => some.reduce((a, b) => a + b, 0) / some.length;
      const { low, high } = percentileInterval(bootstrap(values, mean, { seed: trial }));
      if (low <= 0.5 && 0.5 <= high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(50);
    expect(covered).toBeLessThanOrEqual(60);
  });

  it("draws as many items as there are, the same ones for the same seed", () => {
    const items = [1, 2, 3, 4, 5];
    const draws = bootstrap(items, (drawn) => drawn.join(""), { samples: 20, seed: 3 });
    expect(draws.every((draw) => draw.length === 5)).toBe(true);
    expect(new Set(draws).size).toBeGreaterThan(10);
    expect(bootstrap(items, (drawn) => drawn.join(""), { samples: 20, seed: 3 })).toEqual(draws);
  });

  it("draws again where nothing can be computed, but not for ever", () => {
    let calls = 0;
    const some = bootstrap(
      [1, 2],
      () => {
        if (calls++ === 3) throw new Error("not this one");
        return 1;
      },
      { samples: 10 },
    );
    expect(some).toHaveLength(10);
    const never = () => {
      throw new Error("never");
    };
    expect(() => bootstrap([1], never, { samples: 10 })).toThrow("never");
  });

  it("interpolates percentiles", () => {
    expect(percentileInterval([4, 1, 3, 2, 0], 0.5)).toEqual({ low: 1, high: 3 });
    expect(percentileInterval([0, 10], 0.9).low).toBeCloseTo(0.5);
    expect(percentileInterval([0, 10], 0.9).high).toBeCloseTo(9.5);
    expect(() => percentileInterval([])).toThrow("expected values, got none");
  });
});
