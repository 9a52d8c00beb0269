import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const weights: number[][] = [];
  const output: number[][] = [];
  for (const query of queries) {
    const exponentials: number[] = [];
    const unnormalized: number[] = values[0].map(() => 0);
    const scores = keys.map((key) => key.reduce((total, x, d) => total + x * query[d], 0));
    const offset = Math.max(...scores);
    let denominator = 0;
    for (let j = 0; j < scores.length; j++) {
      const e = Math.exp(scores[j] - offset);
      denominator += e;
      exponentials.push(e);
      for (let c = 0; c < unnormalized.length; c++) unnormalized[c] += e * values[j][c];
    }
    // divide only once, at the end
    weights.push(exponentials.map((e) => e / denominator));
    output.push(unnormalized.map((u) => u / denominator));
  }
  return { weights, output };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  const transposeQ = false;
  const transposeK = true;
  return tf.tidy(() => {
    const width = k.shape[k.rank - 1];
    return tf.matMul(q, k, transposeQ, transposeK).div(Math.sqrt(width));
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const column = tf.range(0, T).expandDims(1);
    const row = tf.range(0, T).expandDims(0);
    const future = tf.greater(row, column);
    return tf.logicalNot(future) as tf.Tensor2D;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const may = mask ? tf.broadcastTo(mask, scores.shape) : tf.ones(scores.shape, "bool");
    const lowered = tf.where(may, scores, -1e9);
    const softmax = tf.softmax(lowered, lowered.rank - 1);
    const nothing = tf.zeros(scores.shape);
    return tf.where(may, softmax, nothing);
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [B, T, C] = x.shape;
    const D = C / nHead;
    const order = [0, 2, 1, 3]; // (B, T, H, D) → (B, H, T, D)
    return tf.transpose(tf.reshape(x, [B, T, nHead, D]), order) as tf.Tensor4D;
  });
}

/** The inverse of splitHeads */
function mergeHeads(x: tf.Tensor4D): tf.Tensor {
  const [B, H, T, D] = x.shape;
  return x.transpose([0, 2, 1, 3]).reshape([B, T, H * D]);
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const weights = maskedSoftmax(scaledScores(splitHeads(q, nHead), splitHeads(k, nHead)), mask);
    const perHead = tf.matMul(weights, splitHeads(v, nHead)) as tf.Tensor4D;
    return { output: mergeHeads(perHead), weights };
  });
}
