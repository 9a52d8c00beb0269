// Lesson 28 (interpretability), reference answers. Letters: B batch, H heads, T time, D width of a
// head, C channels, V vocabulary, S steps.

import { tf } from "llm/engine";

export function inductionScore(pattern: tf.Tensor4D, period: number): tf.Tensor1D {
  return tf.tidy(() => {
    const T = pattern.shape[3];
    // Only the second time round is there anything to find: the queries before P have met nothing.
    const queries = tf.slice(pattern, [0, 0, period, 0], [-1, -1, -1, -1]); // (B, H, T − P, T)
    const keys = tf.range(1, T - period + 1, 1, "int32"); // t − P + 1 for t = P … T − 1
    // A one in the column of the wanted key: multiplying and adding picks one weight per query.
    const weights = tf.sum(tf.mul(queries, tf.oneHot(keys, T)), -1); // (B, H, T − P)
    return tf.mean(weights, [0, 2]) as tf.Tensor1D;
  });
}

export function ablateHead(z: tf.Tensor4D, head: number, instead: "zero" | "mean"): tf.Tensor4D {
  return tf.tidy(() => {
    const H = z.shape[1];
    // 1 for this head and 0 for the others, on axis 1; it broadcasts over rows, places and numbers.
    const chosen = tf.reshape(
      tf.tensor1d(Array.from({ length: H }, (_, h) => (h === head ? 1 : 0))),
      [1, H, 1, 1],
    );
    // The mean keeps what the head says to every text alike, which later layers may count on; zeros
    // take that away as well.
    const other = instead === "mean" ? tf.mean(z, [0, 2], true) : tf.scalar(0);
    return tf.add(tf.mul(z, tf.sub(1, chosen)), tf.mul(other, chosen)) as tf.Tensor4D;
  });
}

export function logitLens(
  stream: tf.Tensor3D,
  gain: tf.Tensor1D,
  unembedding: tf.Tensor2D,
): tf.Tensor3D {
  return tf.tidy(() => {
    const [B, T, C] = stream.shape;
    // The stream grows from layer to layer. Without the norm early layers would look unsure only
    // because their numbers are small.
    const size = tf.sqrt(tf.add(tf.mean(tf.square(stream), -1, true), 1e-5)); // (B, T, 1)
    const normed = tf.mul(tf.div(stream, size), gain);
    const rows = tf.reshape(normed, [B * T, C]);
    return tf.reshape(tf.matMul(rows as tf.Tensor2D, unembedding, false, true), [B, T, -1]);
  });
}

export function integratedGradients(
  gradients: tf.Tensor4D,
  x: tf.Tensor3D,
  baseline: tf.Tensor1D,
): tf.Tensor2D {
  return tf.tidy(() => {
    // The mean over the line, not the gradient at its end: where f is saturated, the end is flat.
    const slope = tf.mean(gradients, 0); // (B, T, C)
    return tf.sum(tf.mul(tf.sub(x, baseline), slope), -1) as tf.Tensor2D;
  });
}

export function controlLabels(words: string[], labels: (0 | 1)[], draws: number[]): (0 | 1)[] {
  const ones = labels.filter((label) => label === 1).length / labels.length;
  // A Set keeps the order in which words first came up.
  const types = [...new Set(words)];
  // One label for a word, not for an example: chance for each example could not be learnt at all, and
  // would be a control that every probe passes.
  const drawn = new Map<string, 0 | 1>(types.map((word, i) => [word, draws[i] < ones ? 1 : 0]));
  return words.map((word) => drawn.get(word)!);
}
