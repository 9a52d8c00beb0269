import { tf } from "llm/engine";

/** rows of a times columns of b */
function multiply(a: number[][], b: number[][]): number[][] {
  const result: number[][] = [];
  for (let r = 0; r < a.length; r++) {
    result[r] = [];
    for (let c = 0; c < b[0].length; c++) {
      let s = 0;
      for (let m = 0; m < b.length; m++) s += a[r][m] * b[m][c];
      result[r][c] = s;
    }
  }
  return result;
}

function flip(m: number[][]): number[][] {
  return m[0].map((_, c) => m.map((r) => r[c]));
}

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const scores = multiply(queries, flip(keys));
  const weights = scores.map((line) => {
    const top = Math.max(...line);
    const exps = line.map((x) => Math.exp(x - top));
    let z = 0;
    for (const e of exps) z += e;
    return exps.map((e) => e / z);
  });
  return { weights, output: multiply(weights, values) };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    // swap the last two axes of k by hand
    const axes = k.shape.map((_, i) => i);
    const last = axes.pop()!;
    const beforeLast = axes.pop()!;
    const kT = tf.transpose(k, [...axes, last, beforeLast]);
    const raw = tf.matMul(q, kT);
    return raw.div(tf.sqrt(tf.scalar(k.shape[last])));
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    // running sum down the identity matrix: a one stays once it came
    return tf.cumsum(tf.eye(T), 0).cast("bool") as tf.Tensor2D;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (!mask) {
      return tf.softmax(scores, -1);
    }
    const blocked = tf.logicalNot(mask);
    const penalty = blocked.cast("float32").mul(-1e9);
    const p = tf.softmax(scores.add(penalty), -1);
    return tf.where(blocked, tf.zerosLike(p), p);
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const D = x.shape[2]! / nHead;
    const heads: tf.Tensor[] = [];
    for (let h = 0; h < nHead; h++) {
      heads.push(tf.slice(x, [0, 0, h * D], [-1, -1, D]));
    }
    return tf.stack(heads, 1) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const scores = scaledScores(splitHeads(q, nHead), splitHeads(k, nHead));
    const weights = maskedSoftmax(scores, mask);
    const mixed = weights.matMul(splitHeads(v, nHead));
    const parts: tf.Tensor[] = [];
    for (const part of tf.split(mixed, nHead, 1)) {
      parts.push(tf.squeeze(part, [1]));
    }
    return { output: tf.concat(parts, 2), weights };
  });
}
