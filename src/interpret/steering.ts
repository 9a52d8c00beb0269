// Steering vectors: the difference of the mean activations of two kinds of text, added to the residual
// stream, moves what a model writes from one kind to the other (Turner et al., 2023, "Activation
// Addition"; difference of means: Marks & Tegmark, 2023). Whether the direction matters, and not only
// that something was added, shows beside a random vector of equal length; what it costs shows in the
// loss on ordinary text.
import { tf } from "../engine";
import type { Hooks } from "../gpt";
import type { Random } from "../random";
import { type Model, runWithCache } from "./run";

/**
 * Mean of the stream over texts of kind `to` minus that over texts of kind `from`.
 * @param to (B, T) int32
 * @param from (B, T) int32
 * @param name a hook of shape (B, T, C), such as `blocks.2.hook_resid_post`
 * @returns (C); the caller disposes it
 */
export function meanDifference(
  model: Model,
  { to, from }: { to: tf.Tensor2D; from: tf.Tensor2D },
  name: string,
): tf.Tensor1D {
  return tf.tidy(() => {
    const [a, b] = [to, from].map((ids) => {
      const { cache } = runWithCache(model, ids, [name]);
      const mean = tf.mean(cache[name], [0, 1]);
      cache[name].dispose();
      return mean;
    });
    return tf.sub(a, b) as tf.Tensor1D;
  });
}

/** Hooks that add `strength` times a vector at every place. */
export const steer = (name: string, vector: tf.Tensor1D, strength: number): Hooks => ({
  [name]: (x) => tf.tidy(() => tf.add(x, tf.mul(vector, strength))),
});

/** A random direction of the same length. */
export function randomLike(vector: tf.Tensor1D, rng: Random): tf.Tensor1D {
  return tf.tidy(() => {
    const drawn = tf.tensor1d(Array.from({ length: vector.size }, () => rng.normal()));
    return tf.mul(drawn, tf.div(tf.norm(vector), tf.norm(drawn))) as tf.Tensor1D;
  });
}
