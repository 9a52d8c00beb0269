// Attention as a layer of a block: project, attend in heads, project back. What happens between the
// projections is llm/attention, or the fast `causalSelfAttention` of llm/ops where nothing else is
// asked for than the causal rule.
import { type AttentionResult, causalMask, mergeHeads, multiHead, splitHeads } from "../attention";
import { tf } from "../engine";
import { causalSelfAttention, rmsNorm } from "../ops";
import type { Params } from "../params";
import { conv1d } from "./dense";
import {
  type Hooks,
  hasHook,
  hooked,
  hookedHeads,
  hookedProjection,
  hookedWeights,
  withListener,
} from "./hooks";
import { type BlockOptions, dropNothing } from "./options";
import { maskWithPrefix, type Prefix, prefixAttention, prefixOf, withPrefix } from "./prefix";
import { convolved } from "./shortConv";
import { withFirstValues } from "./valueResidual";

/**
 * Multi-head self-attention with its projections: softmax(Q Kᵀ / √D) V in each head. Unless
 * `causal` is false, position t sees positions 0 … t.
 * @param x (B, T, C)
 * @param params holds `c_attn` (C → 3C: queries, keys, values) and `c_proj` (C → C) under `prefix`;
 *   perhaps a prefix (./prefix)
 * @returns (B, T, C)
 */
export function selfAttention(
  x: tf.Tensor3D,
  params: Params<tf.Tensor>,
  prefix: string,
  options: BlockOptions,
): tf.Tensor3D {
  const { nHead, dropout = dropNothing, first, shortConv, onAttention } = options;
  const listener = onAttention && ((weights: tf.Tensor) => onAttention(weights as tf.Tensor4D));
  const hooks = withListener(options.hooks, "attn.hook_pattern", listener);
  const project = (h: tf.Tensor3D) => conv1d(h, params, `${prefix}c_proj`);
  return tf.tidy(() => {
    const projected = conv1d(x, params, `${prefix}c_attn`); // (B, T, 3C)
    const own = shortConv ? convolved(projected, params, prefix, options) : projected;
    const qkv = first ? withFirstValues(own, params, prefix, first) : own;
    const gains = options.qkNorm ? qkGains(params, prefix) : undefined;
    const learnt = { gains, prefix: prefixOf(params, prefix.slice(0, -1)) };
    const mixed = attend(hookedQkv(qkv, options), { ...options, hooks }, learnt); // (B, T, C)
    return dropout(hookedProjection(mixed, nHead, project, hooks)); // (B, T, C)
  });
}

/** The projections (B, T, 3C), with what hooks put in place of queries, keys or values. */
function hookedQkv(qkv: tf.Tensor3D, { nHead, hooks }: BlockOptions): tf.Tensor3D {
  const names = ["attn.hook_q", "attn.hook_k", "attn.hook_v"];
  if (!hasHook(hooks, ...names)) return qkv;
  const parts = tf.split(qkv, 3, -1).map((x) => x as tf.Tensor3D);
  const shown = parts.map((x, i) => hookedHeads(x, nHead, names[i], hooks));
  return tf.concat(shown, -1);
}

/** What happens between the projections: (B, T, 3C) → (B, T, C). */
function attend(
  projected: tf.Tensor3D,
  options: BlockOptions,
  { gains, prefix }: { gains?: Record<"q" | "k", tf.Tensor1D | null>; prefix?: Prefix },
): tf.Tensor3D {
  const { nHead, ops, dropout, causal = true, mask, hooks, position = {} } = options;
  const { rotate, bias } = position;
  const turn = (x: tf.Tensor4D, of: "q" | "k") => {
    const normed = gains ? rmsNorm(x, gains[of]) : x;
    return rotate ? hooked(hooks, `attn.hook_rot_${of}`, rotate(normed)) : normed;
  };
  const qkv = rotate || gains ? rotated(projected, nHead, turn) : projected;
  const heads = () => tf.split(qkv, 3, -1).map((x) => splitHeads(x, nHead)); // (B, H, T, D) each
  if (options.mixHeads) {
    const [q, k, v] = heads();
    return options.mixHeads(q, k, v, prefix);
  }
  const onlyCausal = causal && !mask && !bias;
  if (prefix) {
    if (ops?.attention || dropout || !onlyCausal)
      throw new Error(
        "transformerBlock: expected blocks that are causal and nothing else beside a prefix, got " +
          "ops.attention, dropout, a mask, a bias of the scores or causal: false",
      );
    const [q, k, v] = heads();
    return attendWithPrefix(q, k, v, prefix, causalMask(qkv.shape[1]), hooks);
  }
  return attendToVisible(qkv, options, bias);
}

/** Attention to all that causal rule and mask allow: (B, T, 3C) → (B, T, C). */
function attendToVisible(qkv: tf.Tensor3D, options: BlockOptions, bias?: tf.Tensor): tf.Tensor3D {
  const { nHead, ops, dropout, causal = true, mask, hooks } = options;
  const onlyCausal = causal && !mask && !bias;
  if (ops?.attention && !onlyCausal)
    throw new Error(
      "transformerBlock: expected ops.attention in blocks that are causal and nothing else, got " +
        "a mask, a bias of the scores or causal: false, which the replacement would not see",
    );
  const looksInside = hasHook(hooks, "attn.hook_attn_scores", "attn.hook_pattern");
  const visible = looksInside || !onlyCausal ? visibility(qkv.shape[1], causal, mask) : undefined;
  if (looksInside) {
    const [q, k, v] = tf.split(qkv, 3, -1).map((x) => splitHeads(x, nHead)); // (B, H, T, D) each
    const replaced = hookedWeights(q, k, v, { hooks, visible, bias, dropout });
    if (replaced) return replaced;
  }
  if (ops?.attention) return ops.attention(qkv, nHead) as tf.Tensor3D;
  if (!dropout && onlyCausal) return causalSelfAttention(qkv, nHead);
  // Dropout acts on the weights and a bias on the scores; the fast attention hands out neither, so
  // the clear one computes.
  const [q, k, v] = tf.split(qkv, 3, -1); // (B, T, C) each
  const seen = visible ?? visibility(qkv.shape[1], causal, mask);
  return multiHead(q, k, v, { nHead, mask: seen, bias, dropout }).output as tf.Tensor3D;
}

/** Attention to a prefix and to the past, with hooks on it: (B, H, T, D) each → (B, T, C). */
export function attendWithPrefix(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  prefix: Prefix,
  past: tf.Tensor2D,
  hooks?: Hooks,
): tf.Tensor3D {
  if (hasHook(hooks, "attn.hook_attn_scores", "attn.hook_pattern")) {
    const visible = maskWithPrefix(prefix.keys.shape[1], past);
    const [keys, values] = [withPrefix(prefix.keys, k), withPrefix(prefix.values, v)];
    const replaced = hookedWeights(q, keys, values, { hooks, visible });
    if (replaced) return replaced;
  }
  return prefixAttention(q, k, v, prefix, past).output;
}

/** Both rules together, broadcastable to (B, H, T, T); undefined where everything may be seen. */
function visibility(T: number, causal: boolean, mask?: tf.Tensor): tf.Tensor | undefined {
  if (!causal) return mask;
  const past = causalMask(T);
  return mask ? tf.logicalAnd(past, tf.cast(mask, "bool")) : past;
}

/** Gains (D) of the norms over queries and keys, the same for all heads; null in a design without. */
const qkGains = (params: Params<tf.Tensor>, prefix: string) => {
  const gain = (name: string) => (params[`${prefix}${name}.weight`] ?? null) as tf.Tensor1D | null;
  return { q: gain("q_norm"), k: gain("k_norm") };
};

/** The projections with queries and keys turned, head by head: (B, T, 3C) → (B, T, 3C). */
function rotated(
  qkv: tf.Tensor3D,
  nHead: number,
  turn: (x: tf.Tensor4D, of: "q" | "k") => tf.Tensor4D,
): tf.Tensor3D {
  const [q, k, v] = tf.split(qkv, 3, -1); // (B, T, C) each
  const turned = (x: tf.Tensor, of: "q" | "k") => mergeHeads(turn(splitHeads(x, nHead), of));
  return tf.concat([turned(q, "q"), turned(k, "k"), v as tf.Tensor3D], -1);
}

/**
 * Cross-attention with its projections: the positions of x ask, those of the context answer.
 * @param x (B, T, C)
 * @param context (B, S, any width), such as the hidden states of an encoder
 * @param params holds `q_attn` (C → C), `c_attn` (width of the context → 2C: keys, values) and
 *   `c_proj` (C → C) under `prefix`
 * @returns (B, T, C)
 */
export function crossAttention(
  x: tf.Tensor3D,
  context: tf.Tensor3D,
  params: Params<tf.Tensor>,
  prefix: string,
  { nHead, contextMask, dropout = dropNothing, onCrossAttention }: BlockOptions,
): tf.Tensor3D {
  return tf.tidy(() => {
    const project = (h: tf.Tensor, name: string) => conv1d(h, params, prefix + name) as tf.Tensor3D;
    const q = project(x, "q_attn"); // (B, T, C)
    const [k, v] = tf.split(project(context, "c_attn"), 2, -1); // (B, S, C) each
    const { output, weights } = multiHead(q, k, v, { nHead, mask: contextMask, dropout });
    onCrossAttention?.(weights as tf.Tensor4D);
    return dropout(project(output, "c_proj"));
  });
}

/**
 * A whole attention layer in its clear form: project, attend in heads, project back.
 *
 * Self-attention reads `c_attn` (C → 3C). With a `context`, cross-attention reads `q_attn` (C → C)
 * for the queries and `c_attn` (width of the context → 2C) for keys and values. Both end with
 * `c_proj` (C → C).
 *
 * @param x (B, T, C): the positions that ask
 * @param params holds the layers above, each with `.weight` and, if it has one, `.bias`
 * @param options `context` (B, S, any width): the positions that are asked, x itself if absent;
 *   `mask` broadcastable to (B, H, T, S)
 * @returns `output` (B, T, C), `weights` (B, H, T, S)
 */
export function multiHeadAttention(
  x: tf.Tensor,
  params: Params<tf.Tensor>,
  { nHead, mask, context }: { nHead: number; mask?: tf.Tensor; context?: tf.Tensor },
): AttentionResult {
  const project = (h: tf.Tensor, name: string) => conv1d(h, params, name);
  const selfProjections = () => tf.split(project(x, "c_attn"), 3, -1);
  const crossProjections = (context: tf.Tensor) => [
    project(x, "q_attn"),
    ...tf.split(project(context, "c_attn"), 2, -1),
  ];
  return tf.tidy(() => {
    const [q, k, v] = context ? crossProjections(context) : selfProjections();
    const { output, weights } = multiHead(q, k, v, { nHead, mask });
    return { output: project(output, "c_proj"), weights };
  });
}
