// Beam search against trying everything, and the rules of its options.
import fc from "fast-check";
import { beamSearch } from "llm/beamSearch";
import { Random } from "llm/random";
import { describe, expect, it } from "vitest";

const V = 3;
const END = 0;

/** A language model of random numbers: ln p of the next token, from the tokens before it. */
const randomModel = (seed: number) => {
  const rng = new Random(seed);
  return (ids: number[]): number[] => {
    const row = rng.fork("row", ...ids);
    const p = Array.from({ length: V }, () => 0.05 + row.uniform());
    const total = p.reduce((a, b) => a + b);
    return p.map((x) => Math.log(x / total));
  };
};

/** All sequences that end within `maxLength` tokens, with ln p. */
function everything(next: (ids: number[]) => number[], maxLength: number) {
  const found: { ids: number[]; logProbability: number; length: number }[] = [];
  const visit = (ids: number[], logProbability: number) => {
    const row = next(ids);
    for (let id = 0; id < V; id++) {
      const all = { ids, logProbability: logProbability + row[id], length: ids.length + 1 };
      if (id === END) found.push(all);
      else if (all.length < maxLength) visit([...ids, id], all.logProbability);
    }
  };
  visit([], 0);
  return found;
}

describe("beamSearch", () => {
  it("finds the best of all sequences when the beam is wide enough", async () => {
    const seeds = fc.integer({ min: 1, max: 10_000 });
    const penalties = fc.constantFrom(0, 0.6, 1);
    await fc.assert(
      fc.asyncProperty(seeds, penalties, async (seed, lengthPenalty) => {
        const next = randomModel(seed);
        const options = { width: 200, maxLength: 5, endId: END, lengthPenalty };
        const [best] = await beamSearch((rows) => rows.map(next), options);
        const scores = everything(next, 5).map(
          ({ logProbability, length }) => logProbability / length ** lengthPenalty,
        );
        expect(best.finished).toBe(true);
        expect(best.score).toBeCloseTo(Math.max(...scores), 10);
      }),
      { numRuns: 50 },
    );
  });

  it("stopping early loses nothing: the ranks are those of a search to the end", async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const next = randomModel(seed);
      const options = { width: 3, endId: END, lengthPenalty: 0.6 };
      let steps = 0;
      const count = (rows: number[][]) => {
        steps++;
        return rows.map(next);
      };
      const found = await beamSearch(count, { ...options, maxLength: 12 });
      expect(found.length).toBe(3);
      expect(steps).toBeLessThanOrEqual(12);
      for (const { ids, logProbability, score, finished } of found) {
        if (!finished) continue;
        const all = [...ids, END];
        const ln = all.reduce((sum, id, i) => sum + next(all.slice(0, i))[id], 0);
        expect(logProbability).toBeCloseTo(ln, 10);
        expect(score).toBeCloseTo(ln / all.length ** 0.6, 10);
      }
    }
  });

  it("a beam of one is greedy", async () => {
    const next = randomModel(7);
    const greedy: number[] = [];
    for (;;) {
      const row = next(greedy);
      const id = row.indexOf(Math.max(...row));
      if (id === END || greedy.length === 9) break;
      greedy.push(id);
    }
    const [best] = await beamSearch((rows) => rows.map(next), {
      width: 1,
      maxLength: 10,
      endId: END,
    });
    expect(best.ids.slice(0, 9)).toEqual(greedy);
  });

  it("finds what greedy search misses", async () => {
    // "1" is likelier at first, but everything after "2" is certain.
    const table: Record<string, number[]> = {
      "": [0, 0.6, 0.4],
      "1": [0.5, 0.25, 0.25],
      "2": [1, 0, 0],
    };
    const next = (rows: number[][]) =>
      rows.map((ids) => (table[`${ids}`] ?? [1, 0, 0]).map(Math.log));
    const options = { maxLength: 4, endId: END, lengthPenalty: 0 };
    expect((await beamSearch(next, { ...options, width: 1 }))[0].ids).toEqual([1]);
    expect((await beamSearch(next, { ...options, width: 2 }))[0].ids).toEqual([2]);
  });

  it("says when nothing has ended", async () => {
    const next = (rows: number[][]) => rows.map(() => [-Infinity, Math.log(0.9), Math.log(0.1)]);
    const found = await beamSearch(next, { width: 2, maxLength: 3, endId: END });
    expect(found.map(({ finished, ids }) => [finished, ids])).toEqual([
      [false, [1, 1, 1]],
      [false, [1, 1, 2]],
    ]);
  });

  it.each([
    [{ width: 0 }, /expected width to be a whole number of 1 or more, got 0/],
    [{ maxLength: 1.5 }, /maxLength/],
    [{ endId: -1 }, /endId/],
    [{ endId: 9 }, /expected endId 9 among 3 tokens/],
    [{ lengthPenalty: Number.NaN }, /lengthPenalty/],
  ])("refuses %j", async (wrong, message) => {
    const options = { width: 2, maxLength: 3, endId: END, ...wrong };
    await expect(beamSearch((rows) => rows.map(randomModel(1)), options)).rejects.toThrow(message);
  });
  it("refuses a row too few", async () => {
    await expect(beamSearch(() => [], { width: 2, maxLength: 3, endId: END })).rejects.toThrow(
      "expected 1 rows of log-probabilities, got 0",
    );
  });
});
