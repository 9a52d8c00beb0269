import { tf } from "llm/engine";

export function attentionByLoops(
  qs: number[][],
  ks: number[][],
  vs: number[][],
): { weights: number[][]; output: number[][] } {
  const numQ = qs.length;
  const numK = ks.length;
  const dim = vs[0].length;
  const probs: number[][] = [];
  const results: number[][] = [];

  // first I calculate the attention matrix
  for (const vec of qs) {
    const logits = new Array<number>(numK);
    let maximum = -Infinity;
    for (let b = 0; b < numK; b += 1) {
      logits[b] = 0;
      vec.forEach((num, idx) => {
        logits[b] += num * ks[b][idx];
      });
      if (logits[b] > maximum) {
        maximum = logits[b];
      }
    }
    // now softmax it
    let denom = 0;
    for (let b = 0; b < numK; b += 1) {
      logits[b] = Math.exp(logits[b] - maximum);
      denom += logits[b];
    }
    probs.push(logits.map((n) => n / denom));
  }

  // and use it
  for (let a = 0; a < numQ; a += 1) {
    const vector: number[] = [];
    for (let f = 0; f < dim; f += 1) {
      let acc = 0;
      for (let b = 0; b < numK; b += 1) {
        acc += probs[a][b] * vs[b][f];
      }
      vector.push(acc);
    }
    results.push(vector);
  }
  return { weights: probs, output: results };
}

export function scaledScores(query: tf.Tensor, key: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const dim = query.shape[query.rank - 1];
    const smaller = tf.mul(query, 1 / Math.sqrt(dim));
    return tf.matMul(smaller, key, false, true);
  });
}

export function causalMask(n: number): tf.Tensor2D {
  return tf.tidy(() => {
    // triangular matrix
    const full = tf.ones([n, n]) as tf.Tensor2D;
    const triangle = tf.linalg.bandPart(full, -1, 0);
    return tf.cast(triangle, "bool");
  });
}

export function maskedSoftmax(logits: tf.Tensor, allow?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const open = allow ?? tf.onesLike(logits).cast("bool");
    const filtered = tf.where(open, logits, -1e30);
    const top = tf.max(filtered, -1, true);
    const exps = tf.exp(tf.sub(filtered, top));
    const rest = tf.mul(exps, tf.cast(open, "float32"));
    const denom = tf.sum(rest, -1, true);
    return tf.divNoNan(rest, denom); // no NaN!
  });
}

export function splitHeads(input: tf.Tensor, heads: number): tf.Tensor4D {
  return tf.tidy(() => {
    const B = input.shape[0];
    const L = input.shape[1]!;
    const size = input.shape[2]! / heads;
    return input.reshape([B, L, heads, size]).transpose([0, 2, 1, 3]) as tf.Tensor4D;
  });
}

export function multiHead(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  { nHead: heads, mask: allow }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const B = query.shape[0];
    const L = query.shape[1]!;
    const C = value.shape[2]!;
    const probs = maskedSoftmax(
      scaledScores(splitHeads(query, heads), splitHeads(key, heads)),
      allow,
    );
    const result = tf.matMul(probs, splitHeads(value, heads));
    const swapped = tf.transpose(result, [0, 2, 1, 3]);
    const merged = swapped.reshape([B, L, C]);
    return { output: merged, weights: probs };
  });
}
