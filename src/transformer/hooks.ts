// Hooks: every tensor on the way through a block has a name, and a function under that name may read
// the tensor or put another in its place (lesson 28, interpretability). The names are those of
// TransformerLens (Nanda & Bloom, 2022): `hook_resid_pre`, `attn.hook_pattern`, `mlp.hook_post`, …,
// with "blocks.3." before them in a model. Two things differ from TransformerLens: heads stand
// before time in shapes, as everywhere in this course, and scores are given before the causal mask,
// so that a replacement cannot make the future visible.
//
// A model without hooks computes exactly what it did before; hooks that only read do not change a
// single bit of the result, because the fast attention still computes it. Left out: hooks inside
// cross-attention, experts and norms (`hook_scale`).
import { maskedSoftmax, mergeHeads, scaledScores, splitHeads } from "../attention";
import { tf } from "../engine";

/**
 * Sees a tensor and may return another of the same shape, which takes its place. What it sees lives
 * only during the call (`tf.keep(tf.clone(x))` keeps a copy). Gradients flow through what it returns.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only reads has no return statement
export type Hook = (x: tf.Tensor) => tf.Tensor | undefined | void;

/** Hooks by name. */
export type Hooks = Record<string, Hook>;

/**
 * The tensor, or what the hook of that name puts in its place.
 * @throws if the replacement has another shape
 */
export function hooked<T extends tf.Tensor>(hooks: Hooks | undefined, name: string, x: T): T {
  const replacement = hooks?.[name]?.(x);
  if (!replacement) return x;
  if (`${replacement.shape}` !== `${x.shape}`)
    throw new Error(
      `hooks: expected ${name} to be replaced by (${x.shape}), got (${replacement.shape})`,
    );
  return replacement as T;
}

/** The hooks whose names begin with `prefix`, without it; undefined if there are none. */
export function hooksUnder(hooks: Hooks | undefined, prefix: string): Hooks | undefined {
  if (!hooks) return undefined;
  const within = Object.entries(hooks).filter(([name]) => name.startsWith(prefix));
  if (within.length === 0) return undefined;
  return Object.fromEntries(within.map(([name, hook]) => [name.slice(prefix.length), hook]));
}

/** The hooks, and a listener that sees what the hook of that name has left. */
export function withListener(
  hooks: Hooks | undefined,
  name: string,
  listener: ((x: tf.Tensor) => void) | undefined,
): Hooks | undefined {
  if (!listener) return hooks;
  const both: Hook = (x) => {
    const left = hooked(hooks, name, x);
    listener(left);
    return left;
  };
  return { ...hooks, [name]: both };
}

/** Whether there is a hook under one of the names. */
export const hasHook = (hooks: Hooks | undefined, ...names: string[]): boolean =>
  hooks !== undefined && names.some((name) => name in hooks);

/** What `hookedWeights` needs to know of the attention. */
export interface HookedAttention {
  hooks?: Hooks;
  /** Broadcastable to (B, H, T, S): true where the query may see the key. */
  visible?: tf.Tensor;
  /** Added to the scores, (H, T, S). */
  bias?: tf.Tensor;
  dropout?: (weights: tf.Tensor) => tf.Tensor;
}

/**
 * Shows scores and weights to `attn.hook_attn_scores` and `attn.hook_pattern`. If one of them is
 * replaced, the values are averaged with what stands there now; otherwise the caller goes on with its
 * own attention, so that looking does not change the result.
 * @param q (B, H, T, D)
 * @param k (B, H, S, D)
 * @param v (B, H, S, D)
 * @returns (B, T, H·D), or undefined if nothing has been replaced
 */
export function hookedWeights(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  { hooks, visible, bias, dropout = (weights) => weights }: HookedAttention,
): tf.Tensor3D | undefined {
  if (!hasHook(hooks, "attn.hook_attn_scores", "attn.hook_pattern")) return undefined;
  const products = scaledScores(q, k);
  const scores = bias ? tf.add(products, bias) : products; // (B, H, T, S)
  const shown = hooked(hooks, "attn.hook_attn_scores", scores);
  const weights = maskedSoftmax(shown, visible);
  const pattern = hooked(hooks, "attn.hook_pattern", weights);
  if (shown === scores && pattern === weights) return undefined;
  return mergeHeads(tf.matMul(dropout(pattern), v));
}

/**
 * The end of an attention layer, from heads to the residual stream: shows `attn.hook_z`,
 * (B, H, T, D), what each head has read, and `attn.hook_result`, (B, H, T, C), what each head writes:
 * its part of the projection, without the bias.
 * @param mixed (B, T, H·D)
 * @param project the layer's last matrix, (B, T, H·D) → (B, T, C)
 * @returns (B, T, C)
 */
export function hookedProjection(
  mixed: tf.Tensor3D,
  nHead: number,
  project: (x: tf.Tensor3D) => tf.Tensor3D,
  hooks?: Hooks,
): tf.Tensor3D {
  if (!hasHook(hooks, "attn.hook_z", "attn.hook_result")) return project(mixed);
  const given = splitHeads(mixed, nHead); // (B, H, T, D)
  const z = hooked(hooks, "attn.hook_z", given);
  const whole = z === given ? mixed : mergeHeads(z);
  if (!hasHook(hooks, "attn.hook_result")) return project(whole);
  const bias = project(tf.zerosLike(whole)); // what the layer writes if no head reads anything
  const written = Array.from({ length: nHead }, (_, head) => {
    const only = Array.from({ length: nHead }, (_, h) => (h === head ? 1 : 0));
    return tf.sub(project(mergeHeads(tf.mul(z, tf.tensor4d(only, [1, nHead, 1, 1])))), bias);
  });
  const results = tf.stack(written, 1); // (B, H, T, C)
  const shown = hooked(hooks, "attn.hook_result", results);
  return shown === results ? project(whole) : tf.add(tf.sum(shown, 1), bias);
}

/**
 * The heads of a projection, shown to a hook as (B, H, T, D).
 * @param x (B, T, H·D)
 */
export function hookedHeads(
  x: tf.Tensor3D,
  nHead: number,
  name: string,
  hooks?: Hooks,
): tf.Tensor3D {
  if (!hasHook(hooks, name)) return x;
  const heads = splitHeads(x, nHead);
  const shown = hooked(hooks, name, heads);
  return shown === heads ? x : mergeHeads(shown);
}
