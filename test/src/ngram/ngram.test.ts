import fc from "fast-check";
import { NGram, ngramBaselines } from "llm/ngram";
import { Random } from "llm/random";
import { describe, expect, it } from "vitest";

describe("ngramBaselines", () => {
  it("equals a count by hand", () => {
    // train a b a b a c: n(a) 3, n(b) 2, n(c) 1 of N = 6; pairs ab 2, ba 2, ac 1. V = 4 (d never
    // seen). val a b d scores b after a, and d after b.
    const { uniform, unigram, bigram } = ngramBaselines([0, 1, 0, 1, 0, 2], [0, 1, 3], 4);
    expect(uniform).toBeCloseTo(Math.log(4), 12);
    expect(unigram).toBeCloseTo(-(Math.log(3 / 10) + Math.log(1 / 10)) / 2, 12);
    expect(bigram).toBeCloseTo(-(Math.log(3 / 7) + Math.log(1 / 6)) / 2, 12); // a begins 3 pairs, b begins 2
  });

  it("takes typed arrays and large vocabularies", () => {
    const result = ngramBaselines(
      Int32Array.of(0, 49_999, 0, 49_999),
      Int32Array.of(0, 49_999),
      50_000,
    );
    expect(result.bigram).toBeCloseTo(-Math.log(3 / 50_002), 12);
  });

  it("finds a text of pairs easier the more it knows", () => {
    const text = Array.from({ length: 400 }, (_, i) => [0, 1, 0, 2][i % 4]);
    const { uniform, unigram, bigram } = ngramBaselines(text, text, 8);
    expect(unigram).toBeLessThan(uniform);
    expect(bigram).toBeLessThan(unigram);
  });

  it("says what is wrong", () => {
    expect(() => ngramBaselines([], [0, 1], 2)).toThrow("at least 1 token ids in trainIds, got 0");
    expect(() => ngramBaselines([0], [1], 2)).toThrow("at least 2 token ids in valIds, got 1");
    expect(() => ngramBaselines([0, 2], [0, 1], 2)).toThrow(
      "expected trainIds from 0 to 1, got 2 at position 1",
    );
    expect(() => ngramBaselines([0], [0, -1], 2)).toThrow(
      "expected valIds from 0 to 1, got -1 at position 1",
    );
    expect(() => ngramBaselines([0], [0, 0], 0)).toThrow("vocabSize of 1 or more");
  });
});

describe("NGram", () => {
  const [a, b, c, d] = [0, 1, 2, 3];
  const model = NGram.train([a, b, c, a, b, d], 3, 4);

  it("predicts what followed the last two tokens", () => {
    expect([...model.probabilities([a, b])]).toEqual([0, 0, 0.5, 0.5]);
    expect([...model.probabilities([d, d, b, c])]).toEqual([1, 0, 0, 0]);
  });

  it("backs off to the longest context it has seen", () => {
    expect(model.seenContext([d, b])).toEqual([b]); // d b never occurred
    expect([...model.probabilities([d, b])]).toEqual([0, 0, 0.5, 0.5]);
    expect(model.seenContext([b, d])).toEqual([]); // occurred, but nothing followed
    expect([...model.probabilities([b, d])]).toEqual([2 / 6, 2 / 6, 1 / 6, 1 / 6]);
    expect([...model.probabilities([])]).toEqual([2 / 6, 2 / 6, 1 / 6, 1 / 6]);
  });

  it("looks at no context at order 1", () => {
    const unigram = NGram.train([a, a, a, b], 1, 2);
    expect(unigram.seenContext([a, b])).toEqual([]);
    expect([...unigram.probabilities([b])]).toEqual([0.75, 0.25]);
  });

  it("gives a distribution for every context", () => {
    const ids = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        ids,
        fc.array(fc.integer({ min: 0, max: 4 })),
        fc.integer({ min: 1, max: 5 }),
        (text, context, n) => {
          const p = NGram.train(text, n, 5).probabilities(context);
          expect(p.reduce((sum, x) => sum + x)).toBeCloseTo(1, 12);
          expect(p).toHaveLength(5);
        },
      ),
    );
  });

  it("writes only what it has read, and the same for the same seed", () => {
    const cycle = NGram.train([a, b, c, a, b, c, a], 2, 3);
    expect(cycle.sample([b], 5, new Random(1))).toEqual([b, c, a, b, c, a]);
    const once = model.sample([a], 50, new Random(7));
    expect(once).toHaveLength(51);
    expect(model.sample([a], 50, new Random(7))).toEqual(once);
  });

  it("draws in proportion", () => {
    const drawn = NGram.train([a, a, a, b], 1, 2).sample([], 4000, new Random(3));
    expect(drawn.filter((id) => id === a).length / 4000).toBeCloseTo(0.75, 1);
  });

  it("says what is wrong", () => {
    for (const order of [0, -1, 1.5])
      expect(() => NGram.train([a], order, 1)).toThrow("an order of 1 or more");
    expect(() => NGram.train([], 2, 1)).toThrow("at least 1 token ids in ids, got 0");
    expect(() => NGram.train([5], 2, 4)).toThrow("expected ids from 0 to 3, got 5 at position 0");
  });
});
