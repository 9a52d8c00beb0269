import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  return queries.reduce<{ weights: number[][]; output: number[][] }>(
    ({ weights, output }, query) => {
      const scores = keys.map((key) => query.reduce((s, x, d) => s + x * key[d], 0));
      const top = scores.reduce((a, b) => Math.max(a, b));
      const [exps, total] = scores.reduce<[number[], number]>(
        ([es, t], s) => {
          const e = Math.exp(s - top);
          return [[...es, e], t + e];
        },
        [[], 0],
      );
      const row = exps.map((e) => e / total);
      const mean = values
        .map((value, j) => value.map((x) => row[j] * x))
        .reduce((a, b) => a.map((x, c) => x + b[c]));
      return { weights: [...weights, row], output: [...output, mean] };
    },
    { weights: [], output: [] },
  );
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [D] = q.shape.slice(-1);
    const kT = swapLastTwo(k);
    return tf.mul(tf.matMul(q, kT), D ** -0.5);
  });
}

function swapLastTwo<X extends tf.Tensor>(x: X): X {
  const front = [...x.shape.keys()].slice(0, -2);
  return tf.transpose(x, [...front, x.rank - 1, x.rank - 2]);
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const distance = tf.sub(tf.range(0, T).expandDims(-1), tf.range(0, T).expandDims(0));
    return tf.logicalOr(tf.equal(distance, 0), tf.greater(distance, 0)) as tf.Tensor2D;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const logits = mask === undefined ? scores : tf.where(mask, scores, -1e9);
    const exps = tf.exp(logits.sub(logits.max([-1], true)));
    const visible = mask === undefined ? exps : exps.mul(mask.cast("float32"));
    return visible.divNoNan(visible.sum([-1], true));
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [B, T, C] = x.shape;
    const D = C / nHead;
    return tf.stack(
      [...Array(nHead).keys()].map((h) => x.slice([0, 0, h * D], [B, T, D])),
      1,
    ) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const [qh, kh, vh] = [splitHeads(q, nHead), splitHeads(k, nHead), splitHeads(v, nHead)];
    const weights = maskedSoftmax(scaledScores(qh, kh), mask);
    // (B, H, T, D) → H times (B, T, D) → (B, T, H·D)
    const output = weights
      .matMul(vh)
      .unstack(1)
      .reduce((a, b) => a.concat(b, 2));
    return { output, weights };
  });
}
