// Lesson 20 (decoding): judges the learner, the solutions and the mutants.

import { type Draw, expectClose, expectFinite, expectShape, fail, lesson } from "llm/course/kit";
import type * as answers from "../../solutions/20-decoding";
import { mutants } from "../mutants/20-decoding";

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
const shares = (numbers: number[]) => numbers.map((x) => x / sum(numbers));

/** A distribution of V probabilities. */
const distribution = (d: Draw, V = d.pick([7, 9, 11]), scale = 2): number[] =>
  shares(d.list(V, scale).map(Math.exp));

type Candidates = Parameters<typeof answers.bestHypothesis>[0];

/** Texts of several lengths; `finished` says which have ended. */
const found = (d: Draw, { count = 5, finished = (i: number) => i % 2 === 0, least = 1 } = {}) =>
  Array.from({ length: count }, (_, i) => {
    const ids = Array.from({ length: d.integer(least, 7) }, () => d.id(90));
    return { ids, logProbability: -d.number(0.5, 9), finished: finished(i) };
  }) as Candidates;

/** Digits with a sign and a comma between numbers: "-12,3" and so on; the end is after a digit. */
const numbersGrammar = () => {
  const digits = Object.fromEntries(Array.from("0123456789", (digit) => [digit, 2]));
  return {
    next: [{ ...digits, "-": 1 }, { ...digits }, { ...digits, ",": 0 }] as Record<string, number>[],
    endings: [1, 1, 0],
  };
};

/** Logits for tokens of one to three characters, some special, in a state and with some room. */
function masking(
  d: Draw,
  { state = 0, left = 4, special = 1, characters = "0123456789-,x" } = {},
): Parameters<typeof answers.maskByGrammar> {
  const tokens = Array.from({ length: d.pick([11, 13]) }, (_, i) =>
    i < special
      ? ""
      : Array.from({ length: d.integer(1, 3) }, () => characters[d.id(characters.length)]).join(""),
  );
  return [d.list(tokens.length, 3), tokens, numbersGrammar(), { state, left }];
}

lesson<typeof answers>(
  "20-decoding",
  mutants,
  (exercise) => {
    exercise(
      "temperedProbabilities",
      (temperedProbabilities, { reference }) => {
        const logits = [2, 0.5, -1, 1, 0];
        const result = temperedProbabilities([...logits], 0.5);
        expectShape(result, [5], "the probabilities of five tokens");
        expectFinite(result);
        const once = reference.temperedProbabilities(logits, 1);
        expectClose(result, reference.temperedProbabilities(logits, 0.5), {
          what: "temperature 0.5",
          mistakes: [
            [
              once,
              "The temperature changes nothing here: was it applied after the softmax? Dividing all " +
                "probabilities by the same number and by their sum gives them back. Divide the logits.",
            ],
            [
              reference.temperedProbabilities(logits, 2),
              "The logits were multiplied by the temperature. Divide by it: below 1 makes the likely " +
                "tokens likelier.",
            ],
            [
              logits.map((z) => Math.exp(z / 0.5)),
              "These are the exponentials: divide by their sum.",
            ],
          ],
          message: "exp(zᵢ / T), divided by the sum over all tokens.",
        });
        const cold = temperedProbabilities([1, 3, 2, 3], 0);
        if (!cold.every(Number.isFinite))
          fail(
            "At temperature 0 the result is not a number: dividing by 0 gives Infinity or NaN. Treat " +
              "this case by itself.",
          );
        expectClose(cold, [0, 1, 0, 0], {
          what: "temperature 0",
          mistakes: [
            [[0, 0.5, 0, 0.5], "At temperature 0 the first of the equal ones gets 1, alone."],
            [[0, 0, 0, 1], "Of equal ones the first is taken, not the last."],
          ],
          message: "At temperature 0 the largest logit gets 1, all others 0.",
        });
        expectFinite(
          temperedProbabilities([1000, 999, -1000], 1),
          "exp(1000) is Infinity: subtract the largest logit from all of them before exp.",
        );
        expectClose(
          temperedProbabilities([-Infinity, 1, 0], 2),
          reference.temperedProbabilities([-Infinity, 1, 0], 2),
          { what: "an impossible token", message: "A logit of −Infinity has probability 0." },
        );
      },
      {
        cases: {
          "a low temperature": (d) => [d.list(7, 2), d.pick([0.2, 0.5, 0.7])],
          "a high temperature": (d) => [d.list(9, 2), d.pick([1.5, 2, 5])],
          "temperature 1": (d) => [d.list(11), 1],
          "temperature 0": (d) => [d.list(5), 0],
          "large logits": (d) => [d.list(6, 900), 1.3],
          "all logits far below zero": (d) => [d.list(6).map((z) => z - 2000), 0.9],
          "an impossible token": (d) => [[-Infinity, ...d.list(4)], 0.8],
          "equal logits": () => [[2, 2, 2], 0.5],
          "one token": (d) => [d.list(1), 0.5],
        },
      },
    );

    exercise(
      "nucleus",
      (nucleus, { reference }) => {
        const p = [0.05, 0.4, 0.2, 0.1, 0.25];
        const result = nucleus([...p], 0.7);
        expectShape(result, [5], "the probabilities of five tokens");
        expectFinite(result);
        const of = (...ids: number[]) => p.map((x, i) => (ids.includes(i) ? x : 0));
        expectClose(result, shares(of(1, 2, 4)), {
          what: "the nucleus of 0.7",
          mistakes: [
            [
              shares(of(1, 4)),
              "The token with which the sum reaches p belongs to the nucleus: 0.4 + 0.25 is only 0.65.",
            ],
            [shares(of(1, 2, 3, 4)), "This is one token too many: 0.4 + 0.25 + 0.2 is enough."],
            [of(1, 2, 4), "The right tokens are left, but not divided by their sum."],
            [
              p,
              "All tokens are left. Take the likeliest first: with the least likely tokens first, the " +
                "sum reaches p only with the last one. And stop there.",
            ],
            [
              shares(p.map((x) => (x >= 1 - 0.7 ? x : 0))),
              "This judges each token by itself: what counts is the sum over the likelier ones.",
            ],
            [
              [0.4, 0.25, 0.2, 0, 0].map((x) => x / 0.85),
              "The probabilities are sorted: the result has the order of the argument.",
            ],
          ],
          message: "The likeliest tokens until their sum is at least p, divided by that sum.",
        });
        expectClose(nucleus([0.25, 0.5, 0.25], 0.5), [0, 1, 0], {
          what: "p 0.5 where the likeliest has 0.5",
          mistakes: [
            [
              shares([0.25, 0.5, 0]),
              "This is one token too many: with the first, the sum has reached p.",
            ],
          ],
          message: "The sum has reached p when it is equal to p.",
        });
        expectClose(nucleus([0.3, 0.3, 0.4], 0.6), reference.nucleus([0.3, 0.3, 0.4], 0.6), {
          what: "two equally likely tokens",
          mistakes: [[shares([0, 0.3, 0.4]), "Of equally likely tokens the first is taken first."]],
          message: "Of equally likely tokens those with the smaller number come first.",
        });
        expectClose(nucleus([0.2, 0.7, 0.1], 0.05), [0, 1, 0], {
          what: "a p below every probability",
          message: "One token always stays.",
        });
      },
      {
        cases: {
          "a middling p": (d) => [distribution(d), d.pick([0.5, 0.7, 0.83])],
          "a large p": (d) => [distribution(d), 0.97],
          "a small p": (d) => [distribution(d), 0.01],
          "p 1": (d) => [distribution(d), 1],
          "a peaked distribution": (d) => [distribution(d, 9, 8), 0.9],
          "equal probabilities": () => [[0.25, 0.25, 0.25, 0.25], 0.6],
          "many tokens": (d) => [distribution(d, 300), 0.6],
          "impossible tokens": (d) => [shares([0, ...d.list(5).map(Math.exp), 0]), 0.8],
          "one token": () => [[1], 0.4],
        },
      },
    );

    exercise(
      "minPProbabilities",
      (minPProbabilities) => {
        const p = [0.1, 0.4, 0.2, 0.3];
        const result = minPProbabilities([...p], 0.3);
        expectShape(result, [4], "the probabilities of four tokens");
        expectFinite(result);
        const of = (...ids: number[]) => p.map((x, i) => (ids.includes(i) ? x : 0));
        expectClose(result, shares(of(1, 2, 3)), {
          what: "minP 0.3",
          mistakes: [
            [
              shares(of(1, 3)),
              "The limit here is minP itself. It is minP as a share of the largest probability: 0.3 · 0.4.",
            ],
            [of(1, 2, 3), "The right tokens are left, but not divided by their sum."],
            [shares(of(0)), "The unlikely tokens were kept: they are the ones to be removed."],
          ],
          message: "Tokens with at least minP · the largest probability, divided by their sum.",
        });
        expectClose(minPProbabilities([0.5, 0.25, 0.125, 0.125], 0.5), [2 / 3, 1 / 3, 0, 0], {
          what: "a token exactly at the limit",
          mistakes: [
            [[1, 0, 0, 0], "Tokens at least minP times as likely stay: also those exactly."],
          ],
          message: "A token exactly at the limit stays.",
        });
      },
      {
        cases: {
          "a small minP": (d) => [distribution(d), 0.05],
          "a large minP": (d) => [distribution(d), 0.6],
          "minP 0": (d) => [distribution(d), 0],
          "minP 1": (d) => [distribution(d), 1],
          "a flat distribution": (d) => [distribution(d, 50, 0.3), 0.5],
          "a peaked distribution": (d) => [distribution(d, 9, 8), 0.1],
          "equal probabilities": () => [[0.25, 0.25, 0.25, 0.25], 1],
          "one token": () => [[1], 0.5],
        },
      },
    );

    exercise(
      "penalisedLogits",
      (penalisedLogits, { reference }) => {
        const logits = [4, -1, 2, -3, 0.5];
        const previous = [0, 3, 0, 0];
        const result = penalisedLogits([...logits], [...previous], 2);
        expectShape(result, [5], "the logits of five tokens");
        expectFinite(result);
        const by = (f: (z: number, i: number) => number) => logits.map(f);
        expectClose(result, [2, -1, 2, -6, 0.5], {
          what: "penalty 2 for tokens 0 (three times there) and 3",
          mistakes: [
            [
              by((z, i) => (previous.includes(i) ? z / 2 : z)),
              "Token 3 has a negative logit, and dividing it makes it larger: the token becomes likelier. " +
                "Multiply where the logit is not above 0.",
            ],
            [
              [0.5, -1, 2, -6, 0.5],
              "Token 0 has been there three times and was punished three times. Once is enough, however " +
                "often it has been there.",
            ],
            [
              by((z, i) => (previous.includes(i) ? z - 2 : z)),
              "The penalty was subtracted: divide, or multiply.",
            ],
            [
              by((z) => (z > 0 ? z / 2 : z * 2)),
              "Tokens that the text has not were changed as well.",
            ],
            [
              by((z, i) => (previous.includes(i) ? z * 2 : z)),
              "Token 0 has a logit above 0, and multiplying it makes it larger: divide there.",
            ],
            [logits, "Nothing was changed."],
          ],
          message: "Above 0: divided by the penalty. Otherwise: multiplied by it.",
        });
        expectClose(penalisedLogits([1, 0, -Infinity], [1, 2], 1.5), [1, 0, -Infinity], {
          what: "logits of 0 and −Infinity",
          message: "0 and −Infinity stay what they are.",
        });
        expectClose(penalisedLogits([...logits], [], 2), reference.penalisedLogits(logits, [], 2), {
          what: "an empty text",
          message: "Where the text is empty, nothing changes.",
        });
      },
      {
        cases: {
          "some tokens": (d) => [
            d.list(9, 3),
            Array.from({ length: 5 }, () => d.id(9)),
            d.pick([1.2, 1.5, 2]),
          ],
          "repeated tokens": (d) => [d.list(5, 3), [1, 1, 1, 4, 1], 1.3],
          "no text": (d) => [d.list(6), [], 1.3],
          "penalty 1": (d) => [d.list(6), [2, 3], 1],
          "impossible tokens": (d) => [[-Infinity, ...d.list(4), -Infinity], [0, 2, 5], 1.4],
          "a logit of 0": (d) => [[0, ...d.list(3)], [0, 1], 3],
          "ids above 255": (d) => [d.list(300, 3), [299, 256, 3], 1.1],
          "all tokens": (d) => [d.list(4, 3), [3, 2, 1, 0], 1.2],
        },
      },
    );

    exercise(
      "bestHypothesis",
      (bestHypothesis) => {
        const ended = (n: number, logProbability: number) => ({
          ids: Array.from({ length: n }, (_, i) => 5 + i),
          logProbability,
          finished: true,
        });
        const open = (n: number, logProbability: number) => ({
          ...ended(n, logProbability),
          finished: false,
        });
        const ask = (
          candidates: Candidates,
          penalty: number,
          right: number,
          mistakes: [number, string][],
          message: string,
        ) => {
          const answer: unknown = bestHypothesis(structuredClone(candidates), penalty);
          if (typeof answer !== "number" || !Number.isInteger(answer))
            fail(
              "bestHypothesis should return the place of the result in the list, a whole number.",
            );
          if (answer === right) return;
          fail(mistakes.find(([gives]) => gives === answer)?.[1] ?? `${message} Got ${answer}.`);
        };
        // n with the end: 2, 6, 3 → −1.1, −0.7, −0.9; products −4.4, −25.2, −8.1
        ask(
          [ended(1, -2.2), ended(5, -4.2), ended(2, -2.7)],
          1,
          1,
          [
            [
              0,
              "The length plays no part, or the wrong one: every token makes ln p smaller, and the " +
                "shortest text wins. ln p is negative, so divide by n^lengthPenalty; a product would " +
                "punish long texts twice.",
            ],
          ],
          "With lengthPenalty 1 the means per token are −1.1, −0.7 and −0.9: expected 1.",
        );
        // n 1, 4: with the end −1.5 and −1.4; without −1.5 (n at least 1) and −1.87
        ask(
          [ended(0, -1.5), ended(3, -5.6)],
          1,
          1,
          [
            [
              0,
              "The end token of a finished text counts: its ln p is in the sum. The means are −1.5 for " +
                "the empty text (its end alone) and −1.4.",
            ],
          ],
          "The means with the end are −1.5 and −1.4: expected 1.",
        );
        ask(
          [ended(2, -6), open(4, -2), open(6, -1)],
          1,
          0,
          [
            [1, "An unfinished text was chosen, or the finished texts were left out: see place 0."],
            [
              2,
              "The finished texts were left out, or an unfinished text was chosen. Where a text is " +
                "finished, the unfinished ones do not compete: nobody knows how they would have ended.",
            ],
          ],
          "Only the text at place 0 is finished: expected 0.",
        );
        ask(
          [open(3, -3), open(2, -1.5)],
          1,
          1,
          [],
          "If none is finished, the unfinished ones compete: expected 1.",
        );
        ask(
          [open(1, -1), open(4, -3.6)],
          1,
          1,
          [
            [
              0,
              "An unfinished text has no end token: there n is the number of its ids. The means are −1 " +
                "and −0.9.",
            ],
          ],
          "The means of these unfinished texts are −1 and −0.9: expected 1.",
        );
        ask(
          [ended(1, -2), ended(1, -2), ended(5, -3)],
          0,
          0,
          [
            [1, "Of equal scores the first wins."],
            [2, "With lengthPenalty 0, ln p itself is compared."],
          ],
          "With lengthPenalty 0 the largest ln p wins, the first of equals: expected 0.",
        );
      },
      {
        cases: {
          "a length penalty of 1": (d) => [found(d), 1],
          "a length penalty of 0": (d) => [found(d), 0],
          "a length penalty between": (d) => [found(d, { count: 9 }), d.pick([0.3, 0.6])],
          "only unfinished texts": (d) => [found(d, { finished: () => false }), 1],
          "only finished texts": (d) => [found(d, { finished: () => true }), 0.8],
          "an empty text": (d) => [
            [{ ids: [], logProbability: -d.number(1, 3), finished: true }, ...found(d)],
            1,
          ],
          "one text": (d) => [found(d, { count: 1 }), 1],
          "equal texts": () => [
            [
              { ids: [3], logProbability: -2, finished: true },
              { ids: [4], logProbability: -2, finished: true },
            ],
            1,
          ],
        },
      },
    );

    exercise(
      "maskByGrammar",
      (maskByGrammar) => {
        // "a" any number of times, then "bc", of which the text ends
        const grammar = { next: [{ a: 0, b: 1 }, { c: 2 }, {}], endings: [2, 1, 0] } as {
          next: Record<string, number>[];
          endings: number[];
        };
        const tokens = ["a", "b", "", "ab", "ac", "aabc", "c", "aa"];
        const logits = [0.5, -1, 3, 2, 4, -2, 1, -0.5];
        const ask = (left: number) =>
          maskByGrammar([...logits], [...tokens], structuredClone(grammar), { state: 0, left });
        const of = (...ids: number[]) => logits.map((z, i) => (ids.includes(i) ? z : -Infinity));
        const wide = ask(9);
        expectShape(wide, [8], "the logits of eight tokens");
        expectClose(wide, of(0, 1, 3, 5, 7), {
          what: "state 0, with much room",
          mistakes: [
            [
              of(0, 1, 3, 4, 5, 7),
              'Only the first character of a token was looked at: "ac" begins with a, but after a ' +
                "comes no c.",
            ],
            [
              of(0, 1, 2, 3, 5, 7),
              "A token with no characters was let through: it leads nowhere, and the text would " +
                "never end.",
            ],
            [
              logits.map((z, i) => ([0, 1, 3, 5, 7].includes(i) ? z : 0)),
              "What is forbidden has the logit 0. A logit of 0 is not a probability of 0: it counts " +
                "e⁰ = 1. Only −Infinity gives 0.",
            ],
            [
              logits.map((z, i) => ([0, 1, 3, 5, 7].includes(i) ? z : -1e9)),
              "−1e9 stands where −Infinity should: only −Infinity is a probability of exactly 0, whatever " +
                "the other logits are.",
            ],
            [
              of(5),
              "Only the token that ends the text is left: others may come next if it can still end later.",
            ],
            [logits, "Nothing is masked."],
          ],
          message: "Every token whose characters all lead on, one after another.",
        });
        expectClose(ask(2), of(1, 3, 5), {
          what: "state 0, with room for two tokens",
          mistakes: [
            [
              of(0, 1, 3, 5, 7),
              "The room is not looked at, or this token itself is not counted: after “a” the shortest " +
                "ending has two tokens, and only one more fits.",
            ],
          ],
          message: "The ending after the token must fit into left − 1 tokens.",
        });
        expectClose(ask(1), of(5), {
          what: "state 0, with room for one token",
          mistakes: [
            [
              of(0, 1, 3, 5, 7),
              "The room is not looked at: with one token left, the text must end with it.",
            ],
            [
              of(1, 3, 5),
              "The room is one too large: this token itself needs a place, so left − 1 is what the " +
                "ending may have.",
            ],
          ],
          message: "With one token left, only what ends the text.",
        });
        expectClose(
          maskByGrammar([...logits], [...tokens], structuredClone(grammar), { state: 1, left: 3 }),
          of(6),
          { what: "state 1", message: "The walk begins in the state where the text is." },
        );
      },
      {
        cases: {
          "the beginning": (d) => masking(d),
          "after a sign": (d) => masking(d, { state: 1 }),
          "after a digit": (d) => masking(d, { state: 2 }),
          "room for one token": (d) => masking(d, { state: 0, left: 1 }),
          "room for two tokens": (d) => masking(d, { state: 2, left: 2, characters: "0,-" }),
          "no special tokens": (d) => masking(d, { special: 0 }),
          "several special tokens": (d) => masking(d, { special: 4 }),
          "nothing that can follow": (d) => masking(d, { characters: "xyz" }),
          "characters beyond ASCII": (d) => [
            d.list(3),
            ["鲸", "鲸鱼", "鱼"],
            {
              next: [{ 鲸: 1 }, { 鱼: 2 }, {}] as Record<string, number>[],
              endings: [2, 1, 0],
            },
            { state: 0, left: 5 },
          ],
        },
      },
    );
  },
  { tensors: false },
);
