// Lesson 11 (GPT): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectEqual,
  expectFinite,
  expectShape,
  lesson,
} from "llm/course/kit";
import { tf } from "llm/engine";
import { Random, randomNormal } from "llm/random";
import type * as answers from "../../solutions/11-gpt";
import { mutants } from "../mutants/11-gpt";

const normal = (shape: number[], seed: number) => randomNormal(shape, { rng: new Random(seed) });

/** A number, with what was asked and what came at the end of the message. */
function expectNumber(
  actual: number,
  expected: number,
  { what, ...rest }: { what: string; message: string; mistakes?: [number, string][] },
): void {
  const asked = `${what}: got ${actual}, expected ${expected}.`;
  expectEqual(actual, expected, { ...rest, asked });
}

/** Heads and how often each is repeated. */
const headsOf = (
  d: Draw,
  { B = 2, K = d.pick([2, 3]), T = d.pick([4, 5]), D = d.pick([3, 7]), times = 3, scale = 1 } = {},
) => [d.normal([B, K, T, D], scale), times] as [tf.Tensor4D, number];

/** Sizes of a LLaMA, none of them equal. */
function modelOf(
  d: Draw,
  { H = 6, K = 2, D = d.pick([3, 5]), L = d.pick([2, 3]), tied = true, E = 0, k = 1 } = {},
): [Parameters<typeof answers.countLlama>[0]] {
  const sizes = {
    vocabSize: d.integer(90, 120),
    nEmbd: H * D,
    nLayer: L,
    nHead: H,
    nKvHead: K,
    nInner: d.integer(31, 50),
    tied,
  };
  return [E > 0 ? { ...sizes, experts: { count: E, perToken: k } } : sizes];
}

/** What a router has decided for N tokens. */
function routedOf(
  d: Draw,
  { N = d.pick([5, 7]), E = 4, k = 2 } = {},
): [probabilities: number[][], chosen: number[][]] {
  const exps = d.table(N, E).map((row) => row.map(Math.exp));
  const probabilities = exps.map((row) => row.map((e) => e / row.reduce((a, b) => a + b, 0)));
  const order = (p: number[]) => p.map((_, e) => e).sort((a, b) => p[b] - p[a]);
  return [probabilities, probabilities.map((p) => order(p).slice(0, k))];
}

lesson<typeof answers>("11-gpt", mutants, (exercise) => {
  exercise(
    "repeatHeads",
    (repeatHeads) => {
      const x = normal([1, 2, 3, 4], 1) as tf.Tensor4D;
      const answer = repeatHeads(x, 2);
      expectShape(answer, [1, 4, 3, 4], "repeatHeads of x (1, 2, 3, 4), 2 times");
      const [a, b] = tf.split(x, 2, 1);
      expectClose(answer, tf.concat([a, a, b, b], 1), {
        what: "the heads a a b b",
        mistakes: [
          [
            tf.concat([a, b, a, b], 1),
            "The heads stand as a b a b. Copies of one head have to be neighbours, a a b b: query heads " +
              "0 and 1 both ask key head 0. Tile along a new axis behind the heads.",
          ],
          [
            tf.reshape(tf.tile(tf.reshape(x, [1, 2, 3, 1, 4]), [1, 1, 1, 2, 1]), [1, 4, 3, 4]),
            "Single positions were repeated, t₀ t₀ t₁ t₁, and a reshape cut them into heads. Whole heads " +
              "are repeated: the new axis stands behind K, in front of T.",
          ],
          [tf.concat([a, a, a, a], 1), "Every copy is of the first head."],
        ],
        message: "Head h of the result is head ⌊h / times⌋ of x.",
      });
    },
    {
      cases: {
        "two or three heads": (d) => headsOf(d),
        "one head for all": (d) => headsOf(d, { K: 1, times: 4 }),
        once: (d) => headsOf(d, { times: 1 }),
        "twice, a single text": (d) => headsOf(d, { B: 1, times: 2 }),
        "one position": (d) => headsOf(d, { T: 1 }),
        "heads of one number": (d) => headsOf(d, { D: 1 }),
        "many copies": (d) => headsOf(d, { K: 2, times: 9 }),
        variables: (d) => {
          const [x, times] = headsOf(d);
          return [d.variable(x) as unknown as tf.Tensor4D, times];
        },
      },
    },
  );

  exercise(
    "cacheBytes",
    (cacheBytes) => {
      const model = { nLayer: 3, nKvHead: 5, headWidth: 7 };
      const right = 2 * 3 * 5 * 7 * 11 * 4;
      expectNumber(cacheBytes(model, { tokens: 11, bytes: 4 }), right, {
        what: "bytes of 3 layers, 5 heads of width 7, 11 tokens of 4 bytes",
        mistakes: [
          [right / 2, "Each head keeps a key and a value: twice as many numbers."],
          [
            (right * 3) / 2,
            "Queries are not kept: each is used at its own position only. A key and a value: 2 numbers.",
          ],
          [right / 3, "Every layer keeps its own keys and values: multiply by the layers."],
          [
            right * 11,
            "It does not grow with the square of the length: only attention weights do.",
          ],
          [right * 8, "These are bits: `bytes` is given already."],
          [right / 4, "This is how many numbers there are: multiply by the bytes of each."],
          [right / 5, "Each of the K heads keeps its own."],
          [right / 7, "A key has D numbers: multiply by headWidth."],
        ],
        message: "2 · L · K · D numbers for each token, times the bytes of a number.",
      });
    },
    {
      cases: {
        "some model": (d) => [
          { nLayer: d.integer(2, 9), nKvHead: d.integer(2, 9), headWidth: d.integer(3, 90) },
          { tokens: d.integer(5, 900), bytes: d.pick([2, 4]) },
        ],
        "one head, one layer": (d) => [
          { nLayer: 1, nKvHead: 1, headWidth: d.integer(3, 90) },
          { tokens: d.integer(5, 900), bytes: 2 },
        ],
        "one token": (d) => [
          { nLayer: d.integer(2, 9), nKvHead: 3, headWidth: 64 },
          { tokens: 1, bytes: 4 },
        ],
        "nothing yet": (d) => [
          { nLayer: d.integer(2, 9), nKvHead: 3, headWidth: 64 },
          { tokens: 0, bytes: 4 },
        ],
      },
    },
  );

  exercise(
    "countLlama",
    (countLlama, { reference }) => {
      const sizes = { vocabSize: 97, nEmbd: 12, nLayer: 3, nHead: 6, nKvHead: 2, nInner: 31 };
      const [model, open] = [true, false].map((tied) => ({ ...sizes, tied }));
      const experts = { ...model, experts: { count: 5, perToken: 2 } };
      const [C, V, F, L] = [12, 97, 31, 3];
      const { total: right } = reference.countLlama(model);
      expectNumber(countLlama(model).total, right, {
        what: "total of V 97, C 12, F 31, H 6, K 2, L 3, tied",
        mistakes: [
          [
            right + L * 2 * C * 4 * 2,
            "Keys and values have K heads, not H: their matrices are C · K·D, which is why grouped " +
              "queries save parameters too.",
          ],
          [
            right - L * C * F,
            "The gated feed-forward network has three matrices of C · F: gate, up and down.",
          ],
          [
            right + V * C,
            "The head is tied to the embeddings here: it is the same matrix, and counts once.",
          ],
          [
            right - (2 * L + 1) * C,
            "The norms are missing: two in each layer and one at the end, C gains each.",
          ],
          [right - C, "The last norm is missing: C gains behind the last layer."],
          [
            right - L * 2 * C,
            "The norms inside the layers are missing: two in each, C gains each.",
          ],
          [right + (2 * L + 1) * C, "An RMS norm has a gain and no bias: C numbers, not 2C."],
          [right - V * C, "The embeddings are missing: V · C."],
          [right - L * C * C, "The output matrix of attention is missing: H·D · C in each layer."],
          [
            right - L * C * (C - 4),
            "The output matrix of attention has H·D rows, not K·D: every query head gives a result.",
          ],
          [
            right - L * C * 4,
            "Keys and values have a matrix each: C · K·D counts twice in each layer.",
          ],
          [(right - V * C - C) / L + V * C + C, "All L layers have parameters of their own."],
        ],
        message: "embeddings + L · (attention + feed-forward + two norms) + one norm",
      });
      expectNumber(countLlama(open).total, right + V * C, {
        what: "total of the same model with a head of its own",
        mistakes: [[right, "With tied: false the head has a matrix of its own: V · C more."]],
        message: "With tied: false the head has a matrix of its own: V · C more.",
      });
      expectNumber(countLlama(model).active, right, {
        what: "active of a model without experts",
        message: "Without experts, all parameters are active.",
      });
      const mixed = reference.countLlama(experts);
      expectNumber(countLlama(experts).total, mixed.total, {
        what: "total of the model with 5 experts",
        mistakes: [
          [mixed.total - L * 5 * C, "The router is missing: E · C numbers in each layer."],
          [mixed.active, "In the total all experts count, whether a token uses them or not."],
          [right, "The experts are missing: E networks in each layer in place of one."],
        ],
        message: "Each layer has a router of E · C numbers and E networks.",
      });
      expectNumber(countLlama(experts).active, mixed.active, {
        what: "active of the model with 2 of 5 experts",
        mistakes: [
          [
            mixed.total,
            "A token goes through perToken experts only: the other networks are not active.",
          ],
          [
            mixed.active - L * C * 3,
            "Every token is scored for every expert: the whole router is active.",
          ],
          [mixed.active - L * C * 5, "The router reads every token: it is active as well."],
          [
            (mixed.total * 2) / 5,
            "Only the networks are used in part. Attention, embeddings, norms and router are active " +
              "as a whole.",
          ],
          [right, "perToken networks are active, not one, and the router is too."],
        ],
        message: "Of the networks perToken are active; everything else is active as a whole.",
      });
    },
    {
      cases: {
        tied: (d) => modelOf(d),
        "a head of its own": (d) => modelOf(d, { tied: false }),
        "as many key heads as query heads": (d) => modelOf(d, { K: 6 }),
        "one key head": (d) => modelOf(d, { K: 1 }),
        "one of several experts": (d) => modelOf(d, { E: 4, k: 1 }),
        "several experts, several at once": (d) => modelOf(d, { E: 7, k: 3, tied: false }),
        "all experts at once": (d) => modelOf(d, { E: 3, k: 3 }),
        "one layer": (d) => modelOf(d, { L: 1 }),
      },
    },
  );

  exercise(
    "routeTokens",
    (routeTokens, { reference }) => {
      const scores = [
        [0.2, 1.5, 1.1, -0.3],
        [2.0, 0.4, 0.9, 2.4],
        [0.7, 0.1, 0.3, 0.6],
      ];
      const { probabilities, chosen, weights } = routeTokens(scores, 2);
      const right = reference.routeTokens(scores, 2);
      const columns = scores[0].map(
        (_, e) => reference.routeTokens([scores.map((row) => row[e])], 1).probabilities[0],
      );
      const total = (row: number[]) => row.reduce((a, b) => a + b, 0);
      expectFinite(probabilities, undefined, "probabilities");
      expectClose(probabilities, right.probabilities, {
        what: "probabilities",
        mistakes: [
          [
            scores.map((row, n) => row.map((_, e) => columns[e][n])),
            "Each column sums to 1. The softmax of a token goes over its experts: along its own row.",
          ],
          [
            scores.map((row) => row.map((s) => s / total(row))),
            "The scores were divided by their sum. A softmax takes Math.exp of each first.",
          ],
          [scores, "These are the scores: the softmax over each row is missing."],
          [
            right.probabilities.map((row, n) =>
              row.map((_, e) => right.weights[n][right.chosen[n].indexOf(e)] ?? 0),
            ),
            "Only the chosen experts have a probability. The softmax goes over all E of them, because " +
              "the balance loss needs the probabilities of the others too.",
          ],
        ],
        message: "p = softmax over the E scores of each token.",
      });
      const sorted = right.chosen.map((own) => [...own].sort((a, b) => a - b));
      expectClose(chosen, right.chosen, {
        what: "chosen",
        mistakes: [
          [
            reference.routeTokens(
              scores.map((row) => row.map((s) => -s)),
              2,
            ).chosen,
            "These are the experts with the smallest probabilities: sort the other way round.",
          ],
          [
            sorted,
            "The right experts, in the order of their numbers: the most probable one first.",
          ],
          [right.chosen.map((own) => own.map((e) => e + 1)), "Experts are numbered from 0."],
          [
            scores.map(() => [0, 1]),
            "The first experts were taken, whatever their probabilities. Does the comparison of `sort` " +
              "give a negative number when a comes first, and a positive one when b does?",
          ],
          [
            right.chosen.map((own, n) => own.map((e) => right.probabilities[n][e])),
            "These are probabilities. `chosen` holds the numbers of the experts.",
          ],
        ],
        message: "The numbers of the k experts with the largest probabilities, best first.",
      });
      const raw = right.chosen.map((own, n) => own.map((e) => right.probabilities[n][e]));
      expectClose(weights, right.weights, {
        what: "weights",
        mistakes: [
          [
            raw,
            "The probabilities of the chosen experts have to be divided by their sum: otherwise the " +
              "layer's output would be smaller where the router hesitates.",
          ],
          [
            raw.map((row) => row.map(() => 1 / 2)),
            "This is a plain average of the chosen experts. The more probable one weighs more.",
          ],
        ],
        message: "p of the chosen experts, divided by the sum of these.",
      });
      const large = routeTokens([[1000, 999, -1000]], 2);
      for (const part of ["probabilities", "weights"] as const)
        expectFinite(
          large[part],
          "Scores of 1000 overflow: e^1000 is Infinity, and Infinity / Infinity is NaN. Subtract the " +
            "largest score of the row first.",
          `${part} for the scores 1000, 999 and −1000`,
        );
      const apart = routeTokens(
        [
          [0, 1, -1],
          [-1000, -999, -1001],
        ],
        2,
      );
      for (const part of ["probabilities", "weights"] as const)
        expectFinite(
          apart[part],
          "The second row lies 1000 below the first: if the largest score of the whole table is " +
            "subtracted, e^−1000 is 0 for every expert of that row, and 0 / 0 is NaN. Subtract the " +
            "largest score of each row from that row.",
          `${part} for the scores 0, 1, −1 and −1000, −999, −1001`,
        );
    },
    {
      cases: {
        "two of several": (d) => [d.table(5, 4), 2],
        "one of several": (d) => [d.table(4, 6), 1],
        "three of seven": (d) => [d.table(6, 7), 3],
        "all of them": (d) => [d.table(5, 3), 3],
        "one token": (d) => [d.table(1, 5), 2],
        "a single expert": (d) => [d.table(4, 1), 1],
        "equal scores": (d) => [d.table(3, 4).map((row) => row.map(() => row[0])), 2],
        "large scores": (d) => [d.table(5, 4).map((row) => row.map((s) => s + 900)), 2],
        "very negative scores": (d) => [d.table(4, 5).map((row) => row.map((s) => s - 900)), 3],
      },
    },
  );

  exercise(
    "balanceLoss",
    (balanceLoss, { reference }) => {
      const probabilities = [
        [0.6, 0.3, 0.1],
        [0.5, 0.1, 0.4],
        [0.2, 0.7, 0.1],
        [0.8, 0.15, 0.05],
      ];
      const chosen = [
        [0, 1],
        [0, 2],
        [1, 0],
        [0, 1],
      ];
      const right = reference.balanceLoss(probabilities, chosen);
      const f = [1, 0.75, 0.25];
      const P = [0, 1, 2].map((e) => probabilities.reduce((sum, p) => sum + p[e], 0) / 4);
      const own = [0, 1, 2].map((e) => {
        const rows = probabilities.filter((_, n) => chosen[n].includes(e));
        return rows.reduce((sum, p) => sum + p[e], 0) / rows.length;
      });
      const soft = [0, 1, 2].map((e) =>
        probabilities.reduce((sum, p, n) => sum + (chosen[n].includes(e) ? p[e] : 0) / 4, 0),
      );
      const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
      expectNumber(
        Number(balanceLoss(probabilities, chosen).toFixed(9)),
        Number(right.toFixed(9)),
        {
          what: "balanceLoss of 4 tokens and 3 experts",
          mistakes: (
            [
              [right / 3, "The sum has to be multiplied by E, the number of experts."],
              [right * 16, "Neither f nor P was divided by N, the number of tokens."],
              [right * 4, "One of f and P was not divided by N: both are."],
              [
                right / 2,
                "f was divided by N · k. It is divided by N alone, so that the f sum to k.",
              ],
              [
                3 * dot([0.75, 0.25, 0], P),
                "Only the first choice of each token was counted: f counts all k of them.",
              ],
              [3 * dot(f, f), "This is made of the counts alone: multiply f by P, not by itself."],
              [
                3 * dot(P, P),
                "This is made of the probabilities alone: f counts how often an expert was chosen.",
              ],
              [
                3 * dot(soft, P),
                "f counts the tokens that chose the expert. Here it sums their probabilities.",
              ],
              [
                3 * dot(f, own),
                "P is the mean over all N tokens, not over those that chose the expert.",
              ],
            ] as [number, string][]
          ).map(([gives, sentence]) => [Number(gives.toFixed(9)), sentence]),
          message:
            "E · Σ f · P, with f the share of tokens that chose e, and P its mean probability.",
        },
      );
    },
    {
      cases: {
        "two of four": (d) => routedOf(d),
        "one of five": (d) => routedOf(d, { E: 5, k: 1 }),
        "three of six": (d) => routedOf(d, { E: 6, k: 3 }),
        "all of three": (d) => routedOf(d, { E: 3, k: 3 }),
        "one token": (d) => routedOf(d, { N: 1 }),
        "many tokens": (d) => routedOf(d, { N: 60 }),
        "all choose the same": (d) => {
          const [p] = routedOf(d);
          return [p, p.map(() => [0, 1])];
        },
      },
    },
  );

  exercise(
    "separateProjections",
    (separateProjections) => {
      const weight = normal([3, 9], 2) as tf.Tensor2D;
      const answer = separateProjections(weight);
      const parts = tf.split(weight, 3, 1);
      const [q, k, v] = parts.map((part) => tf.transpose(part));
      const third = (i: number) =>
        tf.transpose(
          tf.squeeze(tf.slice(tf.reshape(weight, [3, 3, 3]), [0, 0, i], [3, 3, 1]), [2]),
        );
      const block = (i: number) =>
        tf.squeeze(tf.slice(tf.reshape(weight, [3, 3, 3]), [i, 0, 0], [1, 3, 3]), [0]);
      for (const [i, name, right] of [
        [0, "q", q],
        [1, "k", k],
        [2, "v", v],
      ] as const) {
        const others = [q, k, v].filter((_, j) => j !== i);
        expectClose(answer[name], right, {
          what: `${name}, of weight (3, 9)`,
          mistakes: [
            [
              parts[i],
              "This part is not transposed: LLaMA has one row for each number that comes out, GPT-2 one " +
                "column.",
            ],
            ...others.map((other): [tf.Tensor, string] => [
              other,
              "The parts are in another order: the columns make queries, keys, values, C each.",
            ]),
            [
              third(i),
              "This takes every third column. The first C columns stand together: they make the queries.",
            ],
            [
              block(i),
              "A reshape cuts the numbers as they lie in memory, row by row. Cut between columns " +
                "(tf.split along axis 1), then transpose.",
            ],
            [
              tf.transpose(block(i)),
              "This cuts between rows of the numbers in memory (a reshape). Cut between columns: " +
                "tf.split along axis 1.",
            ],
          ],
          message: "Cut between columns C | 2C, and transpose each part.",
        });
      }
    },
    {
      cases: {
        "some width": (d) => {
          const C = d.pick([4, 5, 7]);
          return [d.normal([C, 3 * C]) as tf.Tensor2D];
        },
        "one channel": (d) => [d.normal([1, 3]) as tf.Tensor2D],
        "two channels": (d) => [d.normal([2, 6]) as tf.Tensor2D],
        "a wide matrix": (d) => [d.normal([33, 99]) as tf.Tensor2D],
        "a variable": (d) => {
          const C = d.pick([3, 6]);
          return [d.variable(d.normal([C, 3 * C])) as unknown as tf.Tensor2D];
        },
      },
    },
  );
});
