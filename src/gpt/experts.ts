// Which of its experts a model uses.
import { tf } from "../engine";
import type { Params } from "../params";
import type { GPTConfig } from "./config";
import { gptHidden } from "./model";

/**
 * What each layer's experts compute: the share of all choices that fall on each.
 * @param ids (B, T) int32
 * @returns one row per layer, one number per expert; every row sums to 1
 * @throws if the model has no experts
 */
export function expertUsage(params: Params, config: GPTConfig, ids: tf.Tensor2D): number[][] {
  if (!config.experts)
    throw new Error("expertUsage: expected a configuration with experts, got one without");
  const shares: number[][] = [];
  tf.tidy(() => {
    gptHidden(params, config, ids, {
      onRouting: (layer, { chosen }) => {
        const share = tf.div(tf.mean(chosen, 0), config.experts!.perToken);
        shares[layer] = Array.from(share.dataSync());
      },
    });
  });
  return shares;
}

/**
 * How many experts' worth of work is spread: e to the power of the entropy of the shares. E if all
 * E are used equally, 1 if one does everything.
 */
export function effectiveExperts(shares: number[]): number {
  const entropy = shares.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
  return Math.exp(entropy);
}
