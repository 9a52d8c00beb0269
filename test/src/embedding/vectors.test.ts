// Similarity, neighbours, analogies, maps, and the triples by which vectors are judged.
import fc from "fast-check";
import { chineseVerse, mobyDick } from "llm/data";
import {
  analogy,
  chineseTriples,
  cosineSimilarity,
  englishTriples,
  frequencySimilarity,
  judgeTriples,
  nearest,
  nearestTo,
  oneHot,
  pairSimilarity,
  pca,
  randomVectors,
  readCorpus,
  similarityOf,
  vectorOf,
  wilsonInterval,
  wordVectors,
} from "llm/embedding";
import { Random } from "llm/random";
import { describe, expect, it } from "vitest";

const table = (rows: Record<string, number[]>) => {
  const words = Object.keys(rows);
  return wordVectors(
    { words, ids: new Map(words.map((word, id) => [word, id])) },
    Float64Array.from(Object.values(rows).flat()),
  );
};

describe("word vectors", () => {
  it("are compared by their angle", () => {
    expect(cosineSimilarity([1, 0], [3, 3])).toBeCloseTo(Math.SQRT1_2, 12);
    expect(cosineSimilarity([1, 2], [-2, -4])).toBeCloseTo(-1, 12);
    expect(cosineSimilarity([0, 0], [1, 2])).toBe(0);
    expect(() => cosineSimilarity([1], [1, 2])).toThrow("vectors of one length, got 1 and 2");
  });

  it("have neighbours, best first, without the word itself", () => {
    const vectors = table({ a: [1, 0], b: [0, 5], c: [2, 0.2], d: [-1, 0] });
    expect(nearest(vectors, "a").map(({ word }) => word)).toEqual(["c", "b", "d"]);
    expect(nearest(vectors, "a", 1)).toHaveLength(1);
    expect(nearestTo(vectors, [0, 1], { count: 1 })[0]).toEqual({ word: "b", similarity: 1 });
    expect([...vectorOf(vectors, "c")]).toEqual([2, Math.fround(0.2)]);
    expect(() => nearest(vectors, "e")).toThrow("one of the 4 words that have a vector, got e");
    expect(() => nearestTo(vectors, [1])).toThrow("expected a query of 2 numbers, got 1");
  });

  it("answer analogies by directions of equal length, without the words of the question", () => {
    // king is much longer than the others: undivided, it would drown them.
    const vectors = table({
      ...{ man: [1, 0, 0.1], king: [50, 50, 5], woman: [0, 0, 1] },
      ...{ queen: [0.1, 1, 1], whale: [0, -1, 0.3] },
    });
    const [first] = analogy(vectors, ["man", "king", "woman"]);
    expect(first.word).toBe("queen");
    expect(analogy(vectors, ["man", "king", "woman"]).map(({ word }) => word)).toEqual([
      "queen",
      "whale",
    ]);
  });

  it("start as noise", () => {
    const { values } = randomVectors(table({ a: [1], b: [1] }), 5000, new Random(1));
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(oneHot(1, 3)).toEqual([0, 1, 0]);
    expect(() => oneHot(3, 3)).toThrow("oneHot: expected an id from 0 to 2, got 3");
    expect(() => wordVectors(table({ a: [1], b: [1] }), new Float64Array(3))).toThrow(
      "as many numbers for each of 2 words, got 3",
    );
  });
});

describe("pca", () => {
  it("finds the line that points lie on", () => {
    // (1, 2, 3) + t · (2, 1, −2) / 3, and a little noise across.
    const at = [-2, -1, 0, 1, 5];
    const values = at.flatMap((t) => [1 + (2 * t) / 3, 2 + t / 3, 3 - (2 * t) / 3]);
    const { points, project, explained } = pca(values, 3, 2);
    project(values).forEach((x, i) => {
      expect(x).toBeCloseTo(points[i], 12); // with the same signs
    });
    expect(project([3, 3, 1])[0]).toBeCloseTo(3 - 3 / 5, 9); // t = 3
    const mean = 3 / 5;
    at.forEach((t, i) => {
      expect(points[2 * i]).toBeCloseTo(t - mean, 9);
      expect(points[2 * i + 1]).toBeCloseTo(0, 9);
    });
    expect(explained[0]).toBeCloseTo(1, 9);
    expect(() => pca(values, 3, 4)).toThrow("pca: expected a K from 1 to 3, got 4");
  });

  it("with all axes, keeps every distance", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 12, maxLength: 12 }),
        (values) => {
          const { points, explained } = pca(values, 3, 3);
          for (let i = 0; i < 4; i++)
            for (let j = 0; j < i; j++) {
              const apart = (x: ArrayLike<number>) =>
                Math.hypot(...[0, 1, 2].map((d) => x[3 * i + d] - x[3 * j + d]));
              expect(apart(points)).toBeCloseTo(apart(values), 8);
            }
          for (let k = 1; k < 3; k++)
            expect(explained[k]).toBeLessThanOrEqual(explained[k - 1] + 1e-12);
        },
      ),
    );
  });
});

describe("judging", () => {
  it("counts a tie as one half", () => {
    const vectors = table({ a: [1, 0], b: [1, 0.1], c: [0, 1], d: [0, 1] });
    const judged = judgeTriples(
      [
        ["a", "b", "c"],
        ["a", "c", "b"],
        ["a", "c", "d"],
      ],
      (x, y) => similarityOf(vectors, x, y),
    );
    expect(judged.right).toBe(1.5);
    expect(judged.accuracy).toBe(0.5);
    expect(judged.wrong).toEqual([
      ["a", "c", "b"],
      ["a", "c", "d"],
    ]);
  });

  it("has Wilson's interval", () => {
    // As statsmodels' proportion_confint(8, 10, method="wilson"), and at the edges.
    const [low, high] = wilsonInterval(8, 10);
    expect(low).toBeCloseTo(0.49016, 4);
    expect(high).toBeCloseTo(0.94332, 4);
    expect(wilsonInterval(10, 10)[1]).toBeCloseTo(1, 12);
    expect(wilsonInterval(0, 10)[0]).toBeCloseTo(0, 12);
    expect(() => wilsonInterval(3, 2)).toThrow("expected from 0 to 2 right answers, got 3");
  });

  const texts = [
    ["Moby-Dick", mobyDick, englishTriples],
    ["Chinese verse", chineseVerse, chineseTriples],
  ] as const;
  it.each(texts)("has triples of words that occur at least 50 times in %s", (_, text, triples) => {
    const corpus = readCorpus(text(), { minCount: 50 });
    expect(triples.length).toBeGreaterThanOrEqual(60);
    expect(new Set(triples.map((t) => t.join(" "))).size).toBe(triples.length);
    for (const triple of triples) {
      expect(triple).toHaveLength(3);
      expect(new Set(triple).size).toBe(3);
      for (const word of triple) expect(corpus.ids.has(word), word).toBe(true);
    }
    // The control: frequency alone must not answer them.
    const [low, high] = judgeTriples(triples, frequencySimilarity(corpus)).interval;
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.5);
  });

  it("the simplest baseline compares how often two words meet with chance", () => {
    const corpus = readCorpus("a b\na b\nc d\nc d\na d", { minCount: 1 });
    const beside = pairSimilarity(corpus, { window: 1 });
    // a has 3 meetings, b has 2, and all words together 10: chance is 3 · 2 / 10 of 2.
    expect(beside("a", "b")).toBeCloseTo(Math.log(2 / ((3 * 2) / 10)), 12);
    expect(beside("a", "c")).toBe(0); // they never meet, although both meet d
    expect(judgeTriples([["a", "b", "c"]], beside).right).toBe(1);
  });
});
