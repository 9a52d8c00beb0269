import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const T = queries.length;
  const S = keys.length;
  const width = values[0].length;
  const weights: number[][] = [];
  const output: number[][] = [];

  for (const query of queries) {
    // scores, and the largest one on the way
    const row = new Array<number>(S);
    let best = -Infinity;
    for (let j = 0; j < S; j += 1) {
      row[j] = 0;
      query.forEach((value, d) => {
        row[j] += value * keys[j][d];
      });
      if (row[j] > best) {
        best = row[j];
      }
    }
    // exponentials
    let norm = 0;
    for (let j = 0; j < S; j += 1) {
      row[j] = Math.exp(row[j] - best);
      norm += row[j];
    }
    weights.push(row.map((e) => e / norm));
  }

  // weighted average of the values
  for (let i = 0; i < T; i += 1) {
    const average: number[] = [];
    for (let c = 0; c < width; c += 1) {
      let total = 0;
      for (let j = 0; j < S; j += 1) {
        total += weights[i][j] * values[j][c];
      }
      average.push(total);
    }
    output.push(average);
  }
  return { weights, output };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const width = q.shape[q.rank - 1];
    const scaledQuery = tf.mul(q, 1 / Math.sqrt(width));
    return tf.matMul(scaledQuery, k, false, true);
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const ones = tf.ones([T, T]) as tf.Tensor2D;
    const lower = tf.linalg.bandPart(ones, -1, 0);
    return tf.cast(lower, "bool");
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const visible = mask ?? tf.onesLike(scores).cast("bool");
    const hidden = tf.where(visible, scores, -1e30);
    const largest = tf.max(hidden, -1, true);
    const powers = tf.exp(tf.sub(hidden, largest));
    const kept = tf.mul(powers, tf.cast(visible, "float32"));
    const total = tf.sum(kept, -1, true);
    return tf.divNoNan(kept, total);
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const batch = x.shape[0];
    const length = x.shape[1]!;
    const width = x.shape[2]! / nHead;
    return x.reshape([batch, length, nHead, width]).transpose([0, 2, 1, 3]) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const batch = q.shape[0];
    const length = q.shape[1]!;
    const channels = v.shape[2]!;
    const weights = maskedSoftmax(scaledScores(splitHeads(q, nHead), splitHeads(k, nHead)), mask);
    const perHead = tf.matMul(weights, splitHeads(v, nHead));
    const sideBySide = tf.transpose(perHead, [0, 2, 1, 3]);
    const output = sideBySide.reshape([batch, length, channels]);
    return { output, weights };
  });
}
