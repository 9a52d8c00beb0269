// Lesson 14 (scaling), reference answers. Letters: N parameters or workers, D tokens, C operations or
// channels, B batch, F width inside the feed-forward network, S stages, M micro-batches.

import { tf } from "llm/engine";

export function fitAboveFloor(x: number[], y: number[], E: number): { A: number; alpha: number } {
  const u = x.map(Math.log);
  const v = y.map((loss) => Math.log(loss - E));
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [uMean, vMean] = [mean(u), mean(v)];
  // The factor 1/n of covariance and variance cancels in the slope, so it is left out of both.
  const covariance = u.reduce((sum, value, i) => sum + (value - uMean) * (v[i] - vMean), 0);
  const variance = u.reduce((sum, value) => sum + (value - uMean) ** 2, 0);
  const slope = covariance / variance;
  // The line falls, so its slope is −α; its intercept is the logarithm of A.
  return { A: Math.exp(vMean - slope * uMean), alpha: -slope };
}

export function bestSize(
  law: { E: number; A: number; alpha: number; B: number; beta: number },
  flops: number,
  sizes: number[],
): { parameters: number; tokens: number; loss: number } {
  const { E, A, alpha, B, beta } = law;
  const tried = sizes.map((parameters) => {
    // 6 N D operations: 2 N D forward, and twice as many backward.
    const tokens = flops / (6 * parameters);
    return { parameters, tokens, loss: E + A / parameters ** alpha + B / tokens ** beta };
  });
  // `<` keeps the first of equal ones.
  return tried.reduce((best, one) => (one.loss < best.loss ? one : best));
}

export function ringSum(rows: number[][]): { rows: number[][]; sent: number[] } {
  const N = rows.length;
  const m = rows[0].length / N;
  const held = rows.map((row) => [...row]);
  const sent = rows.map(() => 0);
  const pass = (chunkOf: (i: number) => number, use: (own: number, got: number) => number) => {
    // All messages are taken before any is delivered: they travel at the same time.
    const messages = held.map((row, i) => {
      const from = (((chunkOf(i) % N) + N) % N) * m;
      return { from, values: row.slice(from, from + m) };
    });
    messages.forEach(({ from, values }, i) => {
      const receiver = held[(i + 1) % N];
      values.forEach((value, j) => {
        receiver[from + j] = use(receiver[from + j], value);
      });
      sent[i] += m;
    });
  };
  // After N − 1 rounds a chunk has met every row, and worker i holds the finished chunk i.
  for (let r = 0; r < N - 1; r++)
    pass(
      (i) => i - r - 1,
      (own, got) => own + got,
    );
  for (let r = 0; r < N - 1; r++)
    pass(
      (i) => i - r,
      (_, got) => got,
    );
  return { rows: held, sent };
}

export function feedForwardShare(
  x: tf.Tensor2D,
  wIn: tf.Tensor2D,
  wOut: tf.Tensor2D,
  { rank, workers }: { rank: number; workers: number },
): tf.Tensor2D {
  const [C, F] = wIn.shape;
  const width = F / workers;
  return tf.tidy(() => {
    const columns = tf.slice(wIn, [0, rank * width], [C, width]);
    const rows = tf.slice(wOut, [rank * width, 0], [width, wOut.shape[1]]);
    // A column of wIn makes a whole hidden number, so the activation can be taken right here. Had
    // wIn been cut by rows, each worker would have a part of every sum, and relu of a part is not
    // a part of relu.
    return tf.matMul(tf.relu(tf.matMul(x, columns)), rows);
  });
}

export function gpipeTable(stages: number, microBatches: number): string[][] {
  const half = stages + microBatches - 1;
  return Array.from({ length: stages }, (_, s) => {
    const slots = Array<string>(2 * half).fill("");
    for (let m = 0; m < microBatches; m++) {
      slots[s + m] = `F${m}`;
      // Backward is forward, mirrored in time: slot t becomes slot 2 · half − 1 − t.
      slots[2 * half - 1 - (s + m)] = `B${m}`;
    }
    return slots;
  });
}

export function zeroBytes(parameters: number, workers: number, stage: number): number {
  // Each stage shares out what the one before does, and one thing more.
  const share = (fromStage: number) => (stage >= fromStage ? 1 / workers : 1);
  return parameters * (12 * share(1) + 2 * share(2) + 2 * share(3));
}
