// Two half moons: in turn, in place, and the same for the same seed.
import { twoMoons } from "llm/data";
import { Random } from "llm/random";
import { describe, expect, it } from "vitest";

describe("twoMoons", () => {
  it("has both classes in turn, on half circles of radius 1", () => {
    const { points, targets } = twoMoons(101, { rng: new Random(2), noise: 0 });
    expect(targets.slice(0, 3)).toEqual([1, -1, 1]);
    points.forEach(([x, y], i) => {
      const [dx, dy] = targets[i] === 1 ? [x + 0.5, y + 0.25] : [x - 0.5, y - 0.25];
      expect(Math.hypot(dx, dy)).toBeCloseTo(1, 9);
      expect(Math.sign(dy)).toBe(targets[i]);
    });
  });

  it("depends on the seed only", () => {
    const make = (seed: number) => twoMoons(10, { rng: new Random(seed) });
    expect(make(3)).toEqual(make(3));
    expect(make(3)).not.toEqual(make(4));
    expect(() => make(1) && twoMoons(1, { rng: new Random(1) })).toThrow(/at least 2 points/);
  });
});
