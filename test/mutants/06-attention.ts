/** Plausible wrong answers to lesson 06 (attention), and the sentence that each must be told. */

import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";
import * as right from "../../solutions/06-attention";

type Options = { nHead: number; mask?: tf.Tensor };
const dot = (a: number[], b: number[]) => a.reduce((sum, x, d) => sum + x * b[d], 0);
const softmax = (scores: number[]) => {
  const largest = Math.max(...scores);
  const exps = scores.map((s) => Math.exp(s - largest));
  const total = exps.reduce((a, b) => a + b, 0);
  return exps.map((e) => e / total);
};
const average = (weights: number[][], rows: number[][]) =>
  weights.map((row) => rows[0].map((_, c) => row.reduce((sum, w, j) => sum + w * rows[j][c], 0)));
const flip = (m: number[][]) => m[0].map((_, j) => m.map((row) => row[j]));

/** Results by the shape of what came in, kept outside the function. */
const remembered = new Map<string, tf.Tensor>();
function keep(key: string, make: () => tf.Tensor): tf.Tensor {
  const known = remembered.get(key);
  if (known && !known.isDisposed) return known;
  const made = tf.keep(make());
  remembered.set(key, made);
  return made;
}

/** multiHead with one part exchanged. */
const heads =
  (change: {
    scores?: (q: tf.Tensor, k: tf.Tensor) => tf.Tensor;
    values?: (k: tf.Tensor, v: tf.Tensor) => tf.Tensor;
    weights?: (w: tf.Tensor) => tf.Tensor;
    split?: (x: tf.Tensor, nHead: number) => tf.Tensor4D;
    merge?: (x: tf.Tensor, q: tf.Tensor) => tf.Tensor;
    useMask?: boolean;
  }) =>
  (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, { nHead, mask }: Options) =>
    tf.tidy(() => {
      const split = change.split ?? right.splitHeads;
      const scores = (change.scores ?? right.scaledScores)(split(q, nHead), split(k, nHead));
      const seen = right.maskedSoftmax(scores, change.useMask === false ? undefined : mask);
      const weights = change.weights?.(seen) ?? seen;
      const output = tf.matMul(weights, split(change.values?.(k, v) ?? v, nHead));
      const merge =
        change.merge ?? ((x, like) => tf.reshape(tf.transpose(x, [0, 2, 1, 3]), like.shape));
      return { output: merge(output, q), weights };
    });

export const mutants: Mutants<typeof import("../../solutions/06-attention")> = {
  attentionByLoops: [
    {
      name: "averages the keys",
      told: /average of the keys/,
      answer: (q: number[][], k: number[][]) => {
        const weights = q.map((query) => softmax(k.map((key) => dot(query, key))));
        return { weights, output: average(weights, k) };
      },
    },
    {
      name: "softmax down the columns",
      told: /columns/,
      answer: (q: number[][], k: number[][], v: number[][]) => {
        const scores = q.map((query) => k.map((key) => dot(query, key)));
        const weights = flip(flip(scores).map(softmax));
        return { weights, output: average(weights, v) };
      },
    },
    {
      name: "divides by the sum of the scores",
      told: /divided by their sum/,
      answer: (q: number[][], k: number[][], v: number[][]) => {
        const weights = q.map((query) => {
          const scores = k.map((key) => dot(query, key));
          const total = scores.reduce((a, b) => a + b, 0) || 1;
          return scores.map((s) => s / total);
        });
        return { weights, output: average(weights, v) };
      },
    },
    {
      name: "already scaled",
      told: /not scaled yet/,
      answer: (q: number[][], k: number[][], v: number[][]) => {
        const weights = q.map((query) =>
          softmax(k.map((key) => dot(query, key) / Math.sqrt(query.length))),
        );
        return { weights, output: average(weights, v) };
      },
    },
    {
      name: "cosines in place of dot products",
      told: /makes them cosines/,
      answer: (q: number[][], k: number[][], v: number[][]) => {
        const length = (row: number[]) => Math.hypot(...row) || 1;
        const weights = q.map((query) =>
          softmax(k.map((key) => dot(query, key) / length(query) / length(key))),
        );
        return { weights, output: average(weights, v) };
      },
    },
    {
      name: "large scores overflow",
      told: /subtract the largest/i,
      answer: (q: number[][], k: number[][], v: number[][]) => {
        const weights = q.map((query) => {
          const exps = k.map((key) => Math.exp(dot(query, key)));
          const total = exps.reduce((a, b) => a + b, 0);
          return exps.map((e) => e / total);
        });
        return { weights, output: average(weights, v) };
      },
    },
    {
      name: "subtracts the largest score of all queries",
      told: /same\* query/,
      answer: (q: number[][], k: number[][], v: number[][]) => {
        const scores = q.map((query) => k.map((key) => dot(query, key)));
        const largest = Math.max(...scores.flat());
        const weights = scores.map((row) => {
          const exps = row.map((s) => Math.exp(s - largest));
          const total = exps.reduce((a, b) => a + b, 0);
          return exps.map((e) => e / total);
        });
        return { weights, output: average(weights, v) };
      },
    },
    {
      name: "looks for the largest score from 0 on",
      told: /same\* query/,
      answer: (q: number[][], k: number[][], v: number[][]) => {
        const weights = q.map((query) => {
          const scores = k.map((key) => dot(query, key));
          const largest = Math.max(0, ...scores);
          const exps = scores.map((s) => Math.exp(s - largest));
          const total = exps.reduce((a, b) => a + b, 0);
          return exps.map((e) => e / total);
        });
        return { weights, output: average(weights, v) };
      },
    },
    {
      name: "output as wide as a query",
      told: /as wide as a value/,
      answer: (q: number[][], k: number[][], v: number[][]) => {
        const weights = q.map((query) => softmax(k.map((key) => dot(query, key))));
        const output = weights.map((row) =>
          q[0].map((_, c) => row.reduce((sum, w, j) => sum + w * (v[j][c] ?? 0), 0)),
        );
        return { weights, output };
      },
    },
    {
      name: "sums the values without weights",
      told: /average of the values/,
      answer: (q: number[][], k: number[][], v: number[][]) => {
        const weights = q.map((query) => softmax(k.map((key) => dot(query, key))));
        return {
          weights,
          output: weights.map((row) =>
            v[0].map((_, c) => v.reduce((sum, x) => sum + x[c] / row.length, 0)),
          ),
        };
      },
    },
  ],
  scaledScores: [
    {
      name: "missing 1/√D",
      told: /not divided/,
      answer: (q: tf.Tensor, k: tf.Tensor) => tf.matMul(q, k, false, true),
    },
    {
      name: "divided by D",
      told: /square root/,
      answer: (q: tf.Tensor, k: tf.Tensor) =>
        tf.tidy(() => tf.div(tf.matMul(q, k, false, true), q.shape[q.rank - 1])),
    },
    {
      name: "divided by the root of the number of keys",
      told: /number of keys/,
      answer: (q: tf.Tensor, k: tf.Tensor) =>
        tf.tidy(() => tf.div(tf.matMul(q, k, false, true), Math.sqrt(k.shape[k.rank - 2]))),
    },
    {
      name: "keys not transposed",
      told: /transposed/,
      answer: (q: tf.Tensor, k: tf.Tensor) =>
        tf.tidy(() => tf.div(tf.matMul(q, k), Math.sqrt(q.shape[q.rank - 1]))),
    },
    {
      name: "a row for each key",
      told: /one row for each query/,
      answer: (q: tf.Tensor, k: tf.Tensor) => right.scaledScores(k, q),
    },
    {
      name: "multiplied by √D",
      told: /divide by it/,
      answer: (q: tf.Tensor, k: tf.Tensor) =>
        tf.tidy(() => tf.mul(tf.matMul(q, k, false, true), Math.sqrt(q.shape[q.rank - 1]))),
    },
    {
      name: "all axes transposed",
      told: /only the last two/,
      answer: (q: tf.Tensor, k: tf.Tensor) =>
        tf.tidy(() => tf.div(tf.matMul(q, tf.transpose(k)), Math.sqrt(q.shape[q.rank - 1]))),
    },
    {
      name: "leaves the unscaled scores behind",
      told: /tidy/,
      answer: (q: tf.Tensor, k: tf.Tensor) =>
        tf.div(tf.matMul(q, k, false, true), Math.sqrt(q.shape[q.rank - 1])),
    },
  ],
  causalMask: [
    {
      name: "upper triangle",
      told: /right way up/,
      answer: (T: number) =>
        tf.tidy(
          () =>
            tf.greaterEqual(
              tf.range(0, T).expandDims(0),
              tf.range(0, T).expandDims(1),
            ) as tf.Tensor2D,
        ),
    },
    {
      name: "may not look at itself",
      told: /itself/,
      answer: (T: number) =>
        tf.tidy(
          () => tf.less(tf.range(0, T).expandDims(0), tf.range(0, T).expandDims(1)) as tf.Tensor2D,
        ),
    },
    {
      name: "no triangle at all",
      told: /still attends to key/,
      answer: (T: number) => tf.ones([T, T], "bool"),
    },
    {
      name: "one row too short",
      told: /still attends to key/,
      answer: (T: number) =>
        tf.tidy(
          () =>
            tf.lessEqual(
              tf.range(0, T).expandDims(0),
              tf.range(1, T + 1).expandDims(1),
            ) as tf.Tensor2D,
        ),
    },
    {
      name: "remembers the masks it has made",
      told: /the same tensor as the first|earlier call|freed the result of the first call/,
      answer: (T: number) => keep(`causal ${T}`, () => right.causalMask(T)) as tf.Tensor2D,
    },
    {
      name: "zeros and minus infinities",
      told: /true and false/,
      answer: (T: number) =>
        tf.tidy(() => tf.where(right.causalMask(T), 0, Number.NEGATIVE_INFINITY) as tf.Tensor2D),
    },
    {
      name: "only the last sixteen positions",
      answer: (T: number) =>
        tf.tidy(
          () =>
            tf.cast(tf.linalg.bandPart(tf.ones([T, T]), Math.min(T, 16), 0), "bool") as tf.Tensor2D,
        ),
    },
    {
      name: "only itself",
      told: /everything before it/,
      answer: (T: number) => tf.tidy(() => tf.cast(tf.eye(T), "bool") as tf.Tensor2D),
    },
  ],
  maskedSoftmax: [
    {
      name: "mask after the softmax",
      told: /after the softmax/,
      answer: (scores: tf.Tensor, mask?: tf.Tensor) =>
        tf.tidy(() => tf.mul(tf.softmax(scores), mask ? tf.cast(mask, "float32") : 1)),
    },
    {
      name: "forbidden scores set to 0",
      told: /score of 0 is not a weight of 0/,
      answer: (scores: tf.Tensor, mask?: tf.Tensor) =>
        tf.tidy(() => tf.softmax(mask ? tf.mul(scores, tf.cast(mask, "float32")) : scores)),
    },
    {
      name: "hides what may be seen",
      told: /other way round/,
      answer: (scores: tf.Tensor, mask?: tf.Tensor) =>
        right.maskedSoftmax(scores, mask && tf.logicalNot(mask)),
    },
    {
      name: "one maximum for all rows",
      told: /rows that are far apart/,
      answer: (scores: tf.Tensor, mask?: tf.Tensor) =>
        tf.tidy(() => {
          const shown = mask ? tf.where(mask, scores, -1e9) : scores;
          const exps = tf.exp(tf.sub(shown, tf.max(shown)));
          const seen = mask ? tf.mul(exps, tf.cast(mask, "float32")) : exps;
          return tf.div(seen, tf.add(tf.sum(seen, -1, true), 1e-30));
        }),
    },
    {
      name: "the mask of the first call of a shape for all later ones",
      told: /remembers something from an earlier call/,
      answer: (scores: tf.Tensor, mask?: tf.Tensor) =>
        right.maskedSoftmax(
          scores,
          mask && keep(`softmax ${mask.shape} ${scores.shape}`, () => tf.clone(mask)),
        ),
    },
    {
      name: "softmax down the columns",
      told: /columns/,
      answer: (scores: tf.Tensor, mask?: tf.Tensor) =>
        tf.tidy(() => {
          const masked = mask ? tf.where(mask, scores, -1e9) : scores;
          const exps = tf.exp(tf.sub(masked, tf.max(masked, -2, true)));
          return tf.div(exps, tf.sum(exps, -2, true));
        }),
    },
    {
      name: "NaN where nothing may be seen",
      told: /no key at all/,
      answer: (scores: tf.Tensor, mask?: tf.Tensor) =>
        tf.tidy(() => {
          const masked = mask ? tf.where(mask, scores, Number.NEGATIVE_INFINITY) : scores;
          const exps = tf.exp(tf.sub(masked, tf.max(masked, -1, true)));
          return tf.div(exps, tf.sum(exps, -1, true));
        }),
    },
    {
      name: "uniform where nothing may be seen",
      told: /no key at all/,
      answer: (scores: tf.Tensor, mask?: tf.Tensor) =>
        tf.tidy(() => tf.softmax(mask ? tf.where(mask, scores, -1e9) : scores)),
    },
    {
      name: "NaN replaced afterwards",
      told: /repaired in the result.*comes back in the gradient/,
      answer: (scores: tf.Tensor, mask?: tf.Tensor) =>
        tf.tidy(() => {
          const weights = tf.softmax(
            mask ? tf.where(mask, scores, Number.NEGATIVE_INFINITY) : scores,
          );
          return tf.where(tf.isNaN(weights), tf.zerosLike(weights), weights);
        }),
    },
    {
      name: "minus infinity is only minus a hundred",
      answer: (scores: tf.Tensor, mask?: tf.Tensor) =>
        tf.tidy(() =>
          mask ? tf.mul(tf.softmax(tf.where(mask, scores, -100)), mask) : tf.softmax(scores),
        ),
    },
    {
      name: "set to zero after the softmax, and divided by what is left",
      told: /Hide the scores before the softmax/,
      answer: (scores: tf.Tensor, mask?: tf.Tensor) =>
        tf.tidy(() => {
          const weights = tf.softmax(scores);
          if (!mask) return weights;
          const seen = tf.mul(weights, tf.cast(mask, "float32"));
          return tf.div(seen, tf.sum(seen, -1, true));
        }),
    },
    {
      name: "a hidden score is taken for the largest",
      told: /taken for the largest/,
      answer: (scores: tf.Tensor, mask?: tf.Tensor) =>
        tf.tidy(() => {
          const exps = tf.exp(tf.sub(scores, tf.max(scores, -1, true)));
          const seen = mask ? tf.mul(exps, mask) : exps;
          return tf.divNoNan(seen, tf.sum(seen, -1, true));
        }),
    },
    {
      name: "the mask is taken for granted",
      told: /may be left out/,
      answer: (scores: tf.Tensor, mask?: tf.Tensor) =>
        tf.tidy(() =>
          tf.mul(tf.softmax(tf.where(mask as tf.Tensor, scores, -1e9)), mask as tf.Tensor),
        ),
    },
    {
      name: "minus infinity is only minus ten",
      told: /not negative enough/,
      answer: (scores: tf.Tensor, mask?: tf.Tensor) =>
        tf.tidy(() => tf.softmax(mask ? tf.where(mask, scores, -10) : scores)),
    },
  ],
  splitHeads: [
    {
      name: "reshape only",
      told: /transpose/,
      answer: (x: tf.Tensor, nHead: number) => {
        const [B, T, C] = x.shape;
        return tf.reshape(x, [B, nHead, T, C / nHead]) as tf.Tensor4D;
      },
    },
    {
      name: "head axis stays behind the positions",
      told: /in front of T/,
      answer: (x: tf.Tensor, nHead: number) => {
        const [B, T, C] = x.shape;
        return tf.reshape(x, [B, T, nHead, C / nHead]) as tf.Tensor4D;
      },
    },
    {
      name: "every nHead-th channel",
      told: /next to each other/,
      answer: (x: tf.Tensor, nHead: number) =>
        tf.tidy(() => {
          const [B, T, C] = x.shape;
          return tf.transpose(tf.reshape(x, [B, T, C / nHead, nHead]), [0, 3, 1, 2]) as tf.Tensor4D;
        }),
    },
    {
      name: "width and number of heads exchanged",
      told: /number of heads/,
      answer: (x: tf.Tensor, nHead: number) => right.splitHeads(x, (x.shape[2] as number) / nHead),
    },
  ],
  multiHead: [
    {
      name: "a query that may see nothing shares its weight among all keys, and should have none",
      answer: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, { nHead, mask }: Options) =>
        tf.tidy(() => {
          const [Q, K, V] = [q, k, v].map((x) => right.splitHeads(x, nHead));
          const scores = right.scaledScores(Q, K);
          const weights = tf.softmax(mask ? tf.where(mask, scores, -1e9) : scores);
          const output = tf.transpose(tf.matMul(weights, V), [0, 2, 1, 3]).reshape(q.shape);
          return { output, weights };
        }),
    },
    {
      name: "the channels are dealt out to the heads in turn; a head takes those next to each other",
      answer: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, { nHead, mask }: Options) =>
        tf.tidy(() => {
          const deal = (x: tf.Tensor) => {
            const [B, T, C] = x.shape;
            return tf.transpose(x.reshape([B, T, C / nHead, nHead]), [0, 3, 1, 2]);
          };
          const weights = right.maskedSoftmax(right.scaledScores(deal(q), deal(k)), mask);
          const output = tf.transpose(tf.matMul(weights, deal(v)), [0, 2, 3, 1]).reshape(q.shape);
          return { output, weights };
        }),
    },
    {
      name: "keys and values exchanged",
      told: /compared with the values/,
      answer: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, options: Options) =>
        right.multiHead(q, v, k, options),
    },
    {
      name: "always causal",
      told: /No mask was given/,
      answer: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, { nHead, mask }: Options) =>
        tf.tidy(() =>
          right.multiHead(q, k, v, { nHead, mask: mask ?? right.causalMask(q.shape[1] as number) }),
        ),
    },
    {
      name: "the mask made (T, S), whatever it is",
      told: /a mask \(B, 1, T, S\)/,
      answer: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, { nHead, mask }: Options) =>
        tf.tidy(() => {
          const flat = mask?.reshape([q.shape[1]!, k.shape[1]!]);
          return right.multiHead(q, k, v, { nHead, mask: flat });
        }),
    },
    {
      name: "the first sentence's mask for all",
      told: /a mask \(B, 1, T, S\)/,
      answer: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, { nHead, mask }: Options) =>
        tf.tidy(() => {
          const first = mask && mask.rank === 4 ? tf.slice(mask, 0, 1) : mask;
          return right.multiHead(q, k, v, { nHead, mask: first });
        }),
    },
    {
      name: "the first head's mask for all",
      told: /a mask \(1, H, T, S\)/,
      answer: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, { nHead, mask }: Options) =>
        tf.tidy(() => {
          const first = mask && mask.rank === 4 ? tf.slice(mask, [0, 0], [-1, 1]) : mask;
          return right.multiHead(q, k, v, { nHead, mask: first });
        }),
    },
    {
      name: "the mask of the first call of a shape for all later ones",
      told: /remembers something from an earlier call/,
      answer: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, { nHead, mask }: Options) =>
        right.multiHead(q, k, v, {
          nHead,
          mask: mask && keep(`heads ${mask.shape} ${q.shape}`, () => tf.clone(mask)),
        }),
    },
    {
      name: "keys used as values",
      told: /average of the keys/,
      answer: heads({ values: (k) => k }),
    },
    {
      name: "missing 1/√D",
      told: /not divided by/,
      answer: heads({ scores: (q, k) => tf.matMul(q, k, false, true) }),
    },
    {
      name: "divided by √C",
      told: /√C/,
      answer: heads({
        scores: (q, k) =>
          tf.div(tf.matMul(q, k, false, true), Math.sqrt(q.shape[1]! * q.shape[3]!)),
      }),
    },
    {
      name: "merge without transposing back",
      told: /transposed back/,
      answer: heads({ merge: (x, q) => tf.reshape(x, q.shape) }),
    },
    {
      name: "split without a transpose",
      told: /splitHeads/,
      answer: heads({
        split: (x, nHead) =>
          tf.reshape(x, [x.shape[0], nHead, x.shape[1]!, x.shape[2]! / nHead]) as tf.Tensor4D,
      }),
    },
    { name: "mask forgotten", told: /still attends to key/, answer: heads({ useMask: false }) },
    {
      name: "heads averaged into one",
      told: /its own weights/,
      answer: heads({ weights: (w) => tf.add(tf.zerosLike(w), tf.mean(w, 1, true)) }),
    },
    {
      name: "length taken from the keys",
      told: /as many positions as there are queries/,
      answer: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, o: Options) =>
        heads({ merge: (x) => tf.reshape(tf.transpose(x, [0, 2, 1, 3]), k.shape) })(q, k, v, o),
    },
  ],
};
