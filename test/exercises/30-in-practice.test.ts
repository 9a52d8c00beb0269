// Lesson 30 (in practice): judges the learner, the solutions and the mutants.

import { type Draw, expectClose, expectEqual, expectTrue, lesson } from "llm/course/kit";
import type * as answers from "../../solutions/30-in-practice";
import { mutants } from "../mutants/30-in-practice";

/** Asks whether a result is the right one, written as JSON. */
function ask(
  got: unknown,
  expected: unknown,
  call: string,
  message: string,
  mistakes: [gives: unknown, sentence: string][] = [],
) {
  const text = (value: unknown) =>
    value === Number.POSITIVE_INFINITY ? "Infinity" : (JSON.stringify(value) ?? "nothing");
  expectEqual(text(got), text(expected), {
    mistakes: mistakes.map(([gives, sentence]) => [text(gives), sentence] as const),
    message,
    asked: `${call} gives ${text(got)}, expected ${text(expected)}.`,
  });
}

const system = (name: string, quality: number, ...costs: number[]) => ({ name, quality, costs });
function systemsOf(d: Draw, count: number, costs: number, values = 4): [answers.SystemFigures[]] {
  const figures = () => d.id(values) / 4;
  const one = (_: unknown, i: number) =>
    system(`s${i}`, figures(), ...Array.from({ length: costs }, figures));
  return [Array.from({ length: count }, one)];
}

function decodingOf(d: Draw, { texts = d.integer(2, 40), roomy = true } = {}): [answers.Decoding] {
  const [weightBytes, kvBytesPerToken] = [d.integer(1, 90) * 1e8, d.integer(1, 300) * 1e3];
  const contextLength = d.integer(10, 4000);
  const needed = weightBytes + texts * contextLength * kvBytesPerToken;
  const memory = Math.round(needed * (roomy ? 1.3 : 0.8));
  const bandwidth = d.integer(5, 900) * 1e9;
  return [{ weightBytes, kvBytesPerToken, contextLength, texts, memory, bandwidth }];
}

type Load = Parameters<typeof answers.breakEvenLoad>;
function loadOf(d: Draw, share: number): Load {
  const tokens = { prompt: d.integer(50, 2000), completion: d.integer(5, 400) };
  const prices = { prompt: d.integer(1, 40) / 10, completion: d.integer(1, 200) / 10 };
  const hourly = d.integer(1, 90) / 10;
  const each = (tokens.prompt * prices.prompt + tokens.completion * prices.completion) / 1e6;
  return [{ hourly, capacity: Math.round((hourly / each) * share) }, tokens, prices];
}

const TOPICS = ["price", "delivery", "returns", "person", "other"];
function countsOf(d: Draw, names: readonly string[], most: number): answers.TopicCounts {
  return Object.fromEntries(names.map((name) => [name, d.id(most)]));
}

type Stopping = Parameters<typeof answers.sequentialStop>;
function outcomesOf(d: Draw, n: number, a: number, b: number): Stopping {
  const draw = (share: number) => Array.from({ length: n }, () => Number(d.id(100) < 100 * share));
  return [draw(a), draw(b), d.pick([0.05, 0.01, 0.2]), d.pick([5, 20, 100])];
}
/** What mistakes give where S_n = n, α 0.1 and ρ 200. */
const STOPS: [gives: number | null, sentence: string][] = [
  [22, "The pairs are counted from 1: it stops after the twenty-third."],
  [
    24,
    "It stops as soon as the sum is larger: add pair n to the sum, from the first on, then look.",
  ],
  [null, "A sum that grows by one with each pair passes the bound: at n = 23."],
  [1, "The sum is compared with a bound that grows with n: is `(n + ρ)` inside the root?"],
  [2, "This is the bound of a test that looks once. To look after every pair takes a larger one."],
  [34, "σ² is ½: the variance of a difference of two outcomes, not 1."],
  [16, "The ½ stands inside the root, once: ½ · (n + ρ) · ln(…)."],
  [17, "In the logarithm, α is squared: (n + ρ) / (ρ · α²)."],
  [27, "α itself is squared, not α / 2: the bound holds for both signs already."],
  [200, "Only α is squared, not ρ: (n + ρ) / (ρ · α²)."],
  [3, "In front of the logarithm stands n + ρ, not n alone."],
  [38, "The bound is that of pair n, and grows with n. This is the bound of the last pair."],
  [15, "ln is the natural logarithm: Math.log, not Math.log10."],
  [28, "ln is the natural logarithm: Math.log, not Math.log2."],
  [300, "It stops at the first n at which the bound is passed, not at the last."],
];
const filled = (n: number, value: number) => new Array<number>(n).fill(value);

lesson<typeof answers>("30-in-practice", mutants, (exercise) => {
  exercise(
    "paretoFront",
    (paretoFront) => {
      ask(
        paretoFront([system("a", 0.9, 5), system("b", 0.7, 1), system("c", 0.7, 2)]),
        ["a", "b"],
        "paretoFront of a 0.9 [5], b 0.7 [1], c 0.7 [2]",
        "c has the quality of b at a higher cost, so b beats it; a and b are each better in something.",
        [
          [
            ["a"],
            "A system stays if no other beats it: b is cheaper than a, so a does not beat it.",
          ],
          [["c"], "c is the one that is beaten: the result names those that no other beats."],
          [["b"], "a has the highest quality, so none beats it: it stays, although it beats none."],
          [
            [],
            "Nobody is left. To beat, a system has to be better in something, so none beats itself; and " +
              "to stay it need not beat all others, only not be beaten.",
          ],
          [
            ["a", "b", "c"],
            "b beats c: equal in quality and better in cost is enough. Better in everything is too " +
              "much to ask.",
          ],
        ],
      );
      ask(
        paretoFront([system("x", 0.5, 1, 2), system("y", 0.5, 1, 2)]),
        ["x", "y"],
        "paretoFront of two systems with the same figures",
        "Systems with the same figures do not beat each other, so both stay.",
        [
          [
            [],
            "Two systems with the same figures have beaten each other: to beat, one has to be better " +
              "in something.",
          ],
          [["x"], "Of two systems with the same figures, both stay."],
        ],
      );
      ask(
        paretoFront([system("x", 0.5, 1, 9), system("y", 0.4, 2, 1)]),
        ["x", "y"],
        "paretoFront of x 0.5 [1, 9] and y 0.4 [2, 1]",
        "y is better in its second cost, so x does not beat it.",
        [[["x"], "Every cost counts: y is better in its second cost, so x does not beat it."]],
      );
      ask(
        paretoFront([system("x", 0.9, 1), system("y", 0.5, 1)]),
        ["x"],
        "paretoFront of x 0.9 [1] and y 0.5 [1]",
        "At the same cost x is better in quality, so it beats y.",
        [[["x", "y"], "At the same cost x is better in quality: that is enough to beat y."]],
      );
      ask(
        paretoFront([system("x", 0.5, 1, 9), system("y", 0.5, 4, 3)]),
        ["x", "y"],
        "paretoFront of x 0.5 [1, 9] and y 0.5 [4, 3]",
        "x is better in the first cost and y in the second: neither beats the other.",
        [
          [
            ["y"],
            "Costs are not added up (they may be euros and seconds): each is compared by itself.",
          ],
        ],
      );
      ask(paretoFront([]), [], "paretoFront of an empty list", "An empty list has an empty front.");
    },
    {
      cases: {
        "one system": (d) => systemsOf(d, 1, 1),
        "one cost": (d) => systemsOf(d, d.integer(4, 8), 1),
        "several costs": (d) => systemsOf(d, d.integer(5, 9), d.integer(2, 3)),
        "many that are equal": (d) => systemsOf(d, 8, 2, 2),
        "no system": () => [[]],
      },
    },
  );

  exercise(
    "decodeBound",
    (decodeBound) => {
      const model = {
        ...{ weightBytes: 8e9, kvBytesPerToken: 1e5, contextLength: 1000, texts: 32 },
        ...{ memory: 12e9, bandwidth: 1e11 },
      };
      const got = decodeBound(model);
      expectTrue(
        typeof got?.needed === "number" && typeof got.fits === "boolean",
        "The result has `needed`, a number, and `fits`, a boolean.",
      );
      expectClose(got.needed, 11.2e9, {
        mistakes: [
          [8.1e9, "Each text has a cache of its own: multiply by the number of texts."],
          [
            8e9 + 32e5,
            "A text keeps keys and values for each of its tokens: contextLength of them.",
          ],
          [32 * 8e9 + 3.2e9, "The weights are there once, whatever the number of texts."],
          [8e9 + 6.4e9, "`kvBytesPerToken` is for keys and values together: no factor of 2."],
          [3.2e9, "The weights need memory, too: add them to the cache."],
        ],
        message: "Needed are the weights, once, and the cache of all texts: 8e9 + 32 · 1000 · 1e5.",
      });
      expectClose(got.tokensPerSecond, (32 * 1e11) / 11.2e9, {
        mistakes: [
          [1e11 / 11.2e9, "One reading of the weights gives a token to every text: times texts."],
          [
            (32 * 1e11) / 8e9,
            "The keys and values of all texts are read as well, for every token.",
          ],
          [
            (32 * 1e11) / (32 * 8e9 + 3.2e9),
            "The weights are read once for all texts together, not once for each of them.",
          ],
          [
            1e11 / (8e9 / 32 + 3.2e9),
            "Only the weights are shared; each text reads its own cache once.",
          ],
        ],
        message: "In a second, bandwidth / (weights + cache) readings, each with `texts` tokens.",
      });
      ask(
        [
          decodeBound({ ...model, memory: 11.2e9 }).fits,
          decodeBound({ ...model, memory: 11e9 }).fits,
          decodeBound({ ...model, memory: 12e9 }).fits,
        ],
        [true, false, true],
        "fits with exactly the memory that is needed, with less, and with more",
        "It fits if it needs at most the memory there is; the cache counts, too.",
        [
          [[false, false, true], "With exactly as much memory as it needs, it fits."],
          [[true, true, true], "The cache needs memory, too, not only the weights."],
          [
            [true, true, false],
            "The other way round: it fits if what it needs is at most the memory.",
          ],
          [
            [false, true, false],
            "The other way round: it fits if what it needs is at most the memory.",
          ],
        ],
      );
    },
    {
      cases: {
        "one text": (d) => decodingOf(d, { texts: 1 }),
        "many texts": (d) => decodingOf(d),
        "too little memory": (d) => decodingOf(d, { roomy: false }),
      },
    },
  );

  exercise(
    "breakEvenLoad",
    (breakEvenLoad) => {
      const tokens = { prompt: 300, completion: 50 };
      const prices = { prompt: 4, completion: 16 };
      const at = (capacity: number, p = prices) =>
        breakEvenLoad({ hourly: 3, capacity }, tokens, p);
      expectClose(at(5000), 1500, {
        mistakes: [
          [1.5e-3, "Prices are for a million tokens: divide by 10⁶."],
          [3 / ((350 * 20) / 1e6), "Prompt and answer have prices of their own: two products."],
          [
            3 / ((350 * 10) / 1e6),
            "Prompt and answer have prices of their own: two products, not the mean of the prices.",
          ],
          [3 / ((300 * 16 + 50 * 4) / 1e6), "The prices of prompt and answer are exchanged."],
          [0.002 / 3, "The other way round: the hourly price divided by that of an answer."],
          [Number.POSITIVE_INFINITY, "1500 answers an hour are within the capacity of 5000."],
        ],
        message: "3 an hour, divided by (300 · 4 + 50 · 16) / 10⁶ = 0.002 for an answer.",
      });
      ask(
        at(1499),
        Number.POSITIVE_INFINITY,
        "breakEvenLoad with a capacity of 1499",
        "If the machine cannot give as many answers, it is never cheaper: Infinity.",
        [
          [1500, "1500 answers an hour are more than this machine can give (1499): Infinity."],
          [1499, "At 1499 answers an hour the machine is still dearer: Infinity."],
          [-1, "Never cheaper is written Infinity: no load would be enough."],
          [0, "Never cheaper is written Infinity; 0 would mean always cheaper."],
        ],
      );
      ask(
        at(1499, { prompt: 0, completion: 0 }),
        Number.POSITIVE_INFINITY,
        "breakEvenLoad where the provider charges nothing",
        "Nothing is cheaper than nothing: Infinity.",
      );
      expectClose(breakEvenLoad({ hourly: 0.0051, capacity: 9 }, tokens, prices), 2.55, {
        mistakes: [
          [3, "The load is not rounded: 2.55 answers an hour."],
          [2, "The load is not rounded: 2.55 answers an hour."],
        ],
        message: "0.0051 an hour, divided by 0.002 for an answer, is 2.55 answers an hour.",
      });
      expectClose(at(1500), 1500, {
        message: "With exactly the capacity that is needed, the machine can do it.",
      });
    },
    {
      cases: {
        "room to spare": (d) => loadOf(d, 3),
        "too little capacity": (d) => loadOf(d, 0.5),
        "no answers": (d) => {
          const [machine, , prices] = loadOf(d, 2);
          return [machine, { prompt: d.integer(10, 90), completion: 0 }, prices];
        },
      },
    },
  );

  exercise(
    "driftIndex",
    (driftIndex) => {
      const psi = (p: number[], q: number[]) =>
        p.reduce((sum, one, k) => sum + (q[k] - one) * Math.log(q[k] / one), 0);
      const [p, q] = [
        [30.5 / 41, 10.5 / 41],
        [20.5 / 41, 20.5 / 41],
      ];
      const kl = q.reduce((sum, one, k) => sum + one * Math.log(one / p[k]), 0);
      expectClose(driftIndex({ a: 30, b: 10 }, { a: 20, b: 20 }), psi(p, q), {
        mistakes: [
          [psi([0.75, 0.25], [0.5, 0.5]), "A half is added to every count before shares are made."],
          [
            kl,
            "This is one half of it: each logarithm is multiplied by the difference q − p, not by q.",
          ],
          [-psi(p, q), "The sign is wrong: (q − p) and ln(q / p) have the same order."],
          [
            psi([30.5 / 40, 10.5 / 40], [20.5 / 40, 20.5 / 40]),
            "The halves are part of the whole, too: divide by all counts plus K/2, so that the shares " +
              "add up to 1.",
          ],
          [
            psi([30.5 / 40.5, 10.5 / 40.5], [20.5 / 40.5, 20.5 / 40.5]),
            "K/2 is half of the number of topics, here 1: a half for each topic is in the whole.",
          ],
          [
            psi([30.5 / 42, 10.5 / 42], [20.5 / 42, 20.5 / 42]),
            "K/2 is half of the number of topics, here 1: a half for each topic is in the whole.",
          ],
          [
            psi([30.5 / 42, 10.5 / 42], [20.5 / 42, 20.5 / 42]) * 2,
            "Each topic counts once: a name that is in both is one topic (a Set does that).",
          ],
          [psi([30.5, 10.5], [20.5, 20.5]), "p and q are shares, not counts: divide by the whole."],
          [
            Math.abs(q[0] - p[0]) + Math.abs(q[1] - p[1]),
            "Each difference of shares is multiplied by the logarithm of their ratio.",
          ],
          [psi(p, q) / Math.LN10, "ln is the natural logarithm: Math.log, not Math.log10."],
          [psi(p, q) / Math.LN2, "ln is the natural logarithm: Math.log, not Math.log2."],
        ],
        message: "p = 30.5/41 and 10.5/41, q = 20.5/41 and 20.5/41; then the sum over both topics.",
      });
      expectClose(driftIndex({ a: 20 }, { a: 10, b: 10 }), psi([20.5 / 21, 0.5 / 21], [0.5, 0.5]), {
        mistakes: [
          [0, "A topic that is new in the window is left out: go through the names of both."],
          [
            psi([20.5 / 20.5], [10.5 / 21]),
            "A topic that is new is left out: take the names of both.",
          ],
        ],
        message: "b is new: its count before is 0, so its share was 0.5 / 21.",
      });
      expectClose(
        driftIndex({ a: 20, b: 5 }, { a: 25 }),
        psi([20.5 / 26, 5.5 / 26], [25.5 / 26, 0.5 / 26]),
        {
          message: "b does not come any more: its count now is 0, so its share is 0.5 / 26.",
        },
      );
      expectClose(driftIndex({ a: 4, b: 9 }, { b: 9, a: 4 }), 0, {
        message: "Topics are compared by their names: in another order nothing has changed.",
      });
    },
    {
      cases: {
        "the same topics": (d) => [countsOf(d, TOPICS, 60), countsOf(d, TOPICS, 60)],
        "topics that are new": (d) => [
          countsOf(d, TOPICS.slice(0, 3), 60),
          countsOf(d, TOPICS, 90),
        ],
        "topics that have gone": (d) => [countsOf(d, TOPICS, 60), countsOf(d, TOPICS.slice(2), 90)],
        "few questions": (d) => [countsOf(d, TOPICS, 3), countsOf(d, TOPICS, 3)],
      },
    },
  );

  exercise(
    "sequentialStop",
    (sequentialStop) => {
      ask(
        sequentialStop(filled(300, 0), filled(300, 1), 0.1, 200),
        23,
        "sequentialStop of 300 pairs 0 and 1, α 0.1, ρ 200",
        "S_n = n here; the bound is 22.86 at n = 22 and 22.93 at n = 23, so it stops at 23.",
        STOPS,
      );
      const [zeros, ones] = [filled(60, 0), filled(60, 1)];
      ask(
        sequentialStop(zeros, ones, 0.05, 10),
        8,
        "sequentialStop of 60 pairs 0 and 1, α 0.05, ρ 10",
        "S_n = n here; the bound is 7.5 at n = 7 and 7.7 at n = 8, so it stops at 8.",
      );
      ask(
        sequentialStop(zeros, ones, 0.2, 5),
        5,
        "sequentialStop of 60 pairs 0 and 1, α 0.2, ρ 5",
        "The bound is 4.1 at n = 4 and 4.4 at n = 5, so it stops at 5.",
        [[4, "Pair n is compared with the bound of the same n: is it the bound of n − 1?"]],
      );
      ask(
        sequentialStop(zeros.slice(0, 8), ones.slice(0, 8), 0.05, 10),
        8,
        "sequentialStop of 8 pairs 0 and 1, α 0.05, ρ 10",
        "The bound is passed at the eighth pair, which is the last one.",
        [[null, "The last pair counts, too: the bound is passed at n = 8, where the pairs end."]],
      );
      ask(
        sequentialStop(ones, zeros, 0.05, 10),
        8,
        "sequentialStop where the new application is worse in every pair",
        "The new one may also be worse: the absolute value of the sum is compared.",
        [[null, "The new one may also be worse: compare the absolute value |S_n|."]],
      );
      ask(
        sequentialStop(ones, ones, 0.05, 10),
        null,
        "sequentialStop of equal outcomes",
        "Without any difference it never stops: null.",
        [
          [60, "If the bound is never passed, the result is null, not the number of pairs."],
          [0, "If the bound is never passed, the result is null."],
        ],
      );
      const late = [...filled(30, 1), ...filled(60, 0)];
      ask(
        sequentialStop(late, [...filled(30, 0), ...filled(60, 1)], 0.2, 100),
        14,
        "sequentialStop of pairs that turn round after 30",
        "It stops at the first n, and what comes later makes no difference.",
        [[90, "It stops at the first n at which the bound is passed, not at the last."]],
      );
    },
    {
      cases: {
        "a clear difference": (d) => outcomesOf(d, d.integer(60, 120), 0.2, 0.8),
        "a worse new one": (d) => outcomesOf(d, d.integer(60, 120), 0.9, 0.3),
        "hardly any difference": (d) => outcomesOf(d, d.integer(30, 80), 0.5, 0.55),
        "no pairs": () => [[], [], 0.05, 10],
      },
    },
  );
});
