// Plausible wrong answers of lesson 17 (light fine-tuning), each with the sentence it must be told.
import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";
import * as right from "../../solutions/17-light-fine-tuning";

type Matrix = tf.Tensor2D;

/** Attention to a prefix with one part exchanged. */
const attention =
  (change: {
    seen?: (T: number, P: number) => tf.Tensor;
    scale?: (D: number) => number;
    values?: (prefix: Matrix, v: Matrix) => Matrix;
  }) =>
  (q: Matrix, k: Matrix, v: Matrix, prefixKeys: Matrix, prefixValues: Matrix): Matrix =>
    tf.tidy(() => {
      const [[T, D], P] = [q.shape, prefixKeys.shape[0]];
      const keys = tf.concat([prefixKeys, k], 0);
      const scores = tf.mul(
        tf.matMul(q, keys, false, true),
        (change.scale ?? ((D) => D ** -0.5))(D),
      );
      const triangle = tf.linalg.bandPart(tf.ones([T, T]), -1, 0) as Matrix;
      const seen = change.seen?.(T, P) ?? tf.concat([tf.ones([T, P]) as Matrix, triangle], 1);
      const weights = tf.softmax(tf.add(scores, tf.mul(tf.sub(1, seen), -1e9))) as Matrix;
      return tf.matMul(
        weights,
        change.values?.(prefixValues, v) ?? tf.concat([prefixValues, v], 0),
      );
    });

/** Two softmaxes, one over the prefix and one over the tokens. */
const twoSoftmaxes = (q: Matrix, k: Matrix, v: Matrix, pk: Matrix, pv: Matrix): Matrix =>
  tf.tidy(() => {
    const D = q.shape[1];
    const none = tf.zeros([0, D]) as Matrix;
    const own = right.prefixAttention(q, k, v, none, none);
    const before = tf.softmax(tf.div(tf.matMul(q, pk, false, true), Math.sqrt(D))) as Matrix;
    return tf.add(own, tf.matMul(before, pv));
  });

/** One softmax over both, with the weights made from scores and a mask of ones. */
const maskedBy =
  (weights: (scores: Matrix, seen: Matrix) => tf.Tensor) =>
  (q: Matrix, k: Matrix, v: Matrix, pk: Matrix, pv: Matrix): Matrix =>
    tf.tidy(() => {
      const [[T, D], P] = [q.shape, pk.shape[0]];
      const scores = tf.matMul(q, tf.concat([pk, k], 0), false, true);
      const seen = tf.linalg.bandPart(tf.ones([T, P + T]), -1, P) as Matrix;
      const own = weights(tf.div(scores, Math.sqrt(D)), seen) as Matrix;
      return tf.matMul(own, tf.concat([pv, v], 0));
    });

export const mutants: Mutants<typeof import("../../solutions/17-light-fine-tuning")> = {
  loraLinear: [
    {
      name: "not divided by r",
      told: /α \/ r/,
      answer: (x, W, A, B, alpha) => right.loraLinear(x, W, A, B, alpha * A.shape[0]),
    },
    {
      name: "the frozen path is scaled too",
      told: /frozen path/,
      answer: (x, W, A, B, alpha) =>
        tf.tidy(() =>
          tf.mul(right.loraLinear(x, W, A, B, A.shape[0]), alpha / A.shape[0]),
        ) as Matrix,
    },
    {
      name: "the LoRA in place of the layer",
      told: /x Wᵀ is missing/,
      answer: (x, W, A, B, alpha) => right.loraLinear(x, tf.zerosLike(W), A, B, alpha),
    },
    {
      name: "divided by the rank's root",
      told: /√r/,
      answer: (x, W, A, B, alpha) => right.loraLinear(x, W, A, B, alpha * Math.sqrt(A.shape[0])),
    },
    {
      name: "divided by the width of the output",
      told: /width of the output/,
      answer: (x, W, A, B, alpha) =>
        right.loraLinear(x, W, A, B, (alpha * A.shape[0]) / B.shape[0]),
    },
    {
      name: "the product B A is made",
      told: /as large as W/,
      answer: (x, W, A, B, alpha) =>
        tf.tidy(() => tf.matMul(x, right.mergedWeight(W, A, B, alpha, 1), false, true)),
    },
  ],
  trainedNumbers: [
    {
      name: "r left out",
      told: /r is missing/,
      answer: (shapes, targets) =>
        Object.entries(shapes)
          .filter(([name]) => targets.includes(name.split(".").at(-1)!))
          .reduce((sum, [, [out, width]]) => sum + out + width, 0),
    },
    {
      name: "both matrices as wide as the input",
      told: /2 · r · in/,
      answer: (shapes, targets, r) =>
        Object.entries(shapes)
          .filter(([name]) => targets.includes(name.split(".").at(-1)!))
          .reduce((sum, [, [, width]]) => sum + 2 * r * width, 0),
    },
    {
      name: "a target that is named twice counts twice",
      told: /named twice/,
      answer: (shapes, targets, r) =>
        targets
          .flatMap((target) =>
            Object.entries(shapes).filter(([name]) => name.split(".").at(-1) === target),
          )
          .reduce((sum, [, [out, width]]) => sum + r * (out + width), 0),
    },
    {
      name: "the last part only has to begin so",
      told: /inside another name/,
      answer: (shapes, targets, r) =>
        Object.entries(shapes)
          .filter(([name]) => targets.some((t) => name.split(".").at(-1)!.startsWith(t)))
          .reduce((sum, [, [out, width]]) => sum + r * (out + width), 0),
    },
    {
      name: "counts the product",
      told: /out · in/,
      answer: (shapes, targets, r) =>
        Object.entries(shapes)
          .filter(([name]) => targets.includes(name.split(".").at(-1)!))
          .reduce((sum, [, [out, width]]) => sum + r * out * width, 0),
    },
    {
      name: "A alone",
      told: /B is missing/,
      answer: (shapes, targets, r) =>
        Object.entries(shapes)
          .filter(([name]) => targets.includes(name.split(".").at(-1)!))
          .reduce((sum, [, [, width]]) => sum + r * width, 0),
    },
    {
      name: "any part of the name",
      told: /last part/,
      answer: (shapes, targets, r) =>
        Object.entries(shapes)
          .filter(([name]) => targets.some((target) => name.includes(target)))
          .reduce((sum, [, [out, width]]) => sum + r * (out + width), 0),
    },
  ],
  mergedWeight: [
    {
      name: "not scaled",
      told: /α \/ r is missing/,
      answer: (W, A, B, _alpha, sign) => right.mergedWeight(W, A, B, A.shape[0], sign),
    },
    {
      name: "only what is added",
      told: /W itself is missing/,
      answer: (W, A, B, alpha, sign) => right.mergedWeight(tf.zerosLike(W), A, B, alpha, sign),
    },
    {
      name: "the sign is not used",
      told: /taken out/,
      answer: (W, A, B, alpha) => right.mergedWeight(W, A, B, alpha, 1),
    },
    {
      name: "taken out without the scale",
      told: /With sign −1, α \/ r is missing/,
      answer: (W, A, B, alpha, sign) =>
        right.mergedWeight(W, A, B, sign === 1 ? alpha : A.shape[0], sign),
    },
    {
      name: "the sign on everything",
      told: /sign belongs to the LoRA alone/,
      answer: (W, A, B, alpha, sign) =>
        tf.tidy(() => tf.mul(right.mergedWeight(W, A, B, alpha, 1), sign)) as Matrix,
    },
  ],
  prefixAttention: [
    {
      name: "the triangle upside down",
      told: /upside down/,
      answer: attention({
        seen: (T, P) =>
          tf.concat(
            [tf.ones([T, P]) as Matrix, tf.linalg.bandPart(tf.ones([T, T]), 0, -1) as Matrix],
            1,
          ),
      }),
    },
    {
      name: "keys with the prefix first, a mask with the prefix last",
      told: /columns of the prefix last/,
      answer: attention({
        seen: (T, P) =>
          tf.concat(
            [tf.linalg.bandPart(tf.ones([T, T]), -1, 0) as Matrix, tf.ones([T, P]) as Matrix],
            1,
          ),
      }),
    },
    {
      name: "divided by the root of the number of keys",
      told: /√\(P \+ T\)/,
      answer: (q, k, v, pk, pv) =>
        tf.tidy(() => {
          const scale = Math.sqrt(q.shape[1] / (pk.shape[0] + k.shape[0]));
          return right.prefixAttention(tf.mul(q, scale), k, v, pk, pv);
        }),
    },
    {
      name: "a mask of zeros and ones is added",
      told: /zeros and ones was added/,
      answer: maskedBy((scores, seen) => tf.softmax(tf.add(scores, seen))),
    },
    {
      name: "the scores times the mask",
      told: /multiplied by the mask/,
      answer: maskedBy((scores, seen) => tf.softmax(tf.mul(scores, seen))),
    },
    {
      name: "the mask after the softmax",
      told: /after the softmax/,
      answer: maskedBy((scores, seen) => tf.mul(tf.softmax(scores), seen)),
    },
    {
      name: "one triangle over everything",
      told: /sees only prefix keys/,
      answer: attention({
        seen: (T, P) => tf.linalg.bandPart(tf.ones([T, P + T]), -1, 0),
      }),
    },
    {
      name: "the prefix is hidden",
      told: /nobody sees the prefix/,
      answer: attention({
        seen: (T, P) =>
          tf.concat(
            [tf.zeros([T, P]) as Matrix, tf.linalg.bandPart(tf.ones([T, T]), -1, 0) as Matrix],
            1,
          ),
      }),
    },
    {
      name: "no causal rule",
      told: /later tokens/,
      answer: attention({ seen: (T, P) => tf.ones([T, P + T]) }),
    },
    { name: "two softmaxes", told: /share the weight of 1/, answer: twoSoftmaxes },
    {
      name: "scores not scaled",
      told: /√D/,
      answer: attention({ scale: () => 1 }),
    },
  ],
  taskArithmetic: [
    {
      name: "one weight for all",
      told: /first weight/,
      answer: (base, tuned, weights) =>
        right.taskArithmetic(
          base,
          tuned,
          weights.map(() => weights[0]),
        ),
    },
    {
      name: "the weight on the base alone",
      told: /base alone/,
      answer: (base, tuned, weights) =>
        tf.tidy(() =>
          tuned.reduce<tf.Tensor>(
            (sum, t, i) => tf.add(sum, tf.sub(t, tf.mul(base, weights[i]))),
            tf.clone(base),
          ),
        ),
    },
    {
      name: "stops where there is no fine-tuning",
      told: /exactly where `(tuned|weights)` is empty/,
      answer: (base, tuned, weights) =>
        tf.tidy(() =>
          tf.add(
            base,
            tuned.map((t, i) => tf.mul(tf.sub(t, base), weights[i])).reduce((a, b) => tf.add(a, b)),
          ),
        ),
    },
    {
      name: "adds models in place of changes",
      told: /the base is not subtracted/,
      answer: (base, tuned, weights) =>
        tf.tidy(() =>
          tuned.reduce((sum, t, i) => tf.add(sum, tf.mul(t, weights[i])), tf.clone(base)),
        ),
    },
    {
      name: "the mean of the models",
      told: /weighted mean/,
      answer: (_base, tuned, weights) =>
        tf.tidy(() =>
          tuned.reduce<tf.Tensor>(
            (sum, t, i) => tf.add(sum, tf.mul(t, weights[i])),
            tf.zerosLike(_base),
          ),
        ),
    },
    {
      name: "one after the other",
      told: /begun at the base/,
      answer: (base, tuned, weights) =>
        tf.tidy(() =>
          tuned.reduce(
            (sum, t, i) => tf.add(sum, tf.mul(tf.sub(t, sum), weights[i])),
            tf.clone(base),
          ),
        ),
    },
  ],
};
