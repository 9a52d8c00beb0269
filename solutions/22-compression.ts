// Lesson 22 (compression), reference answers.

import { tf } from "llm/engine";

export function quantizeGroups(
  W: number[][],
  bits: number,
  group: number,
): { levels: number[][]; scales: number[][] } {
  const most = 2 ** (bits - 1) - 1;
  const scales = W.map((row) =>
    Array.from({ length: row.length / group }, (_, g) => {
      // The largest distance from zero: a group may be farther below zero than above it.
      const own = row.slice(g * group, (g + 1) * group).map(Math.abs);
      return Math.max(...own) / most || 1;
    }),
  );
  const levels = W.map((row, r) =>
    row.map((x, c) => Math.round(x / scales[r][Math.floor(c / group)])),
  );
  return { levels, scales };
}

export function affineLevels(
  x: number[],
  bits: number,
): { levels: number[]; scale: number; zero: number } {
  const most = 2 ** bits - 1;
  // With 0 in the range, a weight that is 0 stays exactly 0.
  const [min, max] = [Math.min(0, ...x), Math.max(0, ...x)];
  const scale = (max - min) / most || 1;
  const zero = Math.round(-min / scale);
  // Two roundings can push the largest number one level too far.
  const levels = x.map((v) => Math.min(most, Math.max(0, Math.round(v / scale) + zero)));
  return { levels, scale, zero };
}

export function spreadError(row: number[], i: number, rounded: number, U: number[][]): number[] {
  const error = (row[i] - rounded) / U[i][i];
  return row.map((w, j) => {
    if (j === i) return rounded;
    return j > i ? w - error * U[i][j] : w; // what is rounded already must stay on its grid
  });
}

export function nmMask(W: number[][], keep: number, of: number): number[][] {
  return W.map((row) =>
    row.map((w, c) => {
      const start = c - (c % of);
      const rivals = row.slice(start, start + of);
      // How many of the group come before this weight: a weight stays if fewer than `keep` do.
      const better = rivals.filter(
        (v, k) => Math.abs(v) > Math.abs(w) || (Math.abs(v) === Math.abs(w) && start + k > c),
      );
      return better.length < keep ? 1 : 0;
    }),
  );
}

export function maskedStep(
  weights: number[],
  gradient: number[],
  velocity: number[],
  mask: number[],
  { lr, momentum }: { lr: number; momentum: number },
): { weights: number[]; velocity: number[] } {
  const moved = velocity.map((v, i) => (momentum * v + gradient[i]) * mask[i]);
  // The mask on the weights as well: they may come from before the pruning.
  return { weights: weights.map((w, i) => (w - lr * moved[i]) * mask[i]), velocity: moved };
}

export function softTargetLoss(
  student: tf.Tensor2D,
  teacher: tf.Tensor2D,
  temperature: number,
): tf.Scalar {
  return tf.tidy(() => {
    const [p, q] = [teacher, student].map((x) => tf.logSoftmax(tf.div(x, temperature))); // logs
    const perPlace = tf.sum(tf.mul(tf.exp(p), tf.sub(p, q)), -1); // (N)
    // The gradient of the divergence shrinks with T²: the factor keeps its size.
    return tf.mul(tf.mean(perPlace), temperature ** 2) as tf.Scalar;
  });
}
