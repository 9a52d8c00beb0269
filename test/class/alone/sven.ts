import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  // all scores
  const table: number[][] = [];
  for (let a = 0; a < queries.length; a++) {
    table.push([]);
    for (let b = 0; b < keys.length; b++) {
      let x = 0;
      for (const d in queries[a]) x += queries[a][d] * keys[b][d];
      table[a].push(x);
    }
  }

  // all weights
  for (let a = 0; a < table.length; a++) {
    const m = Math.max.apply(null, table[a]);
    table[a] = table[a].map((x) => Math.exp(x - m));
    const s = table[a].reduce((p, x) => p + x);
    table[a] = table[a].map((x) => x / s);
  }

  // all outputs
  const result: number[][] = table.map((w) => {
    const r: number[] = [];
    for (let b = 0; b < w.length; b++) {
      for (let c = 0; c < values[b].length; c++) {
        r[c] = (r[c] ?? 0) + w[b] * values[b][c];
      }
    }
    return r;
  });

  return { weights: table, output: result };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const divisor = Math.sqrt(k.shape[k.shape.length - 1]);
    return tf.matMul(q, k, false, true).div(divisor);
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const lines: tf.Tensor[] = [];
    for (let i = 1; i <= T; i++) {
      lines.push(tf.concat([tf.ones([i]), tf.zeros([T - i])]));
    }
    return tf.stack(lines).cast("bool") as tf.Tensor2D;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const ok = mask ? mask.toFloat() : tf.scalar(1);
    const bias = ok.mul(1e9).sub(1e9);
    const biased = scores.add(bias);
    return biased.softmax().mul(ok);
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const B = x.shape[0];
    const T = x.shape[1]!;
    return tf.reshape(x, [B, T, nHead, -1]).transpose([0, 2, 1, 3]) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const qs = splitHeads(q, nHead);
    const ks = splitHeads(k, nHead);
    const vs = splitHeads(v, nHead);
    let w = scaledScores(qs, ks);
    w = maskedSoftmax(w, mask);
    let o: tf.Tensor = tf.matMul(w, vs);
    o = o.transpose([0, 2, 1, 3]);
    o = o.reshape([o.shape[0], o.shape[1]!, o.shape[2]! * o.shape[3]!]);
    return { output: o, weights: w };
  });
}
