import { tf } from "llm/engine";

/** Σ over an index from 0 to n − 1 */
function sigma(n: number, term: (i: number) => number): number {
  let s = 0;
  for (let i = 0; i < n; i++) s += term(i);
  return s;
}

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const D = queries[0].length;
  const S = keys.length;

  const weights = queries.map((query) => {
    const score = keys.map((key) => sigma(D, (d) => query[d] * key[d]));
    const most = Math.max(...score);
    const below = sigma(S, (m) => Math.exp(score[m] - most));
    return score.map((x) => Math.exp(x - most) / below);
  });

  const output = weights.map((weight) =>
    Array.from(values[0], (_, c) => sigma(S, (j) => weight[j] * values[j][c])),
  );

  return { weights, output };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const D = q.shape[q.rank - 1];
    return tf.matMul(q, k, false, true).div(tf.scalar(D).sqrt());
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const i = tf.range(0, T).as2D(T, 1);
    const j = tf.range(0, T).as2D(1, T);
    return i.greaterEqual(j);
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (!mask) return tf.softmax(scores);
    const m = tf.cast(mask, "float32");
    const shown = tf.where(mask, scores, -1e9);
    const exps = shown
      .sub(tf.max(shown, -1, true))
      .exp()
      .mul(m);
    const any = tf.any(mask, -1, true);
    const sums = tf.where(any, tf.sum(exps, -1, true), 1);
    return exps.div(sums);
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [B, T, C] = x.shape;
    return tf.reshape(x, [B, nHead, T, C / nHead]) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const scores = scaledScores(splitHeads(q, nHead), splitHeads(k, nHead));
    const weights = maskedSoftmax(scores, mask);
    const o = tf.matMul(weights, splitHeads(v, nHead));
    return { output: tf.reshape(o, q.shape), weights };
  });
}
