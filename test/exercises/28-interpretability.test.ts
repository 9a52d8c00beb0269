// Lesson 28 (interpretability): judges the learner, the solutions and the mutants.

import { type Draw, expectClose, expectShape, expectTrue, lesson } from "llm/course/kit";
import { tf } from "llm/engine";
import { mutants } from "../mutants/28-interpretability";

type Values4 = number[][][][];
const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length;
/** Weights such as attention gives: rows that sum to 1. */
const weights = (d: Draw, shape: number[]) => tf.tidy(() => tf.softmax(d.normal(shape)));
const patternOf = (d: Draw, T: number, B = 2, H = 3): tf.Tensor4D =>
  weights(d, [B, H, T, T]) as tf.Tensor4D;
/** Weights that no attention gives, so that every place can be told from every other. */
const numbered = (B: number, H: number, T: number) =>
  Array.from({ length: B }, (_, b) =>
    Array.from({ length: H }, (_, h) =>
      Array.from({ length: T }, (_, t) =>
        Array.from({ length: T }, (_, j) => ((b * 31 + h * 17 + t * 13 + j * 7) % 23) / 10),
      ),
    ),
  );
const wordsOf = (d: Draw, count: number, kinds: number) => {
  const words = Array.from({ length: count }, () => `w${d.integer(0, kinds - 1)}`);
  const labels = words.map(() => d.integer(0, 1) as 0 | 1);
  return { words, labels, draws: Array.from({ length: kinds }, () => d.number(0, 1)) };
};

lesson<typeof import("../../solutions/28-interpretability")>(
  "28-interpretability",
  mutants,
  (exercise) => {
    exercise(
      "inductionScore",
      (inductionScore) => {
        const [B, H, T, P] = [2, 3, 9, 4];
        const values = numbered(B, H, T);
        const scores = inductionScore(tf.tensor4d(values, [B, H, T, T]), P);
        expectShape(scores, [H]);
        const at = (back: number, from: number, rows = values, end = T) =>
          Array.from({ length: H }, (_, h) =>
            mean(
              rows.flatMap((row) =>
                Array.from({ length: end - from }, (_, i) => row[h][from + i][from + i - back]),
              ),
            ),
          );
        const turned = values.map((row) =>
          row.map((head) => head.map((_, t) => head.map((query) => query[t]))),
        );
        expectClose(scores, at(P - 1, P), {
          mistakes: [
            [
              at(P, P),
              "This looks at the earlier place of the same token, t − P. An induction head looks one " +
                "further, at what came after it: t − P + 1.",
            ],
            [
              at(P - 2, P),
              "This looks two places after the earlier occurrence, at t − P + 2. What came next stands at " +
                "t − P + 1.",
            ],
            [
              at(P - 1, P - 1),
              "The query at P − 1 is counted too, but it is still the first time round: queries begin " +
                "at t = P.",
            ],
            [
              at(P - 1, P, turned),
              "Rows and columns are exchanged: the row of the pattern is the query, the column the key.",
            ],
            [
              at(P - 1, P, values.slice(0, 1)),
              "Only the first row of the batch is looked at: the mean goes over all rows.",
            ],
            [
              at(P - 1, P).map((x) => (x * (T - P)) / T),
              "The sum was divided by T. Only the T − P queries that were counted may divide it.",
            ],
            [
              at(P - 1, P).map((x) => (x * (T - P)) / P),
              "The sum was divided by P. It is the T − P queries that were counted that divide it.",
            ],
            [
              at(P - 1, P).map((x) => x * (T - P) * B),
              "The weights were added, not averaged: the sum would grow with rows and queries.",
            ],
            [at(P - 1, P + 1), "The first query of the second time round, at t = P, was left out."],
            [
              at(P - 1, P, values, T - 1),
              "The last query, at T − 1, was left out. The row may break off anywhere, so queries go " +
                "on to its end.",
            ],
            [
              at(1, P),
              "This is the weight on the place just before, as of a previous-token head. An induction " +
                "head looks at t − P + 1.",
            ],
            [
              Array.from({ length: H }, (_, h) =>
                mean(
                  values.flatMap((row) =>
                    row[h].slice(P).map((w, i) => Number(w.indexOf(Math.max(...w)) === i + 1)),
                  ),
                ),
              ),
              "This counts the queries whose largest weight is there. The score is the mean of the " +
                "weights themselves.",
            ],
          ],
          message:
            "The score is the mean of pattern[b][h][t][t − P + 1] over rows and t = P … T − 1.",
        });
      },
      {
        gradients: false,
        cases: {
          "two queries": (d) => [patternOf(d, 5), 3],
          "one query": (d) => [patternOf(d, 6), 5],
          "a period of one": (d) => [patternOf(d, 5), 1],
          "one head, one row": (d) => [patternOf(d, 7, 1, 1), 3],
          "more rows": (d) => [patternOf(d, 9, 4, 2), d.integer(2, 6)],
        },
      },
    );

    exercise(
      "ablateHead",
      (ablateHead) => {
        const [B, H, T, D] = [2, 3, 4, 2];
        const values: Values4 = numbered(B, H, T).map((row) =>
          row.map((head) => head.map((place) => place.slice(0, D))),
        );
        const z = () => tf.tensor4d(values, [B, H, T, D]);
        /** Each number of the heads that `cut` names replaced. */
        const changed = (
          cut: (b: number, h: number, t: number) => boolean,
          by: (b: number, h: number, t: number, k: number) => number,
        ) =>
          values.map((row, b) =>
            row.map((head, h) =>
              head.map((place, t) => place.map((x, k) => (cut(b, h, t) ? by(b, h, t, k) : x))),
            ),
          );
        const isHead = (_b: number, h: number) => h === 1;
        const zero = ablateHead(z(), 1, "zero");
        expectTrue(
          zero.shape[1] !== H - 1,
          "The head was taken out of the tensor, so the heads after it move up. It stays in its place, " +
            "with other numbers.",
        );
        expectShape(zero, [B, H, T, D]);
        expectClose(
          zero,
          changed(isHead, () => 0),
          {
            mistakes: [
              [
                changed(
                  (_b, _h, t) => t === 1,
                  () => 0,
                ),
                "A place was cut, not a head: heads are axis 1, places axis 2.",
              ],
              [
                changed(
                  (_b, h) => h !== 1,
                  () => 0,
                ),
                "All other heads were cut, and this one is left: the mask is the wrong way round.",
              ],
              [
                changed(
                  () => true,
                  () => 0,
                ),
                "Every head was cut: only the one asked for may change.",
              ],
            ],
            message: 'With "zero", this head\'s numbers are 0 and all others stay as they are.',
          },
        );
        const all = (keep: (b: number, h: number, t: number) => boolean, k: number) => {
          const found: number[] = [];
          for (let b = 0; b < B; b++)
            for (let h = 0; h < H; h++)
              for (let t = 0; t < T; t++) if (keep(b, h, t)) found.push(values[b][h][t][k]);
          return mean(found);
        };
        const own = values.flatMap((row) => row[1]); // the places of head 1
        const meanOf = (k: number) => mean(own.map((place) => place[k]));
        expectClose(
          ablateHead(z(), 1, "mean"),
          changed(isHead, (_b, _h, _t, k) => meanOf(k)),
          {
            mistakes: [
              [
                changed(isHead, (b, _h, _t, k) => all((x, h) => x === b && h === 1, k)),
                "Each row got its own mean, so the head still tells rows apart: the mean goes over all " +
                  "rows and places.",
              ],
              [
                changed(isHead, (_b, _h, t, k) => all((_x, h, u) => h === 1 && u === t, k)),
                "Each place got its own mean: the mean goes over all rows and places.",
              ],
              [
                changed(isHead, (_b, _h, _t, k) => all(() => true, k)),
                "This is the mean of all heads together: take this head's own.",
              ],
              [
                changed(isHead, () => 0),
                'This is "zero" again: with "mean" the head\'s own mean takes its place.',
              ],
              [
                changed(isHead, () => mean(own.flat())),
                "One number stands for all D: each of the D numbers has a mean of its own.",
              ],
              [
                changed(isHead, (b, h, t) => mean(values[b][h][t])),
                "The mean went over the D numbers of each place. It goes over rows and places, for " +
                  "each of the D numbers by itself.",
              ],
              [
                changed(isHead, (b, _h, t, k) => mean(values[b].map((head) => head[t][k]))),
                "The mean went over the heads at each place. It goes over rows and places, and only " +
                  "this head counts.",
              ],
              [
                changed(isHead, (b, h, t, k) => values[b][h][t][k] + meanOf(k)),
                "The mean was added to what the head had read: it takes its place.",
              ],
              [
                changed(isHead, (b, h, t, k) => values[b][h][t][k] - meanOf(k)),
                "The mean was subtracted, which leaves what differs from text to text. It is the mean " +
                  "that stays.",
              ],
              [
                changed(isHead, (_b, _h, _t, k) => mean(values[0][1].map((place) => place[k]))),
                "Only the first row counts in this mean: it goes over all rows and places.",
              ],
            ],
            message: "The mean has D numbers, the same for all rows and places.",
          },
        );
      },
      {
        gradients: false,
        cases: {
          "zeros instead": (d) => [d.normal([2, 3, 5, 4]) as tf.Tensor4D, d.integer(0, 2), "zero"],
          "the mean instead": (d) => [
            d.normal([3, 2, 5, 7]) as tf.Tensor4D,
            d.integer(0, 1),
            "mean",
          ],
          "the last head": (d) => [d.normal([2, 4, 3, 5]) as tf.Tensor4D, 3, "mean"],
          "one head": (d) => [d.normal([2, 1, 6, 3]) as tf.Tensor4D, 0, "mean"],
          "one row, one place": (d) => [d.normal([1, 3, 1, 4]) as tf.Tensor4D, 1, "zero"],
        },
      },
    );

    exercise(
      "logitLens",
      (logitLens) => {
        const stream = [
          [
            [3, 4, 1],
            [0.1, -0.2, 0.3],
          ],
          [
            [5, 0, -1],
            [0.002, 0.001, -0.003],
          ],
        ];
        const gain = [1, 2, 0.5];
        const table = [
          [1, 0, 0],
          [0, 1, 0],
          [1, 1, 1],
          [-1, 2, 3],
        ];
        const flat = table.flat();
        const reshaped = table.map((_, v) => [0, 1, 2].map((c) => flat[c * table.length + v]));
        const logits = (norm: (x: number[]) => number[], rows = table) =>
          stream.map((row) =>
            row.map((x) => rows.map((v) => v.reduce((sum, e, c) => sum + e * norm(x)[c], 0))),
          );
        const withEps = (size: (meanSquare: number) => number) =>
          logits((x) => x.map((v, c) => (v / size(mean(x.map((y) => y * y)))) * gain[c]));
        const rms = (x: number[]) => Math.sqrt(mean(x.map((v) => v * v)) + 1e-5);
        const found = logitLens(tf.tensor3d(stream), tf.tensor1d(gain), tf.tensor2d(table));
        expectShape(found, [2, 2, 4]);
        const centred = (x: number[]) => x.map((v) => v - mean(x));
        expectClose(
          found,
          logits((x) => x.map((v, c) => (v / rms(x)) * gain[c])),
          {
            mistakes: [
              [
                logits((x) => x),
                "The norm is missing: the head was trained on normalised vectors, and the stream of an " +
                  "early layer is smaller.",
              ],
              [logits((x) => x.map((v) => v / rms(x))), "The gain of the norm is missing."],
              [
                logits((x) => centred(x).map((v, c) => (v / rms(centred(x))) * gain[c])),
                "The mean was subtracted first, as a layer norm does. An RMS norm only divides.",
              ],
              [
                logits((x) =>
                  x.map(
                    (v, c) => (v / Math.sqrt(x.reduce((s, y) => s + y * y, 0) + 1e-5)) * gain[c],
                  ),
                ),
                "The squares were added, not averaged: the size is the root of their mean.",
              ],
              [
                logits((x) => x.map((v, c) => v * gain[c])),
                "The stream was not divided by its size: the norm is missing, all but its gain.",
              ],
              [
                withEps((ms) => Math.sqrt(ms)),
                "10⁻⁵ is missing under the root: where the stream is small, it counts.",
              ],
              [
                withEps((ms) => Math.sqrt(ms) + 1e-5),
                "10⁻⁵ was added to the root. It belongs under the root, to the mean of the squares.",
              ],
              [
                withEps((ms) => Math.sqrt(ms + 1e-6)),
                "10⁻⁶ stands under the root, where 10⁻⁵ was asked for.",
              ],
              [
                withEps((ms) => ms + 1e-5),
                "The root is missing: the stream is divided by the root of the mean square.",
              ],
              [
                logits((x) => x.map((v, c) => (v / (mean(x.map(Math.abs)) + 1e-5)) * gain[c])),
                "Divided by the mean of the absolute values: it is the root of the mean square.",
              ],
              [
                logits((x) => x.map((v, c) => (v / rms(x)) * gain[c]), reshaped),
                "The table was reshaped to (C, V), which mixes its numbers up: transpose it.",
              ],
            ],
            message: "logit v = Σ_c x[c] / √(mean(x²) + 1e-5) · gain[c] · unembedding[v][c].",
          },
        );
      },
      {
        gradients: false,
        cases: {
          "one place": (d) => [
            d.normal([1, 1, 5]) as tf.Tensor3D,
            d.normal([5]) as tf.Tensor1D,
            d.normal([3, 5]) as tf.Tensor2D,
          ],
          "several rows": (d) => [
            d.normal([3, 5, 7]) as tf.Tensor3D,
            d.normal([7]) as tf.Tensor1D,
            d.normal([11, 7]) as tf.Tensor2D,
          ],
          "a small stream, where 10⁻⁵ counts": (d) => [
            d.normal([2, 3, 4], 0.003) as tf.Tensor3D,
            d.normal([4]) as tf.Tensor1D,
            d.normal([6, 4]) as tf.Tensor2D,
          ],
          "a large stream": (d) => [
            d.normal([2, 6, 9], 300) as tf.Tensor3D,
            d.normal([9]) as tf.Tensor1D,
            d.normal([2, 9]) as tf.Tensor2D,
          ],
        },
      },
    );

    exercise(
      "integratedGradients",
      (integratedGradients) => {
        const g = [
          [
            [
              [2, 9],
              [1, -1],
              [0, 3],
            ],
          ],
          [
            [
              [4, 9],
              [5, -3],
              [2, 1],
            ],
          ],
          [
            [
              [0, 3],
              [6, 4],
              [4, -1],
            ],
          ],
        ];
        const x = [
          [
            [3, 1],
            [2, -2],
            [0, 4],
          ],
        ];
        const base = [1, 1];
        const by = (f: (x: number, s: number[], c: number) => number) =>
          x.map((row, b) =>
            row.map((token, t) =>
              token.reduce(
                (sum, v, c) =>
                  sum +
                  f(
                    v,
                    g.map((step) => step[b][t][c]),
                    c,
                  ),
                0,
              ),
            ),
          );
        const found = integratedGradients(tf.tensor4d(g), tf.tensor3d(x), tf.tensor1d(base));
        expectShape(found, [1, 3]);
        expectClose(
          found,
          by((v, s, c) => (v - base[c]) * mean(s)),
          {
            mistakes: [
              [
                by((v, s) => v * mean(s)),
                "x itself was multiplied: the way is x − x₀, and a token that is like the baseline " +
                  "counts nothing.",
              ],
              [
                by((v, s, c) => (v - base[c]) * s[s.length - 1]),
                "Only the last gradient counts here. The mean goes over all S points of the line.",
              ],
              [
                by((v, s, c) => (v - base[c]) * mean(s) * s.length),
                "The S gradients were added, not averaged: the sum would grow with S.",
              ],
              [
                by((v, s, c) => Math.abs((v - base[c]) * mean(s))),
                "The signs were lost. Tokens may speak against a prediction, and only with signs do they " +
                  "add up to f(x) − f(x₀).",
              ],
              [
                by((_v, s) => mean(s)),
                "This is the mean gradient: it still has to be multiplied by x − x₀.",
              ],
              [
                by((v, s, c) => ((v - base[c]) * mean(s)) / 2),
                "The channels were averaged: a token counts the sum of its C numbers.",
              ],
              [
                by((v, s, c) => (base[c] - v) * mean(s)),
                "Every sign is the wrong one: the way goes from the baseline to the token, x − x₀.",
              ],
              [
                by((v, s, c) => ((v - base[c]) * (s[0] + 2 * s[1] + s[2])) / 4),
                "The two ends of the line were given half the weight, as in the trapezoid rule. The S " +
                  "points are not the ends, and each counts the same.",
              ],
              [
                x.map((row, b) =>
                  row.map((token, t) => {
                    const way = token.reduce((sum, v, c) => sum + v - base[c], 0);
                    const slope = token.map((_, c) => mean(g.map((step) => step[b][t][c])));
                    return way * slope.reduce((sum, v) => sum + v, 0);
                  }),
                ),
                "The channels were added before they were multiplied. Each number is multiplied by its " +
                  "own slope first.",
              ],
              [
                x.map((row, b) =>
                  row.map((token, t) =>
                    Math.hypot(
                      ...token.map((v, c) => (v - base[c]) * mean(g.map((step) => step[b][t][c]))),
                    ),
                  ),
                ),
                "A length was taken over the channels: a token counts the sum of its C numbers, with " +
                  "their signs.",
              ],
            ],
            message: "A token counts Σ_c (x − x₀) · mean over S of its gradients.",
          },
        );
      },
      {
        gradients: false,
        cases: {
          "one step": (d) => [
            d.normal([1, 2, 3, 5]) as tf.Tensor4D,
            d.normal([2, 3, 5]) as tf.Tensor3D,
            d.normal([5]) as tf.Tensor1D,
          ],
          "several steps": (d) => [
            d.normal([6, 2, 5, 4]) as tf.Tensor4D,
            d.normal([2, 5, 4]) as tf.Tensor3D,
            d.normal([4]) as tf.Tensor1D,
          ],
          "a baseline of zeros": (d) => [
            d.normal([3, 3, 4, 7]) as tf.Tensor4D,
            d.normal([3, 4, 7]) as tf.Tensor3D,
            tf.zeros([7]) as tf.Tensor1D,
          ],
          "one token": (d) => [
            d.normal([5, 1, 1, 3]) as tf.Tensor4D,
            d.normal([1, 1, 3]) as tf.Tensor3D,
            d.normal([3]) as tf.Tensor1D,
          ],
        },
      },
    );

    exercise(
      "controlLabels",
      (controlLabels) => {
        const words = ["b", "a", "b", "c", "a", "d", "b", "e", "f"];
        const labels: (0 | 1)[] = [1, 0, 1, 0, 1, 0, 0, 1, 0];
        const types = ["b", "a", "c", "d", "e", "f"];
        // One number between any two of the shares that people take: 2/6, 4/9, 1/2, 5/9 and 4/6.
        const draws = [0.9, 0.1, 0.42, 0.47, 0.52, 0.6, 0.2, 0.8, 0.3];
        const found = controlLabels(words, labels, draws);
        expectTrue(found.length === words.length, "There is one label for each example.");
        const first: Record<string, number> = {};
        const alike = words.every((word, i) => {
          first[word] ??= found[i];
          return first[word] === found[i];
        });
        expectTrue(
          alike,
          "The same word has two labels: each different word is given its label once. Labels drawn for " +
            "each example could be learnt by no probe.",
        );
        const byTypes = (kinds: string[], below: (u: number) => boolean) =>
          words.map((word) => Number(below(draws[kinds.indexOf(word)])));
        const wrongShare = (share: number, what: string): [number[], string] => [
          byTypes(types, (u) => u < share),
          `${what}: the chance of a 1 is the share of ones among the real labels.`,
        ];
        expectClose(
          found,
          byTypes(types, (u) => u < 4 / 9),
          {
            mistakes: [
              [
                byTypes([...types].sort(), (u) => u < 4 / 9),
                "The words were sorted: draws go to words in the order in which they first come up.",
              ],
              wrongShare(1 / 2, "Ones and zeros were drawn with equal chances"),
              wrongShare(5 / 9, "This is the share of zeros"),
              wrongShare(4 / 6, "The ones were divided by the number of different words"),
              wrongShare(2 / 6, "The labels were counted once for each different word"),
              wrongShare(0, "All labels are 0, as if the share had been rounded down"),
              [
                byTypes(types, (u) => u >= 4 / 9),
                "0 and 1 are exchanged: a word gets 1 where its number is below the share.",
              ],
              [
                words.map((word) => Number(draws[words.indexOf(word)] < 4 / 9)),
                "A word got the number at the place of its example. The i-th different word gets " +
                  "draws[i].",
              ],
              [labels, "These are the real labels: the control's are drawn by chance."],
            ],
            message:
              "The i-th different word gets 1 if draws[i] is below the share of ones, else 0.",
          },
        );
        expectClose(
          controlLabels(["a", "b", "a", "c"], [1, 0, 1, 0], [0.7, 0.2, 0.5]),
          [0, 1, 0, 0],
          {
            mistakes: [
              [[0, 1, 0, 1], "A number that equals the share gives 0: only a smaller one gives 1."],
            ],
            message: "With a share of 0.5, the numbers 0.7, 0.2 and 0.5 give 0, 1 and 0.",
          },
        );
      },
      {
        cases: {
          "one example": (d) => [["x"], [d.integer(0, 1) as 0 | 1], [d.number(0, 1)]],
          "many examples of few words": (d) => {
            const { words, labels, draws } = wordsOf(d, d.integer(12, 20), 4);
            return [words, labels, draws];
          },
          "every word once": (d) => {
            const words = ["m", "k", "z", "a", "q", "f", "b"];
            return [
              words,
              words.map(() => d.integer(0, 1) as 0 | 1),
              words.map(() => d.number(0, 1)),
            ];
          },
          "real labels that are all 0": (d) => {
            const { words, draws } = wordsOf(d, 9, 3);
            return [words, words.map(() => 0 as const), draws];
          },
          "words that differ in capitals or spaces alone": (d) => [
            ["may", "May", "may ", "MAY", "may"],
            [1, 0, 1, 0, 1],
            [d.number(0, 0.3), d.number(0.7, 1), d.number(0, 0.3), d.number(0.7, 1)],
          ],
          "words such as constructor": (d) => [
            ["constructor", "__proto__", "constructor", "toString"],
            [1, 0, 1, 1],
            [d.number(0, 1), d.number(0, 1), d.number(0, 1)],
          ],
        },
      },
    );
  },
);
