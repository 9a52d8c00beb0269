import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const score = (q: number[], k: number[]) => {
    let s = 0;
    for (let d = 0; d < q.length; d++) {
      s += q[d] * k[d];
    }
    return s;
  };
  const toWeights = (scores: number[]) => {
    let max = scores[0];
    for (let j = 1; j < scores.length; j++) {
      max = Math.max(max, scores[j]);
    }
    const exps = scores.map((s) => Math.exp(s - max));
    const sum = exps.reduce((a, b) => a + b, 0);
    return exps.map((e) => e / sum);
  };
  const mix = (w: number[]) => {
    const out = Array(values[0].length).fill(0) as number[];
    w.forEach((wj, j) => {
      for (let c = 0; c < out.length; c++) {
        out[c] += wj * values[j][c];
      }
    });
    return out;
  };
  const weights = queries.map((q) => toWeights(keys.map((k) => score(q, k))));
  return { weights, output: weights.map((w) => mix(w)) };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const D = q.shape[q.shape.length - 1];
    const factor = 1 / Math.sqrt(D);
    return tf.matMul(tf.mul(q, factor), k, false, true);
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const rows = [];
    for (let i = 0; i < T; i++) {
      rows.push(tf.lessEqual(tf.range(0, T), i));
    }
    return tf.stack(rows) as tf.Tensor2D;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (!mask) {
      const e = tf.exp(scores.sub(scores.max(-1, true)));
      return e.div(e.sum(-1, true));
    }
    const low = tf.where(mask, scores, -1e9);
    const e = tf.exp(low.sub(low.max(-1, true)));
    const seen = tf.where(mask, e, 0);
    const total = seen.sum(-1, true);
    // no key visible: 0 / 1
    return seen.div(total.add(tf.cast(total.equal(0), "float32")));
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [b, t, c] = x.shape;
    const d = c / nHead;
    const heads = [];
    for (let h = 0; h < nHead; h++) {
      const part = tf.slice(x, [0, 0, h * d], [b, t, d]);
      heads.push(tf.expandDims(part, 1));
    }
    return tf.concat(heads, 1) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const [qs, ks, vs] = [q, k, v].map((x) => splitHeads(x, nHead));
    const weights = maskedSoftmax(scaledScores(qs, ks), mask);
    const heads = tf.matMul(weights, vs);
    const parts = [];
    for (let h = 0; h < nHead; h++) {
      parts.push(tf.squeeze(tf.gather(heads, [h], 1), [1]));
    }
    return { output: tf.concat(parts, 2), weights };
  });
}
