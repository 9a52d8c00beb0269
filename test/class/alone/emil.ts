import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const result = { weights: [] as number[][], output: [] as number[][] };
  queries.forEach((query) => {
    const s = keys.map((key) => key.map((x, d) => x * query[d]).reduce((a, b) => a + b));
    const biggest = Math.max(...s);
    const e = s.map((x) => Math.exp(x - biggest));
    const sum = e.reduce((a, b) => a + b);
    const w = e.map((x) => x / sum);
    result.weights.push(w);
    result.output.push(
      values.reduce(
        (acc, value, j) => acc.map((a, c) => a + w[j] * value[c]),
        values[0].map(() => 0),
      ),
    );
  });
  return result;
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const dim = q.shape[q.shape.length - 1];
    const s = tf.matMul(q, k, false, true);
    return s.div(dim);
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const pos = tf.range(0, T, 1, "int32");
    return tf.greaterEqual(pos.expandDims(1), pos.expandDims(0)) as tf.Tensor2D;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (mask == null) return tf.softmax(scores);
    const m = tf.cast(mask, "float32");
    const s = tf.where(mask, scores, -1e9);
    const e = tf.exp(s.sub(s.max(-1, true))).mul(m);
    return e.div(e.sum(-1, true).maximum(1e-9));
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [b, t, c] = x.shape;
    return x.reshape([b, t, nHead, Math.floor(c / nHead)]).transpose([0, 2, 1, 3]) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const w = maskedSoftmax(scaledScores(splitHeads(q, nHead), splitHeads(k, nHead)), mask);
    const o = tf.matMul(w, splitHeads(v, nHead)).transpose([0, 2, 1, 3]);
    const [b, t, h, d] = o.shape;
    return { output: o.reshape([b, t, h * d]), weights: w };
  });
}
