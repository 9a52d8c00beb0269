// What the matrices read: are a few channels much larger than the others? Dettmers et al. (2022,
// LLM.int8()) found that in large models they are, that the same few channels are large in many layers,
// and that rounding to 8 bits then hurts unless these channels are left out.
//
// Letters: N tokens, C channels.
import { tf } from "../engine";
import { type GPTConfig, gptHidden } from "../gpt";
import type { Params } from "../params";
import { quantile } from "../statistics";

/** What is left as it is, and who shares a scale. */
export interface RoundInputOptions {
  bits: number;
  /** Who shares a scale: all numbers, or those of one token. */
  sharing: "all" | "token";
  /** Channels in which a number is at least so far from zero are not rounded (6 in LLM.int8()). */
  keepFrom?: number;
}

/**
 * Rounds what a matrix reads to symmetric levels, as a kernel that multiplies whole numbers would
 * have to: the scale is found anew for every input.
 * @param x (…, C)
 * @returns the shape of x
 */
export function roundInput<T extends tf.Tensor>(
  x: T,
  { bits, sharing, keepFrom = Infinity }: RoundInputOptions,
): T {
  const most = 2 ** (bits - 1) - 1;
  return tf.tidy(() => {
    const rows = tf.reshape(x, [-1, x.shape.at(-1) as number]); // (N, C)
    const size = tf.abs(rows);
    const outside = tf.cast(tf.greaterEqual(tf.max(size, 0, true), keepFrom), "float32"); // (1, C)
    const inside = tf.mul(rows, tf.sub(1, outside));
    const largest = tf.max(tf.abs(inside), sharing === "all" ? undefined : 1, true);
    const scale = tf.maximum(tf.div(largest, most), 1e-12);
    const rounded = tf.mul(tf.round(tf.div(inside, scale)), scale);
    return tf.reshape(tf.add(rounded, tf.mul(rows, outside)), x.shape) as T;
  });
}

/** How large what a matrix reads is, channel by channel. */
export interface ChannelSizes {
  /** The largest |x| of each channel over all tokens. */
  largest: Float32Array;
  /** The share of tokens in which |x| of the channel is at least `from`. */
  share: Float32Array;
}

/** @param x (…, C) @param from where a number counts as large: 6 in LLM.int8() */
export function channelSizes(x: tf.Tensor, from = 6): ChannelSizes {
  const [largest, share] = tf.tidy(() => {
    const size = tf.abs(tf.reshape(x, [-1, x.shape.at(-1) as number])); // (N, C)
    const far = tf.cast(tf.greaterEqual(size, from), "float32");
    return [tf.max(size, 0).dataSync(), tf.mean(far, 0).dataSync()];
  });
  return { largest: Float32Array.from(largest), share: Float32Array.from(share) };
}

/** What a matrix reads: how large it is in the middle and at the top. */
export interface InputSize {
  /** The matrix, without ".weight". */
  name: string;
  /** The median over the channels of their largest |x|. */
  median: number;
  /** The channels with the largest |x|, farthest first. */
  top: { channel: number; largest: number; share: number }[];
}

/**
 * How large the channels are of what each matrix in the blocks reads; one entry for matrices that read
 * the same.
 * @param ids (B, T) int32
 */
export function inputSizes(
  params: Params,
  config: GPTConfig,
  ids: tf.Tensor2D,
  { from = 6, count = 4 }: { from?: number; count?: number } = {},
): InputSize[] {
  const sizes = new Map<number, InputSize>();
  const mapInput = (name: string, x: tf.Tensor3D) => {
    if (sizes.has(x.id)) return x;
    const { largest, share } = channelSizes(x, from);
    const order = Array.from(largest.keys()).sort((a, b) => largest[b] - largest[a]);
    sizes.set(x.id, {
      name,
      median: quantile(largest, 0.5),
      top: order.slice(0, count).map((channel) => ({
        ...{ channel, largest: largest[channel], share: share[channel] },
      })),
    });
    return x;
  };
  gptHidden(params, config, ids, { mapInput }).dispose();
  return [...sizes.values()];
}
