/** Plausible wrong answers to lesson 19 (reasoning), and the sentence that each must be told. */

import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";
import * as right from "../../solutions/19-reasoning";

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
const sumOf = (question: string) => sum(Array.from(question.replace("=", ""), Number));

/** Advantages with a mean and a standard deviation of one's own. */
const advantagesWith =
  (
    moments: (group: number[], all: number[]) => { mean: number; deviation: number },
  ): typeof right.groupAdvantages =>
  (rewards, groupSize, { std }) =>
    rewards.map((r, i) => {
      const start = i - (i % groupSize);
      const { mean, deviation } = moments(rewards.slice(start, start + groupSize), rewards);
      return (r - mean) / (std ? deviation : 1);
    });
const meanOf = (values: number[]) => sum(values) / values.length;
const deviationOf = (values: number[], less = 1) =>
  Math.sqrt(sum(values.map((r) => (r - meanOf(values)) ** 2)) / (values.length - less));

export const mutants: Mutants<typeof import("../../solutions/19-reasoning")> = {
  answerReward: [
    {
      name: "the digit anywhere in the answer",
      told: /somewhere in the answer/,
      answer: (question, answer) =>
        answer.endsWith("$") && answer.includes(String(sumOf(question) % 10)) ? 1 : 0,
    },
    {
      name: "without looking for the mark",
      told: /was cut/,
      answer: (question, answer) =>
        answer.replace("$", "").at(-1) === String(sumOf(question) % 10) ? 1 : 0,
    },
    {
      name: "the whole sum",
      told: /last digit of the sum/,
      answer: (question, answer) =>
        answer.endsWith("$") && answer.slice(0, -1) === String(sumOf(question)) ? 1 : 0,
    },
    {
      name: "a chain is asked for",
      told: /direct answer/,
      answer: (question, answer) => (answer.length > 2 ? right.answerReward(question, answer) : 0),
    },
    {
      name: "every step is judged",
      told: /Only the end is judged/,
      answer: (question, answer) => {
        const digits = Array.from(question.replace("=", ""), Number);
        const steps = digits.map((_, i) => sum(digits.slice(0, i + 1)) % 10).join("");
        return answer === `${steps}$` || answer === `${steps.at(-1)}$` ? 1 : 0;
      },
    },
    {
      name: "nothing counts as 0",
      told: /Number\(""\)/,
      answer: (question, answer) =>
        answer.endsWith("$") && Number(answer.slice(0, -1).slice(-1)) === sumOf(question) % 10
          ? 1
          : 0,
    },
  ],
  majority: [
    {
      name: "null has a vote",
      told: /no vote/,
      answer: (values) => {
        const count = (v: number | null) => values.filter((x) => x === v).length;
        return values.reduce<number | null>(
          (best, v, i) => (i === 0 || count(v) > count(best) ? v : best),
          null,
        );
      },
    },
    {
      name: "the last of equals",
      told: /first in the list/,
      answer: (values) => {
        const numbers = values.filter((v): v is number => v !== null);
        const count = (v: number) => numbers.filter((x) => x === v).length;
        return numbers.reduce<number | null>(
          (best, v) => (best === null || count(v) >= count(best) ? v : best),
          null,
        );
      },
    },
    {
      name: "the smallest of equals",
      told: /smaller one/,
      answer: (values) =>
        right.majority([...values].sort((a, b) => (a ?? Infinity) - (b ?? Infinity))),
    },
    {
      name: "the mean of the votes",
      told: /mean of the numbers/,
      answer: (values) => {
        const numbers = values.filter((v): v is number => v !== null);
        return numbers.length ? Math.round(meanOf(numbers)) : null;
      },
    },
  ],
  passAtK: [
    {
      name: "drawn with putting back",
      told: /put back/,
      answer: (N, c, k) => 1 - (1 - c / N) ** k,
    },
    {
      name: "k times the share",
      told: /k times the share/,
      answer: (N, c, k) => Math.min(1, (k * c) / N),
    },
    {
      name: "all k right",
      told: /all k are right/,
      answer: (N, c, k) => 1 - right.passAtK(N, N - c, k),
    },
    {
      name: "none of them right",
      told: /none of the k/,
      answer: (N, c, k) => 1 - right.passAtK(N, c, k),
    },
  ],
  groupAdvantages: [
    {
      name: "the mean of the whole batch",
      told: /mean of all rewards/,
      answer: advantagesWith((group, all) => ({
        mean: meanOf(all),
        deviation: deviationOf(group) + 1e-4,
      })),
    },
    {
      name: "divided by n",
      told: /groupSize − 1/,
      answer: advantagesWith((group) => ({
        mean: meanOf(group),
        deviation: deviationOf(group, 0) + 1e-4,
      })),
    },
    {
      name: "nothing added below",
      told: /1e-4/,
      answer: advantagesWith((group) => ({ mean: meanOf(group), deviation: deviationOf(group) })),
    },
    {
      name: "always divided",
      told: /`std` is false/,
      answer: (rewards, groupSize) => right.groupAdvantages(rewards, groupSize, { std: true }),
    },
  ],
  klPerToken: [
    {
      name: "d the other way round",
      told: /d is the other way round/,
      answer: (logProbs, reference) => right.klPerToken(reference, logProbs),
    },
    {
      name: "the difference of the log-probabilities",
      told: /k1/,
      answer: (logProbs, reference) => tf.tidy(() => tf.sub(logProbs, reference)),
    },
    {
      name: "the square",
      told: /k2/,
      answer: (logProbs, reference) =>
        tf.tidy(() => tf.div(tf.square(tf.sub(logProbs, reference)), 2)),
    },
    {
      name: "without the 1",
      told: /− 1 is missing/,
      answer: (logProbs, reference) =>
        tf.tidy(() => tf.add(right.klPerToken(logProbs, reference), 1)),
    },
  ],
  reduceLoss: [
    {
      name: "padding counted",
      told: /mask is not used/,
      answer: (losses, _, options) =>
        tf.tidy(() => right.reduceLoss(losses, tf.onesLike(losses), options)),
    },
    {
      name: "sequence as the mean over tokens",
      told: /every text the same weight/,
      answer: (losses, mask, { level, longest }) =>
        right.reduceLoss(losses, mask, { level: level === "sequence" ? "token" : level, longest }),
    },
    {
      name: "token as the mean over texts",
      told: /every token the same weight/,
      answer: (losses, mask, { level, longest }) =>
        right.reduceLoss(losses, mask, { level: level === "token" ? "sequence" : level, longest }),
    },
    {
      name: "constant divides by the places of the row",
      told: /B · longest/,
      answer: (losses, mask, { level, longest }) =>
        right.reduceLoss(losses, mask, {
          level,
          longest: level === "constant" ? losses.shape[1] : longest,
        }),
    },
    {
      name: "no answer is 0 / 0",
      told: /0 \/ 0/,
      answer: (losses, mask, { level, longest }) =>
        tf.tidy(() => {
          if (level === "constant") return right.reduceLoss(losses, mask, { level, longest });
          const counted = tf.mul(losses, mask);
          if (level === "token") return tf.div(tf.sum(counted), tf.sum(mask)) as tf.Scalar;
          return tf.mean(tf.div(tf.sum(counted, 1), tf.sum(mask, 1))) as tf.Scalar;
        }),
    },
  ],
};
