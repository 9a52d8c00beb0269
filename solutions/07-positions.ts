// Lesson 07 (positions), reference answers. Letters: T positions, C channels, H heads, D width of a
// head.

import { tf } from "llm/engine";

export function sinusoidalPositions(T: number, C: number): tf.Tensor2D {
  const rows = Array.from({ length: T }, (_, p) =>
    Array.from({ length: C }, (_, c) => {
      // Both channels of a pair have the same exponent, 2i: the even channel's number.
      const angle = p / 10000 ** ((c - (c % 2)) / C);
      return c % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }),
  );
  return tf.tensor2d(rows, [T, C]);
}

export function distanceBucket(
  distance: number,
  { numBuckets, maxDistance }: { numBuckets: number; maxDistance: number },
): number {
  const near = numBuckets / 2;
  if (distance < near) return distance; // also keeps 0 away from the logarithm
  const share = Math.log(distance / near) / Math.log(maxDistance / near); // 0 at near, 1 at maxDistance
  return Math.min(near + Math.floor(share * (numBuckets - near)), numBuckets - 1);
}

export function alibiBias(H: number, T: number): tf.Tensor3D {
  return tf.tidy(() => {
    const slopes = Array.from({ length: H }, (_, h) => 2 ** ((-8 * (h + 1)) / H));
    const position = tf.range(0, T);
    const behind = tf.sub(position.expandDims(1), position.expandDims(0)); // (T, T): i − j
    const distance = tf.relu(behind); // keys after the query get 0: hiding them is the mask's task
    return tf.mul(tf.tensor(slopes, [H, 1, 1]), tf.neg(distance)) as tf.Tensor3D; // (H, T, T)
  });
}

export function rotatePairs(x: tf.Tensor, { scale = 1 }: { scale?: number } = {}): tf.Tensor {
  const [T, D] = x.shape.slice(-2);
  return tf.tidy(() => {
    const rates = Array.from({ length: D / 2 }, (_, i) => scale * 10000 ** ((-2 * i) / D));
    const angles = tf.mul(tf.range(0, T).expandDims(1), tf.tensor1d(rates)); // (T, D/2)
    const [cos, sin] = [tf.cos(angles), tf.sin(angles)];
    const pairs = tf.reshape(x, [...x.shape.slice(0, -1), D / 2, 2]); // neighbours side by side
    const [a, b] = tf.unstack(pairs, -1); // (…, T, D/2) each; the angles broadcast to the front
    const turned = [tf.sub(tf.mul(a, cos), tf.mul(b, sin)), tf.add(tf.mul(a, sin), tf.mul(b, cos))];
    return tf.reshape(tf.stack(turned, -1), x.shape); // stack, not concat: back to neighbours
  });
}

export function interleavedToHalves(W: tf.Tensor2D, nHead: number): tf.Tensor2D {
  const [C, wide] = W.shape;
  const half = wide / nHead / 2;
  return tf.tidy(() => {
    // Within each head: (D/2, 2) read by columns instead of by rows. Heads stay where they are, since
    // each pair must stay within its head.
    const pairs = tf.reshape(W, [C, nHead, half, 2]);
    return tf.reshape(tf.transpose(pairs, [0, 1, 3, 2]), [C, wide]);
  });
}
