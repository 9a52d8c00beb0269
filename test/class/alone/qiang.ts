import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const [n, m, dk, dv] = [queries.length, keys.length, queries[0].length, values[0].length];
  const A = new Float64Array(n * m);
  const O = new Float64Array(n * dv);
  for (let i = 0; i < n; i++) {
    let mx = -Infinity;
    for (let j = 0; j < m; j++) {
      let acc = 0;
      for (let p = 0; p < dk; p++) acc += queries[i][p] * keys[j][p];
      A[i * m + j] = acc;
      if (acc > mx) mx = acc;
    }
    let z = 0;
    for (let j = i * m; j < (i + 1) * m; j++) z += A[j] = Math.exp(A[j] - mx);
    for (let j = 0; j < m; j++) {
      const a = (A[i * m + j] /= z);
      for (let p = 0; p < dv; p++) O[i * dv + p] += a * values[j][p];
    }
  }
  const unflatten = (buf: Float64Array, cols: number) =>
    Array.from({ length: n }, (_, i) => Array.from(buf.subarray(i * cols, (i + 1) * cols)));
  return { weights: unflatten(A, m), output: unflatten(O, dv) };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const s = 1 / Math.sqrt(q.shape[q.rank - 1]);
    return tf.matMul(q, k, false, true).mul(s);
  });
}

export function causalMask(T: number): tf.Tensor2D {
  const buf = new Uint8Array(T * T);
  for (let p = 0; p < T * T; p++) {
    const i = Math.floor(p / T);
    const j = p % T;
    buf[p] = j <= i ? 1 : 0;
  }
  return tf.tensor2d(buf, [T, T], "bool");
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (!mask) return tf.softmax(scores);
    const m = mask.toFloat();
    // (m - 1) is 0 where allowed and -1 where not
    const e = tf.softmax(scores.add(m.sub(1).mul(1e9))).mul(m);
    return e;
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [n, len, ch] = x.shape;
    const flat = x.reshape([n * len, nHead, ch / nHead]);
    return flat.reshape([n, len, nHead, -1]).transpose([0, 2, 1, 3]) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  const [weights, output] = tf.tidy(() => {
    const att = maskedSoftmax(scaledScores(splitHeads(q, nHead), splitHeads(k, nHead)), mask);
    const y = att.matMul(splitHeads(v, nHead)).transpose([0, 2, 1, 3]);
    return [att, y.reshape([q.shape[0], q.shape[1]!, -1])];
  });
  return { output, weights };
}
