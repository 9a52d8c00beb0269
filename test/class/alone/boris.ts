import { tf } from "llm/engine";

const dot = (a: number[], b: number[]) => a.reduce((acc, ai, i) => acc + ai * b[i], 0);

function softmax(xs: number[]): number[] {
  const m = xs.reduce((a, b) => Math.max(a, b), -Infinity);
  const es = xs.map((x) => Math.exp(x - m));
  const total = es.reduce((a, b) => a + b, 0);
  return es.map((e) => e / total);
}

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const weights = queries.map((q) => softmax(keys.map((k) => dot(q, k))));
  const columns = values[0].map((_, c) => values.map((row) => row[c]));
  const output = weights.map((w) => columns.map((col) => dot(w, col)));
  return { weights, output };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => q.matMul(k, false, true).div(Math.sqrt(q.shape.at(-1)!)));
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const rows: boolean[][] = [];
    for (let i = 0; i < T; i++) {
      const row: boolean[] = [];
      for (let j = 0; j < T; j++) row.push(j < i);
      rows.push(row);
    }
    return tf.tensor2d(rows, [T, T], "bool");
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (!mask) return scores.softmax();
    const allowed = mask.cast("float32");
    return scores.add(allowed.sub(1).mul(1e9)).softmax().mul(allowed);
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => tf.stack(tf.split(x, nHead, 2), 1) as tf.Tensor4D);
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const [Q, K, V] = [q, k, v].map((t) => splitHeads(t, nHead));
    const weights = maskedSoftmax(scaledScores(Q, K), mask);
    const output = tf.concat(tf.unstack(weights.matMul(V), 1), -1);
    return { weights, output };
  });
}
