// Lesson 17 (light fine-tuning), reference answers.

import { tf } from "llm/engine";

export function loraLinear(
  x: tf.Tensor2D,
  W: tf.Tensor2D,
  A: tf.Tensor2D,
  B: tf.Tensor2D,
  alpha: number,
): tf.Tensor2D {
  return tf.tidy(() => {
    const low = tf.matMul(x, A, false, true); // (N, r)
    // The narrow tensor is scaled: r numbers for each row in place of out.
    const scaled = tf.mul<tf.Tensor2D>(low, alpha / A.shape[0]);
    return tf.add(tf.matMul(x, W, false, true), tf.matMul(scaled, B, false, true));
  });
}

export function trainedNumbers(
  shapes: Record<string, [out: number, width: number]>,
  targets: string[],
  r: number,
): number {
  let sum = 0;
  for (const [name, [out, width]] of Object.entries(shapes)) {
    const last = name.slice(name.lastIndexOf(".") + 1);
    // A has r rows of `width`, and B `out` rows of r: a sum, where W has a product.
    if (targets.includes(last)) sum += r * (width + out);
  }
  return sum;
}

export function mergedWeight(
  W: tf.Tensor2D,
  A: tf.Tensor2D,
  B: tf.Tensor2D,
  alpha: number,
  sign: 1 | -1,
): tf.Tensor2D {
  // x Aᵀ Bᵀ = x (B A)ᵀ: what stands beside W is the matrix B A, in the layout of W.
  return tf.tidy(() => tf.add(W, tf.mul(tf.matMul(B, A), (sign * alpha) / A.shape[0])));
}

export function prefixAttention(
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  prefixKeys: tf.Tensor2D,
  prefixValues: tf.Tensor2D,
): tf.Tensor2D {
  return tf.tidy(() => {
    const [T, D] = q.shape;
    const P = prefixKeys.shape[0];
    const keys = tf.concat([prefixKeys, k], 0); // (P + T, D)
    const scores = tf.div(tf.matMul(q, keys, false, true), Math.sqrt(D)); // (T, P + T)
    // The triangle is for the tokens alone; the P columns before it are seen by all.
    const triangle = tf.linalg.bandPart(tf.ones([T, T]), -1, 0) as tf.Tensor2D;
    const seen = tf.concat([tf.ones([T, P]) as tf.Tensor2D, triangle], 1);
    const hidden = tf.mul(tf.sub(1, seen), -1e9);
    // One softmax over both: the prefix and the tokens share the weight of 1.
    const weights = tf.softmax(tf.add(scores, hidden)) as tf.Tensor2D;
    return tf.matMul(weights, tf.concat([prefixValues, v], 0));
  });
}

export function taskArithmetic(base: tf.Tensor, tuned: tf.Tensor[], weights: number[]): tf.Tensor {
  return tf.tidy(() => {
    let sum = tf.clone(base); // a new tensor also where nothing is added
    for (const [i, parameter] of tuned.entries())
      sum = tf.add(sum, tf.mul(tf.sub(parameter, base), weights[i]));
    return sum;
  });
}
