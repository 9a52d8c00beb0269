import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const output: number[][] = [];
  const weights: number[][] = [];

  queries.forEach((query, t) => {
    weights[t] = [];
    keys.forEach((key, s) => {
      weights[t][s] = 0;
      key.forEach((_, d) => {
        weights[t][s] += query[d] * key[d];
      });
    });

    // log-sum-exp, then every weight is exp(score - lse)
    const hi = Math.max(...weights[t]);
    const lse = hi + Math.log(weights[t].reduce((z, s) => z + Math.exp(s - hi), 0));
    weights[t] = weights[t].map((s) => Math.exp(s - lse));

    output[t] = values[0].map((_, c) => weights[t].reduce((o, w, s) => o + w * values[s][c], 0));
  });

  return { output, weights };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const n = k.rank;
    const D = k.shape[n - 1];
    const perm = Array.from({ length: n }, (_, a) => a);
    [perm[n - 2], perm[n - 1]] = [perm[n - 1], perm[n - 2]];
    return tf.matMul(q, k.transpose(perm)).div(Math.sqrt(D));
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => tf.linalg.bandPart(tf.ones([T, T]), -1, 0).toBool() as tf.Tensor2D);
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (!mask) {
      return scores.softmax();
    }
    const soft = tf.where(mask, scores, Number.NEGATIVE_INFINITY).softmax();
    // rows of only -Infinity come out as NaN
    return tf.where(tf.isNaN(soft), tf.zerosLike(soft), soft);
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [B, T, C] = x.shape;
    const D = C / nHead;
    const y: tf.Tensor4D = x.reshape([B, T, nHead, D]);
    return y.transpose([0, 2, 1, 3]);
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const Q = splitHeads(q, nHead);
    const K = splitHeads(k, nHead);
    const V = splitHeads(v, nHead);
    const A = maskedSoftmax(scaledScores(Q, K), mask);
    const [B, T, C] = q.shape;
    return {
      output: tf.matMul(A, V).transpose([0, 2, 1, 3]).reshape([B, T, C]),
      weights: A,
    };
  });
}
