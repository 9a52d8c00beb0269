import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const nQueries = queries.length;
  const nKeys = keys.length;
  const depth = keys[0].length;
  const outWidth = values[0].length;

  const weights = Array.from({ length: nQueries }, () => new Array<number>(nKeys).fill(0));
  const output = Array.from({ length: nQueries }, () => new Array<number>(outWidth).fill(0));

  for (let i = 0; i < nQueries; i++) {
    for (let j = 0; j < nKeys; j++) {
      for (let d = 0; d < depth; d++) {
        weights[i][j] += queries[i][d] * keys[j][d];
      }
    }
    const peak = Math.max(...weights[i]);
    let total = 0;
    for (let j = 0; j < nKeys; j++) {
      const e = Math.exp(weights[i][j] - peak);
      weights[i][j] = e;
      total += e;
    }
    for (let j = 0; j < nKeys; j++) {
      weights[i][j] /= total;
      for (let c = 0; c < outWidth; c++) {
        output[i][c] += weights[i][j] * values[j][c];
      }
    }
  }
  return { weights, output };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const depth = k.shape[k.shape.length - 1];
    const products = tf.matMul(q, k, false, true);
    const root = tf.scalar(Math.sqrt(depth));
    return tf.div(products, root);
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const index = tf.range(0, T);
    const rowIndex = tf.tile(tf.expandDims(index, 1), [1, T]);
    const columnIndex = tf.tile(tf.expandDims(index, 0), [T, 1]);
    return tf.lessEqual(columnIndex, rowIndex) as tf.Tensor2D;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (!mask) {
      return tf.softmax(scores);
    }
    const allowed = tf.cast(mask, "float32");
    const safe = tf.where(mask, scores, tf.scalar(-1e9));
    const shifted = tf.sub(safe, tf.max(safe, -1, true));
    const numerators = tf.mul(tf.exp(shifted), allowed);
    const sums = tf.sum(numerators, -1, true);
    const isEmpty = tf.equal(sums, 0);
    const divisor = tf.where(isEmpty, tf.onesLike(sums), sums);
    return tf.div(numerators, divisor);
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const channels = x.shape[2]!;
    const headWidth = channels / nHead;
    const pieces = tf.split(x, nHead, -1);
    const widened = pieces.map((piece) =>
      tf.reshape(piece, [x.shape[0], 1, x.shape[1]!, headWidth]),
    );
    return tf.concat(widened, 1) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const headsOfQ = splitHeads(q, nHead);
    const headsOfK = splitHeads(k, nHead);
    const headsOfV = splitHeads(v, nHead);
    const weights = maskedSoftmax(scaledScores(headsOfQ, headsOfK), mask);
    const averaged = tf.matMul(weights, headsOfV);
    const byHead = tf.unstack(averaged, 1);
    const output = tf.concat(byHead, 2);
    return { output, weights };
  });
}
