import { tf } from "llm/engine";

class Row {
  constructor(readonly numbers: number[]) {}

  times(other: Row): number {
    return this.numbers.reduce((sum, n, i) => sum + n * other.numbers[i], 0);
  }

  softmax(): Row {
    const max = Math.max(...this.numbers);
    const exp = this.numbers.map((n) => Math.exp(n - max));
    const sum = exp.reduce((a, b) => a + b, 0);
    return new Row(exp.map((e) => e / sum));
  }
}

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const keyRows = keys.map((key) => new Row(key));
  const valueColumns: Row[] = [];
  for (let c = 0; c < values[0].length; c++) {
    valueColumns.push(new Row(values.map((value) => value[c])));
  }

  const weightRows = queries.map((query) => {
    const queryRow = new Row(query);
    return new Row(keyRows.map((keyRow) => queryRow.times(keyRow))).softmax();
  });

  return {
    weights: weightRows.map((row) => row.numbers),
    output: weightRows.map((row) => valueColumns.map((column) => row.times(column))),
  };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const D = q.shape.at(-1) as number;
    const unscaled = tf.matMul(q, k, false, true);
    return unscaled.div(Math.sqrt(D));
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const positions = tf.range(0, T);
    const [js, is] = tf.meshgrid(positions, positions);
    return js.lessEqual(is) as tf.Tensor2D;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (mask === undefined) {
      return tf.softmax(scores);
    }

    const maskAsNumber = tf.cast(mask, "float32");
    const visibleKeys = tf.sum(maskAsNumber, -1, true);
    const blindQuery = tf.equal(visibleKeys, 0);

    const scoresOrMinusALot = tf.where(mask, scores, -1e9);
    const attention = tf.softmax(scoresOrMinusALot);

    return tf.where(blindQuery, 0, attention);
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [B, T, C] = x.shape;
    return tf.transpose(tf.reshape(x, [B, T, nHead, C / nHead]), [0, 2, 1, 3]) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const [B, T, C] = q.shape;

    const scores = scaledScores(splitHeads(q, nHead), splitHeads(k, nHead));
    const weights = maskedSoftmax(scores, mask);

    const averages = tf.matMul(weights, splitHeads(v, nHead)); // (B, H, T, D)
    const positionFirst = tf.transpose(averages, [0, 2, 1, 3]); // (B, T, H, D)
    const output = tf.reshape(positionFirst, [B, T, C]);

    return { output, weights };
  });
}
