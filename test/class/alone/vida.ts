import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const weights: number[][] = [];
  const output: number[][] = [];
  for (let i = 0; i < queries.length; i++) {
    weights[i] = [];
    let sum = 0;
    for (let j = 0; j < keys.length; j++) {
      let score = 0;
      for (let d = 0; d < keys[j].length; d++) {
        score += queries[i][d] * keys[j][d];
      }
      weights[i][j] = Math.exp(score);
      sum += weights[i][j];
    }
    output[i] = [];
    for (let c = 0; c < values[0].length; c++) output[i][c] = 0;
    for (let j = 0; j < keys.length; j++) {
      weights[i][j] = weights[i][j] / sum;
      for (let c = 0; c < values[j].length; c++) {
        output[i][c] += weights[i][j] * values[j][c];
      }
    }
  }
  return { weights, output };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const D = q.shape[q.shape.length - 1];
    return tf.matMul(q, k, false, true).div(Math.sqrt(D));
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const a: number[] = [];
    for (let i = 0; i < T; i++) {
      for (let j = 0; j < T; j++) {
        if (j <= i) a.push(1);
        else a.push(0);
      }
    }
    return tf.tensor2d(a, [T, T], "bool");
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (mask) {
      const s = tf.where(mask, scores, -1e9);
      const w = tf.softmax(s);
      return tf.where(mask, w, 0);
    }
    return tf.softmax(scores);
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const B = x.shape[0];
    const T = x.shape[1]!;
    const D = x.shape[2]! / nHead;
    const r = x.reshape([B, T, nHead, D]);
    return tf.transpose(r, [0, 2, 1, 3]) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const a = splitHeads(q, nHead);
    const b = splitHeads(k, nHead);
    const c = splitHeads(v, nHead);
    const w = maskedSoftmax(scaledScores(a, b), mask);
    const heads = tf.matMul(w, c);
    const out = tf.transpose(heads, [0, 2, 1, 3]).reshape(q.shape);
    return { output: out, weights: w };
  });
}
