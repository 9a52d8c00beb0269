/** Plausible wrong answers to lesson 08 (the Transformer), and the sentence each must be told. */

import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";
import { linear } from "llm/ops";
import * as right from "../../solutions/08-transformer";

type Special = { begin: number; end: number; pad: number };
type Beams = { ids: number[]; logProbability: number }[];
type Network = { gate: tf.Tensor; up: tf.Tensor; down: tf.Tensor };

/** layerNorm with one part exchanged. */
const norm =
  (
    change: (parts: { x: tf.Tensor; mean: tf.Tensor; variance: tf.Tensor }) => tf.Tensor,
    axis = -1,
  ) =>
  (x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor) =>
    tf.tidy(() => {
      const mean = tf.mean(x, axis, true);
      const variance = tf.mean(tf.square(tf.sub(x, mean)), axis, true);
      return tf.add(tf.mul(change({ x, mean, variance }), gain), bias);
    });
/** swigluNetwork with another middle. */
const network =
  (middle: (g: tf.Tensor, u: tf.Tensor) => tf.Tensor) =>
  (x: tf.Tensor, { gate, up, down }: Network) =>
    tf.tidy(() => {
      const times = (h: tf.Tensor, w: tf.Tensor) => linear(h, w as tf.Tensor2D);
      return times(middle(times(x, gate), times(x, up)), down);
    });
const silu = (z: tf.Tensor) => tf.mul(z, tf.sigmoid(z));
/** All extensions of the beams that have not ended. */
const extensions = (beams: Beams, rows: number[][]) =>
  beams.map(({ ids, logProbability }, b) =>
    rows[b].map((ln, t) => ({ ids: [...ids, t], logProbability: logProbability + ln })),
  );
const best = (beams: Beams, width: number) =>
  [...beams].sort((x, y) => y.logProbability - x.logProbability).slice(0, width);

export const mutants: Mutants<typeof right> = {
  layerNorm: [
    {
      name: "over the batch",
      told: /batch normalisation/,
      answer: norm(
        ({ x, mean, variance }) => tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))),
        0,
      ),
    },
    {
      name: "divides by the variance",
      told: /square root/,
      answer: norm(({ x, mean, variance }) => tf.div(tf.sub(x, mean), tf.add(variance, 1e-5))),
    },
    {
      name: "without the mean",
      told: /RMSNorm/,
      answer: norm(({ x }) => tf.div(x, tf.sqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5)))),
    },
    {
      name: "ε outside the root",
      told: /under the root/,
      answer: norm(({ x, mean, variance }) =>
        tf.div(tf.sub(x, mean), tf.add(tf.sqrt(variance), 1e-5)),
      ),
    },
    {
      name: "variance by C − 1",
      told: /divided by C − 1/,
      answer: norm(({ x, mean, variance }) => {
        const C = x.shape[x.rank - 1];
        return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(tf.mul(variance, C / (C - 1)), 1e-5)));
      }),
    },
  ],
  swigluNetwork: [
    {
      name: "sigmoid instead of silu",
      told: /GLU, without Swi/,
      answer: network((g, u) => tf.mul(tf.sigmoid(g), u)),
    },
    {
      name: "gate and up exchanged",
      told: /exchanged/,
      answer: network((g, u) => tf.mul(g, silu(u))),
    },
    {
      name: "adds the two halves",
      told: /were added/,
      answer: network((g, u) => tf.add(silu(g), u)),
    },
    {
      name: "silu of the product",
      told: /of the product/,
      answer: network((g, u) => silu(tf.mul(g, u))),
    },
  ],
  paddingMask: [
    {
      name: "true at padding",
      told: /other way round/,
      answer: (ids, padId) =>
        tf.tidy(() => tf.reshape(tf.equal(ids, padId), [ids.shape[0], 1, 1, -1])),
    },
    {
      name: "no axes for heads and queries",
      told: /axes of length 1/,
      answer: (ids, padId) => tf.notEqual(ids, padId),
    },
    {
      name: "pad is always 0",
      told: /Compare with padId/,
      answer: (ids) => tf.tidy(() => tf.reshape(tf.notEqual(ids, 0), [ids.shape[0], 1, 1, -1])),
    },
  ],
  crossAttention: [
    {
      name: "keys from the decoder",
      told: /self-attention/,
      answer: (x, context, { weights, nHead }) =>
        right.crossAttention(x, context && x, { weights, nHead }),
    },
    {
      name: "queries from the encoder",
      told: /decoder that asks/,
      answer: (_x, context, options) => right.crossAttention(context, context, options),
    },
    {
      name: "mask forgotten",
      told: /looks at padding/,
      answer: (x, context, { weights, nHead }) =>
        right.crossAttention(x, context, { weights, nHead }),
    },
    {
      name: "no output projection",
      told: /last projection is missing/,
      answer: (x, context, { weights, nHead, mask }) =>
        tf.tidy(() => {
          const C = x.shape[x.rank - 1];
          return right.crossAttention(x, context, {
            weights: { ...weights, o: tf.eye(C) },
            nHead,
            mask,
          });
        }),
    },
    {
      name: "values are the keys",
      told: /context · k/,
      answer: (x, context, { weights, nHead, mask }) =>
        right.crossAttention(x, context, { weights: { ...weights, v: weights.k }, nHead, mask }),
    },
  ],
  teacherForcing: [
    {
      name: "not shifted",
      told: /would see the answer/,
      answer: (targets: number[][], special: Special) => {
        const { wanted, counts } = right.teacherForcing(targets, special);
        return { given: wanted.map((row) => [...row]), wanted, counts };
      },
    },
    {
      name: "no end to predict",
      told: /never learn to stop/,
      answer: (targets: number[][], special: Special) => {
        const { given, wanted, counts } = right.teacherForcing(targets, special);
        const without = wanted.map((row) =>
          row.map((id) => (id === special.end ? special.pad : id)),
        );
        return { given, wanted: without, counts };
      },
    },
    {
      name: "padding counts",
      told: /Padding counts/,
      answer: (targets: number[][], special: Special) => {
        const { given, wanted, counts } = right.teacherForcing(targets, special);
        return { given, wanted, counts: counts.map((row) => row.map(() => 1)) };
      },
    },
    {
      name: "end stays in what is given",
      told: /still ends with the end token/,
      answer: (targets: number[][], special: Special) => {
        const { wanted, counts } = right.teacherForcing(targets, special);
        return { given: wanted.map((row) => [special.begin, ...row]), wanted, counts };
      },
    },
  ],
  beamStep: [
    {
      name: "each beam keeps its own best",
      told: /greedy decoding/,
      answer: (beams: Beams, rows: number[][], { width, end }) => {
        const own = beams.map((beam, b) =>
          beam.ids.at(-1) === end ? { ...beam } : best(extensions([beam], [rows[b]])[0], 1)[0],
        );
        return best(own, width);
      },
    },
    {
      name: "compares the last token alone",
      told: /Only the last token/,
      answer: (beams: Beams, rows: number[][], { width, end }) =>
        best(
          beams.flatMap((beam, b) =>
            beam.ids.at(-1) === end
              ? [beam]
              : rows[b].map((ln, t) => ({ ids: [...beam.ids, t], logProbability: ln })),
          ),
          width,
        ),
    },
    {
      name: "goes on after the end",
      told: /was extended/,
      answer: (beams: Beams, rows: number[][], { width }) =>
        best(extensions(beams, rows).flat(), width),
    },
    {
      name: "drops finished beams",
      told: /finished beam is gone/,
      answer: (beams: Beams, rows: number[][], { width, end }) =>
        best(
          extensions(beams, rows).flatMap((list, b) => (beams[b].ids.at(-1) === end ? [] : list)),
          width,
        ),
    },
  ],
};
