// Lesson 14 (scaling): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectEqual,
  expectFinite,
  expectTrue,
  lesson,
} from "llm/course/kit";
import { tf } from "llm/engine";
import { Random, randomNormal } from "llm/random";
import type * as answers from "../../solutions/14-scaling";
import { mutants } from "../mutants/14-scaling";

const normal = (shape: [number, number], seed: number) =>
  randomNormal(shape, { rng: new Random(seed) }) as tf.Tensor2D;

/** Losses of a law with noise, at sizes that are no powers of each other. */
function lossesOf(
  d: Draw,
  { n = d.pick([4, 6]), E = 1.3, noise = 0.05, scale = 1e4 } = {},
): [x: number[], y: number[], E: number] {
  const x = Array.from({ length: n }, (_, i) => scale * 3 ** i * d.number(1, 2));
  const y = x.map((value) => E + (2 + noise * d.number(-1, 1)) * (value / scale) ** -0.4);
  return [x, y, E];
}

const lawOf = (d: Draw) => ({
  ...{ E: d.number(0.5, 2), A: d.number(20, 60), alpha: d.number(0.2, 0.5) },
  ...{ B: d.number(100, 500), beta: d.number(0.25, 0.6) },
});

/** Rows of N workers, whole numbers so that no order of adding matters. */
const rowsOf = (d: Draw, N: number, m: number): [number[][]] => [
  Array.from({ length: N }, () => Array.from({ length: N * m }, () => d.id(1000) - 500)),
];

const networkOf = (
  d: Draw,
  { B = d.pick([3, 5]), C = 6, F = 12, workers = 3, rank = d.integer(0, 2) } = {},
): Parameters<typeof answers.feedForwardShare> => [
  d.normal([B, C]) as tf.Tensor2D,
  d.normal([C, F]) as tf.Tensor2D,
  d.normal([F, C]) as tf.Tensor2D,
  { rank, workers },
];

const tableText = (table: string[][]) =>
  table.map((row) => row.map((slot) => (slot === "" ? "·" : slot).padStart(3)).join("")).join("\n");

lesson<typeof answers>("14-scaling", mutants, (exercise) => {
  exercise(
    "fitAboveFloor",
    (fitAboveFloor, { reference }) => {
      const x = [1e3, 5e3, 2e4, 3e5];
      const y = [3.1, 2.3, 1.9, 1.55];
      const E = 1.4;
      const right = reference.fitAboveFloor(x, y, E);
      const answer = fitAboveFloor([...x], [...y], E);
      expectFinite([answer.A, answer.alpha], undefined, "A and alpha");
      const whole = reference.fitAboveFloor(x, y, 0);
      const linear = (() => {
        const mean = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length;
        const [a, b] = [mean(x), mean(y)];
        const slope =
          x.reduce((sum, u, i) => sum + (u - a) * (y[i] - b), 0) /
          x.reduce((sum, u) => sum + (u - a) ** 2, 0);
        return -slope;
      })();
      const through = (() => {
        const [u, v] = [x.map(Math.log), y.map((loss) => Math.log(loss - E))];
        return (
          -u.reduce((sum, value, i) => sum + value * v[i], 0) / u.reduce((s, w) => s + w * w, 0)
        );
      })();
      expectClose(answer.alpha, right.alpha, {
        what: "alpha of four losses",
        mistakes: [
          [
            -right.alpha,
            "This is the slope of the line. It falls, and α is the slope with its sign turned.",
          ],
          [whole.alpha, "E was not subtracted: the straight line is in ln(y − E), not in ln y."],
          [
            1 / right.alpha,
            "The axes are exchanged: the sum of the squares below is that of ln x.",
          ],
          [linear, "The line was put through y and x themselves: take the logarithms first."],
          [through, "The means have to be subtracted: the line need not go through the origin."],
        ],
        message: "α = −Σ (u − ū)(v − v̄) / Σ (u − ū)² with u = ln x and v = ln(y − E).",
      });
      expectClose(answer.A, right.A, {
        what: "A of four losses",
        mistakes: [
          [Math.log(right.A), "This is the intercept, which is ln A: A is e to the intercept."],
          [
            10 ** Math.log(right.A),
            "The logarithms are natural ones: use Math.exp, not a power of 10.",
          ],
          [
            Math.exp(
              y.reduce((sum, loss) => sum + Math.log(loss - E), 0) / 4 -
                (right.alpha * x.reduce((sum, value) => sum + Math.log(value), 0)) / 4,
            ),
            "The slope has the wrong sign in the intercept: v̄ − slope · ū, where slope is −α.",
          ],
        ],
        message: "A = exp(v̄ − slope · ū), where slope is −α.",
      });
    },
    {
      cases: {
        "some losses": (d) => lossesOf(d),
        "two losses": (d) => lossesOf(d, { n: 2 }),
        "many losses, far from the line": (d) => lossesOf(d, { n: 9, noise: 0.8 }),
        "no irreducible loss": (d) => lossesOf(d, { E: 0 }),
        "large x": (d) => lossesOf(d, { scale: 1e12 }),
        "x below 1": (d) => lossesOf(d, { scale: 1e-3 }),
        "losses that rise": (d) => [[1, 3, 20], [2, 2.5, d.number(2.6, 3)], 1],
        "x in no order, some of them twice": (d) => [
          [50, 3, 700, 3, 50],
          [2, 3, 1.5, d.number(2.8, 3.2), d.number(1.9, 2.1)],
          1,
        ],
      },
    },
  );

  exercise(
    "bestSize",
    (bestSize, { reference }) => {
      const law = { E: 1.1, A: 30, alpha: 0.4, B: 200, beta: 0.45 };
      const [flops, sizes] = [6e12, [2e6, 1e6, 1e4, 5e4, 3e5, 2e7]];
      const right = reference.bestSize(law, flops, sizes);
      const lossOf = (N: number, D: number) =>
        law.E + law.A / N ** law.alpha + law.B / D ** law.beta;
      const sizeFor = (
        tokens: (N: number) => number,
        loss: (N: number, D: number) => number = lossOf,
      ) => sizes.reduce((best, N) => (loss(N, tokens(N)) < loss(best, tokens(best)) ? N : best));
      const tokens = (N: number) => flops / 6 / N;
      const answer = bestSize(law, flops, [...sizes]);
      expectEqual(answer.parameters, right.parameters, {
        asked: `the size for ${flops} operations among ${sizes.join(", ")}: got ${answer.parameters}, expected ${right.parameters}.`,
        mistakes: [
          [2e7, "The largest size reads too few tokens here: its loss is not the least."],
          [1e4, "The smallest size reads the most tokens, but its loss is not the least."],
          [sizes[0], "This is the first size of the list: are the others tried?"],
          [
            1e6,
            "The list is in any order: try the sizes after the first one that is worse as well.",
          ],
        ],
        message: "The size whose L(N, C / (6 N)) is least.",
      });
      expectClose(answer.tokens, right.tokens, {
        what: "tokens",
        mistakes: [
          [right.tokens * 6, "A training costs 6 N D operations: the 6 is missing in C / (6 N)."],
          [right.tokens * 3, "2 N D is a forward pass alone; with the backward pass it is 6 N D."],
          [6 * right.tokens * right.parameters ** 2, "C was multiplied by N: D = C / (6 N)."],
          [right.parameters, "These are the parameters: the tokens are C / (6 N)."],
        ],
        message: "D = C / (6 N).",
      });
      expectClose(answer.loss, right.loss, {
        what: "loss",
        mistakes: [
          [right.loss - law.E, "E is missing: the loss that nothing goes below."],
          [lossOf(right.tokens, right.parameters), "N and D are exchanged: A / N^α and B / D^β."],
        ],
        message: "L = E + A / N^α + B / D^β at that size.",
      });
      // Two sizes of exactly equal loss: 1 + 1/2 + 1/1 and 1 + 1/1 + 1/2.
      const even = { E: 1, A: 1, alpha: 0.5, B: 1, beta: 0.5 };
      const first = bestSize(even, 24, [1000, 4, 1]).parameters;
      expectEqual(first, 4, {
        asked: `the size for 24 operations among 1000, 4, 1 (the law's A and B are 1, α and β 0.5): got ${first}, expected 4.`,
        mistakes: [
          [
            1,
            "Of equal losses the first in the list counts: replace the best only where `<` holds.",
          ],
        ],
        message: "The size whose L(N, C / (6 N)) is least; of equal ones, the first in the list.",
      });
      expectTrue(sizeFor(tokens) === right.parameters, "kit: the reference is not the best size");
    },
    {
      cases: {
        "some sizes": (d) => [
          lawOf(d),
          d.logarithmic(1e12, 1e15),
          Array.from({ length: 7 }, (_, i) => 1e4 * 4 ** i * d.number(1, 2)),
        ],
        "one size": (d) => [lawOf(d), d.logarithmic(1e10, 1e15), [d.logarithmic(1e4, 1e6)]],
        "sizes that fall": (d) => [
          lawOf(d),
          3e14,
          [9e6, 2e6, 7e5, 1e5, 3e4, d.logarithmic(1e3, 2e4)],
        ],
        "very few operations": (d) => [lawOf(d), d.logarithmic(1e7, 1e8), [1e5, 1e4, 1e3, 100, 10]],
        "very many operations": (d) => [lawOf(d), d.logarithmic(1e20, 1e22), [1e7, 1e10, 1e8, 1e9]],
        "two equal losses": (d) => [
          { E: 1, A: 1, alpha: 0.5, B: 1, beta: 0.5 },
          ...d.pick<[number, number[]]>([
            [24, [4, 1]],
            [96, [1, 16]],
            [96, [200, 16, 1]],
          ]),
        ],
        "the same size twice": (d) => [lawOf(d), 1e13, [2e5, 2e5]],
      },
    },
  );

  exercise(
    "ringSum",
    (ringSum, { reference }) => {
      const rows = [
        [1, 2, 3, 4, 5, 6],
        [10, 20, 30, 40, 50, 60],
        [100, 200, 300, 400, 500, 600],
      ];
      const right = reference.ringSum(rows);
      const answer = ringSum(rows.map((row) => [...row]));
      const halfway = [
        [111, 222, 303, 404, 5, 6],
        [10, 20, 333, 444, 55, 66],
        [110, 220, 300, 400, 555, 666],
      ];
      const firstRow = right.rows[0];
      expectClose(answer.rows, right.rows, {
        what: "rows of three workers",
        mistakes: [
          [rows, "The rows are as they were: nothing has been delivered."],
          [
            halfway,
            "The sums are right, but each chunk is whole on one worker only: the second half, which " +
              "copies the finished chunks round the ring, is missing.",
          ],
          [
            firstRow,
            "This is one row: every worker has a row of its own, and all of them are equal.",
          ],
          [
            rows.map(() => firstRow.map((value) => value / 3)),
            "This is the mean: ringSum gives the sum.",
          ],
          [
            rows.map((_, i) => rows[0].map((_, j) => rows[(i + 2) % 3][j] + rows[i][j])),
            "Each worker has added its neighbour's row only: the sums have to travel on, N − 1 rounds.",
          ],
        ],
        message:
          "Every worker ends with the sum of all rows. In the first half worker i sends chunk " +
          "i − r − 1 in round r, in the second chunk i − r.",
      });
      const numbers = (value: number) => rows.map(() => value);
      expectClose(answer.sent, right.sent, {
        what: "sent, for three rows of six numbers",
        mistakes: [
          [
            numbers(4),
            "Count numbers, m for each chunk, and both halves: N − 1 rounds to add up, N − 1 to copy.",
          ],
          [numbers(10), "That is one round too many: each half has N − 1 rounds."],
          [
            numbers(12),
            "That would be the whole row to both others. A message is one chunk: N · m / N numbers.",
          ],
          [numbers(24), "In each round a worker sends one chunk, not its whole row."],
          [numbers(6), "That is the whole row once. It is 2 (N − 1) messages of one chunk each."],
          [numbers(2), "This is one message: there are 2 (N − 1) of them."],
          [numbers(12 * 2), "Only what a worker sends is counted, not what it receives."],
        ].filter(
          ([gives], i, all) => all.findIndex(([other]) => String(other) === String(gives)) === i,
        ) as [number[], string][],
        message: "Each worker sends 2 (N − 1) chunks of m numbers.",
      });
    },
    {
      cases: {
        "two workers": (d) => rowsOf(d, 2, 3),
        "three workers": (d) => rowsOf(d, 3, d.pick([2, 4])),
        "five workers": (d) => rowsOf(d, 5, 1),
        "seven workers": (d) => rowsOf(d, 7, 3),
        "one worker": (d) => rowsOf(d, 1, 4),
        "chunks of nothing": () => [[[], [], []]],
      },
    },
  );

  exercise(
    "feedForwardShare",
    (feedForwardShare, { reference }) => {
      const [x, wIn, wOut] = [normal([3, 4], 1), normal([4, 6], 2), normal([6, 4], 3)];
      const right = reference.feedForwardShare(x, wIn, wOut, { rank: 1, workers: 3 });
      const part = (w: tf.Tensor2D, begin: [number, number], size: [number, number]) =>
        tf.slice(w, begin, size);
      const whole = tf.matMul(tf.relu(tf.matMul(x, wIn)), wOut);
      const rows = part(wOut, [2, 0], [2, 4]);
      const linear = tf.matMul(tf.matMul(x, part(wIn, [0, 2], [4, 2])), rows);
      expectClose(feedForwardShare(x, wIn, wOut, { rank: 1, workers: 3 }), right, {
        what: "the share of worker 1 of 3",
        mistakes: [
          [
            whole,
            "This is the whole network: worker `rank` has F / workers of the columns and rows.",
          ],
          [
            tf.div(whole, 3),
            "The whole result was divided. A share is what some of the hidden numbers add.",
          ],
          [linear, "The activation is missing: relu comes between the two products."],
          [tf.relu(linear), "relu stands at the end: it belongs between the two products."],
          [
            reference.feedForwardShare(x, wIn, wOut, { rank: 0, workers: 3 }),
            "This is the share of worker 0: the parts begin at rank · F / workers.",
          ],
          [
            tf.matMul(tf.relu(tf.matMul(x, part(wIn, [0, 1], [4, 2]))), part(wOut, [1, 0], [2, 4])),
            "The part begins at `rank`: it begins at rank · F / workers.",
          ],
          [
            tf.matMul(tf.relu(tf.matMul(x, part(wIn, [0, 2], [4, 2]))), part(wOut, [0, 0], [2, 4])),
            "The rows of wOut have to be those of the same hidden numbers as the columns of wIn.",
          ],
        ],
        message: "relu(x · columns of wIn) · the same rows of wOut.",
      });
    },
    {
      cases: {
        "one of three workers": (d) => networkOf(d),
        "one worker alone": (d) => networkOf(d, { workers: 1, rank: 0 }),
        "the last of many": (d) => networkOf(d, { workers: 12, rank: 11 }),
        "a single row": (d) => networkOf(d, { B: 1 }),
        "two workers, a wide network": (d) => networkOf(d, { F: 22, workers: 2, rank: 1 }),
        variables: (d) => {
          const [x, wIn, wOut, options] = networkOf(d);
          return [x, d.variable(wIn), d.variable(wOut), options] as Parameters<
            typeof answers.feedForwardShare
          >;
        },
      },
    },
  );

  exercise(
    "gpipeTable",
    (gpipeTable, { reference }) => {
      const right = reference.gpipeTable(2, 3);
      const answer = gpipeTable(2, 3);
      const asked = `gpipeTable(2, 3):\n${Array.isArray(answer) ? tableText(answer) : answer}\nexpected:\n${tableText(right)}`;
      const inOrder = [
        ["F0", "F1", "F2", "", "", "B0", "B1", "B2"],
        ["", "F0", "F1", "F2", "B0", "B1", "B2", ""],
      ];
      expectTrue(Array.isArray(answer) && answer.length === 2, `One row for each stage. ${asked}`);
      expectTrue(
        answer.every((row) => row.length === right[0].length),
        `A row has 2 (S + M − 1) slots, idle ones included: 8 for 2 stages and 3 micro-batches. ${asked}`,
      );
      expectTrue(
        answer[0] !== answer[1],
        `All rows are one and the same array: make a new one for each, with Array.from. ${asked}`,
      );
      const [now, wanted] = [tableText(answer), tableText(right)];
      expectEqual(now, wanted, {
        asked: `gpipeTable(2, 3) gives the first table, expected is the second:\n${now}\n\n${wanted}`,
        mistakes: [
          [
            tableText(inOrder),
            "Backward comes the last micro-batch first: its activations are the freshest ones.",
          ],
          [
            tableText(right.map((row) => row.map((slot) => (slot[0] === "B" ? "" : slot)))),
            "The backward passes are missing.",
          ],
          [
            tableText(right.map((row) => row.map((slot) => (slot === "" ? " " : slot)))),
            'An idle slot is the empty text, "", and not a space.',
          ],
          [
            tableText([...right].reverse()),
            "The rows stand upside down: stage 0 is the first row, and it begins.",
          ],
          [
            tableText([
              ["F0", "F1", "F2", "B2", "B1", "B0", "", ""],
              ["", "F0", "F1", "F2", "B2", "B1", "B0", ""],
            ]),
            "Backward starts at the last stage: stage s waits for the gradient of stage s + 1.",
          ],
          [
            tableText(
              right.map((row) => row.map((s) => s.replace(/\d/, (n) => `${Number(n) + 1}`))),
            ),
            "Micro-batches are numbered from 0.",
          ],
        ],
        message: "Stage s: F of m in slot s + m; backward is the mirror image of forward.",
      });
    },
    {
      cases: {
        "some stages": (d) => [d.integer(2, 5), d.integer(2, 6)],
        "one stage": (d) => [1, d.integer(2, 6)],
        "one micro-batch": (d) => [d.integer(2, 6), 1],
        "one of each": () => [1, 1],
        "more stages than micro-batches": (d) => [d.integer(6, 8), d.integer(2, 3)],
        "more than ten micro-batches": (d) => [3, d.integer(11, 14)],
      },
    },
  );

  exercise(
    "zeroBytes",
    (zeroBytes, { reference }) => {
      const [P, N] = [1000, 5];
      const stages = [0, 1, 2, 3].map((stage) => reference.zeroBytes(P, N, stage));
      const ask = (
        stage: number,
        mistakes: [number, string][],
        message = "12, 2 and 2 bytes for each parameter; what is shared out is divided by N.",
      ) => {
        const got = zeroBytes(P, N, stage);
        const what = `zeroBytes(${P}, ${N}, ${stage})`;
        expectClose(got, stages[stage], { mistakes, message, what });
      };
      const kilo = (bytes: number) => bytes * P;
      ask(0, [
        [kilo(16 / 5), "In stage 0 nothing is shared out: every worker keeps all 16 bytes."],
        [
          kilo(12),
          "The optimizer's state alone is 12 bytes; parameters and gradients come on top.",
        ],
        [kilo(4), "The optimizer's state is missing: 12 bytes for each parameter."],
        [kilo(8), "Adam's state has three numbers of 32 bits: 12 bytes, not 4."],
        [kilo(12 + 4 + 4), "Parameters and gradients are kept in 16 bits: 2 bytes each."],
      ]);
      ask(1, [
        [stages[0], "Stage 1 shares out the optimizer's state: 12 / N bytes."],
        [stages[2], "This is stage 2: stage 1 shares out the optimizer's state only."],
        [stages[3], "This is stage 3: stage 1 shares out the optimizer's state only."],
        [
          kilo(12 + 2 + 2 / 5),
          "The optimizer's state is shared out first: it is the largest part.",
        ],
        [kilo(12 / 5), "Parameters and gradients are still there, whole: 4 bytes more."],
        [
          kilo(8 + 8 / 5),
          "In 16 bits a parameter and its gradient take 2 bytes each, the state 12.",
        ],
      ]);
      ask(2, [
        [stages[1], "Stage 2 shares out the gradients as well."],
        [stages[3], "In stage 2 every worker still has all parameters."],
        [kilo(12 + 2 + 2 / 5), "Stage 2 includes stage 1: the optimizer's state stays shared out."],
      ]);
      ask(3, [
        [stages[2], "Stage 3 shares out the parameters as well."],
        [kilo(12 + 2 + 2 / 5), "Stage 3 includes the stages before it."],
        [
          kilo(2 / 5),
          "Gradients and the optimizer's state are still there, shared out: 14 / N more.",
        ],
      ]);
      expectClose(zeroBytes(7, 5, 1), reference.zeroBytes(7, 5, 1), {
        what: "zeroBytes(7, 5, 1)",
        mistakes: [
          [44, "This was rounded down: leave the fraction."],
          [45, "This was rounded up: leave the fraction."],
        ],
        message: "4 bytes for each parameter, and 12 / N; it need not be a whole number.",
      });
    },
    {
      cases: {
        "stage 0": (d) => [d.integer(50, 900), d.integer(2, 9), 0],
        "stage 1": (d) => [d.integer(50, 900), d.integer(2, 9), 1],
        "stage 2": (d) => [d.integer(50, 900), d.integer(2, 9), 2],
        "stage 3": (d) => [d.integer(50, 900), d.integer(2, 9), 3],
        "one worker": (d) => [d.integer(50, 900), 1, d.integer(1, 3)],
        "a large model": (d) => [7_500_000_000, 64, d.integer(0, 3)],
      },
    },
  );
});
