// Fresh parameters for any model made of Transformer blocks.
import { tf } from "../engine";
import type { Params } from "../params";
import { Random, randomNormal } from "../random";

/**
 * Parameters of the given names and shapes: weights N(0, 0.02²), as in GPT-1 and in Hugging Face's
 * GPT-2; those that write into the residual stream (`c_proj`) 0.02/√(2·depth), so that its variance
 * does not grow with depth (the factor is from GPT-2, §2.3); gains 1, biases 0. A short convolution
 * passes on what it gets: its row 0 is 1, the others 0.
 * Each tensor has its own random stream, so one does not depend on which others there are.
 * @param options `depth`: number of blocks one after another; `zeroOutput`: those that write into the
 *   residual stream and the head begin at 0, so that the model does too
 * @returns variables; free them with `disposeParams`
 */
export function initTransformer(
  shapes: Record<string, number[]>,
  { seed, depth, zeroOutput = false }: { seed: number; depth: number; zeroOutput?: boolean },
): Params {
  const rng = new Random(seed);
  const params: Params = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const std = name.endsWith("c_proj.weight") ? 0.02 / Math.sqrt(2 * depth) : 0.02;
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
