// Fresh parameters for any model made of Transformer blocks.
import { tf } from "../engine";
import type { Params } from "../params";
import { Random, randomNormal } from "../random";

/** Standard deviations of fresh weights, 0.02 if absent. */
export interface InitStd {
  /** Of the tables of tokens and positions, `wte` and `wpe`; PyTorch's `nn.Embedding` takes 1. */
  embeddings?: number;
  /** Of all other weights that do not write into the residual stream. */
  matrices?: number;
}

/** What `initTransformer` needs to know. */
export interface InitOptions {
  seed: number;
  /** Number of blocks one after another. */
  depth: number;
  /** Whether what writes into the residual stream, and the head, begins at 0; then the model does. */
  zeroOutput?: boolean;
  initStd?: InitStd;
}

/**
 * Parameters of the given names and shapes: weights N(0, 0.02²), as in GPT-1 and in Hugging Face's
 * GPT-2; those that write into the residual stream (`c_proj`) 0.02/√(2·depth), so that its variance
 * does not grow with depth (the factor is from GPT-2, §2.3); gains 1, biases 0. A short convolution
 * passes on what it gets: its row 0 is 1, the others 0.
 * Each tensor has its own random stream, so one does not depend on which others there are.
 * @returns variables; free them with `disposeParams`
 */
export function initTransformer(
  shapes: Record<string, number[]>,
  { seed, depth, zeroOutput = false, initStd = {} }: InitOptions,
): Params {
  const rng = new Random(seed);
  const params: Params = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const std = stdOf(name, depth, initStd);
    params[name] = tf.tidy(() => {
      if (zeroOutput && /(c_proj|lm_head)\.weight$/.test(name)) return tf.variable(tf.zeros(shape));
      if (name.endsWith("short_conv.weight")) {
        const [K, C] = shape;
        return tf.variable(tf.concat([tf.ones([1, C]), tf.zeros([K - 1, C])]));
      }
      if (shape.length === 1)
        return tf.variable(name.endsWith(".bias") ? tf.zeros(shape) : tf.ones(shape));
      return tf.variable(randomNormal(shape, { rng: rng.fork(name), std }));
    });
  }
  return params;
}

function stdOf(name: string, depth: number, { embeddings = 0.02, matrices = 0.02 }: InitStd) {
  if (/\.w[tp]e\.weight$/.test(name)) return embeddings;
  return name.endsWith("c_proj.weight") ? 0.02 / Math.sqrt(2 * depth) : matrices;
}
