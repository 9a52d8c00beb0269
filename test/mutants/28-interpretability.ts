/** Plausible wrong answers to lesson 28 (interpretability), and the sentence that each must be told. */

import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";
import * as right from "../../solutions/28-interpretability";

/** The mean weight at one distance, over the queries from `from` on. */
const lookingBack = (pattern: tf.Tensor4D, back: number, from: number) =>
  tf.tidy(() => {
    const T = pattern.shape[3];
    const queries = tf.slice(pattern, [0, 0, from, 0], [-1, -1, -1, -1]);
    const keys = tf.range(from - back, T - back, 1, "int32");
    return tf.mean(tf.sum(tf.mul(queries, tf.oneHot(keys, T)), -1), [0, 2]) as tf.Tensor1D;
  });

/** One part of z replaced. */
const cut = (z: tf.Tensor4D, mask: tf.Tensor, other: tf.Tensor) =>
  tf.add(tf.mul(z, tf.sub(1, mask)), tf.mul(other, mask)) as tf.Tensor4D;
const only = (n: number, at: number, shape: number[]) =>
  tf.reshape(tf.tensor1d(Array.from({ length: n }, (_, i) => (i === at ? 1 : 0))), shape);
const headMask = (z: tf.Tensor4D, head: number) => only(z.shape[1], head, [1, -1, 1, 1]);

export const mutants: Mutants<typeof import("../../solutions/28-interpretability")> = {
  inductionScore: [
    {
      name: "the token itself, not what came after",
      told: /what came after it/,
      answer: (pattern, period) => lookingBack(pattern, period, period),
    },
    {
      name: "the first time round counted too",
      told: /still the first time round/,
      answer: (pattern, period) => lookingBack(pattern, period - 1, period - 1),
    },
    {
      name: "the last query left out",
      told: /The last query/,
      answer: (pattern, period) =>
        tf.tidy(() => {
          const T = pattern.shape[3];
          if (T - period < 2) return right.inductionScore(pattern, period);
          const most = tf.slice(pattern, [0, 0, 0, 0], [-1, -1, T - 1, T - 1]) as tf.Tensor4D;
          return right.inductionScore(most, period);
        }),
    },
    {
      name: "queries and keys exchanged",
      told: /Rows and columns are exchanged/,
      answer: (pattern, period) =>
        tf.tidy(() =>
          lookingBack(tf.transpose(pattern, [0, 1, 3, 2]) as tf.Tensor4D, period - 1, period),
        ),
    },
  ],
  ablateHead: [
    {
      name: "cuts a place",
      told: /heads are axis 1/,
      answer: (z, head, instead) =>
        tf.tidy(() => {
          const other = instead === "mean" ? tf.mean(z, [0, 2], true) : tf.scalar(0);
          return cut(z, only(z.shape[2], head, [1, 1, -1, 1]), other);
        }),
    },
    {
      name: "cuts all other heads",
      told: /wrong way round/,
      answer: (z, head, instead) =>
        tf.tidy(() => {
          const other = instead === "mean" ? tf.mean(z, [0, 2], true) : tf.scalar(0);
          return cut(z, tf.sub(1, headMask(z, head)), other);
        }),
    },
    {
      name: "one mean for all D numbers",
      told: /One number stands for all D/,
      answer: (z, head, instead) =>
        tf.tidy(() => {
          const own = tf.mean(z, [0, 2, 3], true);
          return cut(z, headMask(z, head), instead === "mean" ? own : tf.scalar(0));
        }),
    },
    {
      name: "a mean for each row",
      told: /tells rows apart/,
      answer: (z, head, instead) =>
        tf.tidy(() =>
          cut(z, headMask(z, head), instead === "mean" ? tf.mean(z, 2, true) : tf.scalar(0)),
        ),
    },
    {
      name: "the mean of all heads",
      told: /all heads together/,
      answer: (z, head, instead) =>
        tf.tidy(() =>
          cut(
            z,
            headMask(z, head),
            instead === "mean" ? tf.mean(z, [0, 1, 2], true) : tf.scalar(0),
          ),
        ),
    },
  ],
  logitLens: [
    {
      name: "without the norm",
      told: /The norm is missing/,
      answer: (stream, _gain, unembedding) =>
        tf.tidy(() => {
          const [B, T, C] = stream.shape;
          const rows = tf.reshape(stream, [B * T, C]) as tf.Tensor2D;
          return tf.reshape(tf.matMul(rows, unembedding, false, true), [B, T, -1]);
        }),
    },
    {
      name: "without the gain",
      told: /The gain of the norm is missing/,
      answer: (stream, gain, unembedding) =>
        tf.tidy(() => right.logitLens(stream, tf.onesLike(gain), unembedding)),
    },
    {
      name: "10⁻⁵ beside the root",
      told: /belongs under the root/,
      answer: (stream, gain, unembedding) =>
        tf.tidy(() => {
          const size = tf.add(tf.sqrt(tf.mean(tf.square(stream), -1, true)), 1e-5);
          const [B, T, C] = stream.shape;
          const rows = tf.reshape(tf.mul(tf.div(stream, size), gain), [B * T, C]) as tf.Tensor2D;
          return tf.reshape(tf.matMul(rows, unembedding, false, true), [B, T, -1]);
        }),
    },
    {
      name: "a layer norm",
      told: /An RMS norm only divides/,
      answer: (stream, gain, unembedding) =>
        tf.tidy(() => {
          const centred = tf.sub(stream, tf.mean(stream, -1, true)) as tf.Tensor3D;
          return right.logitLens(centred, gain, unembedding);
        }),
    },
  ],
  integratedGradients: [
    {
      name: "the trapezoid rule",
      told: /trapezoid/,
      answer: (gradients, x, baseline) =>
        tf.tidy(() => {
          const S = gradients.shape[0];
          if (S < 2) return right.integratedGradients(gradients, x, baseline);
          const weight = Array.from({ length: S }, (_, s) => (s % (S - 1) === 0 ? 0.5 : 1));
          const share = tf.tensor4d(
            weight.map((w) => (w * S) / (S - 1)),
            [S, 1, 1, 1],
          );
          return right.integratedGradients(tf.mul(gradients, share) as tf.Tensor4D, x, baseline);
        }),
    },
    {
      name: "x instead of x − x₀",
      told: /the way is x − x₀/,
      answer: (gradients, x, baseline) =>
        tf.tidy(() => right.integratedGradients(gradients, x, tf.zerosLike(baseline))),
    },
    {
      name: "only the gradient at the end",
      told: /Only the last gradient/,
      answer: (gradients, x, baseline) =>
        tf.tidy(() => {
          const last = tf.slice(gradients, [gradients.shape[0] - 1], [1]) as tf.Tensor4D;
          return right.integratedGradients(last, x, baseline);
        }),
    },
    {
      name: "gradients added",
      told: /added, not averaged/,
      answer: (gradients, x, baseline) =>
        tf.tidy(() => tf.sum(tf.mul(tf.sub(x, baseline), tf.sum(gradients, 0)), -1)) as tf.Tensor2D,
    },
    {
      name: "without signs",
      told: /The signs were lost/,
      answer: (gradients, x, baseline) =>
        tf.tidy(() =>
          tf.sum(tf.abs(tf.mul(tf.sub(x, baseline), tf.mean(gradients, 0))), -1),
        ) as tf.Tensor2D,
    },
  ],
  controlLabels: [
    {
      name: "a label for each example",
      told: /two labels/,
      answer: (words, labels, draws) => {
        const ones = labels.filter((label) => label === 1).length / labels.length;
        return words.map((_, i) => (draws[i % draws.length] < ones ? 1 : 0));
      },
    },
    {
      name: "equal chances",
      told: /share of ones/,
      answer: (words, _labels, draws) => {
        const types = [...new Set(words)];
        return words.map((word) => (draws[types.indexOf(word)] < 0.5 ? 1 : 0));
      },
    },
    {
      name: "words in the order of the alphabet",
      told: /The words were sorted/,
      answer: (words, labels, draws) => {
        const ones = labels.filter((label) => label === 1).length / labels.length;
        const types = [...new Set(words)].sort();
        return words.map((word) => (draws[types.indexOf(word)] < ones ? 1 : 0));
      },
    },
    {
      name: "a number that equals the share counts as below",
      told: /equals the share/,
      answer: (words, labels, draws) => {
        const ones = labels.filter((label) => label === 1).length / labels.length;
        const types = [...new Set(words)];
        return words.map((word) => (draws[types.indexOf(word)] <= ones ? 1 : 0));
      },
    },
    {
      name: "capitals ignored",
      told: /capitals or spaces/,
      answer: (words, labels, draws) =>
        right.controlLabels(
          words.map((word) => word.toLowerCase()),
          labels,
          draws,
        ),
    },
  ],
};
