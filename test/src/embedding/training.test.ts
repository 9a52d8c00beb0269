// Skip-gram and GloVe: gradients against finite differences, the fast loop against the readable
// loss, and whether training does what it is for.
import fc from "fast-check";
import {
  AliasTable,
  glove,
  gloveWeight,
  keepProbability,
  negativeSampling,
  readCorpus,
  similarityOf,
  skipGram,
  trained,
} from "llm/embedding";
import { Random } from "llm/random";
import { describe, expect, it } from "vitest";

const vector = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
  minLength: 3,
  maxLength: 3,
});

describe("AliasTable", () => {
  it("draws by the weights", () => {
    const weights = [5, 0, 1, 3, 1, 0.01, 9.99];
    const table = new AliasTable(weights);
    const drawn = weights.map(() => 0);
    const rng = new Random(5);
    for (let i = 0; i < 200_000; i++) drawn[table.draw(rng)]++;
    drawn.forEach((n, i) => {
      expect(Math.abs(n / 200_000 - weights[i] / 20)).toBeLessThan(0.005);
    });
    expect(drawn[1]).toBe(0);
    expect(drawn[5]).toBeGreaterThan(0);
  });

  it("says what is wrong", () => {
    expect(() => new AliasTable([1, -1])).toThrow("expected weights of 0 or more, got -1");
    expect(() => new AliasTable([0, 0])).toThrow("expected a weight above 0, got none");
  });
});

describe("negativeSampling", () => {
  it("is −log σ(v·u) − Σ log σ(−v·n)", () => {
    const { loss } = negativeSampling(
      [1, 2],
      [0.5, -1],
      [
        [1, 1],
        [0, 0],
      ],
    );
    const sigma = (x: number) => 1 / (1 + Math.exp(-x));
    expect(loss).toBeCloseTo(-Math.log(sigma(-1.5)) - Math.log(sigma(-3)) - Math.log(0.5), 12);
    expect(negativeSampling([1000], [-1], [[1]]).loss).toBe(2000);
    expect(() => negativeSampling([1, 2], [1], [])).toThrow("expected vectors of 2 numbers, got 1");
  });

  it("has the gradients of its loss", () => {
    fc.assert(
      fc.property(vector, vector, fc.array(vector, { maxLength: 3 }), (v, u, negatives) => {
        const result = negativeSampling(v, u, negatives);
        const vectors = [v, u, ...negatives];
        const gradients = [result.centre, result.context, ...result.negatives];
        vectors.forEach((changed, which) => {
          changed.forEach((_, d) => {
            const at = (step: number) => {
              const moved = vectors.map((x, i) =>
                x.map((y, e) => (i === which && e === d ? y + step : y)),
              );
              return negativeSampling(moved[0], moved[1], moved.slice(2)).loss;
            };
            expect(gradients[which][d]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 5);
          });
        });
      }),
    );
  });
});

describe("skipGram", () => {
  it("keeps rare words always, and frequent ones less often", () => {
    expect(keepProbability(0.1, 1e-3)).toBeCloseTo(0.1, 12);
    expect(keepProbability(1e-4, 1e-3)).toBe(1);
  });

  it("takes the steps of negativeSampling", () => {
    const corpus = readCorpus("a b c a c b\nb a a d", { minCount: 1 });
    const options = { seed: 7, D: 3, window: 1, negatives: 1, subsample: 1e9, epochs: 40, lr: 0.5 };
    const result = trained(skipGram(corpus, options));

    // The same draws in the same order, with arrays of numbers.
    const start = new Random(7).fork("vectors");
    const words = corpus.words.map(() => [0, 1, 2].map(() => (start.uniform() - 0.5) / 3));
    const contexts = corpus.words.map(() => [0, 0, 0]);
    const noise = new AliasTable(corpus.counts.map((c) => c ** 0.75));
    const rng = new Random(7).fork("pairs");
    const move = (v: number[], gradient: number[], rate: number) =>
      gradient.forEach((g, d) => {
        v[d] -= rate * g;
      });
    let seen = 0;
    for (let epoch = 0; epoch < 40; epoch++)
      for (const line of corpus.lines) {
        for (const _ of line) rng.uniform();
        const rate = 0.5 * (1 - seen / (40 * corpus.total));
        line.forEach((id, t) => {
          rng.integer(1);
          for (const context of [line[t - 1], line[t + 1]]) {
            if (context === undefined) continue;
            const n = noise.draw(rng);
            const negatives = n === context ? [] : [n];
            const all = negativeSampling(
              words[id],
              contexts[context],
              negatives.map((k) => contexts[k]),
            );
            move(words[id], all.centre, rate);
            move(contexts[context], all.context, rate);
            negatives.forEach((k, i) => {
              move(contexts[k], all.negatives[i], rate);
            });
          }
        });
        seen += line.length;
      }
    words.flat().forEach((x, k) => {
      expect(result.values[k]).toBeCloseTo(x, 4);
    });
  });

  it("brings words together that stand among the same words, and reports on its way", () => {
    const rng = new Random(1);
    const topics = ["sun moon star sky", "fish net boat shore"].map((t) => t.split(" "));
    const text = Array.from({ length: 400 }, (_, i) =>
      Array.from({ length: 8 }, () => topics[i % 2][rng.integer(4)]).join(" "),
    ).join("\n");
    const corpus = readCorpus(text);
    const options = { seed: 2, D: 8, subsample: 1, epochs: 4, lr: 0.1, reports: 4 };
    const reports = [...skipGram(corpus, options)];
    expect(reports.map(({ done }) => Math.round(4 * done))).toEqual([0, 1, 2, 3, 4]);
    expect(reports[0].loss).toBeNaN();
    // Of a context word and 35/8 others drawn from 8 words, the best guess that knows nothing costs
    // log(43/8) + 35/8 log(43/35) = 2.58 nats.
    expect(reports[4].loss).toBeLessThan(2.2);
    expect(reports[4].done).toBe(1);
    const { vectors } = reports[4];
    expect(similarityOf(vectors, "sun", "moon")).toBeGreaterThan(0.8);
    expect(similarityOf(vectors, "sun", "boat")).toBeLessThan(0.3);
    expect(trained(skipGram(corpus, options)).values).toEqual(vectors.values);
  });
});

describe("glove", () => {
  it("weighs rare pairs less", () => {
    expect(gloveWeight(10, 10, 0.75)).toBe(1);
    expect(gloveWeight(100, 10, 0.75)).toBe(1);
    expect(gloveWeight(1, 16, 0.75)).toBeCloseTo(1 / 8, 12);
  });

  it("finds vectors whose products give the counts", () => {
    const rng = new Random(1);
    const V = 12;
    const [a, b] = [0, 1].map(() => Array.from({ length: V }, () => [rng.normal(), rng.normal()]));
    const value = a.flatMap((w) => b.map((c) => Math.exp(1 + w[0] * c[0] + w[1] * c[1])));
    const words = Array.from({ length: V }, (_, i) => `w${i}`);
    const counts = {
      ...{ rows: V, columns: V, value: Float64Array.from(value) },
      start: Int32Array.from({ length: V + 1 }, (_, i) => V * i),
      column: Int32Array.from({ length: V * V }, (_, e) => e % V),
    };
    const table = { words, ids: new Map(words.map((w, i) => [w, i])) };
    const run = (D: number) => [...glove(table, counts, { seed: 1, D, epochs: 400, lr: 0.2 })];
    const reports = run(2);
    expect(reports[0].loss).toBeNaN();
    expect(reports[400].loss).toBeLessThan(1e-3);
    expect(reports[400].done).toBe(1);
    expect(run(1)[400].loss).toBeGreaterThan(100 * reports[400].loss); // one number is too few
    expect(() => glove(readCorpus("a", { minCount: 1 }), counts, { seed: 1 }).next()).toThrow(
      "glove: expected counts of 1 × 1 words, got 12 × 12",
    );
  });
});
