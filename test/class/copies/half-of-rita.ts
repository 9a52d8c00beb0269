import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const att: number[][] = [];
  const res: number[][] = [];
  for (const query of queries) {
    const matches: number[] = [];
    for (const key of keys) {
      matches.push(query.map((x, i) => x * key[i]).reduce((s, y) => s + y, 0));
    }
    const descending = [...matches].sort((x, y) => y - x);
    const powers = matches.map((m) => Math.exp(m - descending[0]));
    let z = 0;
    powers.forEach((p) => {
      z += p;
    });
    const probs: number[] = [];
    for (const p of powers) {
      probs.push(p / z);
    }
    att.push(probs);
    const scaled = values.map((value, i) => value.map((y) => y * probs[i]));
    let mean = scaled[0];
    for (let i = 1; i < scaled.length; i++) {
      mean = mean.map((y, n) => y + scaled[i][n]);
    }
    res.push(mean);
  }
  return { weights: att, output: res };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const lastAxis = k.rank - 1;
    return tf.matMul(q, k, false, true).mul(1 / Math.sqrt(k.shape[lastAxis]));
  });
}

export function causalMask(T: number): tf.Tensor2D {
  const lines: boolean[][] = [];
  while (lines.length < T) {
    const line = new Array<boolean>(T).fill(false);
    line.fill(true, 0, lines.length + 1);
    lines.push(line);
  }
  return tf.tensor2d(lines, [T, T], "bool");
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (!mask) return scores.softmax(-1);
    const keep = mask.toFloat();
    const raw = scores.mul(keep).add(tf.sub(1, keep).mul(-1e9));
    return raw.softmax(-1).mul(keep);
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const dHead = x.shape[x.shape.length - 1] / nHead;
    const list: tf.Tensor[] = [];
    for (const item of tf.unstack(x)) {
      const cut = tf.reshape(item, [-1, nHead, dHead]);
      list.push(tf.transpose(cut, [1, 0, 2]));
    }
    return tf.stack(list) as tf.Tensor4D;
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
    const att = maskedSoftmax(scaledScores(qHeads, kHeads), mask);
    const res = tf.matMul(att, vHeads);
    const list: tf.Tensor[] = [];
    for (const item of tf.unstack(res)) {
      const rows = tf.transpose(item, [1, 0, 2]);
      list.push(tf.reshape(rows, [rows.shape[0], -1]));
    }
    return { output: tf.stack(list), weights: att };
  });
}
