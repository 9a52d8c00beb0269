// Lesson 19 (reasoning): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectFinite,
  expectShape,
  expectTrue,
  lesson,
} from "llm/course/kit";
import { tf } from "llm/engine";
import type * as answers from "../../solutions/19-reasoning";
import { mutants } from "../mutants/19-reasoning";

type Level = "sequence" | "token" | "constant";

/** A question with a chain that is right, or that `spoil` has changed. */
function chainOf(
  d: Draw,
  spoil: (answer: string, last: string) => string = (answer) => answer,
  count = 4,
): Parameters<typeof answers.answerReward> {
  const digits = Array.from({ length: count }, () => d.integer(0, 9));
  const sumOf = (some: number[]) => some.reduce((a, b) => a + b, 0);
  const chain = digits.map((_, i) => sumOf(digits.slice(0, i + 1)) % 10).join("");
  return [`${digits.join("")}=`, spoil(`${chain}$`, chain.slice(-1))];
}

const groupsOf = (
  d: Draw,
  { groups = 3, size = 4, std = true, scale = 1 } = {},
): Parameters<typeof answers.groupAdvantages> => [d.list(groups * size, scale), size, { std }];

const lossesOf = (
  d: Draw,
  { B = 3, T = 5, kept = [5, 2, 1], prompt = 0, level = "sequence" as Level, longest = 7 } = {},
): Parameters<typeof answers.reduceLoss> => [
  d.normal([B, T]) as tf.Tensor2D,
  tf.tensor2d(
    kept.map((n) => Array.from({ length: T }, (_, t) => (t >= prompt && t < prompt + n ? 1 : 0))),
  ),
  { level, longest },
];

lesson<typeof answers>("19-reasoning", mutants, (exercise) => {
  exercise(
    "answerReward",
    (answerReward) => {
      const rewards: [question: string, answer: string, reward: 0 | 1, message: string][] = [
        [
          "385=",
          "316$",
          1,
          '3 + 8 + 5 is 16, and 316$ ends with the last digit of the sum, 6. (The "=" at the end of ' +
            "the question is no digit: Number gives NaN for it.)",
        ],
        [
          "82=",
          "80$",
          1,
          "8 + 2 is 10, and 80$ ends with 0, the last digit of the sum: the whole sum is not asked for.",
        ],
        ["385=", "6$", 1, "6$ is a direct answer, without any step: it is right."],
        ["385=", "317$", 0, "317$ ends with 7, and the last digit of 3 + 8 + 5 is 6."],
        ["385=", "316", 0, "316 has no mark at its end: it was cut, and might have gone on."],
        [
          "385=",
          "361$",
          0,
          "361$ has the digit somewhere in the answer, but does not end with it.",
        ],
        ["385=", "3$6", 0, "3$6 has a mark, but not at its end."],
        ["385=", "6=$", 0, "In 6=$ the character before the mark is no digit."],
        [
          "55=",
          "$",
          0,
          'Before the mark there is nothing. Number("") is 0: compare characters, or look first.',
        ],
        ["385=", "6$1$", 0, "6$1$ has two marks: the one that counts is at the very end, after 1."],
        ["385=", "6$$", 0, "In 6$$ the character before the last mark is a mark, and no digit."],
        ["385=", "326$", 1, "Only the end is judged: a wrong step before it does not matter."],
      ];
      for (const [question, answer, reward, message] of rewards) {
        const result = answerReward(question, answer);
        expectTrue(
          result === 0 || result === 1 || Number.isNaN(result),
          `The reward is 1 or 0. For "${question}" and "${answer}" yours is ${result}.`,
        );
        expectTrue(result === reward, message);
      }
    },
    {
      cases: {
        "a chain that is right": (d) => chainOf(d),
        "a long question": (d) => chainOf(d, (answer) => answer, 9),
        "a wrong end": (d) =>
          chainOf(d, (answer, last) => `${answer.slice(0, -2)}${(Number(last) + 1) % 10}$`),
        "no mark": (d) => chainOf(d, (answer) => answer.slice(0, -1)),
        "a direct answer": (d) => chainOf(d, (_, last) => `${last}$`),
        "a wrong first step": (d) => chainOf(d, (answer) => `9${answer}`),
        "the mark alone": (d) => chainOf(d, () => "$"),
        "nothing at all": (d) => chainOf(d, () => ""),
        "a sign before the mark": (d) => chainOf(d, (answer) => answer.replace("$", "=$")),
        "two marks": (d) => chainOf(d, (answer) => `${answer}$`),
        "a mark in the middle": (d) =>
          chainOf(d, (answer) => `${answer}${(Number(answer.at(-2)) + 1) % 10}$`),
        "one digit": (d) => chainOf(d, (answer) => answer, 1),
      },
    },
  );

  exercise(
    "majority",
    (majority) => {
      const votes: [(number | null)[], number | null, string][] = [
        [
          [4, 9, 9, 1, 1, 9, 2],
          9,
          "9 occurs three times, more often than any other value: the value itself is asked for, " +
            "not the number of its votes, not the mean of the numbers, and not their median. More " +
            "than half of the votes are not needed.",
        ],
        [
          [null, 7, null, null],
          7,
          "An answer without a number has no vote: null is never the result where a number is, and " +
            "it does not count as 0.",
        ],
        [
          [3, 8, 8, 3],
          3,
          "Of equally frequent values the one that occurs first in the list is chosen: not the " +
            "last one, and not the one that first has all its votes.",
        ],
        [[8, 8, 3, 3], 8, "Of equally frequent values the first in the list, not the smaller one."],
        [[null, null], null, "Where there is no number at all, the result is null."],
        [[], null, "Of an empty list the result is null."],
        [[0, 0, 5], 0, "0 is a value like any other."],
      ];
      for (const [values, right, message] of votes)
        expectTrue(majority([...values]) === right, message);
    },
    {
      cases: {
        "many votes": (d) => [Array.from({ length: 15 }, () => d.integer(0, 4))],
        "votes and nulls": (d) => [
          Array.from({ length: 12 }, () => (d.integer(0, 2) === 0 ? null : d.integer(10, 13))),
        ],
        "all different": (d) => [[d.integer(20, 29), d.integer(0, 9), d.integer(10, 19)]],
        "a tie": (d) => {
          const [a, b] = [d.integer(10, 19), d.integer(0, 9)];
          return [[null, a, b, b, a]];
        },
        "one vote": (d) => [[d.integer(0, 9)]],
        zeros: () => [[0, null, 0]],
        "no votes": () => [[]],
      },
    },
  );

  exercise(
    "passAtK",
    (passAtK, { reference }) => {
      const [N, c, k] = [10, 2, 4];
      const result = passAtK(N, c, k);
      expectFinite(result);
      const right = reference.passAtK(N, c, k);
      const without = (from: number, to: number) => {
        let product = 1;
        for (let i = from; i <= to; i++) product *= (N - c - i) / (N - i);
        return 1 - product;
      };
      expectClose(result, right, {
        what: "10 answers, 2 of them right, k = 4",
        mistakes: [
          [
            1 - (1 - c / N) ** k,
            "This draws each answer from all N, as if it were put back: the same answer could be " +
              "drawn twice, so it is too small.",
          ],
          [Math.min(1, (k * c) / N), "This is k times the share of right answers."],
          [
            1 - right,
            "This is the probability that none of the k is right: 1 minus it is asked for.",
          ],
          [c / N, "This is the share of right answers: k plays no part."],
          [
            1 - reference.passAtK(N, N - c, k),
            "This is the probability that all k are right: one of them is enough.",
          ],
          [1, "One of the N answers is right. But only k of them are drawn, perhaps others."],
          [without(1, k), "i goes from 0 to k − 1: the product begins with (N − c) / N."],
          [without(0, k), "i goes from 0 to k − 1: here the product has one factor too many."],
          [without(0, k - 2), "i goes from 0 to k − 1: here the product has one factor too few."],
        ],
        message: "1 − Π (N − c − i) / (N − i) over i = 0 … k − 1.",
      });
      expectFinite(
        passAtK(400, 5, 100),
        "400! is larger than any number that JavaScript has: multiply quotients, not factorials.",
        "passAtK(400, 5, 100)",
      );
      expectClose(passAtK(5, 2, 3), 0.9, {
        what: "5 answers, 2 of them right, k = 3",
        mistakes: [
          [
            1,
            "There are 3 wrong answers, and 3 are drawn: one of the 10 ways to choose them has no " +
              "right one. Only where k is larger than N − c is the result 1.",
          ],
        ],
        message: "1 − Π (N − c − i) / (N − i) over i = 0 … k − 1.",
      });
      expectTrue(
        passAtK(5, 3, 4) === 1,
        "With 5 answers and 3 right ones, any 4 contain a right one: the result is 1. With more " +
          "answers drawn than there are wrong ones, a factor becomes 0 or less: stop at 0.",
      );
    },
    {
      cases: {
        "some right": (d) => [16, d.integer(1, 8), d.integer(2, 6)],
        "one answer drawn": (d) => [12, d.integer(1, 11), 1],
        "none right": (d) => [d.integer(4, 9), 0, 3],
        "all right": (d) => {
          const N = d.integer(4, 9);
          return [N, N, 2];
        },
        "all drawn": (d) => {
          const N = d.integer(4, 9);
          return [N, 1, N];
        },
        "more drawn than wrong": (d) => [8, d.integer(5, 7), 4],
        "as many drawn as wrong": (d) => {
          const c = d.integer(2, 6);
          return [9, c, 9 - c];
        },
        "many answers": (d) => [400, d.integer(1, 9), 100],
        "one answer": () => [1, 1, 1],
      },
    },
  );

  exercise(
    "groupAdvantages",
    (groupAdvantages, { reference }) => {
      // 4 groups of 3, so that the two numbers differ
      const rewards = [1, 0, 0, 1, 1, 0.5, 3, 1, 2, 0, 2, 2];
      const plain = groupAdvantages([...rewards], 3, { std: false });
      expectShape(plain, [12], "the advantages of four groups of 3");
      expectFinite(plain);
      const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
      const spread = (values: number[], less = 1) =>
        Math.sqrt(
          values.reduce((sum, r) => sum + (r - mean(values)) ** 2, 0) / (values.length - less),
        );
      const groupOf = (all: number[], i: number, size = 3) =>
        all.slice(i - (i % size), i - (i % size) + size);
      const by = (f: (r: number, i: number) => number) => rewards.map(f);
      const right = reference.groupAdvantages(rewards, 3, { std: false });
      expectClose(plain, right, {
        what: "advantages without std",
        mistakes: [
          [
            reference.groupAdvantages(rewards, 3, { std: true }),
            "Where `std` is false, nothing is divided.",
          ],
          [
            by((r) => r - mean(rewards)),
            "The mean of all rewards is subtracted: each group has a mean of its own. A hard sum's " +
              "answers would all count as bad.",
          ],
          [rewards, "These are the rewards: subtract the mean of the group."],
          [
            by((r) => r - mean(groupOf(rewards, 0))),
            "The mean of the first group is subtracted everywhere: each group has a mean of its own.",
          ],
          [
            by((r, i) => r - mean(groupOf(rewards, i, 4))),
            "`groupSize` is how many answers a group has, not how many groups there are.",
          ],
          [
            by((r, i) => r - mean(rewards.filter((_, j) => j % 4 === i % 4))),
            "A group's rewards stand beside each other: the first 3 belong to the first prompt.",
          ],
        ],
        message: "Without std: the reward minus the mean of its group.",
      });
      expectClose(plain, right, {
        what: "advantages without std",
        ...{ atol: 0, rtol: 1e-6 },
        message: "Where `std` is false, nothing is divided: not by 1 + 1e-4 either.",
      });
      // Rewards so close together that the 1e-4 counts.
      const small = rewards.map((r) => r / 1000);
      const close = (deviation: (group: number[]) => number) =>
        small.map((r, i) => (r - mean(groupOf(small, i))) / deviation(groupOf(small, i)));
      expectClose(
        groupAdvantages([...small], 3, { std: true }),
        reference.groupAdvantages(small, 3, { std: true }),
        {
          what: "advantages with std of rewards between 0 and 0.003",
          mistakes: [
            [close(() => 1), "They are not divided by the standard deviation."],
            [
              close((group) => spread(group, 0) + 1e-4),
              "Divide the squares by groupSize − 1, not by groupSize.",
            ],
            [
              close(() => spread(small) + 1e-4),
              "The standard deviation is that of all rewards: each group has one of its own.",
            ],
            [
              close((group) => spread(group) ** 2 + 1e-4),
              "This divides by the variance: take its root.",
            ],
            [
              close((group) => spread(group)),
              "The standard deviation is right, but the 1e-4 that is added to it is missing or " +
                "much too small.",
            ],
            [
              close((group) => Math.sqrt(spread(group) ** 2 + 1e-4)),
              "The 1e-4 stands under the root: it is added to the standard deviation, not to the " +
                "variance.",
            ],
          ],
          message: "(r − mean of the group) / (standard deviation of the group + 1e-4).",
        },
      );
      expectFinite(
        groupAdvantages([1, 1, 0, 1], 2, { std: true }),
        "Where all rewards of a group are equal, the standard deviation is 0: the 1e-4 is there for it.",
        "groupAdvantages([1, 1, 0, 1], 2, { std: true })",
      );
    },
    {
      cases: {
        "three groups": (d) => groupsOf(d),
        "without std": (d) => groupsOf(d, { std: false }),
        "one group": (d) => groupsOf(d, { groups: 1, size: 5 }),
        "groups of two": (d) => groupsOf(d, { groups: 5, size: 2 }),
        "rewards of 0 and 1": (d) => [
          Array.from({ length: 12 }, () => d.integer(0, 1)),
          4,
          { std: true },
        ],
        "equal rewards": (d) => [Array(6).fill(d.integer(0, 1)), 3, { std: true }],
        "rewards that are close": (d) => groupsOf(d, { scale: 1e-4 }),
        "large rewards": (d) => groupsOf(d, { scale: 1e3, std: false }),
      },
    },
  );

  exercise(
    "klPerToken",
    (klPerToken, { reference }) => {
      const [policy, ref] = [
        [
          [-1, -0.5, -3],
          [-2, -0.1, -1.5],
        ],
        [
          [-2, -0.5, -1],
          [-1.2, -0.9, -2.5],
        ],
      ];
      const inputs = () => [tf.tensor2d(policy), tf.tensor2d(ref)] as const;
      const result = klPerToken(...inputs());
      expectShape(result, [2, 3], "the estimates");
      expectFinite(
        result,
        "Both arguments are logarithms already, and negative: a logarithm of them is NaN. d is their " +
          "difference.",
      );
      const each = (f: (d: number) => number) =>
        policy.map((row, b) => row.map((p, t) => f(ref[b][t] - p)));
      expectClose(result, reference.klPerToken(...inputs()), {
        what: "six estimates",
        mistakes: [
          [
            each((d) => Math.exp(-d) + d - 1),
            "d is the other way round: d = ln π_ref − ln π, the reference minus the policy.",
          ],
          [each((d) => -d), "This is the estimate k1, which can be negative: k3 is e^d − d − 1."],
          [each((d) => d), "This is d itself: k3 is e^d − d − 1."],
          [
            each((d) => Math.abs(d)),
            "This is |d|: never negative, but its mean is not the KL divergence. k3 is e^d − d − 1.",
          ],
          [
            each((d) => Math.max(0, -d)),
            "This is −d, cut off at 0: its mean is not the KL divergence. k3 is e^d − d − 1.",
          ],
          [
            policy.map((row, b) => row.map((p, t) => Math.exp(p) * (p - ref[b][t]))),
            "This is π · (ln π − ln π_ref), a term of the exact divergence. The tokens were drawn " +
              "from π already, so nothing is multiplied by it: k3 is e^d − d − 1.",
          ],
          [
            policy.map((row, b) =>
              row.map((p, t) => {
                const d = Math.log(ref[b][t] / p);
                return Math.exp(d) - d - 1;
              }),
            ),
            "The arguments are logarithms already: d is their difference, without another log.",
          ],
          [each((d) => (d * d) / 2), "This is the estimate k2, d² / 2: k3 is e^d − d − 1."],
          [each((d) => Math.exp(d) - d), "The − 1 is missing: where both agree, the result is 0."],
          [each((d) => Math.exp(d) - 1), "The − d is missing: e^d − d − 1."],
        ],
        message: "e^d − d − 1 with d = reference − logProbs.",
      });
    },
    {
      cases: {
        "several texts": (d) => [d.normal([3, 5]) as tf.Tensor2D, d.normal([3, 5]) as tf.Tensor2D],
        "one token": (d) => [d.normal([1, 1]) as tf.Tensor2D, d.normal([1, 1]) as tf.Tensor2D],
        "a policy that agrees": () => [tf.tensor2d([[-1, -2]]), tf.tensor2d([[-1, -2]])],
        "small differences": (d) => [
          d.normal([2, 7], 0.05) as tf.Tensor2D,
          d.normal([2, 7], 0.05) as tf.Tensor2D,
        ],
        "large differences": (d) => [
          d.normal([2, 3], 2) as tf.Tensor2D,
          d.normal([2, 3], 2) as tf.Tensor2D,
        ],
      },
    },
  );

  exercise(
    "reduceLoss",
    (reduceLoss, { reference }) => {
      const losses = [
        [1, 2, 4, 3],
        [5, 7, 11, 0.5],
      ];
      const mask = [
        [1, 1, 1, 0],
        [0, 1, 0, 0],
      ];
      const longest = 7;
      const of = (level: Level, kept = mask) =>
        [tf.tensor2d(losses), tf.tensor2d(kept), { level, longest }] as Parameters<
          typeof answers.reduceLoss
        >;
      const ones = mask.map((row) => row.map(() => 1));
      const said: Record<Level, string> = {
        sequence: "the mean over each text, then over the texts: every text the same weight.",
        token: "the mean over all tokens of all texts: every token the same weight.",
        constant: "the sum over all tokens, divided by B · longest.",
      };
      const plusOne = "A count has 1 added to it: tf.maximum(count, 1) changes only a count of 0.";
      const fromStart =
        "The second text has its one token after a prompt, and is left out: the mask need not begin " +
        "with 1.";
      // The texts have 3 tokens, sum 7, and 1 token, sum 7.
      const mistakes: Record<Level, [number, string][]> = {
        sequence: [
          [14 / 4, `This is the mean over the tokens. "sequence" is ${said.sequence}`],
          [7 / 3 + 7, "The means of the texts are added: take their mean."],
          [
            (10 / 3 + 23.5) / 2,
            "The mask counts the tokens, but the losses are added up without it: multiply first.",
          ],
          [
            14 / 8,
            "The sum of each text is divided by the length of its row: divide by the number of its " +
              "counted tokens.",
          ],
          [
            (1 + 4.5 + 4) / 4,
            "These are means down the columns, over the texts: a text is a row, axis 1.",
          ],
          [(7 / 4 + 7 / 2) / 2, plusOne],
          [7 / 3 / 2, fromStart],
        ],
        token: [
          [14 / 3, `This is the mean over the texts. "token" is ${said.token}`],
          [14, "This is the sum over the tokens: divide it by their number."],
          [14 / 8, "The sum is divided by all places: divide by the number of tokens."],
          [14 / 5, plusOne],
        ],
        constant: [
          [14 / 8, `The divisor is B · longest, not B · T: ${said.constant}`],
          [14 / 7, "The divisor is B · longest: the sum is divided by longest alone."],
          [14 / 2, "The divisor is B · longest: the sum is divided by B alone."],
          [
            14 / (2 * 3),
            "`longest` is a setting, the same for every batch: it is not the longest answer of this " +
              "batch.",
          ],
          [
            14 / (4 * 7),
            "The divisor is B · longest, and B is the number of texts, not that of the tokens.",
          ],
          [
            14 / 3 / 7,
            "The divisor is B · longest: the losses are added up, and not averaged over each text " +
              "first.",
          ],
        ],
      };
      for (const level of ["sequence", "token", "constant"] as const) {
        const result = reduceLoss(...of(level));
        expectShape(result, []);
        expectFinite(result);
        expectClose(result, reference.reduceLoss(...of(level)), {
          what: `level "${level}"`,
          mistakes: [
            ...(level === "token"
              ? []
              : ([
                  [
                    reference.reduceLoss(...of(level, ones)).arraySync(),
                    "The mask is not used: prompt and padding have no loss.",
                  ],
                ] as [number, string][])),
            ...mistakes[level],
          ],
          message: `"${level}": ${said[level]}`,
        });
      }
      const empty = [
        [1, 1, 1, 0],
        [0, 0, 0, 0],
      ];
      const told =
        "A text without a counted place is 0 / 0: its mean is 0. tf.maximum(count, 1) keeps the " +
        "divisor away from 0.";
      expectFinite(reduceLoss(...of("sequence", empty)), told, "a text without an answer");
      expectClose(reduceLoss(...of("sequence", empty)), 7 / 6, {
        what: "a text without an answer beside one with the mean 7/3",
        mistakes: [
          [7 / 3, "A text without an answer has the mean 0, and is one of the B texts."],
          [7 / 8, plusOne],
        ],
        message: `"sequence": ${said.sequence}`,
      });
      const none = [empty[1], empty[1]];
      expectFinite(reduceLoss(...of("token", none)), told, "a batch without any answer");
    },
    {
      gradients: ["losses"],
      cases: {
        "texts of different lengths": (d) => lossesOf(d),
        "answers after a prompt": (d) => lossesOf(d, { kept: [3, 2, 1], prompt: 2 }),
        "tokens of different texts": (d) => lossesOf(d, { level: "token" }),
        "a constant divisor": (d) => lossesOf(d, { level: "constant" }),
        "one text": (d) => lossesOf(d, { B: 1, T: 3, kept: [2] }),
        "one token": (d) => lossesOf(d, { B: 1, T: 1, kept: [1], level: "token" }),
        "a text without an answer": (d) => lossesOf(d, { kept: [3, 0, 5] }),
        "no answer at all": (d) => lossesOf(d, { kept: [0, 0, 0], level: "token" }),
        "a longest answer of 1": (d) =>
          lossesOf(d, { kept: [1, 1, 1], level: "constant", longest: 1 }),
      },
    },
  );
});
