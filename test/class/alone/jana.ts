import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const weights: number[][] = [];
  const output: number[][] = [];

  for (let i = 0; i < queries.length; i++) {
    const q = queries[i];

    // how well does this query match every key?
    const scores: number[] = keys.map((key) => {
      let sum = 0;
      for (let d = 0; d < key.length; d++) {
        sum = sum + q[d] * key[d];
      }
      return sum;
    });

    // softmax
    const maxScore = Math.max(...scores);
    const exps: number[] = [];
    let expSum = 0;
    for (const score of scores) {
      const e = Math.exp(score - maxScore);
      exps.push(e);
      expSum = expSum + e;
    }
    const w = exps.map((e) => e / expSum);

    // mix the values
    const mixed: number[] = [];
    for (let c = 0; c < values[0].length; c++) {
      mixed[c] = 0;
      for (let j = 0; j < values.length; j++) {
        mixed[c] = mixed[c] + w[j] * values[j][c];
      }
    }

    weights.push(w);
    output.push(mixed);
  }

  return { weights: weights, output: output };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const d = q.shape[q.shape.length - 1];
    const scores = tf.matMul(q, k, false, true);
    return tf.mul(scores, 1 / Math.sqrt(d));
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const buffer = tf.buffer([T, T], "bool");
    for (let i = 0; i < T; i++) {
      for (let j = 0; j <= i; j++) {
        buffer.set(1 as never, i, j);
      }
    }
    return buffer.toTensor() as tf.Tensor2D;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    let logits = scores;
    if (mask) {
      logits = tf.where(mask, scores, -1e9);
    }
    let probabilities = tf.softmax(logits);
    if (mask) {
      probabilities = tf.mul(probabilities, tf.cast(mask, "float32"));
    }
    return probabilities;
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const B = x.shape[0];
    const T = x.shape[1]!;
    const C = x.shape[2]!;
    const D = C / nHead;
    const reshaped = tf.reshape(x, [B, T, nHead, D]);
    return tf.transpose(reshaped, [0, 2, 1, 3]) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const qHeads = splitHeads(q, nHead);
    const kHeads = splitHeads(k, nHead);
    const vHeads = splitHeads(v, nHead);
    const scores = scaledScores(qHeads, kHeads);
    const weights = maskedSoftmax(scores, mask);
    const out = tf.matMul(weights, vHeads);
    // back to (B, T, C)
    const output = tf.reshape(out, [q.shape[0], q.shape[1]!, q.shape[2]!]);
    return { output: output, weights: weights };
  });
}
