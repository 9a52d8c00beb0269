/**
 * One block of a decoder-only Transformer, pre-norm as in GPT-2 (Radford et al., 2019).
 *
 *     x ← x + attention(layerNorm(x))        every position collects from the positions before it
 *     x ← x + feedForward(layerNorm(x))      every position by itself
 *
 * Vaswani et al. (2017) put the normalisation after the sum; before it, the sums form an undisturbed path
 * from the last layer to the first, and deep stacks train without tricks (Xiong et al., 2020). Left out:
 * RMSNorm, SwiGLU and cross-attention (lesson 08, the Transformer), rotary positions (lesson 07, positions), the KV cache (lesson 21, inference).
 *
 * Parameters are one flat record under Hugging Face's GPT-2 names; a block reads those that begin with its
 * `prefix`. A bias that the record lacks is not added. Letters: B batch, T time, C channels, H heads, D = C/H.
 */
import { causalMask, maskedSoftmax, mergeHeads, scaledScores, splitHeads } from "./attention";
import { tf } from "./engine";
import { causalSelfAttention, type DropoutSource, dropout, gelu, layerNorm, linear } from "./ops";
import { layerParams, type Params } from "./params";

/** Causal self-attention between the projections: queries, keys and values side by side (B, T, 3C) → (B, T, C). */
export type AttentionFn = (qkv: tf.Tensor3D, nHead: number) => tf.Tensor;

/** The functions a block is made of, so that a learner's own can take their place. */
export interface BlockOps {
  attention: AttentionFn;
  /** Over the last axis; `bias` is null in a model without biases. */
  layerNorm: (x: tf.Tensor, gain: tf.Tensor1D, bias: tf.Tensor1D | null) => tf.Tensor;
  gelu: (x: tf.Tensor) => tf.Tensor;
}

export interface BlockOptions {
  nHead: number;
  /** Replacements; the fast ones of llm/ops stand for the rest. */
  ops?: Partial<BlockOps>;
  /** Training with dropout: the probability of zeroing a number, and where the randomness comes from. */
  dropout?: { rate: number; rng: DropoutSource };
  /** Sees the attention weights (B, H, T, T); they live only during the call. */
  onAttention?: (weights: tf.Tensor4D) => void;
}

/**
 * One pre-norm block.
 * @param x (B, T, C)
 * @param params holds `ln_1`, `attn.c_attn`, `attn.c_proj`, `ln_2`, `mlp.c_fc`, `mlp.c_proj`: each `.weight` and `.bias`
 * @param prefix what stands before those names, such as `transformer.h.0.`
 * @returns (B, T, C); the caller disposes it
 * @throws if a weight is missing, or C is not divisible by nHead
 */
export function transformerBlock(
  x: tf.Tensor3D,
  params: Params<tf.Tensor>,
  prefix: string,
  o: BlockOptions,
): tf.Tensor3D {
  const norm = (h: tf.Tensor, name: string) =>
    (o.ops?.layerNorm ?? layerNorm)(h, ...layerParams<tf.Tensor1D>(params, prefix + name)) as tf.Tensor3D;
  return tf.tidy(() => {
    const mixed = x.add(selfAttention(norm(x, "ln_1"), params, prefix + "attn.", o));
    return mixed.add(feedForward(norm(mixed, "ln_2"), params, prefix + "mlp.", o)) as tf.Tensor3D;
  });
}

/**
 * Causal multi-head self-attention with its projections: softmax(Q·Kᵀ/√D)·V per head, where query t sees keys 0 … t.
 *
 * The fused op never forms the weights where another can read them. When somebody wants to look (`onAttention`)
 * or dropout has to reach them, the clear path runs instead; a replacement in `ops.attention` is always used as
 * it is, so it has no dropout on its weights.
 * @param x (B, T, C)
 * @param params holds `c_attn` (C → 3C: queries, keys, values) and `c_proj` (C → C) under `prefix`
 * @returns (B, T, C)
 */
export function selfAttention(
  x: tf.Tensor3D,
  params: Params<tf.Tensor>,
  prefix: string,
  o: BlockOptions,
): tf.Tensor3D {
  return tf.tidy(() => {
    const qkv = linear(x, ...layerParams(params, prefix + "c_attn")) as tf.Tensor3D; // (B, T, 3C)
    const replacement = o.ops?.attention;
    if (replacement && o.onAttention) clearAttention(qkv, { ...o, dropout: undefined }); // only to be looked at
    const fused = replacement ?? (o.onAttention || isDropping(o) ? null : causalSelfAttention);
    const mixed = fused ? fused(qkv, o.nHead) : clearAttention(qkv, o);
    return drop(linear(mixed, ...layerParams(params, prefix + "c_proj")), o) as tf.Tensor3D;
  });
}

/** The same average with the weights in view: (B, T, 3C) → (B, T, C). */
function clearAttention(qkv: tf.Tensor3D, o: BlockOptions): tf.Tensor3D {
  const [q, k, v] = tf.split(qkv, 3, -1).map((part) => splitHeads(part, o.nHead)); // (B, H, T, D)
  const weights = maskedSoftmax(scaledScores(q, k), causalMask(qkv.shape[1])) as tf.Tensor4D; // (B, H, T, T)
  o.onAttention?.(weights);
  return mergeHeads(tf.matMul(drop(weights, o), v));
}

/**
 * The position-wise network: gelu(x·W₁ + b₁)·W₂ + b₂, four times as wide inside.
 * @param x (B, T, C)
 * @param params holds `c_fc` (C → 4C) and `c_proj` (4C → C) under `prefix`
 * @returns (B, T, C)
 */
export function feedForward(
  x: tf.Tensor,
  params: Params<tf.Tensor>,
  prefix: string,
  o: Pick<BlockOptions, "ops" | "dropout"> = {},
): tf.Tensor3D {
  return tf.tidy(() => {
    const wide = (o.ops?.gelu ?? gelu)(linear(x, ...layerParams(params, prefix + "c_fc"))); // (B, T, 4C)
    return drop(linear(wide, ...layerParams(params, prefix + "c_proj")), o) as tf.Tensor3D;
  });
}

const isDropping = (o: Pick<BlockOptions, "dropout">) => o.dropout !== undefined && o.dropout.rate > 0;

/** Dropout where it is on, else x itself. */
export function drop<X extends tf.Tensor>(x: X, o: Pick<BlockOptions, "dropout">): X {
  return o.dropout && isDropping(o) ? (dropout(x, o.dropout.rate, o.dropout.rng) as X) : x;
}
