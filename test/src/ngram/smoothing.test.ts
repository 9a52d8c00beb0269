// Additive smoothing and interpolation against their definitions, written with strings and loops;
// entropy and its units; Shannon's 27 symbols and his bounds.
import fc from "fast-check";
import {
  Additive,
  bits,
  bitsPerCharacter,
  type CountingModel,
  crossEntropy,
  distribution,
  entropy,
  guessingBounds,
  guessRanks,
  Interpolated,
  KneserNey,
  nats,
  ngramBaselines,
  perplexity,
  shannonAlphabet,
  toShannonText,
} from "llm/ngram";
import { Counts } from "llm/ngram/counts";
import { Random } from "llm/random";
import { describe, expect, it } from "vitest";

const V = 4;
const ids = (minLength: number, maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: V - 1 }), { minLength, maxLength });
const orders = fc.integer({ min: 1, max: 4 });

/** How often `sequence` occurs in `text` with something after it, or at all. */
function occurrences(text: number[], sequence: number[], followed: boolean): number {
  let n = 0;
  for (let i = 0; i + sequence.length + (followed ? 1 : 0) <= text.length; i++)
    if (sequence.every((id, j) => text[i + j] === id)) n++;
  return n;
}

/** Witten–Bell by its recursive definition. */
function slowWittenBell(text: number[], context: number[], b: number): number {
  const shorter = context.length === 0 ? 1 / V : slowWittenBell(text, context.slice(1), b);
  const total = occurrences(text, context, true);
  if (total === 0) return shorter;
  const different = [0, 1, 2, 3].filter((id) => occurrences(text, [...context, id], false) > 0);
  const weight = total / (total + different.length);
  const estimate = occurrences(text, [...context, b], false) / total;
  return weight * estimate + (1 - weight) * shorter;
}

describe("Additive", () => {
  it("is (n(hb) + α) / (n(h·) + α V)", () => {
    fc.assert(
      fc.property(
        ids(1, 30),
        ids(0, 5),
        orders,
        fc.constantFrom(0.01, 1, 3),
        (text, h, n, alpha) => {
          const model = Additive.train(text, n, V, alpha);
          const context = h.slice(Math.max(0, h.length - n + 1));
          const total = occurrences(text, context, true);
          for (let b = 0; b < V; b++) {
            const expected =
              (occurrences(text, [...context, b], false) + alpha) / (total + alpha * V);
            expect(model.probability(h, b)).toBeCloseTo(expected, 12);
          }
        },
      ),
    );
  });
  it("without α holds what never occurred for impossible", () => {
    const model = Additive.train([0, 1, 0, 1, 2], 2, V, 0);
    expect(model.probability([0], 1)).toBe(1);
    expect(model.probability([0], 2)).toBe(0);
    expect(model.probability([3], 2)).toBe(1 / V); // nothing is known
    expect(crossEntropy(model, [0, 2])).toBe(Infinity);
  });
  it("serves all orders from one tree of counts", () => {
    const text = [0, 1, 2, 0, 1, 3, 0, 1];
    const counts = new Counts(text, 3, V);
    for (const order of [1, 2, 3]) {
      const [shared, own] = [Additive.from(counts, order), Additive.train(text, order, V)];
      expect(distribution(shared, [0, 1])).toEqual(distribution(own, [0, 1]));
    }
    expect(() => Additive.from(counts, 4)).toThrow("expected an order up to 3, got 4");
  });
  it("is where the baselines of every training come from", () => {
    const text = [0, 1, 2, 0, 1, 3, 0, 1];
    const baselines = ngramBaselines(text, [1, 2, 3, 3], V);
    // By hand: unigrams 3, 3, 1, 1 of 8; after 1 came 2 and 3, after 2 came 0, after 3 came 0.
    const unigram = -(Math.log(2 / 12) + Math.log(2 / 12) + Math.log(2 / 12)) / 3;
    const bigram = -(Math.log(2 / 6) + Math.log(1 / 5) + Math.log(1 / 5)) / 3;
    expect(baselines.uniform).toBeCloseTo(Math.log(4), 12);
    expect(baselines.unigram).toBeCloseTo(unigram, 12);
    expect(baselines.bigram).toBeCloseTo(bigram, 12);
  });
  it.each([
    [() => Additive.train([0], 0, 1), "Additive.train: expected an order from 1"],
    [() => Additive.train([], 1, 1), "at least 1 token ids in ids, got 0"],
    [() => Additive.train([0], 1, 1, -1), "expected an alpha of 0 or more, got -1"],
  ])("says what is wrong %#", (wrong, message) => {
    expect(wrong).toThrow(message);
  });
});

describe("Interpolated", () => {
  it("Witten–Bell equals its definition", () => {
    fc.assert(
      fc.property(ids(1, 30), ids(0, 5), orders, (text, h, n) => {
        const model = Interpolated.wittenBell(text, n, V);
        const context = h.slice(Math.max(0, h.length - n + 1));
        for (let b = 0; b < V; b++)
          expect(model.probability(h, b)).toBeCloseTo(slowWittenBell(text, context, b), 12);
      }),
    );
  });
  it("fitting the weights never makes the held-out text less probable", () => {
    fc.assert(
      fc.property(ids(5, 60), ids(5, 60), orders, (text, heldOut, n) => {
        let last = Infinity;
        for (const rounds of [0, 1, 2, 5]) {
          const model = Interpolated.jelinekMercer(text, heldOut, n, V, { rounds });
          const loss = crossEntropy(model, heldOut, { from: 0 });
          expect(loss).toBeLessThanOrEqual(last + 1e-9);
          last = loss;
        }
      }),
      { numRuns: 50 },
    );
  });
  it("fits the weight that is best, as trying them all shows", () => {
    const rng = new Random(3);
    const text = (n: number) => {
      const all = [0];
      for (let i = 1; i < n; i++)
        all.push(rng.uniform() < 0.6 ? (all[i - 1] + 1) % V : rng.integer(V));
      return all;
    };
    const [train, heldOut] = [text(60), text(400)];
    const counts = new Counts(train, 2, V);
    const loss = (w: number[]) => crossEntropy(Interpolated.from(counts, w), heldOut, { from: 0 });
    const steps = Array.from({ length: 41 }, (_, i) => i / 40);
    const best = Math.min(...steps.flatMap((a) => steps.map((b) => loss([a, b]))));
    const fitted = Interpolated.jelinekMercer(train, heldOut, 2, V, { rounds: 300 });
    expect(crossEntropy(fitted, heldOut, { from: 0 })).toBeLessThan(best + 1e-3);
  });
  it("says what is wrong", () => {
    const counts = new Counts([0, 1], 2, V);
    expect(() => Interpolated.from(counts, [0.5, 1.5])).toThrow("weights from 0 to 1");
    expect(() => Interpolated.from(counts, [])).toThrow("expected an order from 1");
    expect(() => Interpolated.jelinekMercer([0], [], 1, V)).toThrow("in heldOut, got 0");
  });
});

describe("all of them", () => {
  const models = (text: number[], n: number): CountingModel[] => [
    Additive.train(text, n, V, 0.5),
    Interpolated.wittenBell(text, n, V),
    Interpolated.jelinekMercer(text, text, n, V),
    KneserNey.train(text, n, V),
  ];
  it("give distributions, and see the last n − 1 tokens before `end` only", () => {
    fc.assert(
      fc.property(ids(1, 40), ids(0, 6), orders, (text, h, n) => {
        for (const model of models(text, n)) {
          const p = distribution(model, h);
          expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 10);
          const longer = [3, 3, ...h.slice(Math.max(0, h.length - n + 1)), 2, 2];
          if (h.length >= n - 1)
            expect(model.probability(longer, 1, longer.length - 2)).toBeCloseTo(p[1], 12);
        }
      }),
    );
  });
  it("know their own text better than chance, and less than not at all of another", () => {
    const text = Array.from({ length: 300 }, (_, i) => [0, 1, 2, 1][i % 4]);
    for (const model of models(text, 3))
      expect(crossEntropy(model, text)).toBeLessThan(0.25 * Math.log(V));
  });
});

describe("entropy and its units", () => {
  it.each([
    [[1], 0],
    [[0.5, 0.5], 1],
    [[1, 1, 1, 1], 2],
    [[0.5, 0.25, 0.125, 0.125], 1.75],
    [[0, 3, 0], 0],
  ])("the entropy of %j is %d bits", (p, expected) => {
    expect(entropy(p)).toBeCloseTo(expected, 12);
  });
  it("is what a code in the right lengths needs, and no other distribution costs less", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 9 }),
        (counts) => {
          const total = counts.reduce((a, b) => a + b);
          const p = counts.map((n) => n / total);
          const cost = (q: number[]) => p.reduce((sum, x, i) => sum - x * Math.log2(q[i]), 0);
          expect(cost(p)).toBeCloseTo(entropy(counts), 9);
          const other = p.map((x, i) => (x + (i === 0 ? 0.5 : 0)) / 1.5);
          expect(cost(other)).toBeGreaterThanOrEqual(entropy(counts) - 1e-9);
        },
      ),
    );
  });
  it("converts", () => {
    expect(bits(Math.LN2)).toBe(1);
    expect(nats(bits(1.7))).toBeCloseTo(1.7, 12);
    expect(perplexity(Math.log(27))).toBeCloseTo(27, 10);
    // 100 tokens of 2 bits on 250 characters are 0.8 bits per character.
    expect(bitsPerCharacter(nats(2), { tokens: 100, characters: 250 })).toBeCloseTo(0.8, 12);
    expect(() => bitsPerCharacter(1, { tokens: 0, characters: 1 })).toThrow("got 0 tokens");
  });
  it("refuses what is no distribution", () => {
    expect(() => entropy([])).toThrow("expected a probability above 0");
    expect(() => entropy([0.5, -0.5])).toThrow("got -0.5");
    expect(() => entropy([Number.NaN])).toThrow("got NaN");
  });
});

describe("Shannon's game", () => {
  it("27 symbols, and nothing else", () => {
    expect(toShannonText("“Call me Ishmael.” Some years ago—never mind: é, 猫!\n\nNo. 7")).toBe(
      "call me ishmael some years ago never mind e no",
    );
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const short = toShannonText(text);
        expect([...short].every((c) => shannonAlphabet.includes(c))).toBe(true);
        expect(toShannonText(short)).toBe(short);
        expect(short).not.toContain("  ");
      }),
    );
  });
  it("ranks are places in the order of the probabilities", () => {
    const model = Additive.train([0, 0, 0, 1, 1, 2], 1, V);
    expect(guessRanks(model, [3, 0, 1, 2, 3])).toEqual([1, 2, 3, 4]);
    expect(guessRanks(Additive.train([0], 1, V), [0, 1, 2, 3])).toEqual([2, 3, 4]); // ties by id
  });
  it("both bounds are 0 for a player who is always right, and log₂ 27 for one who knows nothing", () => {
    expect(guessingBounds([1, 1, 1])).toEqual({ lower: 0, upper: 0 });
    const uniform = Array.from({ length: 27 }, (_, i) => i + 1);
    const { lower, upper } = guessingBounds(uniform);
    expect(upper).toBeCloseTo(Math.log2(27), 12);
    expect(lower).toBeCloseTo(Math.log2(27), 12);
  });
  it("lie around the entropy of a player who knows the probabilities", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(weights, (counts) => {
        const sorted = [...counts].sort((a, b) => b - a);
        const ranks = sorted.flatMap((n, i) => Array<number>(n).fill(i + 1));
        const { lower, upper } = guessingBounds(ranks);
        expect(lower).toBeLessThanOrEqual(entropy(sorted) + 1e-9);
        expect(upper).toBeGreaterThanOrEqual(entropy(sorted) - 1e-9);
      }),
    );
  });
  it("refuses what is no number of guesses", () => {
    expect(() => guessingBounds([])).toThrow("at least one guess");
    expect(() => guessingBounds([1, 0])).toThrow("got 0");
  });
});
