/** Plausible wrong answers to lesson 20 (decoding), and the sentence that each must be told. */

import type { Mutants } from "llm/course/kit";
import * as right from "../../solutions/20-decoding";

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
const shares = (numbers: number[]) => numbers.map((x) => x / sum(numbers));

/** The nucleus with a rule of one's own: `take` sees the sum before a token, and the token's p. */
const nucleusBy =
  (
    take: (before: number, own: number, p: number) => boolean,
    { descending = true, divide = true } = {},
  ): typeof right.nucleus =>
  (probabilities, p) => {
    const order = probabilities.map((_, i) => i);
    const sign = descending ? 1 : -1;
    order.sort((i, j) => sign * (probabilities[j] - probabilities[i]) || i - j);
    let before = 0;
    const kept = probabilities.map(() => 0);
    for (const i of order) {
      if (take(before, probabilities[i], p)) kept[i] = probabilities[i];
      before += probabilities[i];
    }
    return divide ? shares(kept) : kept;
  };

type Candidate = Parameters<typeof right.bestHypothesis>[0][number];

/** The first of the largest scores. */
const bestBy =
  (score: (candidate: Candidate, penalty: number) => number): typeof right.bestHypothesis =>
  (candidates, penalty) => {
    const any = candidates.some(({ finished }) => finished);
    const scores = candidates.map((one) =>
      any && !one.finished ? -Infinity : score(one, penalty),
    );
    return scores.indexOf(Math.max(...scores));
  };
const count = ({ ids, finished }: Candidate) => ids.length + (finished ? 1 : 0);

/** The mask with a rule of one's own for the tokens that lead on. */
const maskBy =
  (
    allows: (to: number, left: number, ending: number) => boolean,
    { hidden = -Infinity, empty = false, first = false } = {},
  ): typeof right.maskByGrammar =>
  (logits, tokens, { next, endings }, { state, left }) =>
    logits.map((z, i) => {
      let at: number | undefined = state;
      for (const character of first ? tokens[i].slice(0, 1) : tokens[i]) {
        at = at === undefined ? undefined : next[at][character];
      }
      const may = at !== undefined && (empty || tokens[i] !== "") && allows(at, left, endings[at]);
      return may ? z : hidden;
    });

export const mutants: Mutants<typeof import("../../solutions/20-decoding")> = {
  temperedProbabilities: [
    {
      name: "temperature after the softmax",
      told: /after the softmax/,
      answer: (logits, temperature) =>
        temperature === 0
          ? right.temperedProbabilities(logits, 0)
          : shares(right.temperedProbabilities(logits, 1).map((p) => p / temperature)),
    },
    {
      name: "multiplied by the temperature",
      told: /multiplied by the temperature/,
      answer: (logits, temperature) =>
        temperature === 0
          ? right.temperedProbabilities(logits, 0)
          : right.temperedProbabilities(logits, 1 / temperature),
    },
    {
      name: "the largest not subtracted",
      told: /subtract the largest logit/,
      answer: (logits, temperature) =>
        temperature === 0
          ? right.temperedProbabilities(logits, 0)
          : shares(logits.map((z) => Math.exp(z / temperature))),
    },
    {
      name: "divided by a temperature of 0",
      told: /At temperature 0/,
      answer: (logits, temperature) => {
        const top = Math.max(...logits);
        return shares(logits.map((z) => Math.exp((z - top) / temperature)));
      },
    },
    {
      name: "all of the largest at temperature 0",
      told: /first of the equal ones/,
      answer: (logits, temperature) =>
        temperature === 0
          ? shares(logits.map((z) => (z === Math.max(...logits) ? 1 : 0)))
          : right.temperedProbabilities(logits, temperature),
    },
  ],
  nucleus: [
    {
      name: "without the token that reaches p",
      told: /token with which the sum reaches p/,
      answer: nucleusBy((before, own, p) => before === 0 || before + own <= p),
    },
    {
      name: "one token too many",
      told: /one token too many/,
      answer: nucleusBy((before, _, p) => before <= p),
    },
    {
      name: "not divided by the sum",
      told: /not divided by their sum/,
      answer: nucleusBy((before, _, p) => before < p, { divide: false }),
    },
    {
      name: "the unlikely ones first",
      told: /least likely tokens/,
      answer: nucleusBy((before, _, p) => before < p, { descending: false }),
    },
    {
      name: "tokens with a probability of p",
      told: /each token by itself/,
      answer: (probabilities, p) => {
        const kept = probabilities.map((x) => (x >= 1 - p ? x : 0));
        return shares(kept);
      },
    },
  ],
  minPProbabilities: [
    {
      name: "relative to 1",
      told: /share of the largest probability/,
      answer: (probabilities, minP) => shares(probabilities.map((p) => (p >= minP ? p : 0))),
    },
    {
      name: "not divided by the sum",
      told: /not divided by their sum/,
      answer: (probabilities, minP) => {
        const least = minP * Math.max(...probabilities);
        return probabilities.map((p) => (p >= least ? p : 0));
      },
    },
    {
      name: "without what ties with the limit",
      told: /at least minP times/,
      answer: (probabilities, minP) => {
        const least = minP * Math.max(...probabilities);
        return shares(probabilities.map((p) => (p > least ? p : 0)));
      },
    },
  ],
  penalisedLogits: [
    {
      name: "negative logits divided",
      told: /dividing it makes it larger/,
      answer: (logits, previous, penalty) =>
        logits.map((z, i) => (previous.includes(i) ? z / penalty : z)),
    },
    {
      name: "once for each time",
      told: /however often/,
      answer: (logits, previous, penalty) => {
        const z = [...logits];
        for (const i of previous) z[i] = z[i] > 0 ? z[i] / penalty : z[i] * penalty;
        return z;
      },
    },
    {
      name: "subtracted",
      told: /was subtracted/,
      answer: (logits, previous, penalty) =>
        logits.map((z, i) => (previous.includes(i) ? z - penalty : z)),
    },
    {
      name: "every token",
      told: /that the text has not/,
      answer: (logits, _, penalty) => logits.map((z) => (z > 0 ? z / penalty : z * penalty)),
    },
  ],
  bestHypothesis: [
    {
      name: "without the length",
      told: /length plays no part/,
      answer: bestBy(({ logProbability }) => logProbability),
    },
    {
      name: "the end not counted",
      told: /end token of a finished text counts/,
      answer: bestBy(
        ({ ids, logProbability }, penalty) => logProbability / Math.max(1, ids.length) ** penalty,
      ),
    },
    {
      name: "an end in unfinished texts",
      told: /has no end token/,
      answer: bestBy(
        ({ ids, logProbability }, penalty) => logProbability / (ids.length + 1) ** penalty,
      ),
    },
    {
      name: "multiplied by the length",
      told: /ln p is negative/,
      answer: bestBy((one, penalty) => one.logProbability * count(one) ** penalty),
    },
    {
      name: "finished texts lost",
      told: /finished texts were left out/,
      answer: (candidates, penalty) => {
        const scores = candidates.map((one) =>
          one.finished && !candidates.every(({ finished }) => finished)
            ? -Infinity
            : one.logProbability / count(one) ** penalty,
        );
        return scores.indexOf(Math.max(...scores));
      },
    },
    {
      name: "unfinished texts compete",
      told: /unfinished text/,
      answer: (candidates, penalty) => {
        const scores = candidates.map((one) => one.logProbability / count(one) ** penalty);
        return scores.indexOf(Math.max(...scores));
      },
    },
  ],
  maskByGrammar: [
    {
      name: "only the first character",
      told: /first character/,
      answer: maskBy((_, left, ending) => ending <= left - 1, { first: true }),
    },
    {
      name: "without the room",
      told: /room is not looked at/,
      answer: maskBy(() => true),
    },
    {
      name: "the token itself not counted",
      told: /this token itself/,
      answer: maskBy((_, left, ending) => ending <= left),
    },
    {
      name: "zero for what is forbidden",
      told: /logit of 0 is not a probability of 0/,
      answer: maskBy((_, left, ending) => ending <= left - 1, { hidden: 0 }),
    },
    {
      name: "special tokens let through",
      told: /no characters/,
      answer: maskBy((_, left, ending) => ending <= left - 1, { empty: true }),
    },
  ],
};
