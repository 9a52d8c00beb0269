// Kneser–Ney against its definition, written with strings and maps and no tree, and against
// properties that only right smoothing has.
import fc from "fast-check";
import { KneserNey } from "llm/ngram";
import { describe, expect, it } from "vitest";

/** The definition in the docstring of KneserNey, as slow as it reads. */
function slowKneserNey(text: number[], order: number, V: number) {
  const key = (ids: number[]) => ids.join(" ");
  /** By length: every sequence with its count, or with its number of different predecessors. */
  const c = Array.from({ length: order + 1 }, (_, length) => {
    const found = new Map<string, { ids: number[]; times: number; before: Set<number> }>();
    for (let i = 0; length > 0 && i + length <= text.length; i++) {
      const ids = text.slice(i, i + length);
      const entry = found.get(key(ids)) ?? { ids, times: 0, before: new Set<number>() };
      entry.times++;
      if (i > 0) entry.before.add(text[i - 1]);
      found.set(key(ids), entry);
    }
    return [...found.values()].map(({ ids, times, before }) => ({
      ids,
      c: length === order ? times : Math.max(before.size, 1),
    }));
  });
  const D = c.map((sequences) => {
    const n = [0, 1, 2, 3, 4].map((i) => sequences.filter((s) => s.c === i).length);
    const Y = n[1] / (n[1] + 2 * n[2]);
    return [0, 1, 2, 3].map((i) => {
      const estimate = i - ((i + 1) * Y * n[i + 1]) / n[i];
      return i > 0 && n[i] && n[i + 1] && estimate > 0 ? estimate : i / 2;
    });
  });
  const discount = (length: number, count: number) => D[length][Math.min(count, 3)];
  function p(context: number[], b: number): number {
    if (context.length >= order) return p(context.slice(1), b);
    const length = context.length + 1;
    const followers = c[length].filter(({ ids }) => key(ids.slice(0, -1)) === key(context));
    const shorter = context.length === 0 ? 1 / V : p(context.slice(1), b);
    if (followers.length === 0) return shorter;
    const total = followers.reduce((sum, f) => sum + f.c, 0);
    const gamma = followers.reduce((sum, f) => sum + discount(length, f.c), 0) / total;
    const count = followers.find(({ ids }) => ids[ids.length - 1] === b)?.c ?? 0;
    return Math.max(count - discount(length, count), 0) / total + gamma * shorter;
  }
  return p;
}

const V = 5;
const ids = (minLength: number, maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: V - 1 }), { minLength, maxLength });

describe("KneserNey", () => {
  it("is its definition", () => {
    fc.assert(
      fc.property(ids(1, 60), ids(0, 6), fc.integer({ min: 1, max: 5 }), (text, context, n) => {
        const model = KneserNey.train(text, n, V);
        const slow = slowKneserNey(text, n, V);
        for (let b = 0; b < V; b++)
          expect(model.probability(context, b)).toBeCloseTo(slow(context, b), 12);
      }),
    );
  });

  it("gives every token a chance, and chances that sum to 1", () => {
    fc.assert(
      fc.property(ids(1, 200), ids(0, 6), fc.integer({ min: 1, max: 6 }), (text, context, n) => {
        const p = KneserNey.train(text, n, V).probabilities(context);
        expect(Math.min(...p)).toBeGreaterThan(0);
        expect(p.reduce((sum, x) => sum + x)).toBeCloseTo(1, 12);
      }),
    );
  });

  it("judges a token in a new context by how many different tokens it followed", () => {
    // 3 occurs forty times, and only after 2; 1 occurs eight times, after eight different tokens.
    const text = [4, 5, 6, 7, 8, 9, 10, 11].flatMap((id) => [id, 1]);
    for (let i = 0; i < 40; i++) text.push(2, 3);
    const model = KneserNey.train(text, 2, 13);
    expect(model.probability([12], 1)).toBeGreaterThan(4 * model.probability([12], 3));
    expect(model.probability([2], 3)).toBeGreaterThan(0.9);
  });

  it("measures in nats, with what comes before as context", () => {
    const text = Array.from({ length: 3000 }, (_, i) => [0, 1, 0, 2][i % 4]);
    expect(KneserNey.train(text, 3, V).crossEntropy(text)).toBeLessThan(0.01);
    expect(KneserNey.train(text, 1, V).crossEntropy(text)).toBeCloseTo(1.5 * Math.LN2, 2);
    const model = KneserNey.train([0, 1, 2, 0, 1, 3], 3, V);
    const [first, second] = [model.probability([0], 1), model.probability([0, 1], 2)];
    expect(model.crossEntropy([0, 1, 2])).toBeCloseTo(
      -(Math.log(first) + Math.log(second)) / 2,
      12,
    );
    expect(model.crossEntropy([0, 1, 2], { from: 2 })).toBeCloseTo(-Math.log(second), 12);
  });

  it("counts its numbers", () => {
    expect(KneserNey.train([0, 1, 0, 1], 2, 2).size).toBe(4); // 0, 1, 01, 10
  });

  it("takes large vocabularies", () => {
    const text = Int32Array.from({ length: 5000 }, (_, i) => (i * 7919) % 100_003);
    const model = KneserNey.train(text, 4, 200_000);
    expect(model.probability([text[7], text[8]], text[9])).toBeGreaterThan(0.1);
  });

  it("says what is wrong", () => {
    for (const order of [0, 1.5, 256])
      expect(() => KneserNey.train([0], order, 1)).toThrow(
        `KneserNey.train: expected an order from 1 (no context) to 255 (254 tokens before), got ${order}`,
      );
    expect(() => KneserNey.train([], 2, 1)).toThrow("at least 1 token ids in ids, got 0");
    expect(() => KneserNey.train([0], 2, 1).crossEntropy([0])).toThrow("at least 2 token ids");
  });
});
