/**
 * A block of the LLaMA family (Touvron et al., 2023): LLaMA, Qwen2 and Qwen3, Mistral, SmolLM, and
 * with experts Mixtral.
 *
 *     x ← x + attention(rmsNorm(x))      grouped queries, rotary positions
 *     x ← x + swiglu(rmsNorm(x))         or a mixture of such networks
 *
 * What differs from GPT-2's block: a gain and no mean in the norm, no biases, rotated queries and
 * keys instead of position embeddings, a gated feed-forward network, and in grouped-query attention
 * (Ainslie et al., 2023) fewer heads for keys and values than for queries: each serves H / K of
 * them, and a KV cache is H / K times smaller. Qwen2 adds biases to queries, keys and values, Qwen3
 * an RMS norm over every head's queries and keys, Mistral a window beyond which nothing is seen.
 *
 * Parameters have Hugging Face's names and layout, weights (out, in). Letters: B batch, T time, C
 * channels, H heads of queries, K of keys and values, D width of a head, F width inside the
 * feed-forward network.
 */
import { causalMask, maskedSoftmax, mergeHeads, scaledScores } from "../attention";
import { tf } from "../engine";
import { mixtureOfExperts } from "../moe";
import { causalSelfAttention, rmsNorm, rope, swiglu } from "../ops";
import { layerParams, type Params } from "../params";
import {
  attendWithPrefix,
  bottleneck,
  type Dropout,
  dense,
  dropNothing,
  type Hooks,
  hasHook,
  hooked,
  hookedHeads,
  hookedProjection,
  hookedWeights,
  type Prefix,
  prefixOf,
} from "../transformer";
import { type GPTConfig, headsOf, innerWidth } from "./config";
import type { GPTOptions } from "./options";

/** What the model hands to each of its blocks. */
export interface LlamaBlockOptions
  extends Pick<GPTOptions, "positions" | "onRouting" | "mixHeads" | "mapInput"> {
  dropout?: Dropout;
  /** Under names within the block, such as `attn.hook_z`. */
  hooks?: Hooks;
  layer: number;
}

/** A matrix, and who may look at what it reads. */
function layer(
  x: tf.Tensor3D,
  params: Params<tf.Tensor>,
  name: string,
  { mapInput }: LlamaBlockOptions,
): tf.Tensor3D {
  return dense(mapInput ? mapInput(name, x) : x, params, name);
}

/** What stands before the names of a layer's parameters. */
const layerPrefix = (layer: number) => `model.layers.${layer}.`;

/**
 * One block.
 * @param x (B, T, C)
 * @returns (B, T, C); the caller disposes it
 */
export function llamaBlock(
  x: tf.Tensor3D,
  params: Params<tf.Tensor>,
  config: GPTConfig,
  options: LlamaBlockOptions,
): tf.Tensor3D {
  const prefix = layerPrefix(options.layer);
  const norm = (h: tf.Tensor3D, name: string) => llamaNorm(h, params, prefix + name, config);
  const { dropout = dropNothing, hooks } = options;
  return tf.tidy(() => {
    const adapted = (h: tf.Tensor3D, name: string) => bottleneck(h, params, prefix + name);
    const before = hooked(hooks, "hook_resid_pre", x);
    const read = hooked(hooks, "ln1.hook_normalized", norm(before, "input_layernorm"));
    const attended = dropout(adapted(selfAttention(read, params, config, options), "self_attn"));
    const sum = tf.add<tf.Tensor3D>(before, hooked(hooks, "hook_attn_out", attended));
    const h = hooked(hooks, "hook_resid_mid", sum);
    const inner = hooked(hooks, "ln2.hook_normalized", norm(h, "post_attention_layernorm"));
    const wide = config.experts ? experts : gated;
    const changed = dropout(adapted(wide(inner, params, prefix, config, options), "mlp"));
    const after = tf.add<tf.Tensor3D>(h, hooked(hooks, "hook_mlp_out", changed));
    return hooked(hooks, "hook_resid_post", after);
  });
}

/** The family's norm over the last axis. */
export function llamaNorm<T extends tf.Tensor>(
  x: T,
  params: Params<tf.Tensor>,
  name: string,
  { normEps = 1e-5 }: GPTConfig,
): T {
  return rmsNorm(x, layerParams<tf.Tensor1D>(params, name)[0], normEps);
}

/** Self-attention with its projections: (B, T, C) → (B, T, C). */
function selfAttention(
  x: tf.Tensor3D,
  params: Params<tf.Tensor>,
  config: GPTConfig,
  options: LlamaBlockOptions,
): tf.Tensor3D {
  const { layer: index, positions, mixHeads, hooks } = options;
  const { H, K, D } = headsOf(config);
  const [B, T] = x.shape;
  const prefix = `${layerPrefix(index)}self_attn.`;
  const heads = (name: "q" | "k" | "v", n: number) => {
    const plain = layer(x, params, `${prefix}${name}_proj`, options);
    const projected = tf.reshape(hookedHeads(plain, n, `attn.hook_${name}`, hooks), [B, T, n, D]);
    const isNormed = config.qkNorm && name !== "v";
    const normed = isNormed
      ? llamaNorm(projected, params, `${prefix}${name}_norm`, config)
      : projected;
    return tf.transpose(normed, [0, 2, 1, 3]) as tf.Tensor4D; // (B, n, T, D)
  };
  const { ropeBase: base, ropeScaling: scaling } = config;
  const turned = (h: tf.Tensor4D, name: "q" | "k") =>
    hooked(hooks, `attn.hook_rot_${name}`, rope(h, { base, scaling, positions }));
  const [straightQ, straightK, v] = [heads("q", H), heads("k", K), heads("v", K)];
  const [q, k] = [turned(straightQ, "q"), turned(straightK, "k")];
  const [{ window }, always] = [config, prefixOf(params, prefix.slice(0, -1))];
  const mixed = mixHeads
    ? mixHeads(index, q, k, v, always)
    : groupedAttention(q, k, v, window, always, hooks); // (B, T, H·D)
  const project = (h: tf.Tensor3D) => layer(h, params, `${prefix}o_proj`, options);
  return hookedProjection(mixed, H, project, hooks);
}

/**
 * Causal attention with grouped queries: head h of the queries asks head ⌊h · K / H⌋ of the keys.
 * @param q (B, H, T, D)
 * @param k (B, K, T, D), K divides H
 * @param v (B, K, T, D)
 * @param window how many positions may be seen, the own one included; all before it if absent
 * @param prefix keys and values before all positions, (K, P, D) each, which every position sees
 * @param hooks at `attn.hook_attn_scores` and `attn.hook_pattern` (llm/transformer)
 * @returns (B, T, H·D); the caller disposes it
 */
export function groupedAttention(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  window?: number,
  prefix?: Prefix,
  hooks?: Hooks,
): tf.Tensor3D {
  const [, H, T] = q.shape;
  return tf.tidy(() => {
    const [keys, values] = [k, v].map((x) => repeatHeads(x, H / k.shape[1]));
    const past = () => slidingMask(T, window);
    if (prefix) return attendWithPrefix(q, keys, values, forAllHeads(prefix, H), past(), hooks);
    if (hasHook(hooks, "attn.hook_attn_scores", "attn.hook_pattern")) {
      const replaced = hookedWeights(q, keys, values, { hooks, visible: past() });
      if (replaced) return replaced;
    }
    if (window === undefined || window >= T)
      return causalSelfAttention(tf.concat([q, keys, values].map(mergeHeads), -1), H);
    return mergeHeads(tf.matMul(maskedSoftmax(scaledScores(q, keys), past()), values));
  });
}

/** A prefix of K heads for H heads of queries. */
function forAllHeads({ keys, values }: Prefix, H: number): Prefix {
  const [K] = keys.shape;
  const repeated = (x: tf.Tensor3D) =>
    tf.squeeze<tf.Tensor3D>(repeatHeads(tf.expandDims(x, 0), H / K), [0]);
  return { keys: repeated(keys), values: repeated(values) };
}

/**
 * Each head `times` times in a row, so that queries 0 … times − 1 meet the first one:
 * (B, K, T, D) → (B, K · times, T, D).
 */
export function repeatHeads(x: tf.Tensor4D, times: number): tf.Tensor4D {
  if (times === 1) return x;
  const [B, K, T, D] = x.shape;
  return tf.tidy(() => {
    const copies = tf.tile(tf.reshape(x, [B, K, 1, T * D]), [1, 1, times, 1]);
    return tf.reshape(copies, [B, K * times, T, D]);
  });
}

/**
 * The causal mask, and of the past only the last `window` positions, the own one included.
 * @returns (T, T) bool; row = query, column = key
 */
export function slidingMask(T: number, window = T): tf.Tensor2D {
  if (window >= T) return causalMask(T);
  return tf.tidy(() => {
    const near = tf.logicalNot(causalMask(T, { offset: -window })); // key > query − window
    return tf.logicalAnd(causalMask(T), near) as tf.Tensor2D;
  });
}

type Inner = (
  x: tf.Tensor3D,
  params: Params<tf.Tensor>,
  prefix: string,
  config: GPTConfig,
  options: LlamaBlockOptions,
) => tf.Tensor3D;

/** The feed-forward network: (silu(x Wgᵀ) · (x Wuᵀ)) Wdᵀ. */
const gated: Inner = (x, params, prefix, _config, options) => {
  const part = (h: tf.Tensor3D, name: string) =>
    layer(h, params, `${prefix}mlp.${name}_proj`, options);
  const { hooks } = options;
  const gate = hooked(hooks, "mlp.hook_pre", part(x, "gate")); // (B, T, F)
  const up = hooked(hooks, "mlp.hook_pre_linear", part(x, "up"));
  return part(hooked(hooks, "mlp.hook_post", swiglu(gate, up)), "down");
};

/** Experts of the same kind, under Mixtral's names: w1 is the gate, w3 up, w2 down. */
const experts: Inner = (x, params, prefix, config, { layer, onRouting }) => {
  const moe = `${prefix}block_sparse_moe.`;
  const [router] = layerParams<tf.Tensor2D>(params, `${moe}gate`); // (E, C)
  const expert = (rows: tf.Tensor2D, e: number) => {
    const w = (h: tf.Tensor2D, n: number) => dense(h, params, `${moe}experts.${e}.w${n}`);
    return w(swiglu(w(rows, 1), w(rows, 3)), 2);
  };
  const [, , C] = x.shape;
  const y = mixtureOfExperts(tf.reshape(x, [-1, C]), router, expert, {
    perToken: config.experts!.perToken,
    balance: (config.experts!.balance ?? 0) / config.nLayer,
    onRouting: onRouting && ((routing) => onRouting(layer, routing)),
  });
  return tf.reshape(y, x.shape);
};

/** Name and shape of every parameter, in Hugging Face's order. Linear weights are (out, in). */
export function llamaShapes(config: GPTConfig): Record<string, number[]> {
  const { vocabSize: V, nEmbd: C, nLayer, qkNorm, attentionBias, tied = true } = config;
  const { H, K, D } = headsOf(config);
  const shapes: Record<string, number[]> = { "model.embed_tokens.weight": [V, C] };
  for (let i = 0; i < nLayer; i++) {
    const prefix = layerPrefix(i);
    const layer = (name: string, shape: [out: number, width: number], bias = false) => {
      shapes[`${prefix}${name}.weight`] = shape;
      if (bias) shapes[`${prefix}${name}.bias`] = [shape[0]];
    };
    shapes[`${prefix}input_layernorm.weight`] = [C];
    for (const [name, n] of [
      ["q", H],
      ["k", K],
      ["v", K],
    ] as const)
      layer(`self_attn.${name}_proj`, [n * D, C], attentionBias !== undefined);
    layer("self_attn.o_proj", [C, H * D], attentionBias === "all");
    if (qkNorm)
      for (const name of ["q", "k"]) shapes[`${prefix}self_attn.${name}_norm.weight`] = [D];
    shapes[`${prefix}post_attention_layernorm.weight`] = [C];
    innerShapes(config, layer);
  }
  shapes["model.norm.weight"] = [C];
  if (!tied) shapes["lm_head.weight"] = [V, C];
  return shapes;
}

function innerShapes(
  config: GPTConfig,
  layer: (name: string, shape: [number, number]) => void,
): void {
  const { nEmbd: C, experts } = config;
  const F = innerWidth(config);
  if (!experts) {
    layer("mlp.gate_proj", [F, C]);
    layer("mlp.up_proj", [F, C]);
    layer("mlp.down_proj", [C, F]);
    return;
  }
  layer("block_sparse_moe.gate", [experts.count, C]);
  for (let e = 0; e < experts.count; e++) {
    layer(`block_sparse_moe.experts.${e}.w1`, [F, C]);
    layer(`block_sparse_moe.experts.${e}.w2`, [C, F]);
    layer(`block_sparse_moe.experts.${e}.w3`, [F, C]);
  }
}
