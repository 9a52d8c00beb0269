// A short causal convolution, channel by channel: each position is mixed with the few before it, by
// weights of its channel's own. Over queries, keys and values it is Primer's "multi-DConv-head
// attention" (So et al., 2021); lesson 12 (training) measures what it is worth to a small model.
import { tf } from "../engine";
import { layerParams, type Params } from "../params";
import type { BlockOptions } from "./options";

/**
 * `y[t][c] = Σ_i kernel[i][c] · x[t − i][c]` for i = 0 … K − 1, with x = 0 before the text.
 * @param x (B, T, C)
 * @param kernel (K, C); row 0 belongs to the position itself
 * @returns (B, T, C); the caller disposes it
 * @throws if the widths differ
 */
export function shortConvolution(x: tf.Tensor3D, kernel: tf.Tensor2D): tf.Tensor3D {
  const [B, T, C] = x.shape;
  const [K, width] = kernel.shape;
  if (width !== C)
    throw new Error(`shortConvolution: expected a kernel (K, ${C}), got [${kernel.shape}]`);
  return tf.tidy(() => {
    const rows = tf.split(kernel, K, 0); // (1, C) each
    const terms = rows.slice(0, T).map((row, i) => {
      const earlier = tf.slice(x, [0, 0, 0], [B, T - i, C]);
      return tf.mul(
        i === 0
          ? x
          : tf.pad(earlier, [
              [0, 0],
              [i, 0],
              [0, 0],
            ]),
        row,
      );
    });
    return terms.reduce((sum, term) => tf.add(sum, term)) as tf.Tensor3D;
  });
}

/**
 * The short convolution of a layer of a block.
 * @param x (B, T, C)
 * @param params holds `short_conv.weight`, (K, C), under `prefix`
 * @returns (B, T, C)
 * @throws in a block that is not causal, or with a KV cache
 */
export function convolved<T extends tf.Tensor>(
  x: T,
  params: Params<tf.Tensor>,
  prefix: string,
  { causal = true, mixHeads }: Pick<BlockOptions, "causal" | "mixHeads">,
): T {
  if (!causal || mixHeads)
    throw new Error(
      "transformerBlock: expected short convolutions in a causal block without a KV cache, which " +
        `does not keep what they read, got ${causal ? "mixHeads" : "causal: false"}`,
    );
  const [kernel] = layerParams<tf.Tensor2D>(params, `${prefix}short_conv`);
  return shortConvolution(x as unknown as tf.Tensor3D, kernel) as unknown as T;
}
