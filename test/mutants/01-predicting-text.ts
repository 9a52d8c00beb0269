/** Plausible wrong answers to lesson 01 (predicting text), and the sentence each must be told. */
import type { Mutants } from "llm/course/kit";

const sum = (x: number[]) => x.reduce((a, b) => a + b, 0);

export const mutants: Mutants<typeof import("../../solutions/01-predicting-text")> = {
  entropy: [
    {
      name: "in nats",
      told: /natural logarithm/,
      answer: (p) => p.reduce((h, x) => (x > 0 ? h - x * Math.log(x) : h), 0),
    },
    {
      name: "zeros are not left out",
      told: /NaN in JavaScript/,
      answer: (p) => p.reduce((h, x) => h - x * Math.log2(x), 0),
    },
    {
      name: "the sign is missing",
      told: /sign is missing/,
      answer: (p) => p.reduce((h, x) => (x > 0 ? h + x * Math.log2(x) : h), 0),
    },
    {
      name: "not weighted by the probabilities",
      told: /with its own probability/,
      answer: (p) => p.reduce((h, x) => (x > 0 ? h - Math.log2(x) : h), 0),
    },
    {
      name: "divided by the number of outcomes",
      told: /already make the sum an average/,
      answer: (p) => p.reduce((h, x) => (x > 0 ? h - x * Math.log2(x) : h), 0) / p.length,
    },
  ],
  bitsPerCharacter: [
    {
      name: "per token",
      told: /bits per token/,
      answer: (p) => p.reduce((h, x) => h - Math.log2(x), 0) / p.length,
    },
    {
      name: "logarithm of the product",
      told: /product of thousands/,
      answer: (p, characters) => -Math.log2(p.reduce((a, b) => a * b, 1)) / characters,
    },
    {
      name: "logarithm of the mean",
      told: /of the mean probability/,
      answer: (p, characters) => -Math.log2(sum(p) / p.length) / characters,
    },
    {
      name: "weighted by the model's probabilities, as an entropy",
      told: /the text has decided what came/,
      answer: (p, characters) => p.reduce((h, x) => h - x * Math.log2(x), 0) / characters,
    },
    {
      name: "in nats",
      told: /nats per character/,
      answer: (p, characters) => p.reduce((h, x) => h - Math.log(x), 0) / characters,
    },
    {
      name: "the sum for the whole text",
      told: /sum for the whole text/,
      answer: (p) => p.reduce((h, x) => h - Math.log2(x), 0),
    },
  ],
  additive: [
    {
      name: "alpha is added to the sum once",
      told: /grows by alpha · V/,
      answer: (counts, alpha) => counts.map((n) => (n + alpha) / (sum(counts) + alpha)),
    },
    {
      name: "divides by the old sum",
      told: /divided by the old sum/,
      answer: (counts, alpha) => counts.map((n) => (n + alpha) / (sum(counts) || 1)),
    },
    {
      name: "always adds 1",
      told: /use `alpha`/,
      answer: (counts) => counts.map((n) => (n + 1) / (sum(counts) + counts.length)),
    },
    {
      name: "alpha in the sum only",
      told: /also be added to each count/,
      answer: (counts, alpha) => counts.map((n) => n / (sum(counts) + alpha * counts.length)),
    },
    {
      name: "V is the number of tokens that were seen",
      told: /not only of those that were seen/,
      answer: (counts, alpha) => {
        const total = sum(counts) + alpha * counts.filter((n) => n > 0).length;
        return counts.map((n) => (n + alpha) / (total || 1));
      },
    },
    {
      name: "alpha as the weight of equal shares",
      told: /alpha is no share/,
      answer: (counts, alpha) =>
        counts.map((n) => (1 - alpha) * (n / (sum(counts) || 1)) + alpha / counts.length),
    },
    {
      name: "only zeros are raised",
      told: /in place of the zeros only/,
      answer: (counts, alpha) => {
        const raised = counts.map((n) => (n === 0 ? alpha : n));
        return raised.map((n) => n / sum(raised));
      },
    },
    {
      name: "changes the counts it was given",
      told: /changed `counts/,
      answer: (counts, alpha) => {
        for (let b = 0; b < counts.length; b++) counts[b] += alpha;
        const total = sum(counts);
        return counts.map((n) => n / total);
      },
    },
  ],
  wittenBell: [
    {
      name: "d is the number of occurrences",
      told: /half and half/,
      answer: (counts, shorter) => {
        const n = sum(counts);
        return n === 0 ? [...shorter] : counts.map((c, b) => (c + n * shorter[b]) / (2 * n));
      },
    },
    {
      name: "d is the size of the vocabulary",
      told: /not all V/,
      answer: (counts, shorter) =>
        counts.map((c, b) => (c + counts.length * shorter[b]) / (sum(counts) + counts.length)),
    },
    {
      name: "d counts what followed once",
      told: /not only those that followed once/,
      answer: (counts, shorter) => {
        const n = sum(counts);
        const d = counts.filter((c) => c === 1).length;
        return n === 0 ? [...shorter] : counts.map((c, b) => (c + d * shorter[b]) / (n + d));
      },
    },
    {
      name: "backs off: the shorter context is asked about unseen tokens only",
      told: /not only to those that were not seen/,
      answer: (counts, shorter) => {
        const n = sum(counts);
        const d = counts.filter((c) => c > 0).length;
        if (n === 0) return [...shorter];
        return counts.map((c, b) => (c > 0 ? c / (n + d) : (d * shorter[b]) / (n + d)));
      },
    },
    {
      name: "a context that never occurred",
      told: /gave 0 \/ 0/,
      answer: (counts, shorter) => {
        const n = sum(counts);
        const d = counts.filter((c) => c > 0).length;
        return counts.map((c, b) => (c + d * shorter[b]) / (n + d));
      },
    },
    {
      name: "the weights the wrong way round",
      told: /the wrong way round/,
      answer: (counts, shorter) => {
        const n = sum(counts);
        const d = counts.filter((c) => c > 0).length;
        if (n === 0) return [...shorter];
        return counts.map((c, b) => ((c / n) * d + n * shorter[b]) / (n + d));
      },
    },
    {
      name: "shares d out equally",
      told: /shared out equally/,
      answer: (counts, shorter) => {
        const n = sum(counts);
        const d = counts.filter((c) => c > 0).length;
        if (n === 0) return [...shorter];
        return counts.map((c) => (c + d / counts.length) / (n + d));
      },
    },
    {
      name: "returns the shorter distribution itself",
      told: /returned `shorter` itself/,
      answer: (counts, shorter) => {
        const n = sum(counts);
        const d = counts.filter((c) => c > 0).length;
        return n === 0 ? shorter : counts.map((c, b) => (c + d * shorter[b]) / (n + d));
      },
    },
  ],
  continuationCounts: [
    {
      name: "counts occurrences",
      told: /how often each token occurs/,
      answer: (ids, V) => Array.from({ length: V }, (_, b) => ids.filter((id) => id === b).length),
    },
    {
      name: "counts every pair",
      told: /counted twice/,
      answer: (ids, V) =>
        Array.from({ length: V }, (_, b) => ids.slice(1).filter((id) => id === b).length),
    },
    {
      name: "what comes after",
      told: /come \*after\* each one/,
      answer: (ids, V) => {
        const after = Array.from({ length: V }, () => new Set<number>());
        for (let i = 1; i < ids.length; i++) after[ids[i - 1]].add(ids[i]);
        return after.map((set) => set.size);
      },
    },
    {
      name: "neighbours on both sides",
      told: /neighbours on both sides/,
      answer: (ids, V) => {
        const near = Array.from({ length: V }, () => new Set<number>());
        for (let i = 1; i < ids.length; i++) {
          near[ids[i]].add(ids[i - 1]);
          near[ids[i - 1]].add(ids[i]);
        }
        return near.map((set) => set.size);
      },
    },
    {
      name: "the first token has a predecessor",
      told: /begin with the second/,
      answer: (ids, V) => {
        const before = Array.from({ length: V }, () => new Set<number>());
        for (let i = 0; i < ids.length; i++) before[ids[i]].add(ids[i - 1]);
        return before.map((set) => set.size);
      },
    },
    {
      name: "one set for all",
      told: /share one set/,
      answer: (ids, V) => {
        const before = Array(V).fill(new Set<number>()) as Set<number>[];
        for (let i = 1; i < ids.length; i++) before[ids[i]].add(ids[i - 1]);
        return before.map((set) => set.size);
      },
    },
    {
      name: "a token cannot follow itself",
      told: /can follow itself/,
      answer: (ids, V) => {
        const before = Array.from({ length: V }, () => new Set<number>());
        for (let i = 1; i < ids.length; i++)
          if (ids[i] !== ids[i - 1]) before[ids[i]].add(ids[i - 1]);
        return before.map((set) => set.size);
      },
    },
  ],
  guessingBounds: [
    {
      name: "the bounds are swapped",
      told: /return \[lower, upper\]/,
      answer: (guesses) => {
        const [lower, upper] = bounds(guesses);
        return [upper, lower];
      },
    },
    {
      name: "shares instead of differences",
      told: /uses the differences/,
      answer: (guesses) => {
        const q = shares(guesses);
        const lower = q.reduce((s, x, r) => (r > 0 ? s + r * x * Math.log2(r) : s), 0);
        return [lower, bounds(guesses)[1]];
      },
    },
    {
      name: "the factor r is missing",
      told: /factor r is missing/,
      answer: (guesses) => {
        const q = shares(guesses);
        let lower = 0;
        for (let r = 1; r + 1 < q.length; r++) lower += (q[r] - q[r + 1]) * Math.log2(r);
        return [lower, bounds(guesses)[1]];
      },
    },
    {
      name: "the mean of the logarithms",
      told: /the mean of log₂ r/,
      answer: (guesses) => [sum(guesses.map(Math.log2)) / guesses.length, bounds(guesses)[1]],
    },
    {
      name: "guess numbers that never occurred are left out",
      told: /keep their places/,
      answer: (guesses) => {
        const q = [0, ...shares(guesses).filter((x) => x > 0), 0];
        let lower = 0;
        for (let r = 1; r + 1 < q.length; r++) lower += r * (q[r] - q[r + 1]) * Math.log2(r);
        return [lower, bounds(guesses)[1]];
      },
    },
    {
      name: "empty places are not left out",
      told: /Not finite/,
      answer: (guesses) => {
        const q = shares(guesses);
        let upper = 0;
        for (let r = 1; r < q.length; r++) upper -= q[r] * Math.log2(q[r]);
        return [bounds(guesses)[0], upper];
      },
    },
    {
      name: "in nats",
      told: /Those are nats/,
      answer: (guesses) => {
        const [lower, upper] = bounds(guesses);
        return [lower * Math.LN2, upper * Math.LN2];
      },
    },
  ],
};

/** q, with one place more than the largest number of guesses. */
function shares(guesses: number[]): number[] {
  const q = Array<number>(guesses.reduce((a, b) => Math.max(a, b), 0) + 2).fill(0);
  for (const r of guesses) q[r] += 1 / guesses.length;
  return q;
}

function bounds(guesses: number[]): [number, number] {
  const q = shares(guesses);
  let [lower, upper] = [0, 0];
  for (let r = 1; r + 1 < q.length; r++) {
    lower += r * (q[r] - q[r + 1]) * Math.log2(r);
    if (q[r] > 0) upper -= q[r] * Math.log2(q[r]);
  }
  return [lower, upper];
}
