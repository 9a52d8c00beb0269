// Lesson 06 (attention), reference answers. Letters: B batch, H heads, T queries, S keys, D width
// of a head, C = H·D channels.

import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, d) => sum + x * b[d], 0);
  const weights = queries.map((query) => {
    const scores = keys.map((key) => dot(query, key));
    const largest = Math.max(...scores); // subtracting it leaves all ratios as they are, and e^800 would be Infinity
    const exps = scores.map((s) => Math.exp(s - largest));
    const total = exps.reduce((a, b) => a + b, 0); // over the keys: each query spends a budget of 1
    return exps.map((e) => e / total);
  });
  // Values, not keys: what is compared and what is fetched are different vectors, and they may
  // differ in width.
  const output = weights.map((row) =>
    values[0].map((_, c) => row.reduce((sum, w, j) => sum + w * values[j][c], 0)),
  );
  return { weights, output };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  const D = q.shape[q.rank - 1]; // the width of one head: not the number of keys, not all channels
  // The last argument of matMul transposes k. √D, because a sum of D independent products has D
  // times the variance of one, and so √D times its spread.
  return tf.tidy(() => tf.div(tf.matMul(q, k, false, true), Math.sqrt(D)));
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const query = tf.range(0, T).expandDims(1); // (T, 1): a column
    const key = tf.range(0, T).expandDims(0); // (1, T): a row; comparing the two broadcasts to (T, T)
    // ≤: a position may look at itself; otherwise the first one could see nothing
    return tf.lessEqual(key, query) as tf.Tensor2D;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  if (!mask) return tf.softmax(scores);
  return tf.tidy(() => {
    // Before the softmax, so that the whole weight of 1 is shared among the keys that may be seen.
    // Not −Infinity: in a row without any such key the largest score would be −Infinity too, and
    // −Infinity − (−Infinity) is NaN.
    const weights = tf.softmax(tf.where(mask, scores, -1e9));
    // a row in which nothing may be seen is uniform by now: make it zeros
    return tf.mul(weights, tf.cast(mask, "float32"));
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  const [B, T, C] = x.shape;
  // A reshape leaves the numbers where they are in memory. Channels are the innermost axis, so they
  // can be cut by a reshape; to bring H in front of T, a transpose has to move numbers.
  return tf.tidy(
    () => tf.transpose(tf.reshape(x, [B, T, nHead, C / nHead]), [0, 2, 1, 3]) as tf.Tensor4D,
  );
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const scores = scaledScores(splitHeads(q, nHead), splitHeads(k, nHead)); // (B, H, T, S), divided by √D, not √C
    const weights = maskedSoftmax(scores, mask); // a mask (T, S) broadcasts over B and H
    const heads = tf.matMul(weights, splitHeads(v, nHead)); // (B, H, T, D)
    // To merge, undo the split: H back behind T, then side by side. The shape is that of q, because
    // in cross-attention k may be longer or shorter.
    const output = tf.reshape(tf.transpose(heads, [0, 2, 1, 3]), q.shape);
    return { output, weights };
  });
}
