// BM25 beside MiniSearch and a slow specification; HNSW beside exact search and usearch; fusion, measures.

import fc from "fast-check";
import { Random } from "llm/random";
import {
  Bm25,
  cosineSimilarity,
  Hnsw,
  normalised,
  recallAtK,
  reciprocalRank,
  reciprocalRankFusion,
  searchTerms,
  VectorStore,
} from "llm/retrieval";
import MiniSearch from "minisearch";
import { Index } from "usearch";
import { describe, expect, test } from "vitest";

describe("terms", () => {
  test("words, accents, numbers; pairs of Chinese characters", () => {
    expect(searchTerms("The CAFÉ's 2 rooms, e-mail_x")).toEqual([
      ...["the", "cafe", "s", "2", "rooms", "e", "mail_x"],
    ]);
    expect(searchTerms("自然语言处理是AI的领域。猫")).toEqual([
      ...["自然", "然语", "语言", "言处", "处理", "理是", "ai", "的领", "领域", "猫"],
    ]);
    expect(searchTerms("Ｄｅｂｉａｎ  ")).toEqual(["debian"]);
    expect(searchTerms(" … ")).toEqual([]);
  });
});

/** A vocabulary of a few words, so that texts share some. */
const word = fc.constantFrom("a", "b", "c", "dd", "ee", "f");
const texts = fc.array(fc.array(word, { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 9,
});

/** The formula, term by term, without an index. */
function slowScore(all: string[][], i: number, query: string[], delta: number, k1 = 1.2, b = 0.75) {
  const mean = all.reduce((sum, terms) => sum + terms.length, 0) / all.length;
  return query.reduce((score, term) => {
    const f = all[i].filter((one) => one === term).length;
    if (f === 0) return score;
    const n = all.filter((terms) => terms.includes(term)).length;
    const idf = Math.log(1 + (all.length - n + 0.5) / (n + 0.5));
    const norm = 1 - b + (b * all[i].length) / mean;
    return score + idf * ((f * (k1 + 1)) / (f + k1 * norm) + delta);
  }, 0);
}

test("exact search is sorting by cosine, equals in the order in which they came", () => {
  const vector = fc.tuple(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -2, max: 2 }));
  const lists = fc.array(vector, { maxLength: 12 });
  fc.assert(
    fc.property(lists, vector, fc.integer({ min: 0, max: 14 }), (all, query, k) => {
      const store = new VectorStore(2);
      for (const [i, one] of all.entries()) store.add(String(i), one);
      const sorted = all
        .map((one, i) => ({ id: String(i), score: cosineSimilarity(query, one) }))
        .map(({ id, score }) => ({ id, score: Math.round(score * 1e5) }))
        .sort((a, b) => b.score - a.score)
        .slice(0, k);
      const found = store.search(query, k);
      expect(found.map(({ score }) => Math.round(score * 1e5))).toEqual(
        sorted.map(({ score }) => score),
      );
      const copies = new VectorStore(2);
      for (const i of all.keys()) copies.add(String(i), [1, 1]);
      expect(copies.search([1, 0], k).map(({ id }) => id)).toEqual(
        all.map((_, i) => String(i)).slice(0, k),
      );
    }),
    { numRuns: 200, seed: 25 },
  );
});

describe("BM25", () => {
  test("has the scores of the formula, whatever was added and removed before", () => {
    const property = fc.property(
      texts,
      texts,
      fc.array(word, { maxLength: 4 }),
      (all, gone, query) => {
        const index = new Bm25({ delta: 0.5 });
        for (const [i, terms] of gone.entries()) index.add(`gone ${i}`, terms);
        for (const [i, terms] of all.entries()) index.add(String(i), terms);
        for (const [i, terms] of gone.entries()) index.remove(`gone ${i}`, terms);
        const hits = index.search(query, 99);
        const expected = all
          .map((_, i) => ({ id: String(i), score: slowScore(all, i, query, 0.5) }))
          .filter(({ score }) => score > 0)
          .sort((x, y) => y.score - x.score);
        expect(hits.length).toBe(expected.length);
        for (const [i, { score }] of hits.entries())
          expect(score).toBeCloseTo(expected[i].score, 9);
        for (const { id, score } of hits)
          expect(score).toBeCloseTo(slowScore(all, Number(id), query, 0.5), 9);
      },
    );
    fc.assert(property, { numRuns: 300, seed: 25 });
  });

  test("orders as MiniSearch does, with its constants", () => {
    const property = fc.property(texts, fc.uniqueArray(word, { maxLength: 3 }), (all, query) => {
      const index = new Bm25({ k1: 1.2, b: 0.7, delta: 0.5 });
      // MiniSearch takes the number of different terms for a text's length
      for (const [i, terms] of all.entries()) index.add(String(i), terms, new Set(terms).size);
      const other = new MiniSearch({
        ...{ fields: ["text"], tokenize: (text: string) => text.split(" ") },
        searchOptions: { bm25: { k: 1.2, b: 0.7, d: 0.5 } },
      });
      other.addAll(all.map((terms, i) => ({ id: String(i), text: terms.join(" ") })));
      const theirs = other.search(query.join(" "));
      const ours = new Map(index.search(query, 99).map(({ id, score }) => [id, score]));
      expect([...ours.keys()].sort()).toEqual(theirs.map(({ id }) => id as string).sort());
      // MiniSearch multiplies a text's score by the number of its terms that are in the question
      const adjusted = theirs.map(({ id, score, terms }) => ({
        ...{ id: id as string, score: score / terms.length },
      }));
      for (const { id, score } of adjusted) expect(ours.get(id)).toBeCloseTo(score, 6);
    });
    fc.assert(property, { numRuns: 200, seed: 25 });
  });

  test("a rare word counts more, and what is wrong is refused", () => {
    const index = new Bm25();
    for (const [id, text] of Object.entries({ x: "the cat", y: "the dog", z: "the the the" }))
      index.add(id, text.split(" "));
    expect(index.search(["the", "cat"])[0].id).toBe("x");
    expect(index.search(["bird"])).toEqual([]);
    expect(index.search(["the"], 2)).toHaveLength(2);
    expect(() => index.add("x", [])).toThrow("Bm25.add: expected a new id, got x again");
    expect(() => index.remove("w", [])).toThrow("expected a known id, got w");
    expect(() => new Bm25({ b: 2 })).toThrow("b from 0 to 1");
  });
});

/** Vectors in clumps, as those of texts are. */
function clumps(count: number, dimensions: number, seed: number): Float32Array[] {
  const rng = new Random(seed);
  const middles = Array.from({ length: 12 }, () =>
    Float32Array.from({ length: dimensions }, () => rng.normal()),
  );
  return Array.from({ length: count }, () => {
    const middle = middles[rng.integer(middles.length)];
    return middle.map((x) => x + 0.6 * rng.normal());
  });
}

describe("vectors", () => {
  const vectors = clumps(1500, 24, 1);
  const queries = clumps(40, 24, 2);
  const exact = new VectorStore(24);
  for (const [i, vector] of vectors.entries()) exact.add(String(i), vector);

  /** The share of the true ten nearest that were found. */
  const recall = (search: (query: Float32Array) => string[]) =>
    queries.reduce((sum, query) => {
      const right = exact.search(query, 10).map(({ id }) => id);
      return sum + recallAtK(search(query), right, 10) / queries.length;
    }, 0);

  test("exact search is a sort by cosine", () => {
    const [query] = queries;
    const expected = vectors
      .map((vector, i) => ({ id: String(i), score: cosineSimilarity(query, vector) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 5);
    const hits = exact.search(query, 5);
    expect(hits.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    for (const [i, { score }] of hits.entries()) expect(score).toBeCloseTo(expected[i].score, 5);
    expect(normalised([3, 4])).toEqual(Float32Array.from([0.6, 0.8]));
    expect(cosineSimilarity(new Float32Array(2), Float32Array.from([1, 2]))).toBe(0);
  });

  test("HNSW finds nearly all, with a fraction of the comparisons; more candidates find more", () => {
    const index = new Hnsw(24, { links: 8, build: 80, seed: 3 });
    for (const [i, vector] of vectors.entries()) index.add(String(i), vector);
    expect(index.layers).toBeGreaterThan(2);
    const at = (ef: number) => {
      index.ef = ef;
      index.compared = 0;
      const found = recall((query) => index.search(query, 10).map(({ id }) => id));
      return { found, compared: index.compared / queries.length };
    };
    const [few, many] = [at(10), at(100)];
    expect(many.found).toBeGreaterThan(0.97);
    expect(few.found).toBeLessThan(many.found + 1e-9);
    expect(few.compared).toBeLessThan(many.compared);
    expect(many.compared).toBeLessThan(vectors.length / 2);
  });

  test("and about as many as usearch with the same constants", () => {
    const index = new Hnsw(24, { links: 8, build: 80, ef: 32, seed: 3 });
    const other = new Index({
      ...{ dimensions: 24, metric: "cos", connectivity: 8 },
      ...{ expansion_add: 80, expansion_search: 32 },
    } as unknown as ConstructorParameters<typeof Index>[0]);
    for (const [i, vector] of vectors.entries()) {
      index.add(String(i), vector);
      other.add(BigInt(i), vector);
    }
    const ours = recall((query) => index.search(query, 10).map(({ id }) => id));
    const theirs = recall((query) => {
      const { keys } = other.search(query, 10, 0) as { keys: BigUint64Array };
      return [...keys].map(String);
    });
    expect(ours).toBeGreaterThan(theirs - 0.05);
  });

  test("what was removed is not found, what is left is, and what comes again is", () => {
    for (const index of [new VectorStore(24), new Hnsw(24, { links: 6, build: 40, seed: 5 })]) {
      for (let i = 0; i < 300; i++) index.add(String(i), vectors[i]);
      for (let i = 0; i < 300; i += 2) index.remove(String(i));
      expect(index.size).toBe(150);
      for (const query of queries.slice(0, 10)) {
        const ids = index.search(query, 10).map(({ id }) => Number(id));
        expect(ids).toHaveLength(10);
        for (const id of ids) expect(id % 2).toBe(1);
      }
      index.add("0", vectors[0]);
      expect(index.search(vectors[0], 1)[0].id).toBe("0");
      expect(() => index.remove("2")).toThrow("expected a known id, got 2");
      expect(() => index.add("1", vectors[1])).toThrow("expected a new id, got 1 again");
      expect(() => index.search([1, 2])).toThrow("expected 24 numbers, got 2");
      expect(() =>
        index.add(
          "x",
          vectors[0].map(() => Number.NaN),
        ),
      ).toThrow("got NaN at place 0");
    }
    expect(new Hnsw(3).search([1, 2, 3])).toEqual([]);
    expect(() => new Hnsw(3, { links: 1 })).toThrow("links of 2");
  });

  test("all removed but few: those are found, though the way leads over the others", () => {
    const index = new Hnsw(24, { links: 6, build: 40, ef: 4, seed: 5 });
    for (let i = 0; i < 200; i++) index.add(String(i), vectors[i]);
    for (let i = 3; i < 200; i++) index.remove(String(i));
    const ids = index.search(queries[0], 3).map(({ id }) => Number(id));
    expect(ids.sort()).toEqual([0, 1, 2]);
  });
});

test("fusion: ranks and not scores, over the lists that have a text", () => {
  const list = (...ids: string[]) => ids.map((id) => ({ id }));
  const fused = reciprocalRankFusion([list("a", "b", "c"), list("c", "a")]);
  expect(fused.map(({ id }) => id)).toEqual(["a", "c", "b"]);
  expect(fused[0].score).toBeCloseTo(1 / 61 + 1 / 62, 12);
  expect(fused[2].score).toBeCloseTo(1 / 62, 12);
  expect(reciprocalRankFusion([list("x"), list("y")]).map(({ id }) => id)).toEqual(["x", "y"]);
  expect(reciprocalRankFusion([])).toEqual([]);
});

test("measures", () => {
  expect(recallAtK(["a", "b", "c"], ["c", "x"], 3)).toBe(0.5);
  expect(recallAtK(["a", "b", "c"], ["c"], 2)).toBe(0);
  expect(reciprocalRank(["a", "b"], ["b", "q"])).toBe(0.5);
  expect(reciprocalRank(["a"], ["b"])).toBe(0);
  expect(() => recallAtK([], [], 3)).toThrow("expected at least one right id");
});
