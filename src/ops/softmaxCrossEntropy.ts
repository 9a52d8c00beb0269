// The loss of language models: the mean surprise −log p(target), in nats, straight from the logits, so that neither
// the exponential nor the logarithm can overflow.
import { tf } from "../engine";
import { allFloat, checkIds, hasFused, runFused, shapeText } from "./fused";

function check(logits: tf.Tensor2D, targets: tf.Tensor1D): void {
  if (logits.rank !== 2 || targets.rank !== 1 || logits.shape[0] !== targets.shape[0] || targets.size === 0) {
    throw new Error(
      `softmaxCrossEntropy: expected logits (N, V) and targets (N), got ${shapeText(logits)} and ${shapeText(targets)}`,
    );
  }
  if (logits.shape[1] < 2)
    throw new Error(`softmaxCrossEntropy: expected a vocabulary V of 2 or more, got ${logits.shape[1]}`);
  checkIds(targets, logits.shape[1], "softmaxCrossEntropy", "targets");
}

/** `softmaxCrossEntropy` from tfjs operations: the definition. */
export function clearSoftmaxCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Scalar {
  check(logits, targets);
  return tf.tidy(() => {
    const chosen = tf.mul(tf.logSoftmax(logits), tf.oneHot(targets, logits.shape[1])); // zero but at the target
    return tf.neg(tf.mean(tf.sum(chosen, -1)));
  });
}

/**
 * Mean cross-entropy between softmax(logits) and the targets: −(1/N) Σᵢ log softmax(logitsᵢ)[targetᵢ], in nats.
 * @param logits (N, V), N predictions over a vocabulary of V
 * @param targets (N) int32, from 0 to V − 1
 * @returns scalar
 * @throws Error when the shapes do not fit or a target is out of range
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Scalar {
  if (!hasFused("CrossEntropy") || !allFloat(logits)) return clearSoftmaxCrossEntropy(logits, targets);
  check(logits, targets);
  return fused(targets)(logits) as tf.Scalar;
}

// ∂logits = (softmax(logits) − onehot(target)) / N
const fused = (targets: tf.Tensor1D) =>
  tf.customGrad((logits, save) => {
    const [loss, p] = runFused<tf.Tensor[]>("CrossEntropy", { logits: logits as tf.Tensor, targets });
    (save as tf.GradSaveFunc)([p, targets]);
    return {
      value: loss,
      gradFunc: (dy: tf.Tensor, [p, targets]: tf.Tensor[]) =>
        runFused("CrossEntropyGrad", { p, targets, dy }),
    };
  });
