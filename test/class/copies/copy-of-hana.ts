import { tf } from "llm/engine";

// causal mask: a position only sees the past
export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const nums = tf.range(0, T);
    const cols = tf.tile(tf.expandDims(nums, 0), [T, 1]);
    const rows = tf.tile(tf.expandDims(nums, 1), [1, T]);
    return tf.lessEqual(cols, rows) as tf.Tensor2D;
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const dHead = x.shape[2]! / nHead;
    const chunks = tf.split(x, nHead, -1);
    const expanded = chunks.map((chunk) => tf.reshape(chunk, [x.shape[0], 1, x.shape[1]!, dHead]));
    return tf.concat(expanded, 1) as tf.Tensor4D;
  });
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const qkt = tf.matMul(q, k, false, true);
    const dHead = k.shape[k.shape.length - 1];
    const sqrtD = tf.scalar(Math.sqrt(dHead));
    return tf.div(qkt, sqrtD);
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (!mask) {
      return tf.softmax(scores);
    }
    const clean = tf.where(mask, scores, tf.scalar(-1e9));
    const ok = tf.cast(mask, "float32");
    const minusMax = tf.sub(clean, tf.max(clean, -1, true));
    const tops = tf.mul(tf.exp(minusMax), ok);
    const bottoms = tf.sum(tops, -1, true);
    const fixed = tf.where(tf.equal(bottoms, 0), tf.onesLike(bottoms), bottoms);
    return tf.div(tops, fixed);
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const vSplit = splitHeads(v, nHead);
    const kSplit = splitHeads(k, nHead);
    const qSplit = splitHeads(q, nHead);
    const att = maskedSoftmax(scaledScores(qSplit, kSplit), mask);
    const res = tf.matMul(att, vSplit);
    const list = tf.unstack(res, 1);
    const joined = tf.concat(list, 2);
    return { weights: att, output: joined };
  });
}

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const K = keys.length;
  const Q = queries.length;
  const W = values[0].length;
  const D = keys[0].length;

  const res = Array.from({ length: Q }, () => new Array<number>(W).fill(0));
  const att = Array.from({ length: Q }, () => new Array<number>(K).fill(0));

  for (let a = 0; a < Q; a++) {
    for (let b = 0; b < K; b++) {
      for (let n = 0; n < D; n++) {
        att[a][b] += queries[a][n] * keys[b][n];
      }
    }
    let norm = 0;
    const biggest = Math.max(...att[a]);
    for (let b = 0; b < K; b++) {
      const ex = Math.exp(att[a][b] - biggest);
      norm += ex;
      att[a][b] = ex;
    }
    for (let b = 0; b < K; b++) {
      att[a][b] /= norm;
      for (let n = 0; n < W; n++) {
        res[a][n] += att[a][b] * values[b][n];
      }
    }
  }
  return { output: res, weights: att };
}
