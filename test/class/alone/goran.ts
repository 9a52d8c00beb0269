import { tf } from "llm/engine";

// One pass over the keys with a running maximum (saw this in the flash attention paper).
function attendOne(q: number[], keys: number[][], values: number[][]) {
  let m = Number.NEGATIVE_INFINITY;
  let z = 0;
  let acc = new Array<number>(values[0].length).fill(0);
  const raw: number[] = [];
  for (let j = 0; j < keys.length; j++) {
    let s = 0;
    for (let d = 0; d < q.length; d++) s += q[d] * keys[j][d];
    raw.push(s);
    const mNew = Math.max(m, s);
    const shrink = Math.exp(m - mNew);
    const p = Math.exp(s - mNew);
    z = z * shrink + p;
    acc = acc.map((a, c) => a * shrink + p * values[j][c]);
    m = mNew;
  }
  return { w: raw.map((s) => Math.exp(s - m) / z), o: acc.map((a) => a / z) };
}

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const all = queries.map((q) => attendOne(q, keys, values));
  return { weights: all.map((r) => r.w), output: all.map((r) => r.o) };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.matMul(q, k, false, true).mul(q.shape[q.rank - 1] ** -0.5));
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const r = tf.range(0, T);
    // i - j ≥ 0
    return r.reshape([T, 1]).sub(r).greaterEqual(0) as tf.Tensor2D;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const x = mask ? tf.where(mask, scores, -1e9) : scores;
    const logZ = tf.logSumExp(x, -1, true);
    const p = tf.exp(tf.sub(x, logZ));
    return mask ? p.mul(mask.toFloat()) : p;
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [B, T, C] = x.shape;
    // channels first, cut them, then turn each head around
    return x
      .transpose([0, 2, 1])
      .reshape([B, nHead, C / nHead, T])
      .transpose([0, 1, 3, 2]) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const split = (x: tf.Tensor) => splitHeads(x, nHead);
    const weights = maskedSoftmax(scaledScores(split(q), split(k)), mask);
    const y = tf.matMul(weights, split(v));
    const [B, H, T, D] = y.shape;
    const output = y
      .transpose([0, 1, 3, 2])
      .reshape([B, H * D, T])
      .transpose([0, 2, 1]);
    return { output, weights };
  });
}
