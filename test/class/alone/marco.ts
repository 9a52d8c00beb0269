import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const S = keys.length;
  const scores: number[][] = queries.map(() => []);
  for (let i = 0; i < queries.length; i++)
    for (let j = 0; j < S; j++) scores[i][j] = dotProduct(queries[i], keys[j]);

  const weights = scores.map(softmaxOf);

  const output: number[][] = [];
  for (let i = 0; i < queries.length; i++) {
    output[i] = [];
    for (let c = 0; c < values[0].length; c++) {
      output[i][c] = dotProduct(
        weights[i],
        values.map((v) => v[c]),
      );
    }
  }
  return { weights, output };
}

function dotProduct(u: number[], v: number[]): number {
  let r = 0;
  for (let n = 0; n < u.length; n++) r += u[n] * v[n];
  return r;
}

function softmaxOf(logits: number[]): number[] {
  const shift = Math.max(...logits);
  const up = logits.map((l) => Math.exp(l - shift));
  const below = up.reduce((p, c) => p + c, 0);
  return up.map((u) => u / below);
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const D = q.shape.slice(-1)[0];
    return tf.matMul(q, k, false, true).div(D ** 0.5);
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const mask: number[][] = [];
    for (let i = 0; i < T; i++) {
      mask.push([...new Array(i + 1).fill(1), ...new Array(T - i - 1).fill(0)]);
    }
    return tf.tensor2d(mask, [T, T]).toBool();
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (mask) {
      scores = tf.where(mask, scores, -Infinity);
    }
    return tf.softmax(scores, -1);
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const heads = tf.split(x, nHead, 2);
    return tf.stack(heads).transpose([1, 0, 2, 3]) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    q = splitHeads(q, nHead);
    k = splitHeads(k, nHead);
    v = splitHeads(v, nHead);
    const weights = maskedSoftmax(scaledScores(q, k), mask);
    const y = tf.matMul(weights, v);
    const output = tf.concat(
      tf.split(y, nHead, 1).map((h) => h.squeeze([1])),
      -1,
    );
    return { output, weights };
  });
}
