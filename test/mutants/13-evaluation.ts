// Plausible wrong answers of lesson 13 (evaluation), each with the sentence it must be told.
import type { Mutants } from "llm/course/kit";
import * as right from "../../solutions/13-evaluation";

const sum = (x: number[]) => x.reduce((a, b) => a + b, 0);
const softmax = (x: number[]) => {
  const largest = Math.max(...x);
  const exps = x.map((value) => Math.exp(value - largest));
  return exps.map((e) => e / sum(exps));
};

/** BLEU with a change: how a match is counted, and the brevity penalty. */
function bleuWith(
  candidate: string[],
  reference: string[],
  { clip = true, penalty = (c: number, r: number) => Math.min(1, Math.exp(1 - r / c)) } = {},
): number {
  const c = candidate.length;
  if (c < 4) return 0;
  let product = 1;
  for (let n = 1; n <= 4; n++) {
    const grams = (t: string[]) =>
      Array.from({ length: Math.max(0, t.length - n + 1) }, (_, i) =>
        JSON.stringify(t.slice(i, i + n)),
      );
    const left = grams(reference);
    const matched = grams(candidate).filter((gram) => {
      const at = left.indexOf(gram);
      if (at >= 0 && clip) left.splice(at, 1);
      return at >= 0;
    });
    product *= matched.length / (c - n + 1);
  }
  return penalty(c, reference.length) * product ** 0.25;
}

export const mutants: Mutants<typeof import("../../solutions/13-evaluation")> = {
  windowsOf: [
    {
      name: "counts the overlap twice",
      told: /counted twice/,
      answer: (length, blockSize, stride) =>
        right.windowsOf(length, blockSize, stride).map(([start, end]) => [start, end, start + 1]),
    },
    {
      name: "runs past the end of the text",
      told: /at most length − 1/,
      answer: (length, blockSize, stride) =>
        right
          .windowsOf(length, blockSize, stride)
          .map(([start, , from]) => [start, start + blockSize, from]),
    },
    {
      name: "counts the last token of each window again",
      told: /counted again by the next one|one too small/,
      answer: (length, blockSize, stride) =>
        right
          .windowsOf(length, blockSize, stride)
          .map(([start, end, from], k) => [start, end, k === 0 ? from : from - 1]),
    },
  ],
  macroF1: [
    {
      name: "the micro average",
      told: /accuracy/,
      answer: (matrix) => sum(matrix.map((row, i) => row[i])) / sum(matrix.flat()),
    },
    {
      name: "F1 of the mean precision and recall",
      told: /averaged first/,
      answer: (matrix) => {
        const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b);
        const P = sum(matrix.map((row, i) => ratio(row[i], sum(matrix.map((r) => r[i])))));
        const R = sum(matrix.map((row, i) => ratio(row[i], sum(row))));
        return ratio((2 * P * R) / matrix.length, P + R);
      },
    },
    {
      name: "0 / 0 is left as it is",
      told: /0 \/ 0/,
      answer: (matrix) => {
        const f1 = matrix.map((row, i) => {
          const [p, r] = [row[i] / sum(matrix.map((other) => other[i])), row[i] / sum(row)];
          return (2 * p * r) / (p + r);
        });
        return sum(f1) / f1.length;
      },
    },
  ],
  sentenceBleu: [
    {
      name: "counts are not clipped",
      told: /Clip/,
      answer: (candidate, reference) => bleuWith(candidate, reference, { clip: false }),
    },
    {
      name: "no brevity penalty",
      told: /brevity penalty/,
      answer: (candidate, reference) => bleuWith(candidate, reference, { penalty: () => 1 }),
    },
    {
      name: "longer candidates are rewarded",
      told: /no reward/,
      answer: (candidate, reference) =>
        bleuWith(candidate, reference, { penalty: (c, r) => Math.exp(1 - r / c) }),
    },
  ],
  choiceByLikelihood: [
    {
      name: "not divided by the bytes",
      told: /bytes were not used/,
      answer: (logProbs) => softmax(logProbs),
    },
    {
      name: "the largest score is not subtracted",
      told: /subtract the largest/,
      answer: (logProbs, bytes) => {
        const exps = logProbs.map((logProb, i) => Math.exp(logProb / bytes[i]));
        return exps.map((e) => e / sum(exps));
      },
    },
    {
      name: "probabilities divided by bytes",
      told: /Divide the logarithms/,
      answer: (logProbs, bytes) => softmax(logProbs.map((p, i) => p - Math.log(bytes[i]))),
    },
  ],
  pairedInterval: [
    {
      name: "sorted as texts",
      told: /as texts/,
      answer: (a, b, draws) => {
        const means = draws.map((draw) => sum(draw.map((i) => a[i] - b[i])) / draw.length).sort();
        const R = means.length;
        return [
          sum(a.map((x, i) => x - b[i])) / a.length,
          means[Math.floor(0.025 * R)],
          means[Math.ceil(0.975 * R) - 1],
        ];
      },
    },
    {
      name: "b minus a",
      told: /b − a/,
      answer: (a, b, draws) => right.pairedInterval(b, a, draws),
    },
    {
      name: "a 90 % interval",
      told: /90 %/,
      answer: (a, b, draws) => {
        const means = draws.map((draw) => sum(draw.map((i) => a[i] - b[i])) / draw.length);
        means.sort((x, y) => x - y);
        const R = means.length;
        return [
          sum(a.map((x, i) => x - b[i])) / a.length,
          means[Math.floor(0.05 * R)],
          means[Math.ceil(0.95 * R) - 1],
        ];
      },
    },
  ],
  strengths: [
    {
      name: "wins alone",
      told: /wins alone/,
      answer: (wins, rounds) => {
        const won = wins.map((row, i) => sum(row) - row[i]);
        return won.map((w) => (rounds === 0 ? 1 : (w * wins.length) / sum(won)));
      },
    },
    {
      name: "losses for wins",
      told: /Losses were counted/,
      answer: (wins, rounds) =>
        right.strengths(
          wins.map((_, i) => wins.map((row) => row[i])),
          rounds,
        ),
    },
    {
      name: "new strengths in the same round",
      told: /within the same round/,
      answer: (wins, rounds) => {
        const n = wins.length;
        let s: number[] = Array(n).fill(1);
        for (let round = 0; round < rounds; round++) {
          for (let i = 0; i < n; i++) {
            let [won, below] = [0, 0];
            for (let j = 0; j < n; j++) {
              if (j === i) continue;
              won += wins[i][j];
              below += (wins[i][j] + wins[j][i]) / (s[i] + s[j]);
            }
            s[i] = won / below;
          }
          const total = sum(s);
          s = s.map((x) => (x * n) / total);
        }
        return s;
      },
    },
  ],
};
