/**
 * One block of a decoder-only Transformer, pre-norm as in GPT-2 (Radford et al., 2019).
 *
 *     x ← x + selfAttention(layerNorm(x))    every position collects from the positions before it
 *     x ← x + feedForward(layerNorm(x))      every position by itself
 *
 * Vaswani et al. (2017) put the normalisation after the sum. Before it, the sums form an
 * undisturbed path from the last layer to the first, and deep stacks train without tricks (Xiong et
 * al., 2020). `multiHeadAttention` is the general layer, with any mask and across two sequences.
 * Left out: RMSNorm, SwiGLU and blocks with cross-attention (lesson 08, the Transformer), the KV
 * cache (lesson 21, inference). How positions enter is an option (lesson 07, positions).
 *
 * Parameters are one flat record under Hugging Face's GPT-2 names; a block reads those that begin
 * with its `prefix`. A bias that the record lacks is not added. Letters: B batch, T time, C
 * channels, H heads, D = C / H.
 */
import {
  type AttentionResult,
  causalMask,
  maskedSoftmax,
  mergeHeads,
  multiHead,
  scaledScores,
  splitHeads,
} from "./attention";
import { tf } from "./engine";
import { causalSelfAttention, gelu, layerNorm, linear } from "./ops";
import { layerParams, type Params } from "./params";

/**
 * Causal self-attention between the projections: from queries, keys and values side by side,
 * (B, T, 3C), to (B, T, C).
 */
export type AttentionFn = (qkv: tf.Tensor3D, nHead: number) => tf.Tensor;

/** The functions a block is made of, so that a learner's own can take their place. */
export interface BlockOps {
  attention: AttentionFn;
  /** Over the last axis; `bias` is null in a model without biases. */
  layerNorm: (x: tf.Tensor, gain: tf.Tensor1D, bias: tf.Tensor1D | null) => tf.Tensor;
  gelu: (x: tf.Tensor) => tf.Tensor;
}

/** How positions enter attention; llm/position has the kinds. If absent, they do not. */
export interface AttentionPosition {
  /** Turns queries and keys, (B, H, T, D) → (B, H, T, D): `rope` of llm/ops. */
  rotate?: (x: tf.Tensor4D) => tf.Tensor4D;
  /** Added to the scores, (H, T, T): `alibiBias` or `relativeBias`. */
  bias?: tf.Tensor3D;
}

/** Sets some of the numbers to zero and scales the others up. */
export type Dropout = <T extends tf.Tensor>(x: T) => T;

const dropNothing: Dropout = (x) => x;

export interface BlockOptions {
  nHead: number;
  /** Replacements; where there is none, the operation of llm/ops is used. */
  ops?: Partial<BlockOps>;
  /** In training: sets some of the numbers to zero (`dropout` of llm/ops). If absent, none are. */
  dropout?: Dropout;
  position?: AttentionPosition;
  /**
   * Sees the attention weights (B, H, T, T), which live only during the call. They are computed for
   * the listener alone: looking does not change the output.
   */
  onAttention?: (weights: tf.Tensor4D) => void;
}

/**
 * One pre-norm block.
 * @param x (B, T, C)
 * @param params holds `ln_1`, `attn.c_attn`, `attn.c_proj`, `ln_2`, `mlp.c_fc` and `mlp.c_proj`,
 *   each with `.weight` and `.bias`
 * @param prefix what stands before those names, such as `transformer.h.0.`
 * @returns (B, T, C); the caller disposes it
 * @throws if a weight is missing, or C is not divisible by nHead
 */
export function transformerBlock(
  x: tf.Tensor3D,
  params: Params<tf.Tensor>,
  prefix: string,
  options: BlockOptions,
): tf.Tensor3D {
  const normalise = options.ops?.layerNorm ?? layerNorm;
  const norm = (h: tf.Tensor, name: string) =>
    normalise(h, ...layerParams<tf.Tensor1D>(params, prefix + name)) as tf.Tensor3D;
  return tf.tidy(() => {
    const h = tf.add(x, selfAttention(norm(x, "ln_1"), params, `${prefix}attn.`, options));
    return tf.add(h, feedForward(norm(h, "ln_2"), params, `${prefix}mlp.`, options));
  });
}

/**
 * Causal multi-head self-attention with its projections: softmax(Q Kᵀ / √D) V in each head, where
 * position t sees positions 0 … t.
 * @param x (B, T, C)
 * @param params holds `c_attn` (C → 3C: queries, keys, values) and `c_proj` (C → C) under `prefix`
 * @returns (B, T, C)
 */
export function selfAttention(
  x: tf.Tensor3D,
  params: Params<tf.Tensor>,
  prefix: string,
  options: BlockOptions,
): tf.Tensor3D {
  const { dropout = dropNothing } = options;
  return tf.tidy(() => {
    const qkv = linear(x, ...layerParams(params, `${prefix}c_attn`)); // (B, T, 3C)
    const mixed = attend(qkv, options); // (B, T, C)
    return dropout(linear(mixed, ...layerParams(params, `${prefix}c_proj`))); // (B, T, C)
  });
}

/** What happens between the projections: (B, T, 3C) → (B, T, C). */
function attend(projected: tf.Tensor3D, options: BlockOptions): tf.Tensor3D {
  const { nHead, ops, dropout, onAttention, position: { rotate, bias } = {} } = options;
  const qkv = rotate ? rotated(projected, nHead, rotate) : projected;
  onAttention?.(attentionWeights(qkv, nHead, bias));
  if (ops?.attention && bias)
    throw new Error(
      "transformerBlock: expected either ops.attention or a bias of the scores, got both: " +
        "the replacement would not see the bias",
    );
  if (ops?.attention) return ops.attention(qkv, nHead) as tf.Tensor3D;
  if (!dropout && !bias) return causalSelfAttention(qkv, nHead);
  // Dropout acts on the weights and a bias on the scores; the fast attention hands out neither, so
  // the clear one computes.
  const [q, k, v] = tf.split(qkv, 3, -1); // (B, T, C) each
  const mask = causalMask(qkv.shape[1]);
  return multiHead(q, k, v, { nHead, mask, bias, dropout }).output as tf.Tensor3D;
}

/** The projections with queries and keys turned, head by head: (B, T, 3C) → (B, T, 3C). */
function rotated(
  qkv: tf.Tensor3D,
  nHead: number,
  rotate: (x: tf.Tensor4D) => tf.Tensor4D,
): tf.Tensor3D {
  const [q, k, v] = tf.split(qkv, 3, -1); // (B, T, C) each
  const turn = (x: tf.Tensor) => mergeHeads(rotate(splitHeads(x, nHead)));
  return tf.concat([turn(q), turn(k), v as tf.Tensor3D], -1);
}

/** The weights alone, to be looked at: (B, T, 3C) → (B, H, T, T). */
function attentionWeights(qkv: tf.Tensor3D, nHead: number, bias?: tf.Tensor3D): tf.Tensor4D {
  const [q, k] = tf.split(qkv, 3, -1).map((x) => splitHeads(x, nHead)); // (B, H, T, D)
  const scores = scaledScores(q, k);
  const biased = bias ? tf.add(scores, bias) : scores;
  return maskedSoftmax(biased, causalMask(qkv.shape[1])) as tf.Tensor4D;
}

/**
 * The position-wise network: gelu(x W₁ + b₁) W₂ + b₂, four times as wide inside.
 * @param x (…, C)
 * @param params holds `c_fc` (C → 4C) and `c_proj` (4C → C) under `prefix`
 * @returns (…, C)
 */
export function feedForward<T extends tf.Tensor>(
  x: T,
  params: Params<tf.Tensor>,
  prefix: string,
  { ops, dropout = dropNothing }: Omit<BlockOptions, "nHead"> = {},
): T {
  const activation = ops?.gelu ?? gelu;
  return tf.tidy(() => {
    const wide = activation(linear(x, ...layerParams(params, `${prefix}c_fc`))) as T; // (…, 4C)
    return dropout(linear(wide, ...layerParams(params, `${prefix}c_proj`))); // (…, C)
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
  const project = (h: tf.Tensor, name: string) => linear(h, ...layerParams(params, name));
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
