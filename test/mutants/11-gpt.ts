/** Plausible wrong answers to lesson 11 (GPT), and the sentence that each must be told. */

import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";
import * as right from "../../solutions/11-gpt";

type Model = Parameters<typeof right.countLlama>[0];
type Cache = Parameters<typeof right.cacheBytes>;

/** A count in which something of the right one is different, the same in both numbers. */
const counted = (change: (model: Model) => number) => (model: Model) => {
  const { total, active } = right.countLlama(model);
  return { total: total + change(model), active: active + change(model) };
};
const softmax = (row: number[]) => right.routeTokens([row], 1).probabilities[0];

export const mutants: Mutants<typeof import("../../solutions/11-gpt")> = {
  repeatHeads: [
    {
      name: "heads in turn: a b a b",
      told: /a b a b/,
      answer: (x: tf.Tensor4D, times: number) => tf.tile(x, [1, times, 1, 1]),
    },
    {
      name: "positions repeated",
      told: /positions/,
      answer: (x: tf.Tensor4D, times: number) => {
        const [B, K, T, D] = x.shape;
        return tf.tidy(() => {
          const copies = tf.tile(tf.reshape(x, [B, K, T, 1, D]), [1, 1, 1, times, 1]);
          return tf.reshape(copies, [B, K * times, T, D]);
        });
      },
    },
    {
      name: "gives x itself back for times = 1",
      told: /must be new/,
      answer: (x: tf.Tensor4D, times: number) => (times === 1 ? x : right.repeatHeads(x, times)),
    },
    {
      name: "leaves tensors behind",
      told: /tidy/,
      answer: (x: tf.Tensor4D, times: number) => {
        const [B, K, T, D] = x.shape;
        const copies = tf.tile(tf.reshape(x, [B, K, 1, T, D]), [1, 1, times, 1, 1]);
        return tf.reshape(copies, [B, K * times, T, D]);
      },
    },
  ],
  cacheBytes: [
    {
      name: "keys without values",
      told: /a key and a value/,
      answer: (...[model, options]: Cache) => right.cacheBytes(model, options) / 2,
    },
    {
      name: "queries are kept too",
      told: /[Qq]ueries/,
      answer: (...[model, options]: Cache) => (right.cacheBytes(model, options) * 3) / 2,
    },
    {
      name: "one layer",
      told: /layer/,
      answer: (...[model, options]: Cache) => right.cacheBytes(model, options) / model.nLayer,
    },
    {
      name: "grows with the square of the length",
      told: /square/,
      answer: (...[model, options]: Cache) => right.cacheBytes(model, options) * options.tokens,
    },
    {
      name: "bits in place of bytes",
      told: /bits/,
      answer: (...[model, options]: Cache) => right.cacheBytes(model, options) * 8,
    },
  ],
  countLlama: [
    {
      name: "as many key heads as query heads",
      told: /K heads/,
      answer: (model: Model) => right.countLlama({ ...model, nKvHead: model.nHead }),
    },
    {
      name: "two matrices in the feed-forward network",
      told: /three matrices/,
      answer: (model: Model) => {
        const { total, active } = right.countLlama(model);
        const one = model.nLayer * model.nEmbd * model.nInner;
        const { count, perToken } = model.experts ?? { count: 1, perToken: 1 };
        return { total: total - one * count, active: active - one * perToken };
      },
    },
    {
      name: "a tied head counted twice",
      told: /tied/,
      answer: (model: Model) => right.countLlama({ ...model, tied: false }),
    },
    {
      name: "norms forgotten",
      told: /norms/,
      answer: counted(({ nLayer, nEmbd }) => -(2 * nLayer + 1) * nEmbd),
    },
    {
      name: "the last norm forgotten",
      told: /last norm/,
      answer: counted(({ nEmbd }) => -nEmbd),
    },
    {
      name: "all experts active",
      told: /perToken/,
      answer: (model: Model) => {
        const { total } = right.countLlama(model);
        return { total, active: total };
      },
    },
    {
      name: "an output matrix with K heads",
      told: /H·D rows/,
      answer: counted(
        ({ nLayer, nEmbd, nHead, nKvHead }) =>
          -nLayer * nEmbd * (nEmbd - (nEmbd / nHead) * nKvHead),
      ),
    },
    {
      name: "a share of everything active",
      told: /as a whole/,
      answer: (model: Model) => {
        const { total } = right.countLlama(model);
        const { count, perToken } = model.experts ?? { count: 1, perToken: 1 };
        return { total, active: (total * perToken) / count };
      },
    },
    {
      name: "no router",
      told: /router/,
      answer: counted(({ nLayer, nEmbd, experts }) => -nLayer * nEmbd * (experts?.count ?? 0)),
    },
    {
      name: "the router active only for the chosen experts",
      told: /whole router/,
      answer: (model: Model) => {
        const { total, active } = right.countLlama(model);
        const { count, perToken } = model.experts ?? { count: 0, perToken: 0 };
        return { total, active: active - model.nLayer * model.nEmbd * (count - perToken) };
      },
    },
  ],
  routeTokens: [
    {
      name: "weights not divided by their sum",
      told: /divided by their sum/,
      answer: (scores: number[][], k: number) => {
        const { probabilities, chosen } = right.routeTokens(scores, k);
        const weights = chosen.map((own, n) => own.map((e) => probabilities[n][e]));
        return { probabilities, chosen, weights };
      },
    },
    {
      name: "the smallest k",
      told: /smallest/,
      answer: (scores: number[][], k: number) => {
        const { probabilities } = right.routeTokens(scores, k);
        const { chosen, weights } = right.routeTokens(
          scores.map((row) => row.map((s) => -s)),
          k,
        );
        return { probabilities, chosen, weights };
      },
    },
    {
      name: "the same weight for each chosen one",
      told: /plain average/,
      answer: (scores: number[][], k: number) => {
        const { probabilities, chosen } = right.routeTokens(scores, k);
        return { probabilities, chosen, weights: chosen.map((own) => own.map(() => 1 / k)) };
      },
    },
    {
      name: "chosen in the order of their numbers",
      told: /most probable one first/,
      answer: (scores: number[][], k: number) => {
        const { probabilities, chosen } = right.routeTokens(scores, k);
        const sorted = chosen.map((own) => [...own].sort((a, b) => a - b));
        const weights = sorted.map((own, n) => {
          const total = own.reduce((sum, e) => sum + probabilities[n][e], 0);
          return own.map((e) => probabilities[n][e] / total);
        });
        return { probabilities, chosen: sorted, weights };
      },
    },
    {
      name: "large scores overflow",
      told: /overflow|largest/,
      answer: (scores: number[][], k: number) => {
        const { chosen } = right.routeTokens(scores, k);
        const probabilities = scores.map((row) => {
          const total = row.reduce((sum, s) => sum + Math.exp(s), 0);
          return row.map((s) => Math.exp(s) / total);
        });
        const weights = chosen.map((own, n) => {
          const total = own.reduce((sum, e) => sum + probabilities[n][e], 0);
          return own.map((e) => probabilities[n][e] / total);
        });
        return { probabilities, chosen, weights };
      },
    },
    {
      name: "the largest score of the whole table subtracted",
      told: /each row/,
      answer: (scores: number[][], k: number) => {
        const { chosen } = right.routeTokens(scores, k);
        const largest = Math.max(...scores.flat());
        const probabilities = scores.map((row) => {
          const exps = row.map((s) => Math.exp(s - largest));
          const total = exps.reduce((sum, e) => sum + e, 0);
          return exps.map((e) => e / total);
        });
        const weights = chosen.map((own, n) => {
          const total = own.reduce((sum, e) => sum + probabilities[n][e], 0);
          return own.map((e) => probabilities[n][e] / total);
        });
        return { probabilities, chosen, weights };
      },
    },
    {
      name: "shares of the scores",
      told: /softmax/,
      answer: (scores: number[][], k: number) => {
        const { chosen } = right.routeTokens(scores, k);
        const share = (all: number[], s: number) => s / all.reduce((a, b) => a + b, 0);
        const probabilities = scores.map((row) => row.map((s) => share(row, s)));
        const weights = chosen.map((own, n) => {
          const kept = own.map((e) => scores[n][e]);
          return kept.map((s) => share(kept, s));
        });
        return { probabilities, chosen, weights };
      },
    },
    {
      name: "softmax down the columns",
      told: /column/,
      answer: (scores: number[][], k: number) => {
        const { chosen, weights } = right.routeTokens(scores, k);
        const columns = scores[0].map((_, e) => softmax(scores.map((row) => row[e])));
        const probabilities = scores.map((row, n) => row.map((_, e) => columns[e][n]));
        return { probabilities, chosen, weights };
      },
    },
  ],
  balanceLoss: [
    {
      name: "not multiplied by E",
      told: /multipl.* E/,
      answer: (p: number[][], chosen: number[][]) => right.balanceLoss(p, chosen) / p[0].length,
    },
    {
      name: "sums in place of means",
      told: /divided by N/,
      answer: (p: number[][], chosen: number[][]) => right.balanceLoss(p, chosen) * p.length ** 2,
    },
    {
      name: "only the first choice counted",
      told: /first choice/,
      answer: (p: number[][], chosen: number[][]) =>
        right.balanceLoss(
          p,
          chosen.map((own) => own.slice(0, 1)),
        ),
    },
    {
      name: "the shares squared",
      told: /counts alone/,
      answer: (p: number[][], chosen: number[][]) => {
        const shares = p[0].map(
          (_, e) => chosen.filter((own) => own.includes(e)).length / p.length,
        );
        return p[0].length * shares.reduce((sum, f) => sum + f * f, 0);
      },
    },
    {
      name: "the mean probabilities squared",
      told: /probabilities alone/,
      answer: (p: number[][]) => {
        const means = p[0].map((_, e) => p.reduce((sum, row) => sum + row[e], 0) / p.length);
        return p[0].length * means.reduce((sum, P) => sum + P * P, 0);
      },
    },
    {
      name: "P over the chosen tokens only",
      told: /all N tokens/,
      answer: (p: number[][], chosen: number[][]) => {
        let sum = 0;
        for (let e = 0; e < p[0].length; e++) {
          const own = p.filter((_, n) => chosen[n].includes(e));
          const f = own.length / p.length;
          if (own.length > 0) sum += (f * own.reduce((s, row) => s + row[e], 0)) / own.length;
        }
        return p[0].length * sum;
      },
    },
  ],
  separateProjections: [
    {
      name: "not transposed",
      told: /transposed/,
      answer: (weight: tf.Tensor2D) =>
        tf.tidy(() => {
          const [q, k, v] = tf.split(weight, 3, 1) as tf.Tensor2D[];
          return { q, k, v };
        }),
    },
    {
      name: "keys and values exchanged",
      told: /queries, keys, values/,
      answer: (weight: tf.Tensor2D) => {
        const { q, k, v } = right.separateProjections(weight);
        return { q, k: v, v: k };
      },
    },
    {
      name: "every third column",
      told: /every third/,
      answer: (weight: tf.Tensor2D) =>
        tf.tidy(() => {
          const C = weight.shape[0];
          const parts = tf.unstack(tf.reshape(weight, [C, C, 3]), 2);
          const [q, k, v] = parts.map((part) => tf.transpose(part) as tf.Tensor2D);
          return { q, k, v };
        }),
    },
    {
      name: "reshaped in place of transposed",
      told: /reshape/,
      answer: (weight: tf.Tensor2D) =>
        tf.tidy(() => {
          const C = weight.shape[0];
          const [q, k, v] = tf.unstack(tf.reshape(weight, [3, C, C])) as tf.Tensor2D[];
          return { q, k, v };
        }),
    },
  ],
};
