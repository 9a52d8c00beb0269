// Words, counts of neighbours, PPMI and SVD against slow definitions.
import fc from "fast-check";
import {
  columnSums,
  coOccurrence,
  entryOf,
  ppmi,
  ppmiSvd,
  readCorpus,
  rowSums,
  type SparseMatrix,
  shuffledCorpus,
  similarityOf,
  splitWords,
  symmetricEigen,
  truncatedSvd,
} from "llm/embedding";
import { Random } from "llm/random";
import { describe, expect, it } from "vitest";

const V = 6;
const someLines = fc.array(fc.array(fc.integer({ min: 0, max: V - 1 }), { maxLength: 12 }), {
  maxLength: 6,
});
const corpusOf = (lines: number[][]) => ({
  words: Array.from({ length: V }, (_, i) => `w${i}`),
  lines: lines.map((line) => Int32Array.from(line)),
});
const dense = (m: SparseMatrix) =>
  Array.from({ length: m.rows }, (_, i) =>
    Array.from({ length: m.columns }, (_, j) => entryOf(m, i, j)),
  );
const sparse = (rows: number[][]): SparseMatrix => {
  const entries = rows.map((row) => row.flatMap((x, j) => (x === 0 ? [] : [[j, x]])));
  return {
    rows: rows.length,
    columns: rows[0].length,
    start: Int32Array.from([0, ...entries].map((_, i) => entries.slice(0, i).flat().length)),
    column: Int32Array.from(entries.flat(), ([j]) => j),
    value: Float64Array.from(entries.flat(), ([, x]) => x),
  };
};

describe("a corpus", () => {
  it("is words of letters, and characters of Chinese", () => {
    expect(splitWords("The whale's eye, 1851: 'twas naïve.\n江上月。A子b")).toEqual([
      "the",
      "whale's",
      "eye",
      "twas",
      "naïve",
      "江",
      "上",
      "月",
      "a",
      "子",
      "b",
    ]);
    expect(splitWords("1, 2!")).toEqual([]);
  });

  it("keeps frequent words, in order of frequency, line by line", () => {
    const corpus = readCorpus("b a a\n\nc d\na c b", { minCount: 2 });
    expect(corpus.words).toEqual(["a", "b", "c"]);
    expect([...corpus.counts]).toEqual([3, 2, 2]);
    expect(corpus.total).toBe(7);
    expect(corpus.lines.map((line) => [...line])).toEqual([[1, 0, 0], [2], [0, 2, 1]]);
    expect(corpus.ids.get("c")).toBe(2);
    expect(corpus.ids.has("d")).toBe(false);
    expect(() => readCorpus("a b c")).toThrow("readCorpus: expected a word that occurs 5 times");
  });

  it("is shuffled across lines, with the same counts and lengths", () => {
    const corpus = readCorpus("a a a a b\nb b b c c c c\nd d", { minCount: 1 });
    const before = corpus.lines.map((line) => [...line]);
    const { lines } = shuffledCorpus(corpus, new Random(4));
    expect(lines.map((line) => line.length)).toEqual([5, 7, 2]);
    expect(lines.flatMap((line) => [...line]).sort()).toEqual(before.flat().sort());
    expect(lines.map((line) => [...line])).not.toEqual(before);
    expect(corpus.lines.map((line) => [...line])).toEqual(before);
  });
});

describe("coOccurrence", () => {
  it("is its definition", () => {
    fc.assert(
      fc.property(
        someLines,
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom("equal" as const, "inverse" as const),
        (lines, window, weight) => {
          const slow = Array.from({ length: V }, () => Array<number>(V).fill(0));
          for (const line of lines)
            line.forEach((a, t) => {
              line.forEach((b, s) => {
                const distance = Math.abs(s - t);
                if (distance > 0 && distance <= window)
                  slow[a][b] += weight === "equal" ? 1 : 1 / distance;
              });
            });
          const result = dense(coOccurrence(corpusOf(lines), { window, weight }));
          result.flat().forEach((x, k) => {
            expect(x).toBeCloseTo(slow.flat()[k], 12);
          });
        },
      ),
    );
  });

  it("stores nothing that did not occur, and says what is wrong", () => {
    expect(coOccurrence(corpusOf([[0, 1, 0]]), { window: 1 }).value).toHaveLength(2);
    expect(() => coOccurrence(corpusOf([]), { window: 0 })).toThrow(
      "coOccurrence: expected a window of 1 word or more, got 0",
    );
  });
});

describe("ppmi", () => {
  it("is its definition", () => {
    fc.assert(
      fc.property(someLines, fc.constantFrom(1, 0.75), (lines, alpha) => {
        const counts = coOccurrence(corpusOf(lines));
        const X = dense(counts);
        const total = X.flat().reduce((sum, x) => sum + x, 0);
        const rows = X.map((row) => row.reduce((sum, x) => sum + x, 0));
        const columns = X[0].map((_, j) => X.reduce((sum, row) => sum + row[j], 0) ** alpha);
        const all = columns.reduce((sum, x) => sum + x, 0);
        const result = ppmi(counts, { alpha });
        for (let i = 0; i < V; i++)
          for (let j = 0; j < V; j++) {
            const pmi = Math.log(X[i][j] / total / ((rows[i] / total) * (columns[j] / all)));
            expect(entryOf(result, i, j)).toBeCloseTo(X[i][j] > 0 ? Math.max(0, pmi) : 0, 10);
          }
        expect(result.value.every((x) => x > 0)).toBe(true);
      }),
    );
  });

  it("finds nothing where rows and columns are independent", () => {
    expect(
      ppmi(
        sparse([
          [2, 6],
          [1, 3],
        ]),
      ).value.every((x) => x < 1e-12),
    ).toBe(true);
    const [a, b] = [rowSums, columnSums].map((sums) => [
      ...sums(
        sparse([
          [2, 6],
          [1, 0],
        ]),
      ),
    ]);
    expect([a, b]).toEqual([
      [8, 1],
      [3, 6],
    ]);
  });
});

const number = fc.integer({ min: -20, max: 20 }).map((x) => x / 4);
const matrix = (rows: number, columns: number) =>
  fc.array(fc.array(number, { minLength: columns, maxLength: columns }), {
    minLength: rows,
    maxLength: rows,
  });

describe("eigenvectors and singular vectors", () => {
  it("rebuild a symmetric matrix, the largest first", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }).chain((n) => matrix(n, n)),
        (rows) => {
          const n = rows.length;
          const A = rows.flatMap((row, i) => row.map((x, j) => x + rows[j][i]));
          const { values, vectors: Q } = symmetricEigen(A, n);
          for (let i = 0; i < n; i++)
            for (let j = 0; j < n; j++) {
              let [rebuilt, product] = [0, 0];
              for (let k = 0; k < n; k++) {
                rebuilt += Q[i * n + k] * values[k] * Q[j * n + k];
                product += Q[k * n + i] * Q[k * n + j];
              }
              expect(rebuilt).toBeCloseTo(A[i * n + j], 9);
              expect(product).toBeCloseTo(i === j ? 1 : 0, 9);
            }
          for (let k = 1; k < n; k++) expect(values[k]).toBeLessThanOrEqual(values[k - 1]);
        },
      ),
    );
    expect(() => symmetricEigen([1, 2, 3], 2)).toThrow("expected 2 × 2 numbers, got 3");
  });

  it("are those of the dense matrix A Aᵀ", () => {
    // 40 × 30 numbers, most of them 0; singular values that lie apart.
    const rng = new Random(3);
    const rows = Array.from({ length: 40 }, (_, i) =>
      Array.from({ length: 30 }, (_, j) =>
        i === j ? 3 * 0.9 ** i : rng.uniform() < 0.1 ? 0.05 * rng.normal() : 0,
      ),
    );
    const gram = rows.flatMap((a) => rows.map((b) => a.reduce((s, x, k) => s + x * b[k], 0)));
    const { values, vectors } = symmetricEigen(gram, 40);
    const svd = truncatedSvd(sparse(rows), 5, { seed: 1 });
    for (let k = 0; k < 5; k++) {
      expect(svd.values[k]).toBeCloseTo(Math.sqrt(values[k]), 6);
      let along = 0;
      for (let i = 0; i < 40; i++) along += svd.left[i * 5 + k] * vectors[i * 40 + k];
      expect(Math.abs(along)).toBeCloseTo(1, 4);
      const column = Array.from({ length: 40 }, (_, i) => svd.left[i * 5 + k]);
      expect(Math.max(...column)).toBe(Math.max(...column.map(Math.abs))); // the sign
    }
    const other = truncatedSvd(sparse(rows), 5, { seed: 2 });
    other.left.forEach((x, i) => {
      expect(x).toBeCloseTo(svd.left[i], 3);
    });
  });

  it("also of a matrix of low rank", () => {
    const { values, left } = truncatedSvd(
      sparse([
        [1, 2],
        [2, 4],
        [3, 6],
      ]),
      2,
      { seed: 1 },
    );
    expect(values[0]).toBeCloseTo(Math.sqrt(70), 9);
    expect(values[1]).toBeCloseTo(0, 6);
    expect(left.every(Number.isFinite)).toBe(true);
    expect(() => truncatedSvd(sparse([[1, 2]]), 2, { seed: 1 })).toThrow("a K from 1 to 1, got 2");
  });
});

describe("ppmiSvd", () => {
  it("brings words together that stand among the same words", () => {
    const rng = new Random(1);
    const topics = ["sun moon star sky", "fish net boat shore"].map((t) => t.split(" "));
    const text = Array.from({ length: 200 }, (_, i) =>
      Array.from({ length: 8 }, () => topics[i % 2][rng.integer(4)]).join(" "),
    ).join("\n");
    const vectors = ppmiSvd(readCorpus(text), { seed: 1, D: 2, alpha: 1 });
    expect(vectors.D).toBe(2);
    expect(similarityOf(vectors, "sun", "moon")).toBeGreaterThan(0.9);
    expect(similarityOf(vectors, "sun", "boat")).toBeLessThan(0.3);
  });
});
