// Attention of new tokens that follow tokens whose keys and values are kept (./kvCache).
import { causalMask, scaledScores } from "../attention";
import { tf } from "../engine";
import { slidingMask } from "../gpt";
import { type Prefix, withPrefix } from "../transformer";

/**
 * Causal attention of n new tokens, to S kept rows and to each other. With grouped queries, H / K
 * heads of queries share one head of keys and values.
 * @param q (B, H, n, D)
 * @param k (B, K, n, D)
 * @param v (B, K, n, D)
 * @param kept keys and values of earlier positions, (B, K, S, D) each; perhaps a prefix (K, P, D)
 *   before them, which every position sees
 * @param hidden (H/K · n, S + n), as `hiddenScores` gives it: the same for all texts and
 *   layers
 * @returns (B, n, H·D)
 */
export function cachedAttention(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  { keys, values, prefix }: { keys: tf.Tensor4D; values: tf.Tensor4D; prefix?: Prefix },
  hidden: tf.Tensor2D,
): tf.Tensor3D {
  const [B, H, n, D] = q.shape;
  const [, K, S] = keys.shape;
  const P = prefix?.keys.shape[1] ?? 0;
  return tf.tidy(() => {
    const queries = tf.reshape(q, [B, K, (H / K) * n, D]);
    const [earlier, said] = prefix
      ? [withPrefix(prefix.keys, keys), withPrefix(prefix.values, values)]
      : [keys, values];
    const scores = tf.concat([scaledScores(queries, earlier), scaledScores(queries, k)], -1);
    const hiding = prefix
      ? tf.pad(hidden, [
          [0, 0],
          [P, 0],
        ])
      : hidden;
    const [before, own] = tf.split(tf.softmax(tf.add(scores, hiding)), [P + S, n], -1);
    const mixed = tf.add(tf.matMul(before, said), tf.matMul(own, v)); // (B, K, H/K·n, D)
    const byToken = tf.transpose(tf.reshape(mixed, [B, H, n, D]), [0, 2, 1, 3]);
    return tf.reshape(byToken, [B, n, H * D]);
  });
}

/** Far below every score: e to its power is 0. */
const HIDDEN = 1e9;

/**
 * What is added to the scores so that each new token sees, of S kept rows, those before it, and of n
 * new ones itself and those before: 0 where a row is seen, −10⁹ elsewhere. Worked out once for all
 * layers.
 * @param position (1) int32: where the first new token stands; rows from here on belong to an older
 *   text
 * @param options `groups` H / K: how often the rows are repeated; `window`: how many positions may
 *   be seen, the own one included, all before it if absent
 * @returns (groups · n, S + n)
 */
export function hiddenScores(
  n: number,
  S: number,
  position: tf.Tensor1D,
  { groups, window }: { groups: number; window?: number },
): tf.Tensor2D {
  return tf.tidy(() => {
    const past = tf.tile(causalMask(1, { keys: S, offset: tf.sub(position, 1) }), [n, 1]);
    const near = () =>
      tf.logicalNot(causalMask(n, { keys: S, offset: tf.sub(position, window as number) }));
    const isLimited = window !== undefined && window < S;
    const seen = isLimited ? tf.logicalAnd(past, near()) : past; // (n, S)
    const own = tf.cast(slidingMask(n, window), "float32");
    const rows = tf.concat([tf.cast(seen, "float32"), own], 1); // 1 where a row is seen
    return tf.mul(tf.sub(tf.tile(rows, [groups, 1]), 1), HIDDEN) as tf.Tensor2D;
  });
}
