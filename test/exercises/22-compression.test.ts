// Lesson 22 (compression): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectFinite,
  expectShape,
  expectTrue,
  lesson,
} from "llm/course/kit";
import { tf } from "llm/engine";
import type * as answers from "../../solutions/22-compression";
import { mutants } from "../mutants/22-compression";

type Matrix = tf.Tensor2D;
type StepOptions = { lr: number; momentum: number };

/** A table whose groups have different sizes, as those of real weights do. */
const uneven = (d: Draw, rows: number, columns: number): number[][] =>
  d.table(rows, columns).map((row) => row.map((x, c) => x * (1 + (c % 5))));

/** An upper triangle with a positive diagonal. */
const triangle = (d: Draw, C: number): number[][] =>
  d.table(C, C).map((row, i) =>
    row.map((x, j) => {
      if (j < i) return 0;
      return j === i ? 0.5 + Math.abs(x) : x;
    }),
  );
function spreading(
  d: Draw,
  { C = d.pick([5, 7]), i = d.integer(1, C - 2) } = {},
): [number[], number, number, number[][]] {
  const row = d.list(C);
  return [row, i, Math.round(row[i]), triangle(d, C)];
}
const ones = (d: Draw, n: number, share = 0.5) =>
  d.list(n).map((x, i) => (i % 2 === 0 ? Number(Math.abs(x) > share) : 1));
const stepping = (
  d: Draw,
  n: number,
  options: StepOptions,
  mask = ones(d, n),
): [number[], number[], number[], number[], StepOptions] =>
  [...[d.list(n), d.list(n), d.list(n)], mask, options] as [
    number[],
    number[],
    number[],
    number[],
    StepOptions,
  ];
const logits = (d: Draw, N: number, V: number, scale = 1): Matrix => d.normal([N, V], scale);

lesson<typeof answers>("22-compression", mutants, (exercise) => {
  exercise(
    "quantizeGroups",
    (quantizeGroups, { reference }) => {
      const W = [
        [7, -3.4, 0.6, -1],
        [-12, 4, 0.2, 0.9],
      ];
      const right = reference.quantizeGroups(W, 4, 2);
      const { levels, scales } = quantizeGroups(W, 4, 2);
      const most = (numbers: number[]) => Math.max(...numbers);
      const groups = W.map((row) => [row.slice(0, 2), row.slice(2)]);
      expectShape(scales, [2, 2], "scales");
      expectClose(scales, right.scales, {
        what: "scales",
        mistakes: [
          [
            groups.map((row) => row.map((own) => most(own) / 7)),
            "The scale comes from the largest number of the group, and not from the one that is " +
              "farthest from zero: max |x|, so that −12 counts as 12.",
          ],
          [
            [7, 12].map((x) => [x / 7, x / 7]),
            "Every group of a row got the scale of the whole row: max |x| is taken over the group.",
          ],
          [
            [0, 1].map(() => [12 / 7, 12 / 7]),
            "There is one scale for the whole matrix: max |x| is taken over the group.",
          ],
          [
            [
              [12 / 7, 4 / 7],
              [0.6 / 7, 1 / 7],
            ],
            "Groups were made down the columns. The numbers of a group follow one another in a row.",
          ],
          [
            W.map((row) =>
              [0, 1].map((c) => Math.max(row[c], -row[c], row[c + 2], -row[c + 2]) / 7),
            ),
            "A group was made of every second column. The numbers of a group follow one another.",
          ],
          [
            right.scales.map((row) => row.map((s) => (s * 7) / 8)),
            "Levels go from −7 to 7 with 4 bits: divide by 2^(bits − 1) − 1, here 7, not 8.",
          ],
          [
            right.scales.map((row) => row.map((s) => (s * 7) / 15)),
            "This divides by 2^bits − 1 = 15. Levels go from −7 to 7: divide by 2^(bits − 1) − 1.",
          ],
          [
            groups.map((row) => row.map((own) => (most(own) - Math.min(...own)) / 15)),
            "This is the scale of levels that need not lie evenly around zero (the next exercise).",
          ],
        ],
        message: "scale = max |x| / (2^(bits − 1) − 1), over each group.",
      });
      const by = (round: (x: number) => number) =>
        W.map((row, r) => row.map((x, c) => round(x / right.scales[r][Math.floor(c / 2)])));
      expectClose(levels, right.levels, {
        what: "levels",
        mistakes: [
          [
            by(Math.trunc),
            "The levels were rounded toward zero: a number is then up to a whole step away from its " +
              "level. Use Math.round, which takes the nearest one.",
          ],
          [
            by(Math.floor),
            "The levels were rounded down. Use Math.round, which takes the nearest level.",
          ],
          [by((x) => x), "The levels are not whole numbers: Math.round is missing."],
          [
            by(Math.round).map((row, r) => row.map((x, c) => x * right.scales[r][c >> 1])),
            "These are the rounded numbers. Levels are the whole numbers before the scale.",
          ],
          [
            by(Math.round).map((row) => row.map((x) => x + 8)),
            "Levels of this kind go from −7 to 7, not from 1 to 15.",
          ],
        ],
        message: "level = Math.round(x / scale), with the scale of the number's own group.",
      });
      expectClose(quantizeGroups([[7, -3.5]], 4, 2).levels, [[7, -3]], {
        what: "levels of [7, −3.5], where the scale is 1",
        mistakes: [
          [
            [[7, -4]],
            "−3.5 lies halfway between two levels. Math.round takes the upper one, −3, and not the " +
              "one farther from zero.",
          ],
        ],
        message: "level = Math.round(x / scale), which makes −3.5 to −3.",
      });
      const none = quantizeGroups([[0, 0, 1, 2]], 4, 2);
      expectFinite(none.levels, "A group of zeros needs the scale 1: 0 / 0 is NaN.", "levels");
      expectClose(none.scales, [[1, 2 / 7]], {
        what: "scales, where the first group holds only zeros",
        mistakes: [[[[0, 2 / 7]], "A group of zeros has the scale 1."]],
        message: "A group of zeros has the scale 1.",
      });
    },
    {
      cases: {
        "one row": (d) => [uneven(d, 1, 6), 4, 3],
        "a group for each row": (d) => [uneven(d, 3, 7), 4, 7],
        "groups of one": (d) => [uneven(d, 2, 5), 4, 1],
        "two bits": (d) => [uneven(d, 3, 10), 2, 5],
        "eight bits": (d) => [uneven(d, 5, 9), 8, 3],
        "very small numbers": (d) => [d.table(3, 6, 1e-4), 3, 2],
        "negative numbers only": (d) => [
          d.table(3, 6).map((row) => row.map((x) => -Math.abs(x))),
          4,
          3,
        ],
        "rows of zeros": (d) => [
          d.table(3, 6).map((row, r) => (r === 1 ? row.map(() => 0) : row)),
          4,
          3,
        ],
      },
    },
  );

  exercise(
    "affineLevels",
    (affineLevels, { reference }) => {
      const x = [-1, 0, 2, 0.7];
      const right = reference.affineLevels(x, 3);
      const { levels, scale, zero } = affineLevels(x, 3);
      expectClose([scale], [right.scale], {
        what: "scale of [−1, 0, 2, 0.7] with 3 bits",
        mistakes: [
          [[3 / 8], "There are 2^bits levels, but one step fewer: divide by 2^bits − 1, here 7."],
          [[2 / 3], "This is max |x| / (2^(bits − 1) − 1), the scale of levels around zero."],
          [
            [2 / 7],
            "The range goes from the least number to the largest: max − min, not max alone.",
          ],
        ],
        message: "scale = (max − min) / (2^bits − 1).",
      });
      expectTrue(
        Number.isInteger(zero),
        `zero is ${zero}, but it is one of the levels, and levels are whole numbers: round −min / ` +
          "scale. Otherwise the number 0 has no level of its own.",
      );
      expectClose([zero], [2], {
        what: "zero of [−1, 0, 2, 0.7] with 3 bits",
        mistakes: [
          [[-2], "The level of zero is −min / scale: min is below 0, so the sign turns it round."],
          [[0], "Zero is not the lowest level here: −1 needs levels below it."],
          [[3], "−min / scale = 2.33 has to be rounded to the nearest level."],
        ],
        message: "zero = Math.round(−min / scale).",
      });
      expectClose(levels, [0, 2, 7, 4], {
        what: "levels of [−1, 0, 2, 0.7] with 3 bits",
        mistakes: [
          [[-2, 0, 5, 2], "zero was not added: levels go from 0 to 2^bits − 1."],
          [[0, 2, 6, 3], "The levels were rounded toward zero. Use Math.round."],
          [
            [-2, 0, 5, 2].map((level) => level * right.scale),
            "These are the rounded numbers, not their levels.",
          ],
        ],
        message: "level = Math.round(x / scale) + zero, limited to 0 … 2^bits − 1.",
      });
      const far = affineLevels([3, 4, 5], 2);
      expectClose([far.scale, far.zero], [5 / 3, 0], {
        what: "scale and zero of [3, 4, 5] with 2 bits",
        mistakes: [
          [
            [2 / 3, Math.round(-3 / (2 / 3))],
            "The range has to hold 0: min is at most 0. With min = 3 the zero would lie outside the " +
              "levels.",
          ],
          [[2 / 3, 0], "The range has to hold 0: min is at most 0, here 0 and not 3."],
        ],
        message: "min is the least of the numbers, but at most 0.",
      });
      const below = affineLevels([-3, -4, -5], 2);
      expectClose([below.scale, below.zero], [5 / 3, 3], {
        what: "scale and zero of [−3, −4, −5] with 2 bits",
        mistakes: [
          [
            [10 / 3, 2],
            "The upper end of the range is the largest number, but at least 0. It is not the largest " +
              "size: no number here is above zero.",
          ],
          [[2 / 3, 8], "The range has to hold 0: max is at least 0, here 0 and not −3."],
        ],
        message: "max is the largest of the numbers, but at least 0.",
      });
      const halves = affineLevels([-1.5, 1.5], 2); // scale 1, zero 2; 1.5 / 1 + 2 would be level 4
      expectClose(halves.levels, reference.affineLevels([-1.5, 1.5], 2).levels, {
        what: "levels of [−1.5, 1.5] with 2 bits",
        mistakes: [
          [
            [1, 4],
            "Level 4 does not exist with 2 bits. Two roundings add up here: limit each level to " +
              "0 … 2^bits − 1.",
          ],
          [
            [0, 3],
            "Round twice, x / scale and −min / scale, and add: Math.round(−1.5) + Math.round(1.5) = 1. " +
              "Rounded to a whole number only once, or with a zero that is rounded down, −1.5 gets " +
              "the level 0.",
          ],
        ],
        message: "level = Math.round(x / scale) + zero, limited to 0 … 2^bits − 1.",
      });
      const nothing = affineLevels([0, 0], 4);
      expectFinite(
        [nothing.zero, ...nothing.levels],
        "If all numbers are 0, the scale is 1.",
        "levels",
      );
    },
    {
      cases: {
        "one number": (d) => [d.list(1), 4],
        "numbers above zero": (d) => [d.list(7).map(Math.abs), 4],
        "numbers below zero": (d) => [d.list(7).map((x) => -Math.abs(x)), 3],
        "numbers far from zero": (d) => [d.list(6).map((x) => 9 + x), 4],
        "two bits": (d) => [d.list(9), 2],
        "eight bits": (d) => [d.list(11), 8],
        "an outlier": (d) => [[...d.list(6), 40], 4],
        "very small numbers": (d) => [d.list(5, 1e-4), 4],
        zeros: () => [[0, 0, 0], 4],
        "two roundings at the upper end": (d) => {
          const x = d.integer(1, 9) + 0.5;
          return [[-x, x], 2];
        },
      },
    },
  );

  exercise(
    "spreadError",
    (spreadError, { reference }) => {
      const row = [0.5, 2, 1.4, 3, -1];
      const U = [
        [1, 0.25, 0.5, -0.5, 0.75],
        [0, 2, 0.3, 0.6, -0.9],
        [0, 0, 2, -5, 4],
        [0, 0, 0, 0.8, 0.1],
        [0, 0, 0, 0, 3],
      ];
      const right = reference.spreadError(row, 2, 1, U);
      const result = spreadError(row, 2, 1, U);
      const error = 0.4;
      const back = (scale: number) =>
        row.map((w, j) => {
          if (j === 2) return 1;
          return j > 2 ? w - scale * U[2][j] : w;
        });
      expectShape(result, [5], "the row");
      expectClose(result, right, {
        what: "the row [0.5, 2, 1.4, 3, −1] after column 2 has become 1",
        mistakes: [
          [back(error), "The error was not divided by U[i][i], here 2."],
          [
            back(-error / 2),
            "The sign of the error is turned round: error = (row[i] − rounded) / U[i][i], and " +
              "error · U[i][j] is subtracted.",
          ],
          [
            row.map((w, j) => (j === 2 ? 1 : w - 0.2 * (j < 2 ? U[j][2] : U[2][j]))),
            "The error went to columns before i as well. They have been rounded already and must stay " +
              "on their levels: only columns j > i change.",
          ],
          [
            row.map((w, j) => (j === 2 ? 1 : w)),
            "No column has taken up the error: the columns after i change by −error · U[i][j]. (Row i " +
              "of U, not column i, which is 0 there.)",
          ],
          [
            right.map((w, j) => (j === 2 ? 1.4 - 0.2 * 2 * 2 : w)),
            "Column i itself becomes `rounded`.",
          ],
          [right.map((w, j) => (j === 2 ? 1.4 : w)), "Column i itself becomes `rounded`."],
          [
            row.map((w, j) => {
              if (j === 2) return 1;
              return j > 2 ? w - 0.2 : w;
            }),
            "Each later column has a share of its own in the error: error · U[i][j].",
          ],
        ],
        message:
          "Column i becomes `rounded`; column j > i becomes row[j] − error · U[i][j], with error = " +
          "(row[i] − rounded) / U[i][i].",
      });
    },
    {
      cases: {
        "a column in the middle": (d) => spreading(d),
        "the first column": (d) => spreading(d, { i: 0 }),
        "the last column": (d) => spreading(d, { C: 6, i: 5 }),
        "one column": (d) => spreading(d, { C: 1, i: 0 }),
        "a column that was on its level": (d) => {
          const [row, i, , U] = spreading(d, { C: 7, i: 3 });
          return [row, i, row[i], U];
        },
        "a coarse grid": (d) => {
          const [row, i, , U] = spreading(d, { C: 9 });
          return [row, i, 3, U];
        },
      },
    },
  );

  exercise(
    "nmMask",
    (nmMask, { reference }) => {
      const square = [
        [9, 8],
        [1, 2],
      ];
      expectClose(
        nmMask(square, 1, 2),
        [
          [1, 0],
          [0, 1],
        ],
        {
          what: "the mask of [[9, 8], [1, 2]] for 1 of 2",
          mistakes: [
            [
              [
                [1, 1],
                [0, 0],
              ],
              "Groups were made down the columns. Neighbours are those in a row.",
            ],
            [
              [
                [0, 1],
                [1, 0],
              ],
              "The mask is turned round: 1 stands where a weight stays, and the weights nearest to zero go.",
            ],
            [
              [
                [9, 0],
                [0, 2],
              ],
              "These are the weights that stay. The mask holds 1 and 0.",
            ],
          ],
          message: "Of every 2 neighbours in a row, the one farther from zero stays.",
        },
      );
      const W = [
        [3, -5, 1, 2, 0.1, 0.2, -0.3, 0.05],
        [-9, 1, 2, 0.5, 4, -6, 5, 3],
      ];
      const right = reference.nmMask(W, 2, 4);
      const mask = nmMask(W, 2, 4);
      const largest = (score: (x: number) => number, from: number[][] = W) =>
        from.map((row) =>
          [row.slice(0, 4), row.slice(4)].flatMap((own) => {
            const order = [...own].sort((a, b) => score(b) - score(a)).slice(0, 2);
            return own.map((x) => (order.includes(x) ? 1 : 0));
          }),
        );
      const ofRow = W.map((row) => {
        const sorted = row.map(Math.abs).sort((a, b) => b - a);
        return row.map((x) => (Math.abs(x) >= sorted[3] ? 1 : 0));
      });
      expectShape(mask, [2, 8], "the mask");
      expectClose(mask, right, {
        what: "the mask for 2 of 4",
        mistakes: [
          [
            largest((x) => x),
            "The largest numbers stayed, and not those farthest from zero: −5 and −9 count as 5 and 9.",
          ],
          [
            largest((x) => -Math.abs(x)),
            "The weights nearest to zero stayed, and they have to go.",
          ],
          [
            ofRow,
            "The largest half of each row stayed. Every group of 4 neighbours keeps 2 of its own.",
          ],
        ],
        message: "In every group of `of` neighbours in a row, the `keep` farthest from zero stay.",
      });
      expectClose(nmMask([[4, 3, 2, 1]], 1, 4), [[1, 0, 0, 0]], {
        what: "the mask of [[4, 3, 2, 1]] for 1 of 4",
        mistakes: [[[[1, 1, 1, 0]], "`keep` says how many stay, not how many go: here 1 of 4."]],
        message: "Of every 4 neighbours, 1 stays: the one farthest from zero.",
      });
      expectClose(nmMask([[2, -2, 1, 2]], 2, 4), [[0, 1, 0, 1]], {
        what: "the mask of [[2, −2, 1, 2]] for 2 of 4",
        mistakes: [
          [
            [[1, 1, 0, 0]],
            "Of equal ones, those further right stay. Here those on the left have stayed (sort() " +
              "keeps the order of equal ones).",
          ],
          [
            [[1, 1, 0, 1]],
            "2, −2 and 2 are equally far from zero, and all three have stayed. Exactly `keep` stay, " +
              "here 2: of equal ones, those further right.",
          ],
          [
            [[0, 0, 0, 0]],
            "2, −2 and 2 are equally far from zero, and all three have gone. Exactly `keep` stay, " +
              "here 2: of equal ones, those further right.",
          ],
        ],
        message: "Of equal ones, those further right stay.",
      });
      expectClose(nmMask([[9, 100, 20, 3]], 2, 4), [[0, 1, 1, 0]], {
        what: "the mask of [[9, 100, 20, 3]] for 2 of 4",
        mistakes: [
          [
            [[1, 0, 0, 1]],
            "Numbers were sorted as texts, in which 100 and 20 come before 3 and 9: sort() does so " +
              "unless it is given a function, such as (a, b) => a − b.",
          ],
        ],
        message: "In every group of `of` neighbours in a row, the `keep` farthest from zero stay.",
      });
    },
    {
      cases: {
        "two of four": (d) => [d.table(3, 12), 2, 4],
        "one of two": (d) => [d.table(5, 6), 1, 2],
        "three of five": (d) => [d.table(3, 10), 3, 5],
        "one group to a row": (d) => [d.table(6, 7), 4, 7],
        "one row": (d) => [d.table(1, 9), 1, 3],
        "all stay": (d) => [d.table(2, 6), 3, 3],
        "none stays": (d) => [d.table(2, 6), 0, 3],
        "groups of one": (d) => [d.table(3, 5), 1, 1],
        "numbers below zero": (d) => [
          d.table(3, 8).map((row) => row.map((x) => -Math.abs(x))),
          2,
          4,
        ],
        "equal numbers": (d) => [d.table(2, 8).map((row) => row.map((_, c) => row[c % 2])), 2, 4],
        zeros: (d) => [d.table(2, 8).map((row) => row.map((x, c) => (c % 4 < 3 ? 0 : x))), 2, 4],
      },
    },
  );

  exercise(
    "maskedStep",
    (maskedStep, { reference }) => {
      const [w, g, v, m] = [
        [1, 2, -1],
        [1, 1, 2],
        [2, 3, -4],
        [1, 0, 1],
      ];
      const options = { lr: 0.1, momentum: 0.5 };
      const right = reference.maskedStep(w, g, v, m, options);
      const { weights, velocity } = maskedStep(w, g, v, m, options);
      const free = reference.maskedStep(w, g, v, [1, 1, 1], options);
      expectShape(weights, [3], "weights");
      expectShape(velocity, [3], "velocity");
      const halfway = [0, 1, 2].map((i) => 0.5 * v[i] + g[i] * m[i]);
      expectClose(weights, right.weights, {
        what: "weights",
        mistakes: [
          [
            free.weights,
            "The mask was not kept: the pruned weight moves again, and after some steps the matrix " +
              "is dense as before.",
          ],
          [
            w.map((x, i) => x - 0.1 * halfway[i]),
            "Only the gradient is masked. The velocity from before the pruning still moves the pruned " +
              "weight, and the weight itself is not 0.",
          ],
          [
            w.map((x, i) => x - 0.1 * right.velocity[i]),
            "The pruned weight has kept the number that it had: multiply the new weights by the mask " +
              "as well.",
          ],
          [
            [0.9 - 0.0, 0, -1.2].map((x, i) => (w[i] - 0.1 * g[i]) * m[i] + 0 * x),
            "The momentum is missing: the step is lr · velocity', not lr · gradient.",
          ],
          [
            w.map((x, i) => (x + 0.1 * right.velocity[i]) * m[i]),
            "The step goes down the gradient: weights − lr · velocity'.",
          ],
          [
            w.map((x, i) => (x - (0.5 * v[i] + 0.1 * g[i])) * m[i]),
            "The learning rate is in the velocity, where it counts for the gradient alone. It belongs " +
              "to the step: velocity' has the gradient in full, and weights' = weights − lr · velocity'.",
          ],
          [
            w.map((x, i) => (x + (0.5 * v[i] - 0.1 * g[i])) * m[i]),
            "This is another way to write momentum, in which the velocity points downhill and holds " +
              "the learning rate. Here velocity' = momentum · velocity + gradient, and lr · velocity' " +
              "is subtracted.",
          ],
          [
            w.map((x, i) => (x - 0.1 * v[i]) * m[i]),
            "The step was made with the old velocity: velocity' comes first, and the step uses it.",
          ],
          [
            w.map((x, i) => (x - 0.1 * (0.5 * v[i] + 0.5 * g[i])) * m[i]),
            "The gradient counts in full: it is not multiplied by 1 − momentum.",
          ],
          [
            w.map((x, i) => (x - 0.1 * free.velocity[i]) * (1 - m[i])),
            "The mask is turned round: 1 stands where a weight stays.",
          ],
        ],
        message: "weights' = (weights − lr · velocity') · mask.",
      });
      expectClose(velocity, right.velocity, {
        what: "velocity",
        mistakes: [
          [
            free.velocity,
            "The velocity of the pruned weight is not 0: it would push the weight as soon as the " +
              "mask is gone, and it counts in the norm of the step. Multiply it by the mask.",
          ],
          [halfway, "The mask is for the whole velocity, not for the gradient alone."],
          [[0, 1, 2].map((i) => (0.5 * v[i] + 0.5 * g[i]) * m[i]), "The gradient counts in full."],
        ],
        message: "velocity' = (momentum · velocity + gradient) · mask.",
      });
    },
    {
      cases: {
        "one weight": (d) => stepping(d, 1, { lr: 0.1, momentum: 0.9 }, [1]),
        "several weights": (d) => stepping(d, 9, { lr: 0.1, momentum: 0.9 }),
        "no momentum": (d) => stepping(d, 7, { lr: 0.3, momentum: 0 }),
        "nothing pruned": (d) => stepping(d, 5, { lr: 0.1, momentum: 0.5 }, [1, 1, 1, 1, 1]),
        "everything pruned": (d) => stepping(d, 3, { lr: 0.1, momentum: 0.5 }, [0, 0, 0]),
        "a rate of zero": (d) => stepping(d, 6, { lr: 0, momentum: 0.9 }),
        "a large rate": (d) => stepping(d, 11, { lr: 2, momentum: 0.9 }),
      },
    },
  );

  exercise(
    "softTargetLoss",
    (softTargetLoss, { reference }) => {
      const student = tf.tensor2d([
        [0.2, -1, 0.5],
        [2, 0.1, 0.3],
        [1, 1, -2],
        [0.4, 0, 0.1],
      ]);
      const teacher = tf.tensor2d([
        [1.5, -2, 0],
        [0.3, 0.4, 2.2],
        [1, 0.5, -1],
        [-1, 0, 1],
      ]);
      const T = 2;
      const right = reference.softTargetLoss(student, teacher, T);
      const loss = softTargetLoss(student, teacher, T);
      expectShape(loss, [], "the loss");
      expectFinite(loss, undefined, "the loss");
      const soft = (x: Matrix, t: number) => tf.logSoftmax(tf.div(x, t)) as Matrix;
      const kl = (p: Matrix, q: Matrix) =>
        tf.mean(tf.sum(tf.mul(tf.exp(p), tf.sub(p, q)), -1)) as tf.Scalar;
      const times = (x: tf.Tensor, by: number) => tf.mul(x, by) as tf.Scalar;
      const [p, q] = [soft(teacher, T), soft(student, T)];
      expectClose(loss, right, {
        what: "the loss at temperature 2",
        mistakes: [
          [
            times(right, 1 / T),
            "The divergence was multiplied by T. It has to be T squared: the logits' gradient shrinks " +
              "once for each of the two softened distributions.",
          ],
          [
            times(right, 1 / T ** 2),
            "The factor T² is missing: without it the soft targets count less the higher the " +
              "temperature is.",
          ],
          [
            times(kl(q, p), T ** 2),
            "The divergence goes the wrong way round: p, the teacher's, weighs the differences " +
              "ln p − ln q. This is the divergence of the student from the teacher.",
          ],
          [
            times(kl(soft(teacher, 1), q), T ** 2),
            "Only the student's logits were divided by T: both have to be.",
          ],
          [
            times(kl(p, soft(student, 1)), T ** 2),
            "Only the teacher's logits were divided by T: both have to be.",
          ],
          [times(kl(soft(teacher, 1), soft(student, 1)), T ** 2), "No logits were divided by T."],
          [
            times(kl(tf.div(soft(teacher, 1), T), tf.div(soft(student, 1), T)), T ** 2),
            "The logarithms were divided by T after the softmax, so that exp of them is no " +
              "distribution. Divide the logits before it.",
          ],
          [
            times(
              tf.mean(tf.sum(tf.mul(tf.exp(p), tf.div(tf.sub(teacher, student), T)), -1)),
              T ** 2,
            ),
            "These are differences of logits. The divergence takes differences of ln p and ln q.",
          ],
          [
            times(tf.mean(tf.sum(tf.mul(tf.exp(q), tf.sub(p, q)), -1)), T ** 2),
            "The differences are weighted with q. The teacher's probabilities, p, are the weights.",
          ],
          [
            times(kl(soft(teacher, 1 / T), soft(student, 1 / T)), T ** 2),
            "Divide by T, not multiply.",
          ],
          [times(right, 1 / 3), "The mean goes over the places alone: sum over the tokens."],
          [times(right, 4), "The sum over the places has to be divided by N."],
          [times(right, -1), "The sign is turned round: ln p − ln q, weighted with p."],
          [
            times(tf.mean(tf.sum(tf.mul(tf.exp(p), tf.neg(q)), -1)) as tf.Scalar, T ** 2),
            "This is the cross-entropy −Σ p ln q. The divergence also has Σ p ln p, so that it is 0 " +
              "where both agree.",
          ],
        ],
        message: "T² · mean over places of Σ p (ln p − ln q), p and q softened by T.",
      });
      const far = softTargetLoss(tf.tensor2d([[900, 0]]), tf.tensor2d([[0, 900]]), 1);
      expectFinite(
        far,
        "Logits of 900 give a probability of 0, and ln 0 is −Infinity. Use tf.logSoftmax, which never " +
          "takes the logarithm of a probability.",
        "the loss of logits that are far apart",
      );
    },
    {
      gradients: ["student"],
      cases: {
        "one place": (d) => [logits(d, 1, 5), logits(d, 1, 5), 2],
        "several places": (d) => [logits(d, 6, 5), logits(d, 6, 5), 3],
        "a temperature of one": (d) => [logits(d, 3, 7), logits(d, 3, 7), 1],
        "a temperature below one": (d) => [logits(d, 5, 3), logits(d, 5, 3), 0.5],
        "a high temperature": (d) => [logits(d, 3, 11), logits(d, 3, 11), 8],
        "a sure teacher": (d) => [logits(d, 3, 6), logits(d, 3, 6, 20), 2],
        "a student that agrees": (d) => {
          const x = logits(d, 3, 6);
          return [x, tf.clone(x), 2];
        },
        "one token": (d) => [logits(d, 3, 1), logits(d, 3, 1), 2],
      },
    },
  );
});
