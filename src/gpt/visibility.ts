// Attention in which who sees whom is given, in place of the causal rule: padding that is hidden
// (lesson 15, fine-tuning), texts that share a row (lesson 16, instruction tuning).
import { maskedSoftmax, mergeHeads, scaledScores } from "../attention";
import { tf } from "../engine";
import { repeatHeads } from "./llama";
import type { GPTOptions } from "./options";

/**
 * For `GPTOptions.mixHeads`: softmax(Q Kᵀ / √D) V over what is visible, with grouped queries.
 * @param visible (B or 1, 1, T, T): true where the row's position may see the column's
 */
export function attentionUnder(visible: tf.Tensor4D): NonNullable<GPTOptions["mixHeads"]> {
  return (_layer, q, k, v) =>
    tf.tidy(() => {
      const [keys, values] = [k, v].map((x) => repeatHeads(x, q.shape[1] / k.shape[1]));
      const weights = maskedSoftmax(scaledScores(q, keys), visible) as tf.Tensor4D;
      return mergeHeads(tf.matMul(weights, values)); // (B, T, H·D)
    });
}
