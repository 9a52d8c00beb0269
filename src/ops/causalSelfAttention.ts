// Multi-head causal self-attention from already projected queries, keys and values: Vaswani et al., 2017,
// «Attention Is All You Need», arXiv:1706.03762, sections 3.2.1–3.2.2, with the mask of a decoder.
// The projections before and after it are `linear`; other masks and cross-attention are in ../attention.
import { tf } from "../engine";
import { allFloat, hasFused, runFused, shapeText } from "./fused";

function check(qkv: tf.Tensor3D, nHead: number): void {
  if (!Number.isInteger(nHead) || nHead < 1) {
    throw new Error(`causalSelfAttention: expected nHead to be a positive integer, got ${nHead}`);
  }
  if (qkv.rank !== 3 || qkv.shape[2] % (3 * nHead) !== 0) {
    throw new Error(
      `causalSelfAttention: expected qkv (B, T, 3C) with C a multiple of nHead ${nHead}, got ${shapeText(qkv)}`,
    );
  }
}

/** `causalSelfAttention` from tfjs operations: the definition. */
export function clearCausalSelfAttention(qkv: tf.Tensor3D, nHead: number): tf.Tensor3D {
  check(qkv, nHead);
  const [B, T] = qkv.shape;
  const C = qkv.shape[2] / 3;
  const D = C / nHead;
  return tf.tidy(() => {
    const [q, k, v] = tf.split(qkv, 3, 2).map(
      (part) => tf.transpose(tf.reshape(part, [B, T, nHead, D]), [0, 2, 1, 3]), // (B, H, T, D)
    );
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(D)); // (B, H, T, T)
    const past = tf.linalg.bandPart(tf.ones([T, T]), -1, 0); // 1 on and below the diagonal
    const weights = tf.softmax(tf.add(scores, tf.mul(tf.sub(past, 1), 1e9))); // −10⁹ where the key is in the future
    const heads = tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]); // (B, T, H, D)
    return tf.reshape(heads, [B, T, C]) as tf.Tensor3D;
  });
}

/**
 * softmax(Q Kᵀ / √D + mask) V for each of H heads, where position t sees positions 0…t only; the heads' results lie
 * side by side. B batch, T time, C channels, H = nHead heads, D = C / H head width.
 * @param qkv (B, T, 3C): queries, keys and values side by side, each head after head
 * @param nHead number of heads H
 * @returns (B, T, C)
 * @throws Error when the width is not 3 · nHead · D
 */
export function causalSelfAttention(qkv: tf.Tensor3D, nHead: number): tf.Tensor3D {
  check(qkv, nHead);
  if (!hasFused("Attention") || !allFloat(qkv) || qkv.size === 0) return clearCausalSelfAttention(qkv, nHead);
  return fused(nHead)(qkv) as tf.Tensor3D;
}

const fused = (nHead: number) =>
  tf.customGrad((qkv, save) => {
    const [y, weights] = runFused<tf.Tensor[]>("Attention", { qkv: qkv as tf.Tensor }, { nHead });
    (save as tf.GradSaveFunc)([qkv as tf.Tensor, weights]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, [qkv, weights]: tf.Tensor[]) =>
        runFused("AttentionGrad", { qkv, weights, dy }, { nHead }),
    };
  });
