// The losses of learning from rewards and preferences, as functions of log-probabilities. PPO and
// GRPO share the clipped objective (Schulman et al., 2017, equation 7); reward models and DPO share
// Bradley and Terry's model of choices (1952).
//
// Letters: B texts, T places. `mask` (B, T) is 1 at the tokens of the answers.
import { tf } from "../engine";
import { logSigmoid } from "../ops";

/** How far the probability of a token may move before it no longer pays: 1 − low to 1 + high. */
export interface ClipRange {
  low: number;
  /** Equal to `low` in PPO; larger in DAPO's "clip-higher" (Yu et al., 2025). */
  high: number;
}

/**
 * The clipped objective of each token, as a loss:
 *
 *     ρ = π(a) / π_old(a),  loss = −min(ρ A, clip(ρ, 1 − low, 1 + high) A)
 *
 * @param logProbs (B, T) ln π, what is differentiated
 * @param old (B, T) ln π of the policy that wrote the texts, a constant
 * @param advantages (B, T), constants
 * @returns (B, T)
 */
export function clippedSurrogate(
  logProbs: tf.Tensor2D,
  old: tf.Tensor2D,
  advantages: tf.Tensor2D,
  { low, high }: ClipRange,
): tf.Tensor2D {
  return tf.tidy(() => {
    const ratio = tf.exp(tf.sub(logProbs, old));
    const clipped = tf.clipByValue(ratio, 1 - low, 1 + high);
    return tf.neg(tf.minimum(tf.mul(ratio, advantages), tf.mul(clipped, advantages)));
  });
}

/**
 * How far the policy is from the reference, estimated at each token of a text that the policy wrote
 * (Schulman, 2020, "Approximating KL divergence"). With d = ln π_ref(a) − ln π(a):
 * k1 = −d, k2 = d²/2, k3 = eᵈ − d − 1. In the mean k1 and k3 are the KL divergence; k3 is never
 * negative, and is GRPO's.
 * @returns (B, T)
 */
export function klPerToken(
  logProbs: tf.Tensor2D,
  reference: tf.Tensor2D,
  estimator: "k1" | "k2" | "k3" = "k3",
): tf.Tensor2D {
  return tf.tidy(() => {
    const d = tf.sub(reference, logProbs);
    if (estimator === "k1") return tf.neg(d);
    if (estimator === "k2") return tf.div(tf.square(d), 2);
    return tf.sub(tf.sub(tf.exp(d), d), 1);
  }) as tf.Tensor2D;
}

/** How the losses of the tokens become one number: see `reduceLoss`. */
export type LossLevel = "sequence" | "token" | "constant";

/**
 * From the loss of each token to one number.
 *
 *   sequence   the mean over each text, then over the texts: a token of a long text counts for less
 *              (GRPO as published)
 *   token      the mean over all tokens (PPO; DAPO)
 *   constant   the sum over all tokens, divided by B times the longest answer that was allowed
 *              (Dr. GRPO)
 * @param options.longest for "constant": how many tokens an answer may have
 */
export function reduceLoss(
  losses: tf.Tensor2D,
  mask: tf.Tensor2D,
  { level, longest = losses.shape[1] }: { level: LossLevel; longest?: number },
): tf.Scalar {
  return tf.tidy(() => {
    const counted = tf.mul(losses, mask);
    if (level === "token") return tf.div(tf.sum(counted), tf.maximum(tf.sum(mask), 1));
    if (level === "constant") return tf.div(tf.sum(counted), losses.shape[0] * longest);
    return tf.mean(tf.div(tf.sum(counted, 1), tf.maximum(tf.sum(mask, 1), 1)));
  }) as tf.Scalar;
}

/**
 * The loss of the value head: half the squared distance to the returns, where a value that moved
 * away from the old one by more than `range` gets nothing for it.
 *
 *     ½ mean max((V − R)², (V_old + clip(V − V_old, ±range) − R)²)
 *
 * @param values (B, T), what is differentiated
 */
export function clippedValueLoss(
  values: tf.Tensor2D,
  {
    old,
    returns,
    mask,
    range,
  }: Record<"old" | "returns" | "mask", tf.Tensor2D> & {
    range: number;
  },
): tf.Scalar {
  return tf.tidy(() => {
    const near = tf.add(old, tf.clipByValue(tf.sub(values, old), -range, range));
    const worst = tf.maximum(
      tf.squaredDifference(values, returns),
      tf.squaredDifference(near, returns),
    );
    return tf.mul(reduceLoss(worst as tf.Tensor2D, mask, { level: "token" }), 0.5);
  }) as tf.Scalar;
}

/**
 * −mean ln σ(chosen − rejected): under Bradley and Terry's model the probability that the chosen
 * text is preferred is σ of the difference of the two rewards.
 * @param chosen (B) rewards of the preferred texts
 * @param rejected (B) those of the others
 */
export const bradleyTerryLoss = (chosen: tf.Tensor1D, rejected: tf.Tensor1D): tf.Scalar =>
  tf.tidy(() => tf.neg(tf.mean(logSigmoid(tf.sub(chosen, rejected)))) as tf.Scalar);

/** ln p(answer | prompt) of both texts of each pair, (B) each. */
export interface PairLogProbs {
  chosen: tf.Tensor1D;
  rejected: tf.Tensor1D;
}

/**
 * Direct preference optimization (Rafailov et al., 2023, equation 7): the Bradley–Terry loss in
 * which β (ln π − ln π_ref) of a whole answer stands in the place of a reward.
 */
export function dpoLoss(
  policy: PairLogProbs,
  reference: PairLogProbs,
  { beta }: { beta: number },
): tf.Scalar {
  const reward = (key: keyof PairLogProbs) =>
    tf.mul<tf.Tensor1D>(tf.sub(policy[key], reference[key]), beta);
  return tf.tidy(() => bradleyTerryLoss(reward("chosen"), reward("rejected")));
}
