/**
 * One block of a Transformer. The defaults make GPT-2's (Radford et al., 2019), causal and pre-norm:
 *
 *     x ← x + selfAttention(norm(x))     every position collects from the positions before it
 *     x ← x + crossAttention(norm(x))    and from a context, if there is one
 *     x ← x + feedForward(norm(x))       every position by itself
 *
 * Vaswani et al. (2017) put the normalisation after the sum. Before it, the sums form an
 * undisturbed path from the last layer to the first, and deep stacks train without tricks (Xiong et
 * al., 2020). `options.ts` has what can be exchanged. Left out: grouped queries and experts (lesson
 * 11, GPT), the KV cache (lesson 21, inference).
 *
 * Parameters are one flat record under Hugging Face's GPT-2 names; a block reads those that begin
 * with its `prefix`. A bias that the record lacks is not added; what adapts a frozen model (./lora,
 * ./bottleneck, ./prefix) takes part where the record has it. Letters: B batch, T time, S
 * positions of the context, C channels, H heads, D = C / H.
 */
import { tf } from "../engine";
import { layerNorm, rmsNorm } from "../ops";
import { layerParams, type Params } from "../params";
import { crossAttention, selfAttention } from "./attention";
import { bottleneck } from "./bottleneck";
import { feedForward, feedForwardWidth } from "./feedForward";
import { hooked } from "./hooks";
import type { BlockDesign, BlockOps, BlockOptions } from "./options";

/**
 * One block.
 * @param x (B, T, C)
 * @param params holds `ln_1`, `attn.c_attn`, `attn.c_proj`, `ln_2`, `mlp.c_fc` and `mlp.c_proj`,
 *   each with `.weight` and `.bias`; with a context also `ln_cross_attn` and `crossattention`'s
 *   `q_attn`, `c_attn` and `c_proj`. `blockShapes` lists them.
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
  const { normPlacement = "pre", residual = true, context, hooks } = options;
  const part = (x: tf.Tensor3D, { norm, out, f }: BlockPart) => {
    const normalise = (h: tf.Tensor3D) => {
      const normed = normalised(h, params, prefix + norm, options);
      return hooked(hooks, `${norm.replace("_", "")}.hook_normalized`, normed);
    };
    const change = hooked(hooks, out, f(normPlacement === "pre" ? normalise(x) : x));
    const sum = residual ? tf.add<tf.Tensor3D>(x, change) : change;
    return normPlacement === "post" ? normalise(sum) : sum;
  };
  return tf.tidy(() => {
    const adapted = (y: tf.Tensor3D, name: string) => bottleneck(y, params, prefix + name);
    const attends = (y: tf.Tensor3D) => selfAttention(y, params, `${prefix}attn.`, options);
    const before = hooked(hooks, "hook_resid_pre", x);
    const attention = (y: tf.Tensor3D) => adapted(attends(y), "attn");
    let h = part(before, { norm: "ln_1", out: "hook_attn_out", f: attention });
    h = hooked(hooks, "hook_resid_mid", h);
    if (context) {
      const crosses = (y: tf.Tensor3D) =>
        crossAttention(y, context, params, `${prefix}crossattention.`, options);
      h = part(h, { norm: "ln_cross_attn", out: "hook_cross_attn_out", f: crosses });
    }
    const network = (y: tf.Tensor3D) =>
      adapted(feedForward(y, params, `${prefix}mlp.`, options), "mlp");
    h = part(h, { norm: "ln_2", out: "hook_mlp_out", f: network });
    return hooked(hooks, "hook_resid_post", h);
  });
}

/** A part of a block: its norm, the name of what it adds, and how that is computed. */
interface BlockPart {
  norm: string;
  out: string;
  f: (x: tf.Tensor3D) => tf.Tensor3D;
}

/** Which norm, and what a learner puts in its place. */
export type NormOptions = Pick<BlockDesign, "norm" | "normGain"> & { ops?: Partial<BlockOps> };

/**
 * The norm of a design, over the last axis; x itself where the design has none.
 * @param name what stands before `.weight` and `.bias`
 * @returns the shape of x
 */
export function normalised<T extends tf.Tensor>(
  x: T,
  params: Params<tf.Tensor>,
  name: string,
  { norm = "layerNorm", normGain = true, ops }: NormOptions,
): T {
  if (norm === "none") return x;
  if (!normGain) return withoutGain(x, norm);
  const [gain, bias] = layerParams<tf.Tensor1D>(params, name);
  if (norm === "rmsNorm") return rmsNorm(x, gain);
  return (ops?.layerNorm ?? layerNorm)(x, gain, bias) as T;
}

/** A norm that has no parameters. */
function withoutGain<T extends tf.Tensor>(x: T, norm: "layerNorm" | "rmsNorm"): T {
  return norm === "rmsNorm" ? rmsNorm(x, null) : layerNorm(x, tf.ones([x.shape.at(-1)!]), null);
}

/**
 * Name and shape of a norm's parameters: a gain, and in a layer norm a bias where models have any;
 * none with `normGain` false.
 */
export function normShapes(
  name: string,
  size: { nEmbd: number; bias: boolean } & BlockDesign,
): Record<string, number[]> {
  const { nEmbd: C, bias, norm = "layerNorm", normGain = true } = size;
  if (norm === "none" || !normGain) return {};
  const gain = { [`${name}.weight`]: [C] };
  return bias && norm === "layerNorm" ? { ...gain, [`${name}.bias`]: [C] } : gain;
}

/** What `blockShapes` needs to know besides the design. */
export interface BlockSize extends BlockDesign {
  /** C */
  nEmbd: number;
  /** H: only where queries and keys are normalised. */
  nHead?: number;
  bias: boolean;
  /** Whether the block has cross-attention, to a context that is C wide too. */
  cross?: boolean;
}

/**
 * Name and shape of every parameter of a block, in Hugging Face's order. Linear weights are
 * (in, out), as its Conv1D. With "swiglu" the feed-forward network is two thirds as wide, so that
 * its three matrices hold about as many numbers as the other two.
 */
export function blockShapes(size: BlockSize): Record<string, number[]> {
  const { nEmbd: C, bias, cross = false, activation = "gelu", shortConv } = size;
  const { qkNorm = false, normGain = true, nHead = 1 } = size;
  const F = feedForwardWidth(C, activation);
  const shapes: Record<string, number[]> = {};
  const layer = (name: string, shape: number[]) => {
    shapes[`${name}.weight`] = shape;
    if (bias) shapes[`${name}.bias`] = shape.slice(-1);
  };
  const normLayer = (name: string) => Object.assign(shapes, normShapes(name, size));
  normLayer("ln_1");
  layer("attn.c_attn", [C, 3 * C]);
  if (qkNorm && normGain)
    for (const name of ["q_norm", "k_norm"]) shapes[`attn.${name}.weight`] = [C / nHead];
  if (shortConv) shapes["attn.short_conv.weight"] = [shortConv, 3 * C];
  layer("attn.c_proj", [C, C]);
  normLayer("ln_2");
  if (cross) {
    layer("crossattention.c_attn", [C, 2 * C]);
    layer("crossattention.q_attn", [C, C]);
    layer("crossattention.c_proj", [C, C]);
    normLayer("ln_cross_attn");
  }
  layer("mlp.c_fc", [C, F]);
  if (activation === "swiglu") layer("mlp.c_gate", [C, F]);
  layer("mlp.c_proj", [F, C]);
  return shapes;
}
