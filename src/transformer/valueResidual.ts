// Values of the first layer in every later one: "value residual" (Zhou et al., 2024, "Value Residual
// Learning", arXiv:2410.17897; there with fixed or learnt weights). The first layer's values come
// straight from the embeddings, so every layer can still attend to what the tokens themselves were.
import { tf } from "../engine";
import { layerParams, type Params } from "../params";

/** What the first block leaves for the later ones; whoever made it disposes `values`. */
export interface FirstValues {
  /** (B, T, C), of all heads side by side. */
  values?: tf.Tensor3D;
}

/**
 * The values v of a layer mixed with those of the first, v₁:
 *
 *     v ← ½ (a · v + b · v₁)        a and b are learnt, 1 at first
 *
 * In the first layer nothing is mixed, and its values are kept.
 * @param qkv (B, T, 3C): queries, keys and values
 * @param params holds `value_mix.weight`, (2): a and b, under `prefix`, in all layers but the first
 * @returns (B, T, 3C)
 */
export function withFirstValues(
  qkv: tf.Tensor3D,
  params: Params<tf.Tensor>,
  prefix: string,
  first: FirstValues,
): tf.Tensor3D {
  const [q, k, v] = tf.split(qkv, 3, -1);
  if (!first.values) {
    first.values = tf.keep(v) as tf.Tensor3D;
    return qkv;
  }
  const [weights] = layerParams<tf.Tensor1D>(params, `${prefix}value_mix`);
  const [a, b] = tf.split(weights, 2);
  const mixed = tf.mul(tf.add(tf.mul(v, a), tf.mul(first.values, b)), 0.5);
  return tf.concat([q, k, mixed], -1) as tf.Tensor3D;
}
