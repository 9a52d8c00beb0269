// Losses of one example. For two classes, the target is y = +1 or −1, the network's output is a
// score s, and y·s is the margin: positive where the sign is right. Squared error is Gauss's and
// Legendre's, the hinge is that of support vector machines (Cortes and Vapnik, 1995), and the
// logistic loss is the cross-entropy of two classes. Averages over a batch are the caller's.
import type { Value } from "./value";

/** A loss of a score and its target, +1 or −1. */
export type MarginLoss = (score: Value, target: number) => Value;

/** (s − y)². */
export const squaredLoss: MarginLoss = (score, target) => {
  const error = score.sub(target);
  return error.mul(error);
};

/** −ln σ(y·s) = ln(1 + e^(−y·s)), in nats: the cross-entropy of two classes. */
export const logisticLoss: MarginLoss = (score, target) => score.mul(-target).softplus();

/** max(0, 1 − y·s). */
export const hingeLoss: MarginLoss = (score, target) => score.mul(-target).add(1).relu();

/** The three by name, in the order in which the lesson meets them. */
export const marginLosses = {
  squared: squaredLoss,
  "cross-entropy": logisticLoss,
  hinge: hingeLoss,
} as const satisfies Record<string, MarginLoss>;

/**
 * Cross-entropy of K classes from their logits, −ln(e^z_target / Σ_k e^z_k), in nats. The largest
 * logit is subtracted first, which changes nothing but keeps e^z from overflowing.
 * @param logits K values
 * @param target the right class, from 0 to K − 1
 */
export function crossEntropyLoss(logits: readonly Value[], target: number): Value {
  if (!(target in logits))
    throw new Error(
      `crossEntropyLoss: expected a target from 0 to ${logits.length - 1}, got ${target}`,
    );
  const largest = logits.reduce((most, z) => Math.max(most, z.data), Number.NEGATIVE_INFINITY);
  const shifted = logits.map((z) => z.sub(largest));
  const total = shifted.map((z) => z.exp()).reduce((sum, e) => sum.add(e));
  return total.log().sub(shifted[target]);
}
