import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const numberOfQueries: number = queries.length;
  const numberOfKeys: number = keys.length;
  const similarity = (a: number[], b: number[]): number => {
    let result: number = 0;
    for (let i: number = 0; i < a.length; i++) {
      result += a[i] * b[i];
    }
    return result;
  };
  const softmax = (row: number[]): number[] => {
    let biggest: number = row[0];
    for (let i: number = 1; i < row.length; i++) {
      biggest = Math.max(biggest, row[i]);
    }
    const powers: number[] = row.map((x: number): number => Math.exp(x - biggest));
    const total: number = powers.reduce((x: number, y: number): number => x + y, 0);
    const probabilities: number[] = powers.map((x: number): number => x / total);
    return probabilities;
  };
  const combine = (p: number[]): number[] => {
    const sum: number[] = Array(values[0].length).fill(0) as number[];
    p.forEach((pi: number, i: number): void => {
      for (let n: number = 0; n < sum.length; n++) {
        sum[n] += pi * values[i][n];
      }
    });
    return sum;
  };
  const attention: number[][] = queries.map((a: number[]): number[] =>
    softmax(keys.map((b: number[]): number => similarity(a, b))),
  );
  const averages: number[][] = attention.map((p: number[]): number[] => combine(p));
  return { weights: attention, output: averages };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy((): tf.Tensor => {
    const rank: number = q.shape.length;
    const size: number = q.shape[q.shape.length - 1];
    const scale: number = 1 / Math.sqrt(size);
    const scores: tf.Tensor = tf.matMul(tf.mul(q, scale), k, false, true);
    return scores;
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy((): tf.Tensor2D => {
    const list: tf.Tensor[] = [];
    const length: number = T;
    for (let n: number = 0; n < T; n++) {
      list.push(tf.lessEqual(tf.range(0, T), n));
    }
    const result: tf.Tensor2D = tf.stack(list) as tf.Tensor2D;
    return result;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy((): tf.Tensor => {
    const axis: number = -1;
    if (!mask) {
      const powers: tf.Tensor = tf.exp(scores.sub(scores.max(-1, true)));
      return powers.div(powers.sum(-1, true));
    }
    const filled: tf.Tensor = tf.where(mask, scores, -1e9);
    const powers: tf.Tensor = tf.exp(filled.sub(filled.max(-1, true)));
    const allowed: tf.Tensor = tf.where(mask, powers, 0);
    const norm: tf.Tensor = allowed.sum(-1, true);
    const result: tf.Tensor = allowed.div(norm.add(tf.cast(norm.equal(0), "float32")));
    return result;
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy((): tf.Tensor4D => {
    const [batch, time, channels] = x.shape;
    const size: number = channels / nHead;
    const list: tf.Tensor[] = [];
    for (let n: number = 0; n < nHead; n++) {
      const start: number = n * size;
      const piece: tf.Tensor = tf.slice(x, [0, 0, n * size], [batch, time, size]);
      list.push(tf.expandDims(piece, 1));
    }
    return tf.concat(list, 1) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const batch: number = q.shape[0];
    const [a, b, c] = [q, k, v].map((t: tf.Tensor): tf.Tensor4D => splitHeads(t, nHead));
    const attention: tf.Tensor = maskedSoftmax(scaledScores(a, b), mask);
    const results: tf.Tensor = tf.matMul(attention, c);
    const list: tf.Tensor[] = [];
    for (let n: number = 0; n < nHead; n++) {
      list.push(tf.squeeze(tf.gather(results, [n], 1), [1]));
    }
    const joined: tf.Tensor = tf.concat(list, 2);
    return { output: joined, weights: attention };
  });
}
