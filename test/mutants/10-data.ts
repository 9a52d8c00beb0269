// Plausible wrong answers of lesson 10 (data), each with the sentence it must be told.

import type { Mutants } from "llm/course/kit";
import * as right from "../../solutions/10-data";

/** The rules with one thing changed. */
function dropping(change: {
  order?: string[];
  mean?: (words: string[]) => number;
  letters?: (words: string[]) => boolean;
  repeated?: (lines: string[]) => number;
  lines?: (text: string) => string[];
}) {
  const {
    order = ["words", "word length", "letters", "repetition"],
    mean = (words) => words.reduce((sum, word) => sum + word.length, 0) / words.length,
    letters = (words) => words.filter((word) => /\p{L}/u.test(word)).length < 0.8 * words.length,
    repeated = (lines) => lines.length - new Set(lines).size,
    lines = (text) => text.split("\n").filter((line) => line.trim() !== ""),
  } = change;
  return (text: string): string | null => {
    const words = text.match(/\S+/g) ?? [];
    const all = lines(text);
    const broken: Record<string, boolean> = {
      words: words.length < 50,
      "word length": !(mean(words) >= 3 && mean(words) <= 10),
      letters: letters(words),
      repetition: repeated(all) > 0.3 * all.length,
    };
    return order.find((name) => broken[name]) ?? null;
  };
}

/** Pairs of documents that `meet`. */
const pairsWhere =
  (meet: (a: number[], b: number[], rows: number) => boolean) =>
  (signatures: number[][], rows: number): [number, number][] =>
    signatures
      .flatMap((b, j) =>
        signatures.flatMap((a, i): [number, number][] =>
          i < j && meet(a, b, rows) ? [[i, j]] : [],
        ),
      )
      .sort(([i, j], [k, l]) => i - k || j - l);

const bandsOf = (signature: number[], rows: number): string[] =>
  Array.from({ length: signature.length / rows }, (_, k) =>
    signature.slice(k * rows, (k + 1) * rows).join(),
  );

const runsOf = (words: string[], n: number): string[] =>
  Array.from({ length: Math.max(0, words.length - n + 1) }, (_, i) =>
    words.slice(i, i + n).join(" "),
  );

export const mutants: Mutants<typeof import("../../solutions/10-data")> = {
  dropReason: [
    {
      name: "all equal lines count as repeated",
      told: /The first of several equal lines was counted/,
      answer: dropping({
        repeated: (lines) =>
          lines.filter((line) => lines.filter((other) => other === line).length > 1).length,
      }),
    },
    {
      name: "only words that are letters throughout",
      told: /one letter is enough/,
      answer: dropping({
        letters: (words) =>
          words.filter((word) => /^\p{L}+$/u.test(word)).length < 0.8 * words.length,
      }),
    },
    {
      name: "only the letters a to z",
      told: /other alphabets/,
      answer: dropping({
        letters: (words) => words.filter((word) => /[a-z]/i.test(word)).length < 0.8 * words.length,
      }),
    },
    {
      name: "the last rule first",
      told: /The order of the rules/,
      answer: dropping({ order: ["repetition", "letters", "word length", "words"] }),
    },
    {
      name: "empty lines are lines",
      told: /Empty lines/,
      answer: dropping({ lines: (text) => text.split("\n") }),
    },
    {
      name: "mean with the spaces",
      told: /white space is part of no word/,
      answer: (text: string) => dropping({ mean: (words) => text.length / words.length })(text),
    },
  ],
  shingles: [
    {
      name: "the last run missing",
      told: /The last run is missing/,
      answer: (words: string[], size: number) => [
        ...new Set(words.length > size ? runsOf(words, size).slice(0, -1) : [words.join(" ")]),
      ],
    },
    {
      name: "side by side",
      told: /overlap/,
      answer: (words: string[], size: number) => {
        const found = new Set<string>();
        for (let i = 0; i < words.length; i += size) found.add(words.slice(i, i + size).join(" "));
        return [...found];
      },
    },
    {
      name: "short runs at the end",
      told: /fewer than `size` words/,
      answer: (words: string[], size: number) => [
        ...new Set(words.map((_, i) => words.slice(i, i + size).join(" "))),
      ],
    },
    {
      name: "nothing of a short text",
      told: /A text with fewer words than `size`/,
      answer: (words: string[], size: number) => [...new Set(runsOf(words, size))],
    },
    {
      name: "each as often as it occurs",
      told: /each once/,
      answer: (words: string[], size: number) =>
        words.length < size ? right.shingles(words, size) : runsOf(words, size),
    },
    {
      name: "joined without spaces",
      told: /single spaces/,
      answer: (words: string[], size: number) =>
        right.shingles(words, size).map((run) => run.replaceAll(" ", "")),
    },
  ],
  minHash: [
    {
      name: "the largest",
      told: /The largest value was kept/,
      answer: (members: number[], a: number[], b: number[], p: number) =>
        a.map((factor, k) => Math.max(...members.map((x) => (factor * x + b[k]) % p))),
    },
    {
      name: "hash of the smallest member",
      told: /The smallest member was hashed/,
      answer: (members: number[], a: number[], b: number[], p: number) =>
        a.map((factor, k) =>
          members.length === 0 ? p : (factor * Math.min(...members) + b[k]) % p,
        ),
    },
    {
      name: "remainder of the product only",
      told: /before b\[k\] was added/,
      answer: (members: number[], a: number[], b: number[], p: number) =>
        a.map((factor, k) => Math.min(p, ...members.map((x) => ((factor * x) % p) + b[k]))),
    },
    {
      name: "one hash for all members",
      told: /one number for each hash function/,
      answer: (members: number[], a: number[], b: number[], p: number) =>
        members.map((x) => Math.min(p, ...a.map((factor, k) => (factor * x + b[k]) % p))),
    },
  ],
  candidatePairs: [
    {
      name: "any number agrees",
      told: /All numbers of a band/,
      answer: pairsWhere((a, b) => a.some((x, k) => x === b[k])),
    },
    {
      name: "bands at different places",
      told: /at the same place/,
      answer: pairsWhere((a, b, rows) =>
        bandsOf(a, rows).some((band) => bandsOf(b, rows).includes(band)),
      ),
    },
    {
      name: "all bands agree",
      told: /One band is enough/,
      answer: pairsWhere((a, b) => a.join() === b.join()),
    },
    {
      name: "bands that overlap",
      told: /Bands do not overlap/,
      answer: pairsWhere((a, b, rows) =>
        a.some(
          (_, k) =>
            k + rows <= a.length && a.slice(k, k + rows).join() === b.slice(k, k + rows).join(),
        ),
      ),
    },
    {
      name: "a pair for each band",
      told: /each pair once/,
      answer: (signatures: number[][], rows: number) =>
        right.candidatePairs(signatures, rows).flatMap(([i, j]) =>
          bandsOf(signatures[i], rows)
            .filter((band, k) => band === bandsOf(signatures[j], rows)[k])
            .map((): [number, number] => [i, j]),
        ),
    },
  ],
  splitGroups: [
    {
      name: "pairs without chains",
      told: /chain of pairs/,
      answer: (drawn: boolean[], pairs: [number, number][]) =>
        drawn.map((own, document) => {
          const others = pairs.filter((pair) => pair.includes(document)).flat();
          return others.length === 0 ? own : drawn[Math.min(...others)];
        }),
    },
    {
      name: "held out if any was drawn",
      told: /any of its documents/,
      answer: (drawn: boolean[], pairs: [number, number][]) => {
        const groups = groupsOf(drawn.length, pairs);
        return groups.map((one) => drawn.some((is, other) => is && groups[other] === one));
      },
    },
    {
      name: "held out only if all were drawn",
      told: /all of its documents/,
      answer: (drawn: boolean[], pairs: [number, number][]) => {
        const groups = groupsOf(drawn.length, pairs);
        return groups.map((one) => drawn.every((is, other) => is || groups[other] !== one));
      },
    },
    {
      name: "everything as it was drawn",
      told: /as it was drawn/,
      answer: (drawn: boolean[]) => [...drawn],
    },
  ],
  leakedShare: [
    {
      name: "share of the runs",
      told: /share of the runs/,
      answer: (train: string[], test: string[], n: number) => {
        const known = new Set(runsOf(train, n));
        const runs = runsOf(test, n);
        return runs.filter((run) => known.has(run)).length / Math.max(1, runs.length);
      },
    },
    {
      name: "words counted again in each run",
      told: /counts once/,
      answer: (train: string[], test: string[], n: number) => {
        const known = new Set(runsOf(train, n));
        const hits = runsOf(test, n).filter((run) => known.has(run)).length;
        return (hits * n) / Math.max(1, test.length);
      },
    },
    {
      name: "words that occur at all",
      told: /single words/,
      answer: (train: string[], test: string[]) =>
        test.filter((word) => train.includes(word)).length / Math.max(1, test.length),
    },
    {
      name: "share of the training text",
      told: /words of the test text/,
      answer: (train: string[], test: string[], n: number) =>
        (right.leakedShare(train, test, n) * test.length) / Math.max(1, train.length),
    },
  ],
};

/** The first document of each document's group. */
function groupsOf(count: number, pairs: [number, number][]): number[] {
  const first = Array.from({ length: count }, (_, i) => i);
  for (let round = 0; round < count; round++)
    for (const [i, j] of pairs) first[i] = first[j] = Math.min(first[i], first[j]);
  return first;
}
