// Lesson 09 (pretraining objectives): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectFinite,
  expectShape,
  expectTrue,
  lesson,
} from "llm/course/kit";
import type * as answers from "../../solutions/09-pretraining-objectives";
import { mutants } from "../mutants/09-pretraining-objectives";

type Spans = [number, number][];

/** Ids of a text; special tokens are from 300 on. */
const textOf = (d: Draw, T: number, limit = 290): number[] =>
  Array.from({ length: T }, () => d.id(limit));
const sentinels = [300, 301, 302, 303, 304, 305];

/** Spans that do not touch, from lengths of what is visible and hidden in turn. */
const spansOf = (lengths: number[]): Spans => {
  const spans: Spans = [];
  let at = 0;
  lengths.forEach((length, k) => {
    if (k % 2 === 1) spans.push([at, at + length]);
    at += length;
  });
  return spans;
};
const total = (lengths: number[]) => lengths.reduce((a, b) => a + b, 0);
const corrupted = (d: Draw, lengths: number[]): [number[], Spans, number[]] => [
  textOf(d, total(lengths)),
  spansOf(lengths),
  sentinels,
];
const placed = (lengths: number[], order: number[]): [number, Spans, number[]] => [
  total(lengths),
  spansOf(lengths),
  order,
];

const chosenOf = (
  d: Draw,
  T: number,
  chosen: number[],
  between: [number, number] = [0, 1],
): [number[], number[], number[], number[], number] => [
  textOf(d, T),
  chosen,
  chosen.map(() => d.number(...between)),
  textOf(d, chosen.length),
  299,
];

const lossOf = (
  d: Draw,
  B: number,
  T: number,
  share = 0.5,
): [number[][], boolean[][], number[]] => [
  Array.from({ length: B }, () => Array.from({ length: T }, () => d.number(0.01, 5))),
  Array.from({ length: B }, () => Array.from({ length: T }, () => d.number(0, 1) < share)),
  Array.from({ length: B }, () => d.number(0.05, 1)),
];

/** Rows of probabilities; the hidden places are given. */
const unmasked = (
  d: Draw,
  T: number,
  V: number,
  hidden: number[],
  count: number,
): [number[], number[][], number, number] => [
  textOf(d, T, V).map((id, i) => (hidden.includes(i) ? V : id)),
  Array.from({ length: T }, () => {
    const row = Array.from({ length: V }, () => d.number(0.01, 1) ** 3);
    const sum = total(row);
    return row.map((x) => x / sum);
  }),
  V,
  count,
];

lesson<typeof answers>(
  "09-pretraining-objectives",
  mutants,
  (exercise) => {
    exercise(
      "prefixMask",
      (prefixMask, { reference }) => {
        const mask = prefixMask(4, 2);
        expectShape(mask, [4, 4], "prefixMask(4, 2)");
        const made = (visible: (i: number, j: number) => boolean) =>
          [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => (visible(i, j) ? 1 : 0)));
        expectClose(mask, reference.prefixMask(4, 2), {
          what: "prefixMask(4, 2)",
          mistakes: [
            [
              made((i, j) => j <= i),
              "The prefix is ignored: this is the causal mask. Position 0 must see position 1.",
            ],
            [
              made((i, j) => j < 2 || j >= i),
              "The triangle is the wrong way round: a position sees itself and what is before it, " +
                "not what comes after it.",
            ],
            [
              made((i, j) => j < 2 && j <= i),
              "It is enough if either of the two holds: j is in the prefix, or j ≤ i. Here both are " +
                "needed.",
            ],
            [
              made((i, j) => j <= 2 || j <= i),
              "The prefix is one position too many: positions 0 and 1 are a prefix of 2.",
            ],
            [
              made((i, j) => i < 2 || j <= i),
              "The rows of the prefix see everything. It is the columns of the prefix that are seen " +
                "by all.",
            ],
            [
              made(() => true),
              "Every position sees everything. Is one and the same row in all places, as with " +
                "`Array(T).fill(row)`?",
            ],
            [made((i, j) => j < 2 || j < i), "A position sees itself, too: j ≤ i, not j < i."],
            [
              made((i, j) => (i < 2 ? j < 2 : j >= 2 && j <= i)),
              "The positions after the prefix do not see it. The prefix is seen by all positions.",
            ],
            [
              [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => (j < 2 || j <= i ? 0 : -Infinity))),
              "This is a mask that is added to the scores, with 0 and −∞. Here visible is 1 and " +
                "hidden is 0.",
            ],
            [
              made((i, j) => (i >= 2 && j < 2 ? true : i < 2 && j < 2)),
              "Nothing after the prefix is visible. A position there sees itself and those before it.",
            ],
          ],
          message: "visible[i][j] is 1 if j < prefix or j ≤ i, and 0 otherwise.",
        });
      },
      {
        cases: {
          "a prefix": () => [7, 3],
          "no prefix": () => [5, 0],
          "nothing but a prefix": () => [6, 6],
          "a prefix of one": () => [3, 1],
          "one position": () => [1, 0],
          "all but one in the prefix": () => [9, 8],
          "any sizes": (d) => {
            const T = d.integer(2, 20);
            return [T, d.integer(0, T)];
          },
        },
      },
    );

    exercise(
      "maskTokens",
      (maskTokens, { reference }) => {
        const asked: [number[], number[], number[], number[], number] = [
          [5, 6, 7, 8, 9, 4],
          [1, 3, 4],
          [0.85, 0.3, 0.95],
          [2, 1, 3],
          99,
        ];
        const got = maskTokens(...asked);
        const what = "maskTokens([5, 6, 7, 8, 9, 4], [1, 3, 4], [0.85, 0.3, 0.95], [2, 1, 3], 99)";
        expectShape(got, [6], what);
        expectClose(got, reference.maskTokens(...asked), {
          what,
          mistakes: [
            [
              [5, 99, 7, 99, 99, 4],
              "A chosen position is not always [MASK]: the draw decides between [MASK], a random " +
                "token and no change.",
            ],
            [
              [5, 6, 7, 99, 3, 4],
              "Random and unchanged are swapped: from 0.8 to 0.9 the random token, from 0.9 on no " +
                "change.",
            ],
            [
              [5, 2, 7, 99, 3, 4],
              "From 0.9 on, the token stays as it is. Here it was replaced by a random one.",
            ],
            [
              [5, 99, 7, 8, 99, 4],
              "The comparison is turned round: [MASK] where the draw is below 0.8.",
            ],
            [
              [5, 99, 7, 8, 9, 4],
              "draws and randomIds belong to the k-th chosen position, not to the position itself: " +
                "use draws[k], where chosen[k] is the position.",
            ],
            [
              [5, 3, 7, 8, 9, 4],
              "draws and randomIds belong to the k-th chosen position, not to the position itself: " +
                "use draws[k], where chosen[k] is the position.",
            ],
            [
              [5, 1, 7, 99, 9, 4],
              "The random token is that of the k-th chosen position: randomIds[k], not " +
                "randomIds[position].",
            ],
            [
              [5, 2, 7, 1, 9, 4],
              "A draw below 0.8 is also below 0.9: without `else`, the random token overwrites the " +
                "[MASK].",
            ],
            [[5, 6, 7, 8, 9, 4], "Nothing was changed."],
          ],
          message:
            "Below 0.8 the id of [MASK] is read, from 0.8 and below 0.9 randomIds[k], and from 0.9 " +
            "on the token stays.",
        });
        const edge = maskTokens([1, 2], [0, 1], [0.8, 0.9], [7, 8], 99);
        expectClose(edge, [7, 2], {
          what: "maskTokens([1, 2], [0, 1], [0.8, 0.9], [7, 8], 99)",
          message: "A draw of exactly 0.8 takes the random token, and of exactly 0.9 no change.",
        });
      },
      {
        cases: {
          "some chosen": (d) => chosenOf(d, 12, [0, 3, 4, 11]),
          "none chosen": (d) => chosenOf(d, 5, []),
          "all chosen": (d) => chosenOf(d, 7, [0, 1, 2, 3, 4, 5, 6]),
          "chosen out of order": (d) => chosenOf(d, 9, [8, 2, 5]),
          "only masks": (d) => chosenOf(d, 9, [1, 2, 5], [0, 0.79]),
          "only random tokens": (d) => chosenOf(d, 9, [1, 2, 5], [0.81, 0.89]),
          "only unchanged tokens": (d) => chosenOf(d, 9, [1, 2, 5], [0.91, 0.99]),
          "one token": (d) => chosenOf(d, 1, [0]),
        },
      },
    );

    exercise(
      "corruptSpans",
      (corruptSpans, { reference }) => {
        const ids = [10, 11, 12, 13, 14, 15, 16, 17];
        const spans: Spans = [
          [1, 3],
          [5, 6],
        ];
        const asked = "corruptSpans([10, …, 17], [[1, 3], [5, 6]], [90, 91, 92, 93])";
        const got = corruptSpans(ids, spans, [90, 91, 92, 93]);
        expectTrue(
          Array.isArray(got?.inputs) && Array.isArray(got?.targets),
          "The result is an object with two lists: { inputs, targets }.",
        );
        const right = reference.corruptSpans(ids, spans, [90, 91, 92, 93]);
        expectClose(got.inputs, right.inputs, {
          what: `inputs of ${asked}`,
          mistakes: [
            [
              [10, 90, 90, 13, 14, 91, 16, 17],
              "Every token was replaced by the sentinel. There is one sentinel for the whole span.",
            ],
            [
              [10, 90, 13, 14, 90, 16, 17],
              "The same sentinel stands for both spans. Each span has a sentinel of its own, or the " +
                "model could not say which one it writes.",
            ],
            [
              [10, 90, 13, 14, 15, 91, 17],
              "A splice moves everything behind it, so the next span is no longer where it was. Build " +
                "the list anew, or go from the last span to the first.",
            ],
            [[10, 13, 14, 16, 17], "The spans were cut out, but no sentinel takes their place."],
            [[10, 90, 13, 14, 91], "What comes after the last span is missing."],
            [
              [10, 90, 14, 91, 17],
              "The end of a span is not part of it: the tokens from start up to, but not including, " +
                "end.",
            ],
            [
              [10, 90, 14, 91],
              "The second number of a span is the place where it ends, not its length.",
            ],
            [[10, 90, 13, 14, 91, 16, 17, 92], "The last sentinel belongs to the targets only."],
          ],
          message: "inputs is the text with one sentinel in place of each span.",
        });
        expectClose(got.targets, right.targets, {
          what: `targets of ${asked}`,
          mistakes: [
            [
              [90, 11, 12, 91, 15],
              "After the last span one more sentinel is missing: it says that the span has ended.",
            ],
            [
              [11, 12, 90, 15, 91, 92],
              "The sentinel stands before the tokens of its span: it says which span follows.",
            ],
            [
              [90, 11, 12, 13, 91, 15, 16, 92],
              "The end of a span is not part of it: the tokens from start up to, but not including, " +
                "end.",
            ],
            [
              [90, 11, 12, 90, 15, 90],
              "The same sentinel stands for all spans. Each span has a sentinel of its own.",
            ],
            [
              [90, 11, 12, 91, 15, 93],
              "The sentinel at the end is the next one, sentinels[2], not the last of the list.",
            ],
            [[90, 11, 12, 91, 15, 91], "The sentinel at the end is the next one, sentinels[2]."],
            [[11, 12, 15], "The tokens are there, but not the sentinels before them."],
          ],
          message:
            "targets has for each span its sentinel and its tokens, and one more sentinel at the end.",
        });
      },
      {
        cases: {
          "two spans": (d) => corrupted(d, [3, 2, 4, 1, 2]),
          "one span": (d) => corrupted(d, [2, 3, 4]),
          "no span": (d) => [textOf(d, 5), [], sentinels],
          "a span at the beginning": (d) => corrupted(d, [0, 3, 4, 2, 1]),
          "a span at the end": (d) => corrupted(d, [4, 2, 1, 3]),
          "everything hidden": (d) => corrupted(d, [0, 5]),
          "as many spans as there can be": (d) => corrupted(d, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
          "just enough sentinels": (d) => {
            const [ids, spans] = corrupted(d, [2, 2, 2, 2]);
            return [ids, spans, [309, 307, 305]];
          },
        },
      },
    );

    exercise(
      "blankPositions",
      (blankPositions, { reference }) => {
        const spans: Spans = [
          [1, 3],
          [5, 8],
        ];
        const asked = "blankPositions(9, [[1, 3], [5, 8]], [1, 0])";
        const got = blankPositions(9, spans, [1, 0]);
        expectTrue(
          Array.isArray(got?.positions) && Array.isArray(got?.blankPositions),
          "The result is an object with two lists: { positions, blankPositions }.",
        );
        const right = reference.blankPositions(9, spans, [1, 0]);
        const A = [0, 1, 2, 3, 4, 5]; // x [M] x x [M] x
        const none = A.map(() => 0);
        expectClose(got.blankPositions, right.blankPositions, {
          what: `blankPositions of ${asked}`,
          mistakes: [
            [
              [...none, 0, 1, 2, 3, 0, 1, 2],
              "Within a blank the count starts from 1, at [START]. The 0 is for part A.",
            ],
            [
              [...none, 1, 2, 3, 1, 2],
              "Each blank begins with a [START], which has a place as well: a span of three tokens has " +
                "the places 1 to 4.",
            ],
            [
              [...none, 1, 2, 3, 1, 2, 3, 4],
              "The order of part B is not the order of the text: order says which span comes first.",
            ],
            [
              [...none, 1, 2, 3, 4, 5, 1, 2, 3, 4],
              "Each blank is one place too long: [END] is predicted, but not read.",
            ],
            [[...none, 1, 2, 3, 4, 5, 6, 7], "The count starts anew in each blank."],
            [
              [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 1, 2, 3],
              "Part A is shorter than the text: one [MASK] stands for each span.",
            ],
          ],
          message: "0 in part A, then 1, 2, 3, … in each blank, with 1 for [START].",
        });
        expectClose(got.positions, right.positions, {
          what: `positions of ${asked}`,
          mistakes: [
            [
              [...A, 5, 5, 5, 5, 1, 1, 1],
              "The tokens of part B have their places in the text. They need the place of their [MASK] " +
                "in part A, which is shorter than the text.",
            ],
            [
              [...A, 6, 7, 8, 9, 10, 11, 12],
              "After part A the positions do not go on counting: every token of a span has the " +
                "position of its [MASK].",
            ],
            [
              [...A, 4, 5, 6, 7, 1, 2, 3],
              "Within a blank the first position stays the same, that of the [MASK]. It is the second " +
                "one that counts.",
            ],
            [
              [...A, 3, 3, 3, 3, 1, 1, 1],
              "Every earlier span makes part A shorter by its length minus one: its tokens go, and one " +
                "[MASK] comes.",
            ],
            [
              [...A, 1, 1, 1, 1, 4, 4, 4],
              "The places of the [MASK]s are swapped: order says which span comes first in part B.",
            ],
          ],
          message:
            "0, 1, 2, … in part A, then the place of the span's [MASK] for each of its tokens.",
        });
        const three: Spans = [
          [1, 2],
          [3, 4],
          [5, 6],
        ];
        expectClose(
          blankPositions(7, three, [2, 0, 1]).positions,
          [0, 1, 2, 3, 4, 5, 6, 5, 5, 1, 1, 3, 3],
          {
            what: "positions of blankPositions(7, [[1, 2], [3, 4], [5, 6]], [2, 0, 1])",
            mistakes: [
              [
                [0, 1, 2, 3, 4, 5, 6, 3, 3, 5, 5, 1, 1],
                "order was read the wrong way round: order[0] is the index of the span that comes " +
                  "first, not the turn of span 0.",
              ],
            ],
            message: "With order [2, 0, 1], span 2 comes first, then span 0, then span 1.",
          },
        );
      },
      {
        cases: {
          "two spans in order": () => placed([2, 2, 3, 1, 1], [0, 1]),
          "two spans, the second first": () => placed([1, 3, 2, 2, 4], [1, 0]),
          "three spans": () => placed([2, 1, 1, 4, 2, 2, 3], [2, 0, 1]),
          "one span": () => placed([3, 4, 2], [0]),
          "no span": () => [6, [], []],
          "a span at the beginning": () => placed([0, 2, 3, 3, 1], [1, 0]),
          "a span at the end": () => placed([3, 1, 2, 4], [1, 0]),
          "everything hidden": () => placed([0, 5], [0]),
          "any lengths": (d) =>
            placed(
              Array.from({ length: 7 }, () => d.integer(1, 5)),
              d.pick([
                [0, 1, 2],
                [2, 1, 0],
                [1, 2, 0],
              ]),
            ),
        },
      },
    );

    exercise(
      "diffusionLoss",
      (diffusionLoss, { reference }) => {
        const surprise = [
          [1, 2, 3, 4, 5],
          [0.5, 1.5, 2.5, 3.5, 4.5],
        ];
        const hidden = [
          [true, false, true, false, false],
          [false, true, true, true, true],
        ];
        const t = [0.25, 0.8];
        const got = diffusionLoss(surprise, hidden, t);
        expectFinite(got, undefined, "the loss");
        const rows = (row: (sum: number, t: number, n: number) => number) =>
          (row(4, 0.25, 2) + row(12, 0.8, 4)) / 2;
        const right = reference.diffusionLoss(surprise, hidden, t);
        expectClose(got, right, {
          what: "the loss of two texts of five tokens",
          mistakes: [
            [
              rows((sum) => sum / 5 / 0.525),
              "All texts were divided by the mean of the times. Each is divided by its own t.",
            ],
            [
              rows((sum) => sum / 5),
              "The factor 1/t is missing: a text of which little is hidden would hardly count.",
            ],
            [
              rows((sum, t, n) => sum / n / t),
              "The sum was divided by the number of hidden tokens. It is divided by T, all tokens.",
            ],
            [
              rows((sum, _, n) => sum / n),
              "This is the mean over the number of hidden tokens, without t: the loss of a masked " +
                "language model.",
            ],
            [
              (15 / 0.25 / 5 + 12.5 / 0.8 / 5) / 2,
              "The visible tokens count, too. Only hidden ones are predicted.",
            ],
            [
              (4 / 0.25 + 12 / 0.8) / 6,
              "The sum was divided by the number of hidden tokens of all texts. Each text is divided " +
                "by T, and then comes the mean over the texts.",
            ],
            [2 * right, "The texts were added up. The loss is the mean over the texts."],
            [rows((sum, t) => (sum * t) / 5), "The sum was multiplied by t. It is divided by t."],
            [
              rows((sum, t) => sum / (1 - t) / 5),
              "The sum was divided by 1 − t, the share that is visible. It is divided by t.",
            ],
            [rows((sum, t) => sum / t), "1/T is missing: the loss is per token."],
            [
              (11 / 0.25 / 5 + 0.5 / 0.8 / 5) / 2,
              "The visible tokens were counted instead of the hidden ones.",
            ],
          ],
          message:
            "For each text (1/t) · (1/T) · Σ of the hidden surprises, then the mean over texts.",
        });
        const nothing = diffusionLoss([[1, 2]], [[false, false]], [0.1]);
        expectFinite(
          nothing,
          "A text of which nothing is hidden adds 0.",
          "the loss where nothing is hidden",
        );
        const some = [
          [true, false],
          [false, false],
        ];
        expectClose(
          diffusionLoss(
            [
              [1, 2],
              [3, 4],
            ],
            some,
            [0.5, 0.5],
          ),
          0.5,
          {
            what: "diffusionLoss([[1, 2], [3, 4]], [[true, false], [false, false]], [0.5, 0.5])",
            mistakes: [
              [
                1,
                "The text of which nothing is hidden was left out. It adds 0, but it is one of the B.",
              ],
            ],
            message: "The first text adds 1, the second 0, and the mean over both is 0.5.",
          },
        );
      },
      {
        cases: {
          "three texts": (d) => lossOf(d, 3, 7),
          "one text": (d) => lossOf(d, 1, 5),
          "one token": (d) => lossOf(d, 3, 1),
          "everything hidden": (d) => {
            const [surprise, hidden] = lossOf(d, 3, 5, 2);
            return [surprise, hidden, [1, 1, 1]];
          },
          "a text of which nothing is hidden": (d) => {
            const [surprise, hidden, t] = lossOf(d, 3, 6);
            return [surprise, hidden.map((row, b) => row.map((x) => b > 0 && x)), t];
          },
          "small times": (d) => {
            const [surprise, hidden] = lossOf(d, 5, 30, 0.05);
            return [surprise, hidden, surprise.map(() => d.number(0.01, 0.1))];
          },
        },
      },
    );

    exercise(
      "unmaskStep",
      (unmaskStep, { reference }) => {
        const ids = [9, 2, 9, 9, 0];
        const p = [
          [0.5, 0.3, 0.2],
          [0.02, 0.98, 0],
          [0.1, 0.85, 0.05],
          [0.2, 0.2, 0.6],
          [0.1, 0.9, 0],
        ];
        const asked = "unmaskStep([9, 2, 9, 9, 0], probabilities, 9, 2)";
        const got = unmaskStep(ids, p, 9, 2);
        expectShape(got, [5], asked);
        const show = p.map((row, i) => `${i}: [${row.join(", ")}]`).join("  ");
        expectClose(got, reference.unmaskStep(ids, p, 9, 2), {
          what: asked,
          mistakes: [
            [[0, 2, 1, 2, 0], "Only `count` positions are uncovered. The others stay hidden."],
            [
              [0, 2, 1, 9, 0],
              "The hidden positions were uncovered from left to right. The surest come first.",
            ],
            [
              [0, 2, 9, 2, 0],
              "The least sure positions were uncovered. Sort with the largest probability first.",
            ],
            [
              [9, 1, 9, 9, 1],
              "Positions that are not hidden were overwritten: only those that hold `mask` count.",
            ],
            [
              [9, 2, 9, 9, 0],
              "Nothing was uncovered. Do visible positions take part in the choice? Only those that " +
                "hold `mask` count.",
            ],
            [
              [9, 2, 0, 0, 0],
              "The positions are right, but not the tokens: the best token is the index of the largest " +
                "probability.",
            ],
            [[9, 2, 1, 9, 0], "One position too few was uncovered."],
            [
              [9, 2, 1, 1, 0],
              "probabilities has a row for every position of the text, not only for the hidden ones.",
            ],
          ],
          message: `The two surest hidden positions get their best token. Probabilities: ${show}`,
        });
        const equal = [
          [0.5, 0.5],
          [0.5, 0.5],
        ];
        expectClose(unmaskStep([9, 9], equal, 9, 1), [0, 9], {
          what: "unmaskStep([9, 9], [[0.5, 0.5], [0.5, 0.5]], 9, 1)",
          mistakes: [
            [[0, 0], "Too many were uncovered: of equals, the position further left comes first."],
          ],
          message: "Of equals, the position further left comes first, and the smaller id.",
        });
        const doubtful = [
          [0.55, 0.45, 0],
          [0.6, 0.2, 0.2],
        ];
        expectClose(unmaskStep([9, 9], doubtful, 9, 1), [9, 0], {
          what: "unmaskStep([9, 9], [[0.55, 0.45, 0], [0.6, 0.2, 0.2]], 9, 1)",
          message:
            "Only the probability of the best token counts, 0.55 against 0.6, and not how the rest " +
            "is spread (the entropy).",
        });
      },
      {
        cases: {
          "two to uncover": (d) => unmasked(d, 9, 5, [1, 2, 6, 7], 2),
          "one to uncover": (d) => unmasked(d, 7, 6, [0, 3, 6], 1),
          "fewer hidden than asked for": (d) => unmasked(d, 6, 3, [2, 4], 5),
          "nothing hidden": (d) => unmasked(d, 5, 4, [], 2),
          "everything hidden": (d) => unmasked(d, 7, 3, [0, 1, 2, 3, 4, 5, 6], 3),
          "equal rows": (d) => {
            const [ids, p, mask] = unmasked(d, 8, 4, [1, 3, 5, 7], 2);
            return [ids, p.map((_, i) => [...p[i % 2]]), mask, 2];
          },
          "many tokens": (d) => unmasked(d, 20, 70, [2, 3, 5, 7, 11, 13, 17, 19], 4),
        },
      },
    );
  },
  { tensors: false },
);
