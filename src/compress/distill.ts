// Distillation (Hinton, Vinyals and Dean, 2015): a small model learns from what a large one thinks of
// every token, not only from the token that came. What the teacher gives to wrong tokens says which of
// them are nearly right.
//
// Letters: N places, V vocabulary.
import { tf } from "../engine";
import { tokenLogProbs } from "../gpt";

export interface DistillOptions {
  /** Divides the logits of both: above 1 the small probabilities count for more. 2 if absent. */
  temperature?: number;
  /** The part of the soft targets, from 0 to 1; the rest is the usual loss. 0.5 if absent. */
  soft?: number;
}

/**
 * The loss of a student, mean over the places:
 *
 *     soft · T² · KL(teacher at T ‖ student at T)  +  (1 − soft) · −ln p_student(target)
 *
 * T² keeps the gradient of the first part as large as that of the second when T changes.
 * @param student logits (N, V)
 * @param teacher logits (N, V); no gradient goes through them
 * @param targets (N) int32
 * @returns nats per place
 * @throws if an option makes no sense or shapes differ
 */
export function distillationLoss(
  student: tf.Tensor2D,
  teacher: tf.Tensor2D,
  targets: tf.Tensor1D,
  { temperature = 2, soft = 0.5 }: DistillOptions = {},
): tf.Scalar {
  if (!(temperature > 0 && temperature < Infinity))
    throw new Error(`distillationLoss: expected a temperature above 0, got ${temperature}`);
  if (!(soft >= 0 && soft <= 1))
    throw new Error(`distillationLoss: expected soft from 0 to 1, got ${soft}`);
  if (student.shape.join() !== teacher.shape.join())
    throw new Error(
      `distillationLoss: expected logits of one shape, got [${student.shape}] and [${teacher.shape}]`,
    );
  return tf.tidy(() => {
    const at = (logits: tf.Tensor2D) => tf.logSoftmax(tf.div<tf.Tensor2D>(logits, temperature));
    const theirs = at(teacher);
    const kl = tf.sum(tf.mul(tf.exp(theirs), tf.sub(theirs, at(student))), 1); // (N)
    const usual = tf.neg(tokenLogProbs(student, targets)); // (N)
    const all = tf.add(tf.mul(kl, soft * temperature ** 2), tf.mul(usual, 1 - soft));
    return tf.mean(all) as tf.Scalar;
  });
}
