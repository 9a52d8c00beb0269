import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const weights: number[][] = [];
  const output: number[][] = [];
  for (const q of queries) {
    // scores
    const scores: number[] = [];
    for (const k of keys) {
      scores.push(q.map((qd, d) => qd * k[d]).reduce((a, b) => a + b, 0));
    }
    // stable softmax
    const sorted = [...scores].sort((a, b) => b - a);
    const exps = scores.map((s) => Math.exp(s - sorted[0]));
    let total = 0;
    exps.forEach((e) => {
      total += e;
    });
    const w: number[] = [];
    for (const e of exps) {
      w.push(e / total);
    }
    weights.push(w);
    // weighted values, summed up
    const weighted = values.map((v, j) => v.map((x) => x * w[j]));
    let out = weighted[0];
    for (let j = 1; j < weighted.length; j++) {
      out = out.map((x, c) => x + weighted[j][c]);
    }
    output.push(out);
  }
  return { weights, output };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const dims = q.shape.length;
    const D = q.shape[dims - 1];
    const qk = tf.matMul(q, k, false, true);
    return tf.div(qk, tf.sqrt(D));
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const square = tf.fill([T, T], 1);
    const upToHere = tf.cumsum(square, 1); // 1 2 3 … in every row
    const rowNumber = tf.cumsum(square, 0); // 1 2 3 … in every column
    return tf.lessEqual(upToHere, rowNumber) as tf.Tensor2D;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (mask) {
      const minus = tf.mul(tf.onesLike(scores), -1e9);
      const onlyVisible = tf.where(mask, scores, minus);
      const probs = tf.softmax(onlyVisible);
      const zero = tf.zerosLike(probs);
      return tf.where(mask, probs, zero);
    } else {
      return tf.softmax(scores);
    }
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const size = x.shape[x.shape.length - 1] / nHead;
    const out: tf.Tensor[] = [];
    for (const sentence of tf.unstack(x)) {
      const heads = tf.reshape(sentence, [-1, nHead, size]);
      out.push(tf.transpose(heads, [1, 0, 2]));
    }
    return tf.stack(out) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const q4 = splitHeads(q, nHead);
    const k4 = splitHeads(k, nHead);
    const v4 = splitHeads(v, nHead);
    const weights = maskedSoftmax(scaledScores(q4, k4), mask);
    const mixed = tf.matMul(weights, v4);
    const sentences: tf.Tensor[] = [];
    for (const one of tf.unstack(mixed)) {
      const byPosition = tf.transpose(one, [1, 0, 2]);
      sentences.push(tf.reshape(byPosition, [byPosition.shape[0], -1]));
    }
    return { output: tf.stack(sentences), weights };
  });
}
