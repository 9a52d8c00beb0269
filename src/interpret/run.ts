// One pass through a GPT whose insides are kept: TransformerLens's `run_with_cache` and
// `run_with_hooks`. The names are those of llm/gpt's `hookNames`.
import { tf } from "../engine";
import { type GPTConfig, gptHead, gptLogits, type Hooks, hookNames, tokenLogProbs } from "../gpt";
import type { Params } from "../params";

/** A model: what every function here looks into. */
export interface Model {
  params: Params;
  config: GPTConfig;
}

/** Kept tensors by the names of their hooks. */
export type Cache = Record<string, tf.Tensor>;

/**
 * The logits, and a copy of each tensor asked for.
 * @param ids (B, T) int32
 * @param names which hooks to keep: a list, or a function that chooses; all if absent
 * @returns `logits` (B, T, V) and the `cache`; the caller disposes both (`tf.dispose`)
 * @throws if the model has no hook of a name
 */
export function runWithCache(
  { params, config }: Model,
  ids: tf.Tensor2D,
  names: readonly string[] | ((name: string) => boolean) = () => true,
): { logits: tf.Tensor3D; cache: Cache } {
  const wanted = typeof names === "function" ? hookNames(config).filter(names) : names;
  const cache: Cache = {};
  const hooks: Hooks = {};
  for (const name of wanted)
    hooks[name] = (x) => {
      cache[name] = tf.keep(tf.clone(x));
    };
  return { logits: gptLogits(params, config, ids, { hooks }), cache };
}

/**
 * The logits of a pass in which some tensors are replaced.
 * @returns (B, T, V); the caller disposes it
 */
export const runWithHooks = ({ params, config }: Model, ids: tf.Tensor2D, hooks: Hooks) =>
  gptLogits(params, config, ids, { hooks });

/**
 * The mean of −ln p(next token) at some places, in nats.
 * @param logits (B, T, V)
 * @param ids (B, T): row b's token after place t is ids[b][t + 1]
 * @param places which t are counted, each at most T − 2
 */
export function lossAt(
  logits: tf.Tensor3D,
  ids: readonly (readonly number[])[],
  places: readonly number[],
): number {
  const [B, T, V] = logits.shape;
  const worst = places.find((t) => t < 0 || t > T - 2);
  if (worst !== undefined || places.length === 0)
    throw new Error(`lossAt: expected places from 0 to ${T - 2}, got ${worst ?? "none"}`);
  return tf.tidy(() => {
    const rows = places.flatMap((t) => ids.map((_, b) => b * T + t));
    const next = places.flatMap((t) => ids.map((row) => row[t + 1]));
    const chosen = tf.gather(tf.reshape(logits, [B * T, V]), tf.tensor1d(rows, "int32"));
    const lnP = tokenLogProbs(chosen as tf.Tensor2D, tf.tensor1d(next, "int32"));
    return -tf.mean(lnP).dataSync()[0];
  });
}

/** Logits of hidden states that have passed the last norm: (B, T, C) → (B, T, V). */
export function unembed({ params, config }: Model, normed: tf.Tensor3D): tf.Tensor3D {
  const [B, T] = normed.shape;
  return tf.tidy(() => tf.reshape(gptHead(params, normed, config), [B, T, config.vocabSize]));
}
