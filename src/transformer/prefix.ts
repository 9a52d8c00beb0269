// Prefix tuning: Li & Liang, 2021, "Prefix-Tuning: Optimizing Continuous Prompts for Generation",
// arXiv:2101.00190. Every attention layer has P more keys and values than there are tokens. They
// belong to no token, every position sees them, and they are what is trained: a prompt that need
// not be made of words.
//
// In the record they are `<attention>.prefix_keys` and `<attention>.prefix_values`, (K, P, D) each,
// the same for all texts of a batch. Tokens keep their positions 0, 1, …; a key of a prefix is not
// rotated. Left out: the paper's network that makes the prefix during training (llm/peft begins
// with the keys and values of a real text instead, which the paper found to help as well).
//
// Letters: B batch, H heads of queries, K of keys and values, T time, D width of a head.
import { maskedSoftmax, mergeHeads, scaledScores } from "../attention";
import { tf } from "../engine";
import type { Params } from "../params";

/** Keys and values that every position sees, (K, P, D) each. */
export interface Prefix {
  keys: tf.Tensor3D;
  values: tf.Tensor3D;
}

/** The names of a layer's prefix; `attention` is what stands before, such as `…self_attn`. */
export const prefixNames = (attention: string): [keys: string, values: string] => [
  `${attention}.prefix_keys`,
  `${attention}.prefix_values`,
];

/** The prefix of an attention layer, if the record has one. */
export function prefixOf(params: Params<tf.Tensor>, attention: string): Prefix | undefined {
  const [keys, values] = prefixNames(attention).map((name) => params[name] as tf.Tensor3D);
  return keys && values ? { keys, values } : undefined;
}

/** The prefix put before keys or values: (K, P, D) and (B, K, S, D) → (B, K, P + S, D). */
export function withPrefix(prefix: tf.Tensor3D, x: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const copies = tf.tile(tf.expandDims<tf.Tensor4D>(prefix, 0), [x.shape[0], 1, 1, 1]);
    return tf.concat([copies, x], 2);
  });
}

/** A mask (T, S) with P columns before it that may be seen: (T, P + S). */
export function maskWithPrefix(P: number, mask: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const seen = tf.cast(tf.ones([mask.shape[0], P]), "bool") as tf.Tensor2D;
    return tf.concat([seen, mask], 1);
  });
}

/**
 * Attention to a prefix and to the tokens that `mask` allows.
 * @param q (B, H, T, D)
 * @param k (B, H, T, D)
 * @param v (B, H, T, D)
 * @param prefix its keys and values with H heads
 * @param mask (T, T): row = query, column = key
 * @returns `output` (B, T, H·D), and `weights` (B, H, T, P + T)
 */
export function prefixAttention(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  prefix: Prefix,
  mask: tf.Tensor2D,
): { output: tf.Tensor3D; weights: tf.Tensor4D } {
  return tf.tidy(() => {
    const scores = scaledScores(q, withPrefix(prefix.keys, k)); // (B, H, T, P + T)
    const visible = maskWithPrefix(prefix.keys.shape[1], mask);
    const weights = maskedSoftmax(scores, visible) as tf.Tensor4D;
    return { output: mergeHeads(tf.matMul(weights, withPrefix(prefix.values, v))), weights };
  });
}
