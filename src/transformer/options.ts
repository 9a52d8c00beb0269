// What a block is made of, and what can be exchanged: the functions, the norm and its place, the
// activation, who may look at whom. The defaults are GPT-2's.
import type { tf } from "../engine";
import type { Hooks } from "./hooks";
import type { Prefix } from "./prefix";
import type { FirstValues } from "./valueResidual";

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

/** Leaves everything as it is. */
export const dropNothing: Dropout = (x) => x;

/** The design of a block; the same choices for all blocks of a model. */
export interface BlockDesign {
  /** What keeps the numbers of one position in bounds. */
  norm?: "layerNorm" | "rmsNorm" | "none";
  /**
   * "pre": x + f(norm(x)), as in GPT-2, T5 and LLaMA · "post": norm(x + f(x)), as in the first
   * Transformer and BERT.
   */
  normPlacement?: "pre" | "post";
  /** false leaves out "x +": every position then forgets itself. For experiments. */
  residual?: boolean;
  /** false: norms without a learnt gain. */
  normGain?: boolean;
  /**
   * An RMS norm over every head's queries and keys (Henry et al., 2020), with a gain (D) for all heads
   * as in Qwen3, or without one where norms have none.
   */
  qkNorm?: boolean;
  /**
   * How many positions a short convolution over queries, keys and values sees, the own one included
   * (./shortConv); none if absent.
   */
  shortConv?: number;
  /** Between the two layers of the feed-forward network. */
  activation?: "gelu" | "relu" | "relu2" | "swiglu";
}

/** The design alone, out of a model's configuration. */
export const designOf = ({
  norm,
  normPlacement,
  residual,
  activation,
  normGain,
  qkNorm,
  shortConv,
}: BlockDesign): BlockDesign => ({
  ...{ norm, normPlacement, residual, activation, normGain, qkNorm, shortConv },
});

/** What a block can be made of. */
const designs = {
  norm: ["layerNorm", "rmsNorm", "none"],
  normPlacement: ["pre", "post"],
  residual: [true, false],
  activation: ["gelu", "relu", "relu2", "swiglu"],
  normGain: [true, false],
  qkNorm: [true, false],
  shortConv: [2, 3, 4, 5, 6, 7, 8],
} as const satisfies { [K in keyof BlockDesign]-?: readonly BlockDesign[K][] };

/** What is wrong with a design, as parts of a message that begins "expected". */
export function wrongDesign(design: BlockDesign): string[] {
  return Object.entries(designs).flatMap(([key, allowed]) => {
    const value = design?.[key as keyof BlockDesign];
    if (value === undefined || (allowed as readonly unknown[]).includes(value)) return [];
    return `${key} to be one of ${allowed.join(", ")}, got ${JSON.stringify(value)}`;
  });
}

export interface BlockOptions extends BlockDesign {
  nHead: number;
  /** Replacements; where there is none, the operation of llm/ops is used. */
  ops?: Partial<BlockOps>;
  /** In training: sets some of the numbers to zero (`dropout` of llm/ops). If absent, none are. */
  dropout?: Dropout;
  position?: AttentionPosition;
  /**
   * Attention in place of the block's own: queries, keys and values (B, H, T, D), positions already
   * in them, and a prefix where the parameters have one, to (B, T, C). A KV cache comes in here.
   */
  mixHeads?: (q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, prefix?: Prefix) => tf.Tensor3D;
  /** In a model whose layers mix in the values of the first one (./valueResidual). */
  first?: FirstValues;
  /** false in an encoder, where every position sees all others. */
  causal?: boolean;
  /**
   * Which positions may be seen at all, beside the causal rule: broadcastable to (B, H, T, T), such
   * as (B, 1, 1, T) with 0 at padding.
   */
  mask?: tf.Tensor;
  /**
   * What cross-attention reads, (B, S, any width): the hidden states of an encoder. If absent, the
   * block has no cross-attention.
   */
  context?: tf.Tensor3D;
  /** Which positions of the context may be seen: broadcastable to (B, H, T, S). */
  contextMask?: tf.Tensor;
  /** Functions that see, or replace, what is computed on the way, by name (./hooks). */
  hooks?: Hooks;
  /**
   * Sees the attention weights (B, H, T, T), which live only during the call: a listener at
   * `attn.hook_pattern`. Looking does not change the output.
   */
  onAttention?: (weights: tf.Tensor4D) => void;
  /** Sees the weights of cross-attention (B, H, T, S), which live only during the call. */
  onCrossAttention?: (weights: tf.Tensor4D) => void;
}
