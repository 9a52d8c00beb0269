// Lesson 05 (embeddings): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectEqual,
  expectFinite,
  expectShape,
  expectTrue,
  lesson,
} from "llm/course/kit";
import type * as answers from "../../solutions/05-embeddings";
import { mutants } from "../mutants/05-embeddings";

const dot = (a: number[], b: number[]) => a.reduce((sum, x, d) => sum + x * b[d], 0);
const norm = (a: number[]) => Math.sqrt(dot(a, a));
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Two vectors of D numbers. */
const vectors = (d: Draw, D: number, scale = 1): [number[], number[]] => [
  d.list(D, scale),
  d.list(D),
];
/** Lines of word ids below V. */
const linesOf = (d: Draw, V: number, lengths: number[]): number[][] =>
  lengths.map((length) => Array.from({ length }, () => d.id(V)));
/** A table of counts, some of them 0. */
const countsOf = (d: Draw, rows: number, columns: number, most = 9): number[][] =>
  Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => (i === 0 && j === 0 ? 3 : d.id(most))),
  );
const pairOf = (d: Draw, D: number, n: number, scale = 1): [number[], number[], number[][]] => [
  d.list(D, scale),
  d.list(D),
  d.table(n, D),
];
/** An analogy among V words. */
function asked(d: Draw, V: number, D: number, scale = 1): [number[][], number, number, number] {
  const a = d.integer(0, V - 1);
  return [d.table(V, D, scale), a, (a + 1) % V, (a + 2) % V];
}

/** The cell of PPMI by another formula. */
const tableOf = (
  counts: number[][],
  cell: (n: number, row: number, column: number, total: number) => number,
) => {
  const columns = counts[0].map((_, j) => sum(counts.map((row) => row[j])));
  return counts.map((row) => row.map((n, j) => cell(n, sum(row), columns[j], sum(columns))));
};

lesson<typeof answers>(
  "05-embeddings",
  mutants,
  (exercise) => {
    exercise(
      "cosineSimilarity",
      (cosineSimilarity, { reference }) => {
        const [a, b] = [
          [3, 4, 1],
          [-2, 5, 2],
        ];
        expectClose(cosineSimilarity(a, b), reference.cosineSimilarity(a, b), {
          what: "the cosine of [3, 4, 1] and [-2, 5, 2]",
          mistakes: [
            [
              dot(a, b),
              "This is the dot product. Divide it by the lengths of both vectors, or long vectors " +
                "look alike to everything.",
            ],
            [
              dot(a, b) / (dot(a, a) * dot(b, b)),
              "The dot product was divided by the squares of the lengths. The length of a vector is " +
                "the square root of its dot product with itself.",
            ],
            [
              dot(a, b) / norm(a),
              "The dot product was divided by the length of a only. It has to be divided by both.",
            ],
            [
              norm(a.map((x, d) => x - b[d])),
              "This is the distance between the two vectors. The cosine says how alike their " +
                "directions are: dot product over both lengths.",
            ],
            [
              (() => {
                const [x, y] = [a, b].map((v) => v.map((z) => z - sum(v) / v.length));
                return dot(x, y) / (norm(x) * norm(y));
              })(),
              "The mean was subtracted from the numbers of each vector, which makes it a correlation. " +
                "The cosine takes the numbers as they are.",
            ],
            [
              dot(a, b) / (norm(a) + norm(b)),
              "The lengths were added. The dot product is divided by their product.",
            ],
            [
              Math.acos(dot(a, b) / (norm(a) * norm(b))),
              "This is the angle itself. The result is its cosine.",
            ],
            [
              1 - dot(a, b) / (norm(a) * norm(b)),
              "This is 1 minus the cosine, which is small for vectors that are alike. The result is " +
                "the cosine.",
            ],
          ],
          message: "cos(a, b) is Σ a_d·b_d divided by √(Σ a_d²) · √(Σ b_d²).",
        });
        const zero = cosineSimilarity([0, 0], [1, 2]);
        expectFinite(
          zero,
          "A vector of zeros has no direction, and 0 / 0 is NaN: return 0 where a length is 0.",
          "the cosine of [0, 0] and [1, 2]",
        );
      },
      {
        cases: {
          "three numbers": (d) => vectors(d, 3),
          "one number": (d) => vectors(d, 1),
          "many numbers": (d) => vectors(d, 300),
          "a long and a short vector": (d) => vectors(d, 7, 1000),
          "a vector with itself": (d) => {
            const [a] = vectors(d, 5);
            return [a, [...a]];
          },
          "opposite vectors": (d) => {
            const [a] = vectors(d, 5);
            return [a, a.map((x) => -2 * x)];
          },
          "a vector of zeros, first": (d) => [[0, 0, 0], d.list(3)],
          "a vector of zeros, second": (d) => [d.list(3), [0, 0, 0]],
          "two vectors of zeros": () => [
            [0, 0],
            [0, 0],
          ],
        },
      },
    );

    exercise(
      "coOccurrenceTable",
      (coOccurrenceTable, { reference }) => {
        const lines = [
          [0, 1, 2, 3, 1, 1],
          [3, 0],
        ];
        const unseen = coOccurrenceTable([[1, 0]], 3, 1);
        expectTrue(
          Array.isArray(unseen) && [0, 1, 2].every((i) => unseen[i]?.length === 3),
          "For coOccurrenceTable([[1, 0]], 3, 1) the table does not have three rows of three counts. " +
            "A word that never occurs has a row of zeros, too.",
        );
        const table = coOccurrenceTable(lines, 4, 2);
        expectShape(table, [4, 4], "the table for 4 words");
        const count = (near: (t: number, s: number, line: number[]) => boolean) => {
          const made = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
          for (const line of lines)
            for (let t = 0; t < line.length; t++)
              for (let s = 0; s < line.length; s++) if (near(t, s, line)) made[line[t]][line[s]]++;
          return made;
        };
        const right = reference.coOccurrenceTable(lines, 4, 2);
        expectClose(table, right, {
          what: "the table for the lines [0, 1, 2, 3, 1, 1] and [3, 0] with a window of 2",
          mistakes: [
            [
              count((t, s) => s > t && s - t <= 2),
              "Only words to the right were counted. Words to the left of a place are near it too.",
            ],
            [
              count((t, s) => s < t && t - s <= 2),
              "Only words to the left were counted. Words to the right of a place are near it too.",
            ],
            [
              count((t, s) => Math.abs(s - t) <= 2),
              "Each word was also counted as a neighbour of itself at the same place: leave that " +
                "place out.",
            ],
            [
              count((t, s, line) => Math.abs(s - t) <= 2 && line[s] !== line[t]),
              "A second occurrence of a word within the window counts, as in the line [1, 1]. Leave " +
                "out the same place, not the same word.",
            ],
            [
              reference.coOccurrenceTable([lines.flat()], 4, 2),
              "A window reached across the end of a line. Words of different lines are no neighbours.",
            ],
            [
              count((t, s) => s !== t && Math.abs(s - t) < 2),
              "A word exactly `window` places away is still near.",
            ],
            [
              right.map((row, i) => row.map((n, j) => (i === j ? n / 2 : n))),
              "Two occurrences of one word near each other are neighbours of each other, so each of " +
                "them adds 1. Yours were counted once.",
            ],
            [
              right.map(() => right[0].map((_, j) => sum(right.map((row) => row[j])))),
              "All rows are one and the same array: `Array(V).fill(row)` puts the same row into every " +
                "place. Make each row anew.",
            ],
            [
              lines.reduce(
                (made, line) => {
                  line.forEach((word, t) => {
                    // A slice that begins before the line begins near its end.
                    const around = [...line.slice(t - 2, t), ...line.slice(t + 1, t + 3)];
                    for (const other of around) made[word][other]++;
                  });
                  return made;
                },
                Array.from({ length: 4 }, () => [0, 0, 0, 0]),
              ),
              "Near the beginning of a line, words to the left are missing. A slice that begins at a " +
                "negative place counts from the end: begin at Math.max(0, t − window).",
            ],
            [
              lines.reduce(
                (made, line) => {
                  line.forEach((word, t) => {
                    line.forEach((other, at) => {
                      if (at !== t && Math.abs(at - t) <= 2)
                        made[word][other] += 1 / Math.abs(at - t);
                    });
                  });
                  return made;
                },
                Array.from({ length: 4 }, () => [0, 0, 0, 0]),
              ),
              "Neighbours further away count less here, as in GloVe. In this exercise every neighbour " +
                "in the window adds 1.",
            ],
            [
              right.map((row) => row.map((n) => 2 * n)),
              "Every pair was counted twice in each direction. A neighbour adds 1 to one cell.",
            ],
            [
              right.map((row) => row.map((n) => Math.min(n, 1))),
              "The table says only whether two words meet. It has to say how often.",
            ],
          ],
          message:
            "Row i, column j is how often j stands within `window` places of an occurrence of i.",
        });
      },
      {
        cases: {
          "short lines": (d) => [linesOf(d, 5, [3, 6, 2]), 5, 2],
          "a window of 1": (d) => [linesOf(d, 4, [7, 5]), 4, 1],
          "a window longer than the lines": (d) => [linesOf(d, 6, [3, 4]), 6, 9],
          "empty lines and lines of one word": (d) => [linesOf(d, 3, [0, 1, 5, 0]), 3, 2],
          "no lines": () => [[], 3, 2],
          "words that never occur": (d) => [linesOf(d, 4, [9]), 11, 3],
          "one word, repeated": () => [[[0, 0, 0, 0]], 1, 2],
        },
      },
    );

    exercise(
      "ppmiTable",
      (ppmiTable, { reference }) => {
        const counts = [
          [8, 1, 0],
          [2, 3, 6],
          [3, 1, 2],
        ];
        const table = ppmiTable(counts);
        expectShape(table, [3, 3], "the table");
        expectFinite(
          table,
          "The logarithm of 0 is −Infinity, and 0 / 0 is NaN: where the count is 0 the result is 0.",
          "the table",
        );
        expectClose(table, reference.ppmiTable(counts), {
          what: "the PPMI of [[8, 1, 0], [2, 3, 6], [3, 1, 2]]",
          mistakes: [
            [
              tableOf(counts, (n, r, c, t) => (n === 0 ? 0 : Math.log((n * t) / (r * c)))),
              "Some values are negative. The first P in PPMI stands for positive: max(0, …).",
            ],
            [
              tableOf(counts, (n, r, c, t) =>
                n === 0 ? 0 : Math.max(0, Math.log2((n * t) / (r * c))),
              ),
              "These are logarithms to base 2. The natural logarithm, Math.log, is asked for.",
            ],
            [
              tableOf(counts, (n, r, c) => (n === 0 ? 0 : Math.max(0, Math.log(n / (r * c))))),
              "The counts were used as they are. p(i, j), p(i) and p(j) are each divided by the sum " +
                "of the whole table.",
            ],
            [
              counts.map((row, i) =>
                row.map((n, j) => {
                  const all = sum(counts.flat());
                  const chance = sum(counts[i]) * sum(counts[j]);
                  return n === 0 ? 0 : Math.max(0, Math.log((n * all) / chance));
                }),
              ),
              "p(j) was computed from row j. It is the share of column j, and a table need not be " +
                "symmetric or square.",
            ],
            [
              tableOf(counts, (n, r, c, t) =>
                n === 0 ? 0 : Math.abs(Math.log((n * t) / (r * c))),
              ),
              "Negative values were made positive. A pair that is rarer than chance gets 0: max(0, …).",
            ],
            [
              tableOf(counts, (n, r, _c, t) =>
                n === 0 ? 0 : Math.max(0, Math.log((n * t) / (r * r))),
              ),
              "Both factors below the line are of the row. Divide by p(i) of the row and by p(j) of " +
                "the column, or words that are frequent everywhere look like friends of all.",
            ],
            [
              tableOf(counts, (n, r, c, t) => (n * t) / (r * c)),
              "This is the factor itself: take its logarithm, and 0 where that is negative.",
            ],
            [
              tableOf(counts, (n, _r, _c, t) => (n === 0 ? 0 : Math.log(n / t))),
              "This is log p(i, j). It still has to be compared with p(i) · p(j).",
            ],
          ],
          message: "PPMI is max(0, log(count · total / (row sum · column sum))).",
        });
      },
      {
        cases: {
          "a square table": (d) => [countsOf(d, 5, 5)],
          "more columns than rows": (d) => [countsOf(d, 3, 7)],
          "more rows than columns": (d) => [countsOf(d, 6, 3)],
          "one row": (d) => [countsOf(d, 1, 5)],
          "a row and a column of zeros": (d) => [
            countsOf(d, 5, 4).map((row, i) => row.map((n, j) => (i === 3 || j === 2 ? 0 : n))),
          ],
          "large counts": (d) => [countsOf(d, 4, 6, 100_000)],
          "counts that are no whole numbers": (d) => [
            countsOf(d, 4, 4).map((row) => row.map((n) => n / 3)),
          ],
        },
      },
    );

    exercise(
      "keepProbability",
      (keepProbability, { reference }) => {
        const kept = keepProbability(0.04, 0.0001);
        expectClose(kept, reference.keepProbability(0.04, 0.0001), {
          what: "keepProbability(0.04, 0.0001)",
          mistakes: [
            [0.0001 / 0.04, "The root is missing: √(threshold / share)."],
            [
              0.95,
              "This is the chance that the word is dropped. Return the chance that it is kept.",
            ],
            [
              1,
              "Is the fraction upside down, or is the larger of 1 and the root taken? This is a " +
                "frequent word, and frequent words are kept less often.",
            ],
            [
              20,
              "Is the fraction upside down? Frequent words are kept less often, not more often.",
            ],
          ],
          message: "keep = √(threshold / share), at most 1.",
        });
        const rare = keepProbability(0.00001, 0.0001);
        expectTrue(
          rare <= 1,
          `A probability never exceeds 1: for a word with a share of 0.00001 the result is ${rare}. ` +
            "Take the smaller of 1 and the root.",
        );
      },
      {
        cases: {
          "frequent words": (d) => [d.number(0.001, 0.1), 0.001],
          "rare words": (d) => [d.logarithmic(1e-7, 1e-5), 1e-4],
          "shares of all sizes": (d) => [d.logarithmic(1e-6, 0.5), d.logarithmic(1e-5, 1e-2)],
          "the only word of a text": () => [1, 0.01],
          "a share that equals the threshold": () => [0.001, 0.001],
        },
      },
    );

    exercise(
      "negativeSampling",
      (negativeSampling, { reference }) => {
        const [v, u] = [
          [0.5, -1, 0.3],
          [1.2, 0.4, -0.7],
        ];
        const negatives = [
          [0.6, 1.1, 0.2],
          [-0.8, 0.5, 1.5],
        ];
        const right = reference.negativeSampling(v, u, negatives);
        const got = negativeSampling(v, u, negatives);
        expectShape(got.centre, [3], "centre");
        expectShape(got.context, [3], "context");
        expectShape(got.negatives, [2, 3], "negatives");
        expectFinite(got.loss, undefined, "loss");
        const alone = reference.negativeSampling(v, u, []);
        const pushed = negatives.map((n) => -Math.log(sigmoid(-dot(v, n))));
        const turned = (x: number[]) => x.map((y) => -y);
        const [pull, away] = [sigmoid(dot(v, u)) - 1, negatives.map((n) => sigmoid(dot(v, n)))];
        expectClose(got.loss, right.loss, {
          what: "loss",
          mistakes: [
            [
              alone.loss - sum(negatives.map((n) => Math.log(sigmoid(dot(v, n))))),
              "The words drawn at random are treated like neighbours. They should be pushed away: " +
                "−log σ(−v·n), with a minus before the dot product.",
            ],
            [alone.loss, "The words drawn at random are missing from the loss."],
            [
              alone.loss + sum(pushed) / 2,
              "The words drawn at random were averaged. The formula has a sum over them.",
            ],
            [-right.loss, "The sign of the loss is turned round: −log σ is positive."],
            [
              right.loss / Math.LN2,
              "The loss is in bits. The natural logarithm, Math.log, gives nats.",
            ],
          ],
          message: "loss = −log σ(v·u) − Σ log σ(−v·n).",
        });
        expectClose(got.context, right.context, {
          what: "the gradient of context",
          mistakes: [
            [
              turned(right.context),
              "The gradient has the wrong sign. Gradient descent subtracts it, and then u must come " +
                "nearer to v: (σ(v·u) − 1) · v.",
            ],
            [
              u.map((x) => pull * x),
              "The gradient of u is the error times the other vector in the dot product: times v, " +
                "not u.",
            ],
            [
              v.map((x) => -(pull + 1) * -pull * x),
              "This has the derivative of σ itself. The loss has the logarithm of σ, and the " +
                "derivative of −log σ(x) is σ(x) − 1.",
            ],
            [
              v.map((x) => (pull + 1) * x),
              "This is σ(v·u) · v. For a neighbour the error is σ(v·u) − 1.",
            ],
          ],
          message: "∂loss/∂u = (σ(v·u) − 1) · v.",
        });
        expectClose(got.negatives, right.negatives, {
          what: "the gradients of negatives",
          mistakes: [
            [
              right.negatives.map(turned),
              "The gradients have the wrong sign. Gradient descent subtracts them, and then n must " +
                "move away from v: σ(v·n) · v.",
            ],
            [
              negatives.map((n, k) => n.map((x) => away[k] * x)),
              "The gradient of n is the error times the other vector in the dot product: times v, " +
                "not n.",
            ],
            [
              right.negatives.map((row, k) => row.map((x) => (x / away[k]) * (away[k] - 1))),
              "Words drawn at random are pushed away: their error is σ(v·n), without the −1.",
            ],
          ],
          message: "∂loss/∂n = σ(v·n) · v.",
        });
        expectClose(got.centre, right.centre, {
          what: "the gradient of centre",
          mistakes: [
            [
              alone.centre,
              "The centre takes part in every dot product: add σ(v·n) · n for each word drawn at " +
                "random.",
            ],
            [
              right.centre.map((x, d) => x - alone.centre[d]),
              "The part of the neighbour is missing: (σ(v·u) − 1) · u.",
            ],
            [
              turned(right.centre),
              "The gradient has the wrong sign: it points to where the loss grows.",
            ],
            [
              right.centre.map((x, d) => alone.centre[d] + (x - alone.centre[d]) / 2),
              "The parts of the words drawn at random were averaged. The formula has a sum over them.",
            ],
          ],
          message: "∂loss/∂v = (σ(v·u) − 1) · u + Σ σ(v·n) · n.",
        });
      },
      {
        cases: {
          "five negatives": (d) => pairOf(d, 7, 5),
          "one negative": (d) => pairOf(d, 3, 1),
          "no negatives": (d) => pairOf(d, 5, 0),
          "vectors of one number": (d) => pairOf(d, 1, 3),
          "many numbers": (d) => pairOf(d, 50, 5),
          "a centre of zeros": (d) => pairOf(d, 6, 3, 0),
          "large scores": (d) => [
            [3, -4],
            [2, -3],
            [[-3, 4], [4, 1], d.list(2)],
          ],
          "a negative that is the neighbour": (d) => {
            const [v, u, negatives] = pairOf(d, 5, 2);
            return [v, u, [...negatives, [...u]]];
          },
        },
      },
    );

    exercise(
      "solveAnalogy",
      (solveAnalogy, { reference }) => {
        // Six words in space: each kind of mistake leads to another of them.
        const table = [
          [1, 0.2, 0], // 0: a
          [0.9, 1, 0.1], // 1: b
          [4, 0.3, 3], // 2: c, a long vector
          [0.9, 1, 1], // 3: b − a + c, by directions
          [1, -0.8, 0.9], // 4: a − b + c
          [3, 1, 3], // 5: b − a + c, by lengths
          [-1, 0, 9], // 6: far away and long
          [0.5, 3, 0.1], // 7
          [4, 0.1, 3.1], // 8: nearest to c alone
          [-1, -1, -1], // 9: the other way
        ];
        const names = (id: number) => `word ${id}`;
        const cosine = reference.cosineSimilarity;
        const best = (
          query: number[],
          score: (a: number[], b: number[]) => number,
          skip: number[],
        ) =>
          table
            .map((vector, id) => ({ id, score: score(query, vector) }))
            .filter(({ id }) => !skip.includes(id))
            .reduce((a, b) => (b.score > a.score ? b : a)).id;
        const unit = (x: number[]) => x.map((y) => y / norm(x));
        const [a, b, c] = [0, 1, 2].map((id) => unit(table[id]));
        const query = b.map((x, d) => x - a[d] + c[d]);
        const raw = table[1].map((x, d) => x - table[0][d] + table[2][d]);
        const all = [0, 1, 2];
        const right = reference.solveAnalogy(table, 0, 1, 2);
        const mistakes: [string, string][] = [
          [
            names(best(query, cosine, [])),
            "The answer is a word of the question. All three must be left out: b or c is nearly " +
              "always nearest to b − a + c.",
          ],
          [
            names(
              best(
                a.map((x, d) => x - b[d] + c[d]),
                cosine,
                all,
              ),
            ),
            "The query was a − b + c, the question turned round. It is b − a + c.",
          ],
          [
            names(best(raw, cosine, all)),
            "The three vectors have to be divided by their lengths first. Otherwise c, whose vector " +
              "is long here, decides alone.",
          ],
          [
            names(best(c, cosine, all)),
            "This is the nearest neighbour of c. The query is b − a + c.",
          ],
          [
            names(best(query, (x, y) => -cosine(x, y), all)),
            "This is the word with the smallest cosine. The answer has the largest.",
          ],
          [
            names(best(query, dot, all)),
            "The largest dot product won, which favours long vectors. Compare by the cosine.",
          ],
        ];
        expectEqual(names(solveAnalogy(table, 0, 1, 2)), names(right), {
          mistakes: mistakes.filter(
            ([gives], i) =>
              gives !== names(right) && mistakes.findIndex(([g]) => g === gives) === i,
          ),
          message: "The answer is the word with the largest cosine with b − a + c.",
          asked: "0 is to 1 as 2 is to …",
        });
      },
      {
        cases: {
          "few words": (d) => asked(d, 6, 3),
          "four words, so that only one is left": (d) => asked(d, 4, 5),
          "many words": (d) => asked(d, 60, 7),
          "long vectors": (d) => asked(d, 12, 5, 100),
          "words with the same vector": (d) => {
            const [table, a, b, c] = asked(d, 9, 4);
            return [table.map((row, i) => (i > 5 ? [...table[5]] : row)), a, b, c];
          },
        },
      },
    );
  },
  { tensors: false },
);
