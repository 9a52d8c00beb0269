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
      told: /whole sum is not asked for/,
      answer: (question, answer) => (answer.endsWith(`${sumOf(question)}$`) ? 1 : 0),
    },
    {
      name: "cut at the first mark",
      told: /two marks/,
      answer: (question, answer) =>
        answer.endsWith("$") && answer.split("$")[0].at(-1) === String(sumOf(question) % 10)
          ? 1
          : 0,
    },
    {
      name: "the marks at the end are removed",
      told: /before the last mark is a mark/,
      answer: (question, answer) =>
        answer.endsWith("$") && answer.replace(/\$+$/, "").at(-1) === String(sumOf(question) % 10)
          ? 1
          : 0,
    },
    {
      name: "wrong answers are punished",
      told: /reward is 1 or 0/,
      answer: (question, answer) => (right.answerReward(question, answer) ? 1 : -1),
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
      name: "the first that has all its votes",
      told: /first has all its votes/,
      answer: (values) => {
        const count = (v: number, upTo: number) =>
          values.slice(0, upTo + 1).filter((x) => x === v).length;
        let [best, most]: [number | null, number] = [null, 0];
        values.forEach((v, i) => {
          if (v !== null && count(v, i) > most) [best, most] = [v, count(v, i)];
        });
        return best;
      },
    },
    {
      name: "the median of the votes",
      told: /median/,
      answer: (values) => {
        const numbers = values.filter((v): v is number => v !== null).sort((a, b) => a - b);
        return numbers[numbers.length >> 1] ?? null;
      },
    },
    {
      name: "null counts as 0",
      told: /does not count as 0/,
      answer: (values) => right.majority(values.map((v) => v ?? 0)),
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
      name: "1 where as many are drawn as are wrong",
      told: /one of the 10 ways/,
      answer: (N, c, k) => (k >= N - c ? 1 : right.passAtK(N, c, k)),
    },
    {
      name: "factorials",
      told: /multiply quotients/,
      answer: (N, c, k) => {
        const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
        const choose = (n: number) => factorial(n) / (factorial(k) * factorial(n - k));
        return k > N - c ? 1 : 1 - choose(N - c) / choose(N);
      },
    },
    {
      name: "one factor too many",
      told: /one factor too many/,
      answer: (N, c, k) => {
        let none = 1;
        for (let i = 0; i <= k; i++) none *= Math.max(0, N - c - i) / Math.max(1, N - i);
        return 1 - none;
      },
    },
    {
      name: "1 if any of the N is right",
      told: /only k of them are drawn/,
      answer: (_, c) => (c > 0 ? 1 : 0),
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
      name: "1e-4 under the root",
      told: /under the root/,
      answer: advantagesWith((group) => ({
        mean: meanOf(group),
        deviation: Math.sqrt(deviationOf(group) ** 2 + 1e-4),
      })),
    },
    {
      name: "the 1e-4 added to 1 as well",
      told: /not by 1 \+ 1e-4/,
      answer: (rewards, groupSize, { std }) =>
        right.groupAdvantages(rewards, groupSize, { std }).map((a) => (std ? a : a / (1 + 1e-4))),
    },
    {
      name: "groupSize taken for the number of groups",
      told: /how many answers a group has/,
      answer: (rewards, groupSize, { std }) =>
        right.groupAdvantages(rewards, rewards.length / groupSize, { std }),
    },
    {
      name: "groups that are interleaved",
      told: /beside each other/,
      answer: (rewards, groupSize, { std }) => {
        const count = rewards.length / groupSize;
        const place = (i: number) => (i % count) * groupSize + Math.floor(i / count);
        const grouped: number[] = [];
        rewards.forEach((r, i) => {
          grouped[place(i)] = r;
        });
        const advantages = right.groupAdvantages(grouped, groupSize, { std });
        return rewards.map((_, i) => advantages[place(i)]);
      },
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
      name: "the absolute difference",
      told: /never negative, but/,
      answer: (logProbs, reference) => tf.tidy(() => tf.abs(tf.sub(logProbs, reference))),
    },
    {
      name: "logarithms of logarithms",
      told: /logarithms already/,
      answer: (logProbs, reference) =>
        tf.tidy(() => right.klPerToken(tf.log(logProbs), tf.log(reference))),
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
      name: "texts without an answer left out",
      told: /one of the B texts/,
      answer: (losses, mask, options) =>
        tf.tidy(() => {
          const whole = right.reduceLoss(losses, mask, options);
          if (options.level !== "sequence") return whole;
          const texts = tf.sum(tf.minimum(tf.sum(mask, 1), 1));
          return tf.div(tf.mul(whole, losses.shape[0]), tf.maximum(texts, 1)) as tf.Scalar;
        }),
    },
    {
      name: "the longest answer of the batch",
      told: /longest answer of this batch/,
      answer: (losses, mask, { level, longest }) =>
        right.reduceLoss(losses, mask, {
          level,
          longest:
            level === "constant" ? tf.tidy(() => tf.max(tf.sum(mask, 1)).dataSync()[0]) : longest,
        }),
    },
    {
      name: "divided by the length of the row",
      told: /length of its row/,
      answer: (losses, mask, options) =>
        options.level === "sequence"
          ? tf.tidy(() => tf.mean(tf.mul(losses, mask)) as tf.Scalar)
          : right.reduceLoss(losses, mask, options),
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
