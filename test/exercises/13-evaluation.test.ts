// Lesson 13 (evaluation): judges the learner, the solutions and the mutants.

import { type Draw, expectClose, expectFinite, expectShape, lesson } from "llm/course/kit";
import type * as answers from "../../solutions/13-evaluation";
import { mutants } from "../mutants/13-evaluation";

/** A confusion matrix with most of its counts on the diagonal. */
const matrixOf = (d: Draw, C: number, { most = 30 } = {}): [number[][]] => [
  Array.from({ length: C }, (_, i) =>
    Array.from({ length: C }, (_, j) => (i === j ? 5 + d.id(most) : d.id(6))),
  ),
];

/** Words of a small vocabulary. */
const wordsOf = (d: Draw, count: number, vocabulary = 6) =>
  Array.from({ length: count }, () => `w${d.id(vocabulary)}`);

/** A reference, and a candidate that begins like it and goes on otherwise. */
function sentencesOf(d: Draw, { same = 6, own = 3, others = 3 } = {}): [string[], string[]] {
  const begin = wordsOf(d, same);
  return [
    [...begin, ...wordsOf(d, own)],
    [...begin, ...wordsOf(d, others)],
  ];
}

/** Log-probabilities and lengths of options. */
const optionsOf = (d: Draw, count: number, scale = 6): [number[], number[]] => [
  d.list(count, scale).map((x) => -Math.abs(x) - 0.5),
  Array.from({ length: count }, () => 1 + d.id(12)),
];

/** Two systems, and draws of their examples. */
function pairsOf(d: Draw, n: number, R: number): [number[], number[], number[][]] {
  const draws = Array.from({ length: R }, () => Array.from({ length: n }, () => d.id(n)));
  return [d.list(n), d.list(n), draws];
}

/** Wins of n contestants, everyone at least once against each; the diagonal must not matter. */
const winsOf = (d: Draw, n: number): number[][] =>
  Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => (i === j ? d.id(3) : 1 + d.id(9))),
  );

lesson<typeof answers>(
  "13-evaluation",
  mutants,
  (exercise) => {
    exercise(
      "windowsOf",
      (windowsOf) => {
        const right = [
          [0, 4, 1],
          [2, 6, 5],
          [4, 8, 7],
        ];
        const answer = windowsOf(9, 4, 2);
        expectShape(answer, [3, 3], "windowsOf(9, 4, 2)");
        expectClose(answer, right, {
          what: "windowsOf(9, 4, 2)",
          mistakes: [
            [
              right.map(([start, end]) => [start, end, start + 1]),
              "Tokens in the overlap are counted twice. `from` is the end of the window before, plus 1: " +
                "what that window has predicted is context only.",
            ],
            [
              right.map(([start, end, from], k) => [start, end, k === 0 ? 3 : from]),
              "Nothing stands before the first window, so all that it predicts counts: its `from` is 1.",
            ],
            [
              right.map(([start, end, from]) => [start, end, from - 1]),
              "The last token of each window is counted again by the next one (and token 0, which " +
                "nothing predicts, is counted too): `from` is the end before plus 1.",
            ],
            [
              [
                [0, 4, 1],
                [2, 6, 4],
                [4, 8, 6],
              ],
              "`from` is one too small behind the first window: the token at `end` was predicted by the " +
                "window before.",
            ],
          ],
          message: "A row is [start, end, from], and from is the end of the window before + 1.",
        });
        const short = windowsOf(8, 4, 4);
        expectShape(short, [2, 3], "windowsOf(8, 4, 4): the last window is cut off");
        expectClose(
          short,
          [
            [0, 4, 1],
            [4, 7, 5],
          ],
          {
            what: "windowsOf(8, 4, 4)",
            mistakes: [
              [
                [
                  [0, 4, 1],
                  [4, 8, 5],
                ],
                "The last window predicts token 8, but the text ends with token 7: `end` is at most " +
                  "length − 1.",
              ],
            ],
            message: "end is the smaller of start + blockSize and length − 1.",
          },
        );
      },
      {
        cases: {
          "windows that overlap": (d) => [20 + d.id(20), d.pick([6, 7]), d.pick([2, 3])],
          "windows side by side": (d) => [20 + d.id(20), 5, 5],
          "a stride of one": (d) => [9 + d.id(9), 4, 1],
          "a text shorter than a window": (d) => [2 + d.id(5), 9, 4],
          "a text that fills its windows": () => [13, 4, 4],
          "a window of one token": (d) => [3 + d.id(5), 1, 1],
          "two tokens": () => [2, 5, 3],
          "one token": () => [1, 4, 2],
          "no token": () => [0, 4, 2],
        },
      },
    );

    exercise(
      "macroF1",
      (macroF1, { reference }) => {
        const matrix = [
          [12, 0, 0],
          [4, 1, 0],
          [3, 0, 2],
        ];
        const right = reference.macroF1(matrix);
        const ratios = (by: (i: number) => number[]) =>
          matrix.map((row, i) => row[i] / by(i).reduce((a, b) => a + b, 0));
        const precision = ratios((i) => matrix.map((row) => row[i]));
        const recall = ratios((i) => matrix[i]);
        const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
        const [P, R] = [mean(precision), mean(recall)];
        const f1 = precision.map((p, i) => (2 * p * recall[i]) / (p + recall[i]));
        expectClose(macroF1(matrix), right, {
          what: "macroF1 of three classes",
          mistakes: [
            [
              15 / 22,
              "This is the accuracy, which the micro average equals: frequent classes weigh more.",
            ],
            [
              (2 * P * R) / (P + R),
              "Precisions and recalls were averaged first. Work out the F1 of each class, then the mean.",
            ],
            [P, "This is the mean precision."],
            [R, "This is the mean recall."],
            [
              mean(precision.map((p, i) => (p + recall[i]) / 2)),
              "F1 is the harmonic mean, 2PR / (P + R).",
            ],
            [right * 3, "The sum of the F1 has to be divided by the number of classes."],
            [
              (12 * f1[0] + 5 * f1[1] + 5 * f1[2]) / 22,
              "The classes are weighted by how often they occur. In the macro average all weigh the same.",
            ],
          ],
          message: "The plain mean over the classes of 2PR / (P + R).",
        });
        const never = [
          [4, 0, 1],
          [2, 0, 1],
          [0, 0, 5],
        ];
        expectFinite(
          macroF1(never),
          "A class that was never predicted has the precision 0 / 0, which counts as 0.",
          "macroF1 with a class that was never predicted",
        );
        expectClose(macroF1(never), reference.macroF1(never), {
          what: "macroF1 with a class that was never predicted",
          mistakes: [
            [
              (reference.macroF1(never) * 3) / 2,
              "The class that was never predicted was left out of the mean. It counts, with an F1 of 0.",
            ],
          ],
          message: "What would be 0 / 0 is 0.",
        });
      },
      {
        cases: {
          "two classes": (d) => matrixOf(d, 2),
          "three or four classes": (d) => matrixOf(d, d.pick([3, 4])),
          "one class": (d) => matrixOf(d, 1),
          "a class that never occurs": (d) => {
            const [matrix] = matrixOf(d, 4);
            return [matrix.map((row, i) => (i === 2 ? row.map(() => 0) : row))];
          },
          "a class that is never predicted": (d) => {
            const [matrix] = matrixOf(d, 3);
            return [matrix.map((row) => row.map((n, j) => (j === 0 ? 0 : n)))];
          },
          "a class that neither occurs nor is predicted": (d) => {
            const [matrix] = matrixOf(d, 4);
            return [matrix.map((row, i) => row.map((n, j) => (i === 1 || j === 1 ? 0 : n)))];
          },
          "nothing right": (d) => {
            const [matrix] = matrixOf(d, 3);
            return [matrix.map((row, i) => row.map((n, j) => (i === j ? 0 : n + 1)))];
          },
          "a rare class": (d) => {
            const [matrix] = matrixOf(d, 3, { most: 900 });
            return [matrix.map((row, i) => (i === 1 ? [1, 1, 0] : row))];
          },
        },
      },
    );

    exercise(
      "sentenceBleu",
      (sentenceBleu, { reference }) => {
        const cut = (text: string) => text.split(" ");
        const right = cut("a b c d f a b");
        const own = cut("a b c d e a b c b");
        const value = reference.sentenceBleu(own, right);
        const grams = (t: string[], n: number) =>
          Array.from({ length: t.length - n + 1 }, (_, i) => t.slice(i, i + n).join(" "));
        const unclipped = [1, 2, 3, 4].map(
          (n) =>
            grams(own, n).filter((g) => grams(right, n).includes(g)).length / grams(own, n).length,
        );
        const product = (p: number[]) => p.reduce((a, b) => a * b, 1);
        const clipped = [1, 2, 3, 4].map((n) => {
          const left = grams(right, n);
          const hits = grams(own, n).filter((g) => {
            const at = left.indexOf(g);
            if (at >= 0) left.splice(at, 1);
            return at >= 0;
          });
          return hits.length / grams(own, n).length;
        });
        expectClose(sentenceBleu(own, right), value, {
          what: `BLEU of "${own.join(" ")}" with "${right.join(" ")}"`,
          mistakes: [
            [
              product(unclipped) ** 0.25,
              "An n-gram matches more often than the reference has it. Clip: the smaller of both counts.",
            ],
            [product(clipped), "The product of the four precisions needs its fourth root."],
            [
              clipped.reduce((a, b) => a + b, 0) / 4,
              "The precisions were averaged. BLEU takes their geometric mean: the fourth root of the product.",
            ],
            [
              product(clipped.map((p, i) => (p * (9 - i)) / 9)) ** 0.25,
              "Every p_n was divided by the number of tokens. Of c tokens there are c − n + 1 n-grams.",
            ],
            [
              product(clipped.slice(0, 3)) ** (1 / 3),
              "Only n-grams of one to three tokens were compared: n goes up to 4.",
            ],
            [clipped[0], "Only single words were compared: n goes from 1 to 4."],
            [100 * value, "This is in percent: the result goes from 0 to 1."],
            [
              product(clipped) ** 0.25 * Math.exp(1 - 9 / 7),
              "The candidate is longer than the reference, so there is no brevity penalty: is r / c upside down?",
            ],
            [
              product(clipped) ** 0.25 * Math.exp(1 - 7 / 9),
              "A candidate that is longer than the reference gets no reward: the penalty is at most 1.",
            ],
            [
              product(clipped.map((p, i) => (p * (9 - i)) / (7 - i))) ** 0.25,
              "Matches were divided by the reference's n-grams. Precision divides by the candidate's.",
            ],
          ],
          message: "BP · (p₁ p₂ p₃ p₄)^¼, with clipped counts.",
        });
        const short = cut("a b c d f");
        const cutOff = reference.sentenceBleu(short, right);
        expectClose(sentenceBleu(short, right), cutOff, {
          what: "BLEU of the first five of seven words",
          mistakes: [
            [
              1,
              "All n-grams of this candidate match, but it is shorter than the reference: the brevity " +
                "penalty e^(1 − r/c) is missing.",
            ],
            [5 / 7, "The brevity penalty is e^(1 − r/c), not c / r."],
          ],
          message: "A candidate that is shorter than the reference is multiplied by e^(1 − r/c).",
        });
        expectFinite(
          sentenceBleu(["a", "b"], right),
          "Two tokens have no n-gram of three, and 0 / 0 is NaN: with fewer than 4 tokens BLEU is 0.",
          "BLEU of two tokens",
        );
      },
      {
        cases: {
          "a common beginning": (d) => sentencesOf(d),
          "a longer candidate": (d) => sentencesOf(d, { own: 9 }),
          "a shorter candidate": (d) => sentencesOf(d, { own: 0, others: 5 }),
          "words that repeat": (d) => {
            const [own, right] = sentencesOf(d, { same: 8 });
            return [[...own, ...own.slice(0, 5)], right];
          },
          "equal texts": (d) => sentencesOf(d, { own: 0, others: 0 }),
          "nothing in common": (d) => [wordsOf(d, 7), wordsOf(d, 7).map((word) => `x${word}`)],
          "fewer than four tokens": (d) => [wordsOf(d, 3), wordsOf(d, 6)],
          "exactly four tokens": (d) => {
            const own = wordsOf(d, 4);
            return [own, [...own, ...wordsOf(d, 2)]];
          },
          "no token": (d) => [[], wordsOf(d, 4)],
          "tokens that look alike when they are joined": () => [
            ["a", "bc", "ab", "c", "a", "b", "c", "d"],
            ["ab", "c", "a", "bc", "a", "b", "c", "d"],
          ],
        },
      },
    );

    exercise(
      "choiceByLikelihood",
      (choiceByLikelihood, { reference }) => {
        const [logProbs, bytes] = [
          [-4, -6, -9],
          [2, 6, 3],
        ];
        const answer = choiceByLikelihood(logProbs, bytes);
        expectShape(answer, [3], "choiceByLikelihood of three options");
        const softmax = (x: number[]) =>
          x.map((a) => 1 / x.reduce((s, b) => s + Math.exp(b - a), 0));
        const scores = logProbs.map((p, i) => p / bytes[i]);
        expectClose(answer, reference.choiceByLikelihood(logProbs, bytes), {
          what: "choiceByLikelihood([−4, −6, −9], [2, 6, 3])",
          mistakes: [
            [
              softmax(logProbs),
              "The bytes were not used: long options lose because they have more to be unsure of. Divide " +
                "each logarithm by the bytes of its option.",
            ],
            [scores, "These are the scores: their softmax is asked for."],
            [
              softmax(logProbs.map((p, i) => p * bytes[i])),
              "The logarithms were multiplied by the bytes, which makes long options even worse. Divide.",
            ],
            [
              softmax(scores.map((s) => -s)),
              "The signs are wrong: the larger score is the better one.",
            ],
            [
              logProbs.map((p, i) => {
                const each = logProbs.map((q, j) => Math.exp(q) / bytes[j]);
                return Math.exp(p) / bytes[i] / each.reduce((a, b) => a + b, 0);
              }),
              "Probabilities were divided by bytes. Divide the logarithms: that is a mean per byte.",
            ],
          ],
          message: "The softmax of logProb / bytes.",
        });
        expectFinite(
          choiceByLikelihood([-3000, -2900], [2, 2]),
          "e^−1500 is 0, and 0 / 0 is NaN: subtract the largest score first.",
          "the confidences of options with −3000 and −2900 nats",
        );
      },
      {
        cases: {
          "four options": (d) => optionsOf(d, 4),
          "two options": (d) => optionsOf(d, 2),
          "one option": (d) => optionsOf(d, 1),
          "equal options": () => [
            [-3, -3, -3],
            [2, 2, 2],
          ],
          "a certain option": () => [
            [0, -2],
            [3, 1],
          ],
          "very improbable options": (d) => {
            const [logProbs, bytes] = optionsOf(d, 3);
            return [logProbs.map((p, i) => p - 2000 * bytes[i]), bytes];
          },
        },
      },
    );

    exercise(
      "pairedInterval",
      (pairedInterval, { reference }) => {
        const a = [9, 15, 12, 41, 11, 26];
        const b = [30, 2, 10, 6, 19, 20];
        const draws = Array.from({ length: 50 }, (_, r) =>
          [0, 1, 2, 3, 4, 5].map((i) => ((9 * r + (i + 1) * r * r + 5 * i * r + i) % 97) % 6),
        );
        const right = reference.pairedInterval(a, b, draws);
        const answer = pairedInterval(a, b, draws);
        expectShape(answer, [3], "pairedInterval of six examples and 50 draws");
        const mean = (x: number[]) => x.reduce((s, y) => s + y, 0) / x.length;
        const means = draws.map((draw) => mean(draw.map((i) => a[i] - b[i])));
        const sorted = [...means].sort((x, y) => x - y);
        const byDigits = [...means].sort();
        expectClose(answer, right, {
          what: "pairedInterval of six examples and 50 draws",
          mistakes: [
            [[-right[0], -right[2], -right[1]], "This is b − a: a − b is asked for."],
            [
              [right[0], byDigits[1], byDigits[48]],
              "`sort()` without a comparison orders numbers as texts: 10 comes before 2, and −1 before −2. " +
                "Give it (x, y) => x − y.",
            ],
            [
              [right[0], sorted[0], sorted[49]],
              "These are the smallest and the largest mean. Leave out 2.5 % on each side.",
            ],
            [[right[0], means[1], means[48]], "The means have to be sorted first."],
            [
              [right[0], sorted[2], sorted[47]],
              "This leaves out 5 % on each side, which is a 90 % interval: 2.5 % on each side.",
            ],
            [
              [mean(means), right[1], right[2]],
              "The first number is the mean over all examples once each, not the mean of the draws.",
            ],
            [right.map((one) => 6 * one), "These are sums: divide by the number of examples."],
            [
              [right[0], 6 * right[1], 6 * right[2]],
              "The draws were summed. Divide each sum by the number of examples of its draw.",
            ],
            [
              [right[0], sorted[1], sorted[49]],
              "`high` is one place too far: places are counted from 0, so ⌈0.975 · R⌉ needs − 1.",
            ],
            [
              [right[0], sorted[2], sorted[48]],
              "`low` is one place too far: it is at place ⌊0.025 · R⌋, rounded down.",
            ],
          ],
          message: "[mean of a − b, place ⌊0.025 R⌋, place ⌈0.975 R⌉ − 1 of the sorted means].",
        });
      },
      {
        cases: {
          "many draws": (d) => pairsOf(d, 7, 200),
          "a few draws": (d) => pairsOf(d, 5, d.pick([3, 7])),
          "a number of draws that does not divide": (d) => pairsOf(d, 6, 93),
          "one draw": (d) => pairsOf(d, 4, 1),
          "one example": (d) => pairsOf(d, 1, 9),
          "equal systems": (d) => {
            const [a, , draws] = pairsOf(d, 5, 40);
            return [a, [...a], draws];
          },
          "large differences of both signs": (d) => {
            const [a, b, draws] = pairsOf(d, 9, 80);
            return [a.map((x) => 30 * x), b, draws];
          },
        },
      },
    );

    exercise(
      "strengths",
      (strengths, { reference }) => {
        const wins = [
          [0, 6, 2],
          [2, 0, 9],
          [1, 3, 0],
        ];
        const once = reference.strengths(wins, 1);
        const scaled = (x: number[]) => {
          const sum = x.reduce((a, b) => a + b, 0);
          return x.map((y) => (3 * y) / sum);
        };
        const won = wins.map((row) => row.reduce((a, b) => a + b, 0));
        const inTurn = (rounds: number) => {
          let s = [1, 1, 1];
          for (let round = 0; round < rounds; round++) {
            for (let i = 0; i < 3; i++) {
              const below = [0, 1, 2]
                .filter((j) => j !== i)
                .reduce((sum, j) => sum + (wins[i][j] + wins[j][i]) / (s[i] + s[j]), 0);
              s[i] = won[i] / below;
            }
            s = scaled(s);
          }
          return s;
        };
        const answer = strengths(wins, 1);
        expectShape(answer, [3], "strengths of three contestants");
        expectClose(answer, once, {
          what: "strengths after one round",
          mistakes: [
            [
              reference.strengths(
                wins.map((_, i) => wins.map((row) => row[i])),
                1,
              ),
              "Losses were counted as wins: wins[i][j] says how often i was preferred, so the wins of i are " +
                "row i.",
            ],
            [
              scaled(won),
              "These are the wins alone. Divide by Σ nᵢⱼ / (sᵢ + sⱼ): it matters how often one has been " +
                "compared, and with whom.",
            ],
            [
              scaled(won.map((w, i) => w / wins[i].reduce((s, n) => s + n / 2, 0))),
              "Only wins stand below the fraction, so everybody gets the same. nᵢⱼ counts all comparisons " +
                "of the two: wins[i][j] + wins[j][i].",
            ],
            [
              inTurn(1),
              "New strengths were used within the same round. On the right side stand the strengths of the " +
                "round before, for all alike: write the new ones into another array.",
            ],
            [
              once.map((x) => x / 3),
              "These sum to 1. Their mean should be 1: times the number of contestants.",
            ],
          ],
          message: "sᵢ = Wᵢ / Σ nᵢⱼ / (sᵢ + sⱼ), then divided by the mean.",
        });
        expectClose(strengths(wins, 3), reference.strengths(wins, 3), {
          what: "strengths after three rounds",
          mistakes: [
            [
              inTurn(3),
              "New strengths were used within the same round. On the right side stand the strengths of the " +
                "round before, for all alike: write the new ones into another array.",
            ],
            [
              once,
              "The strengths have not changed after the first round: does each round begin with 1 again?",
            ],
            [
              reference.strengths(wins, 2),
              "These are the strengths after two rounds, one too few.",
            ],
          ],
          message: "Each round uses the strengths of the round before.",
        });
      },
      {
        cases: {
          "three or four contestants": (d) => [winsOf(d, d.pick([3, 4])), 5],
          "two contestants": (d) => [winsOf(d, 2), 20],
          "many rounds": (d) => [winsOf(d, 5), 100],
          "no round": (d) => [winsOf(d, 3), 0],
          "equal contestants": () => [
            [
              [0, 4, 4],
              [4, 0, 4],
              [4, 4, 0],
            ],
            3,
          ],
          "pairs that never met": (d) => {
            const wins = winsOf(d, 4);
            [wins[0][2], wins[2][0]] = [0, 0];
            return [wins, 7];
          },
        },
      },
    );
  },
  { tensors: false },
);
