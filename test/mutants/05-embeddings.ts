/** Plausible wrong answers to lesson 05 (embeddings), and the sentence that each must be told. */

import type { Mutants } from "llm/course/kit";
import * as right from "../../solutions/05-embeddings";

const dot = (a: number[], b: number[]) => a.reduce((sum, x, d) => sum + x * b[d], 0);
const norm = (a: number[]) => Math.sqrt(dot(a, a));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const empty = (V: number) => Array.from({ length: V }, () => new Array<number>(V).fill(0));

/** The table, with what counts as near exchanged. */
const counted =
  (near: (t: number, s: number, window: number, line: number[]) => boolean) =>
  (lines: number[][], V: number, window: number) => {
    const table = empty(V);
    for (const line of lines)
      for (let t = 0; t < line.length; t++)
        for (let s = 0; s < line.length; s++)
          if (near(t, s, window, line)) table[line[t]][line[s]]++;
    return table;
  };

/** The table of PPMI with one cell's formula exchanged. */
const cellsOf =
  (cell: (n: number, row: number, column: number, total: number) => number) =>
  (counts: number[][]) => {
    const columns = counts[0].map((_, j) => sum(counts.map((row) => row[j])));
    const total = sum(columns);
    return counts.map((row) => row.map((n, j) => cell(n, sum(row), columns[j], total)));
  };

/** The analogy with query and exclusion exchanged. */
const analogyWith =
  ({
    query = (a: number[], b: number[], c: number[]) => b.map((x, d) => x - a[d] + c[d]),
    unit = true,
    skip = true,
    score = right.cosineSimilarity,
  }) =>
  (vectors: number[][], a: number, b: number, c: number) => {
    const [from, to, like] = [a, b, c].map((id) =>
      vectors[id].map((x) => (unit ? x / norm(vectors[id]) : x)),
    );
    const asked = query(from, to, like);
    let [best, most] = [-1, Number.NEGATIVE_INFINITY];
    for (const [id, vector] of vectors.entries()) {
      if (skip && [a, b, c].includes(id)) continue;
      const here = score(asked, vector);
      if (here > most) [best, most] = [id, here];
    }
    return best;
  };

export const mutants: Mutants<typeof import("../../solutions/05-embeddings")> = {
  cosineSimilarity: [
    { name: "dot product only", told: /lengths/, answer: dot },
    {
      name: "NaN for a vector of zeros",
      told: /no direction/,
      answer: (a: number[], b: number[]) => dot(a, b) / (norm(a) * norm(b)),
    },
    {
      name: "divides by the squares of the lengths",
      told: /square root/,
      answer: (a: number[], b: number[]) => dot(a, b) / (dot(a, a) * dot(b, b) || 1),
    },
    {
      name: "distance in place of the angle",
      told: /distance/,
      answer: (a: number[], b: number[]) => norm(a.map((x, d) => x - b[d])),
    },
  ],
  coOccurrenceTable: [
    {
      name: "looks to the right only",
      told: /to the left/,
      answer: counted((t, s, window) => s > t && s <= t + window),
    },
    {
      name: "counts the word itself",
      told: /itself at the same place/,
      answer: counted((t, s, window) => Math.abs(s - t) <= window),
    },
    {
      name: "skips a second occurrence of the word",
      told: /second occurrence/,
      answer: counted((t, s, window, line) => Math.abs(s - t) <= window && line[s] !== line[t]),
    },
    {
      name: "window across lines",
      told: /end of a line/,
      answer: (lines: number[][], V: number, window: number) =>
        right.coOccurrenceTable([lines.flat()], V, window),
    },
    {
      name: "window one place too small",
      told: /exactly `window`/,
      answer: counted((t, s, window) => s !== t && Math.abs(s - t) < window),
    },
  ],
  ppmiTable: [
    {
      name: "negative values kept",
      told: /max\(0/,
      answer: cellsOf((n, row, column, total) =>
        n === 0 ? 0 : Math.log((n * total) / (row * column)),
      ),
    },
    {
      name: "logarithm to base 2",
      told: /natural logarithm/,
      answer: cellsOf((n, row, column, total) =>
        n === 0 ? 0 : Math.max(0, Math.log2((n * total) / (row * column))),
      ),
    },
    {
      name: "counts in place of probabilities",
      told: /sum of the whole table/,
      answer: cellsOf((n, row, column) =>
        n === 0 ? 0 : Math.max(0, Math.log(n / (row * column))),
      ),
    },
    {
      name: "divides by the row only",
      told: /frequent everywhere/,
      answer: cellsOf((n, row, _column, total) =>
        n === 0 ? 0 : Math.max(0, Math.log((n * total) / (row * row))),
      ),
    },
    {
      name: "no logarithm",
      told: /factor itself/,
      answer: cellsOf((n, row, column, total) => (n * total) / (row * column || 1)),
    },
  ],
  keepProbability: [
    {
      name: "more than 1 for rare words",
      told: /never exceeds 1/,
      answer: (share: number, threshold: number) => Math.sqrt(threshold / share),
    },
    {
      name: "no square root",
      told: /root/,
      answer: (share: number, threshold: number) => Math.min(1, threshold / share),
    },
    {
      name: "the chance that it is dropped",
      told: /dropped/,
      answer: (share: number, threshold: number) => 1 - Math.min(1, Math.sqrt(threshold / share)),
    },
    {
      name: "fraction upside down",
      told: /upside down/,
      answer: (share: number, threshold: number) => Math.min(1, Math.sqrt(share / threshold)),
    },
  ],
  negativeSampling: [
    {
      name: "negatives pulled nearer",
      told: /drawn at random.*push|push.*drawn at random/,
      answer: (v: number[], u: number[], negatives: number[][]) => {
        const pull = (x: number[]) => sigmoid(dot(v, x)) - 1;
        const all = [u, ...negatives];
        return {
          loss: -sum(all.map((x) => Math.log(sigmoid(dot(v, x))))),
          centre: v.map((_, d) => sum(all.map((x) => pull(x) * x[d]))),
          context: v.map((x) => pull(u) * x),
          negatives: negatives.map((n) => v.map((x) => pull(n) * x)),
        };
      },
    },
    {
      name: "centre hears only its neighbour",
      told: /every dot product/,
      answer: (v: number[], u: number[], negatives: number[][]) => ({
        ...right.negativeSampling(v, u, negatives),
        centre: right.negativeSampling(v, u, []).centre,
      }),
    },
    {
      name: "signs turned round",
      told: /descent|sign/,
      answer: (v: number[], u: number[], negatives: number[][]) => {
        const is = right.negativeSampling(v, u, negatives);
        const turned = (x: number[]) => x.map((y) => -y);
        return {
          loss: is.loss,
          centre: turned(is.centre),
          context: turned(is.context),
          negatives: is.negatives.map(turned),
        };
      },
    },
    {
      name: "gradient of u times u",
      told: /other vector/,
      answer: (v: number[], u: number[], negatives: number[][]) => ({
        ...right.negativeSampling(v, u, negatives),
        context: u.map((x) => (sigmoid(dot(v, u)) - 1) * x),
      }),
    },
    {
      name: "mean over the negatives",
      told: /sum over/,
      answer: (v: number[], u: number[], negatives: number[][]) => {
        const is = right.negativeSampling(v, u, negatives);
        const own = right.negativeSampling(v, u, []);
        const n = negatives.length || 1;
        return { ...is, loss: own.loss + (is.loss - own.loss) / n };
      },
    },
  ],
  solveAnalogy: [
    {
      name: "question words may answer",
      told: /left out|question/,
      answer: analogyWith({ skip: false }),
    },
    {
      name: "a minus b",
      told: /b − a \+ c/,
      answer: analogyWith({ query: (a, b, c) => a.map((x, d) => x - b[d] + c[d]) }),
    },
    {
      name: "lengths left as they are",
      told: /divided by (its|their) lengths?/,
      answer: analogyWith({ unit: false }),
    },
    {
      name: "dot product in place of the cosine",
      told: /cosine/,
      answer: analogyWith({ score: dot }),
    },
  ],
};
