// Lesson 12 (training), reference answers. Letters: B batch, T time, N = B·T predictions, V
// vocabulary.

import { tf } from "llm/engine";

export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Scalar {
  return tf.tidy(() => {
    // Stay with logarithms, z − ln Σ e^z. ln(softmax(z)) would be ln 0 = −∞ for a token to which the
    // model gave almost no probability, and its gradient NaN. logSumExp subtracts the largest logit
    // of each row, so large logits do not overflow.
    const z = tf.sum(tf.mul(logits, tf.oneHot(targets, logits.shape[1])), 1); // (N), the target's
    // A mean and not a sum: the loss, and with it the best learning rate, must not depend on N.
    return tf.mean(tf.sub(tf.logSumExp(logits, 1), z));
  });
}

export function getBatch(
  ids: Int32Array,
  starts: number[],
  blockSize: number,
): { inputs: ArrayLike<number>[]; targets: ArrayLike<number>[] } {
  // slice and not subarray: neighbouring windows overlap, and views would share their memory.
  const window = (start: number) => ids.slice(start, start + blockSize);
  return { inputs: starts.map(window), targets: starts.map((start) => window(start + 1)) };
}

export function adamw(
  parameter: tf.Tensor,
  gradient: tf.Tensor,
  m: tf.Tensor,
  v: tf.Tensor,
  step: number,
  options: { lr: number; beta1: number; beta2: number; eps: number; weightDecay: number },
): { parameter: tf.Tensor; m: tf.Tensor; v: tf.Tensor } {
  const { lr, beta1, beta2, eps, weightDecay } = options;
  return tf.tidy(() => {
    const newM = tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1));
    const newV = tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2));
    const mHat = tf.div(newM, 1 - beta1 ** step);
    const vHat = tf.div(newV, 1 - beta2 ** step);
    // ε outside the root only prevents 0/0. Inside, 10⁻⁸ would act like 10⁻⁴ next to the root, and
    // weights with smaller gradients than that would hardly move.
    const update = tf.div(mHat, tf.add(tf.sqrt(vHat), eps));
    // The decay stays out of m and v, or Adam would divide it by the gradient's size. Parameters
    // with one axis are gains and biases, which have no reason to be near 0.
    const decay = parameter.rank >= 2 ? weightDecay : 0;
    return {
      parameter: tf.sub(tf.mul(parameter, 1 - lr * decay), tf.mul(update, lr)),
      m: newM,
      v: newV,
    };
  });
}

export function warmupCosine(
  step: number,
  options: { maxLr: number; minLr: number; warmupSteps: number; totalSteps: number },
): number {
  const { maxLr, minLr, warmupSteps, totalSteps } = options;
  // step + 1, because a first step with the rate 0 would be wasted.
  if (step < warmupSteps) return (maxLr * (step + 1)) / (warmupSteps + 1);
  if (step >= totalSteps) return minLr; // otherwise the cosine would rise again
  const p = (step - warmupSteps) / (totalSteps - warmupSteps);
  return minLr + ((maxLr - minLr) * (1 + Math.cos(Math.PI * p))) / 2;
}

export function newtonSchulz(matrix: tf.Tensor2D, iterations: number): tf.Tensor2D {
  return tf.tidy(() => {
    // The norm is at least as large as the largest singular value, so that all of them are now at
    // most 1: the polynomial pulls only numbers up to about 1.2 towards 1, and larger ones explode.
    const norm = tf.sqrt(tf.sum(tf.square(matrix)));
    let x = tf.div<tf.Tensor2D>(matrix, tf.maximum(norm, 1e-7));
    for (let i = 0; i < iterations; i++) {
      const a = tf.matMul(x, x, false, true); // X Xᵀ
      const factor = tf.add<tf.Tensor2D>(tf.mul(a, -4.775), tf.mul(tf.matMul(a, a), 2.0315));
      x = tf.add(tf.mul(x, 3.4445), tf.matMul(factor, x));
    }
    return x;
  });
}

export function roundToBf16(x: number): number {
  const float = Float32Array.of(x);
  const bits = new Uint32Array(float.buffer); // the same four bytes, read as an integer
  const lastKept = (bits[0] >>> 16) & 1;
  // Adding just under half a step rounds up everything above half-way; the last kept bit decides
  // the exact half. A carry out of the fraction raises the exponent, which is right: 1.999 becomes 2.
  bits[0] = (bits[0] + 0x7fff + lastKept) & 0xffff0000;
  return float[0];
}
