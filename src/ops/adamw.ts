// One AdamW update of one parameter, in place, where the backend has a kernel for it: Loshchilov & Hutter, 2019,
// «Decoupled Weight Decay Regularization», arXiv:1711.05101, algorithm 2. The readable version, which works on every
// backend and decides which parameters decay, is in ../optim/adamw.
import { tf } from "../engine";
import { allFloat, hasFused, runFused } from "./fused";

export interface AdamWStep {
  /** learning rate */
  lr: number;
  /** decay of the mean gradient, in [0, 1) */
  beta1: number;
  /** decay of the mean squared gradient, in [0, 1) */
  beta2: number;
  /** ε, added to the root */
  eps: number;
  /** weight decay λ; 0 for parameters that do not decay */
  weightDecay: number;
  /** number of this update, from 1: for the bias correction */
  step: number;
}

/**
 * Overwrites `param`, `m` and `v` with their values after one step, if the current backend can:
 * m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,
 * param ← param − lr · λ · param − lr · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε).
 * All four tensors have one shape. A buffer that another tensor shares (a clone, a reshape) is never written.
 * @returns true if done; false if the caller must compute it from tfjs operations, with nothing changed
 * @throws Error when the shapes differ
 */
export function adamwInPlace(
  param: tf.Variable,
  grad: tf.Tensor,
  m: tf.Variable,
  v: tf.Variable,
  { lr, beta1, beta2, eps, weightDecay, step }: AdamWStep,
): boolean {
  for (const t of [grad, m, v]) tf.util.assertShapesMatch(param.shape, t.shape, "adamwInPlace: ");
  if (!hasFused("AdamW") || !allFloat(param, grad, m, v)) return false;
  const done = runFused("AdamW", { param, grad, m, v }, { lr, beta1, beta2, eps, weightDecay, step });
  const handled = done.shape[0] === 1; // the kernel answers by the size of an empty or one-element tensor
  done.dispose();
  return handled;
}
