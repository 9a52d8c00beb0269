import { tf } from "llm/engine";

type Matrix = number[][];

// Step 1: compare
function compare(queries: Matrix, keys: Matrix): Matrix {
  const table: Matrix = [];
  for (const q of queries) {
    const row: number[] = [];
    for (const k of keys) {
      let product = 0;
      for (const [d, x] of q.entries()) {
        product += x * k[d];
      }
      row.push(product);
    }
    table.push(row);
  }
  return table;
}

// Step 2: normalize in place
function normalizeRow(row: number[]): void {
  let highest = row[0];
  for (const x of row) {
    if (x > highest) highest = x;
  }
  let denominator = 0;
  for (const [j, x] of row.entries()) {
    row[j] = Math.exp(x - highest);
    denominator += row[j];
  }
  for (const j of row.keys()) {
    row[j] = row[j] / denominator;
  }
}

// Step 3: average
function average(weights: number[], values: Matrix): number[] {
  const mean: number[] = values[0].map(() => 0);
  for (const [j, w] of weights.entries()) {
    for (const [e, x] of values[j].entries()) {
      mean[e] += w * x;
    }
  }
  return mean;
}

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const weights = compare(queries, keys);
  for (const row of weights) {
    normalizeRow(row);
  }
  const output: Matrix = [];
  for (const row of weights) {
    output.push(average(row, values));
  }
  return { weights, output };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const headWidth = q.shape[q.shape.length - 1];
    const dots = tf.matMul(q, k, false, true);
    const scale = Math.sqrt(headWidth);
    return tf.div(dots, scale);
  });
}

export function causalMask(T: number): tf.Tensor2D {
  const flags = new Uint8Array(T * T);
  for (let row = 0; row < T; row++) {
    flags.fill(1, row * T, row * T + row + 1);
  }
  return tf.tensor2d(flags, [T, T], "bool");
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (mask === undefined) {
      return tf.softmax(scores);
    }
    const limited = tf.where(mask, scores, tf.fill(scores.shape, -1e9));
    const weights = tf.softmax(limited);
    // a row that sees nothing must become zero
    const seesSomething = tf.any(mask, -1, true);
    return tf.where(seesSomething, weights, tf.zerosLike(weights));
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [sentences, positions, channels] = x.shape;
    const headWidth = channels / nHead;
    const cut = tf.reshape(x, [sentences, positions, nHead, headWidth]);
    const headsFirst = tf.transpose(cut, [0, 2, 1, 3]);
    return headsFirst as tf.Tensor4D;
  });
}

function joinHeads(x: tf.Tensor): tf.Tensor {
  const [sentences, heads, positions, headWidth] = x.shape;
  const positionsFirst = tf.transpose(x, [0, 2, 1, 3]);
  return tf.reshape(positionsFirst, [sentences, positions, heads * headWidth]);
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const queryHeads = splitHeads(q, nHead);
    const keyHeads = splitHeads(k, nHead);
    const valueHeads = splitHeads(v, nHead);

    const scores = scaledScores(queryHeads, keyHeads);
    const weights = maskedSoftmax(scores, mask);
    const output = joinHeads(tf.matMul(weights, valueHeads));

    return { output, weights };
  });
}
