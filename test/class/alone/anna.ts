import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const weights: number[][] = [];
  const output: number[][] = [];
  for (let t = 0; t < queries.length; t++) {
    const scores: number[] = [];
    for (let s = 0; s < keys.length; s++) {
      let dot = 0;
      for (let d = 0; d < queries[t].length; d++) {
        dot += queries[t][d] * keys[s][d];
      }
      scores.push(dot);
    }
    const max = Math.max(...scores);
    let sum = 0;
    for (let s = 0; s < scores.length; s++) {
      scores[s] = Math.exp(scores[s] - max);
      sum += scores[s];
    }
    for (let s = 0; s < scores.length; s++) {
      scores[s] /= sum;
    }
    weights.push(scores);
    const out = new Array(values[0].length).fill(0);
    for (let s = 0; s < values.length; s++) {
      for (let e = 0; e < out.length; e++) {
        out[e] += scores[s] * values[s][e];
      }
    }
    output.push(out);
  }
  return { weights, output };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const D = q.shape[q.shape.length - 1];
    return tf.div(tf.matMul(q, k, false, true), Math.sqrt(D));
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const i = tf.range(0, T).reshape([T, 1]);
    const j = tf.range(0, T).reshape([1, T]);
    return tf.lessEqual(j, i) as tf.Tensor2D;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (mask === undefined) {
      return tf.softmax(scores);
    }
    const masked = tf.where(mask, scores, -1e9);
    const weights = tf.softmax(masked);
    // a row without any key would be uniform, so set the forbidden ones to 0
    return tf.mul(weights, tf.cast(mask, "float32"));
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [B, T, C] = x.shape;
    const split = tf.reshape(x, [B, T, nHead, C / nHead]);
    return tf.transpose(split, [0, 2, 1, 3]) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const qh = splitHeads(q, nHead);
    const kh = splitHeads(k, nHead);
    const vh = splitHeads(v, nHead);
    const scores = scaledScores(qh, kh);
    const weights = maskedSoftmax(scores, mask);
    const heads = tf.matMul(weights, vh);
    const output = tf.reshape(tf.transpose(heads, [0, 2, 1, 3]), q.shape);
    return { output, weights };
  });
}
