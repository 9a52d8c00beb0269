import { tf } from "llm/engine";

const DOES_NOT_SEE = -1e9;

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const weights: number[][] = [];
  const output: number[][] = [];

  for (let qi = 0; qi < queries.length; qi++) {
    const scoreByKey = new Map<number, number>();
    for (let ki = 0; ki < keys.length; ki++) {
      let score = 0;
      let d = keys[ki].length;
      while (d-- > 0) {
        score += queries[qi][d] * keys[ki][d];
      }
      scoreByKey.set(ki, score);
    }

    const maxScore = Math.max(...scoreByKey.values());
    let denominator = 0;
    for (const [ki, score] of scoreByKey) {
      const e = Math.exp(score - maxScore);
      scoreByKey.set(ki, e);
      denominator += e;
    }

    const outputRow: number[] = new Array(values[0].length).fill(0);
    const weightRow: number[] = [];
    scoreByKey.forEach((e, ki) => {
      weightRow.push(e / denominator);
      values[ki].forEach((x, vi) => {
        outputRow[vi] += (e / denominator) * x;
      });
    });

    weights.push(weightRow);
    output.push(outputRow);
  }

  return { weights, output };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const D: number = q.shape[q.shape.length - 1];
    const dotProducts: tf.Tensor = tf.matMul(q, k, false, true);
    return dotProducts.mul(D ** -0.5);
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    // position j is seen by the queries j, j + 1, …: one-hot rows, summed downwards
    const itself: tf.Tensor = tf.oneHot(tf.range(0, T, 1, "int32"), T);
    const soFar: tf.Tensor = itself.cast("float32").cumsum(0);
    return soFar.greater(0) as tf.Tensor2D;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (mask === undefined) {
      return tf.softmax(scores, -1);
    }
    const ones: tf.Tensor = tf.onesLike(scores);
    const everySeen: tf.Tensor = ones.mul(mask.cast("float32"));
    const penalty: tf.Tensor = ones.sub(everySeen).mul(DOES_NOT_SEE);
    return tf.softmax(scores.add(penalty), -1).mul(everySeen);
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  if (x.shape[2]! % nHead !== 0) {
    throw new Error(`${nHead} heads do not divide ${x.shape[2]} channels`);
  }
  return tf.tidy(() => {
    const widths: number[] = new Array(nHead).fill(x.shape[2]! / nHead);
    const heads: tf.Tensor[] = tf.split(x, widths, 2);
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
    const [queryHeads, keyHeads, valueHeads] = [q, k, v].map((x) => splitHeads(x, nHead));
    const weights: tf.Tensor = maskedSoftmax(scaledScores(queryHeads, keyHeads), mask);
    const mixed: tf.Tensor = tf.matMul(weights, valueHeads);
    const pieces: tf.Tensor[] = [];
    for (let h = 0; h < nHead; h++) {
      const piece: tf.Tensor = tf.slice(mixed, [0, h, 0, 0], [-1, 1, -1, -1]);
      pieces.push(piece.squeeze([1]));
    }
    return { output: tf.concat(pieces, -1), weights };
  });
}
