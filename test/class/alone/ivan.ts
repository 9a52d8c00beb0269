import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const weights: number[][] = [],
    output: number[][] = [];
  let i = 0;
  while (i < queries.length) {
    let j = 0,
      max = -Infinity,
      z = 0;
    const w: number[] = [];
    const o: number[] = Array(values[0].length).fill(0);
    while (j < keys.length) {
      w[j] = queries[i].reduce((s, x, d) => s + x * keys[j][d], 0);
      max = Math.max(max, w[j++]);
    }
    j = 0;
    while (j < keys.length) z += w[j] = Math.exp(w[j++] - max);
    for (j = 0; j < keys.length; j++) {
      w[j] /= z;
      values[j].forEach((x, c) => (o[c] += w[j] * x));
    }
    weights[i] = w;
    output[i++] = o;
  }
  return { weights, output };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.matMul(q, k, false, true).div(Math.sqrt(q.shape[q.rank - 1])));
}

export function causalMask(T: number): tf.Tensor2D {
  const a = [...Array(T).keys()];
  return tf.tensor2d(
    a.map((i) => a.map((j) => j <= i)),
    [T, T],
    "bool",
  );
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() =>
    mask ? tf.where(mask, tf.where(mask, scores, -1e9).softmax(), 0) : scores.softmax(),
  );
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(
    () => x.reshape([x.shape[0], x.shape[1]!, nHead, -1]).transpose([0, 2, 1, 3]) as tf.Tensor4D,
  );
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const weights = maskedSoftmax(scaledScores(splitHeads(q, nHead), splitHeads(k, nHead)), mask);
    return {
      weights,
      output: weights.matMul(splitHeads(v, nHead)).transpose([0, 2, 1, 3]).reshape(q.shape),
    };
  });
}
