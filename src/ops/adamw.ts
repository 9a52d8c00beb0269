// One AdamW update of one parameter, in place, where the engine has a kernel for it: Loshchilov &
// Hutter, 2019, "Decoupled Weight Decay Regularization", arXiv:1711.05101, algorithm 2.
// The clear version, which works on every engine and decides which parameters decay, is in
// ../optim/adamw.
import { isTracing, tf } from "../engine";
import { hasKernel, runKernel } from "./define";

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
 * Whether the engine has such a kernel. Not in a compiled function, where nothing is written in
 * place.
 */
export function canUpdateInPlace(): boolean {
  return hasKernel("AdamW") && !isTracing();
}

/**
 * Overwrites `param`, `m` and `v` with their values after one step, if the current engine can:
 *
 *     m ← β₁ m + (1 − β₁) g        v ← β₂ v + (1 − β₂) g²
 *     param ← param − lr · λ · param − lr · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε)
 *
 * All four tensors have one shape. A buffer that another tensor shares (a clone, a reshape) is
 * never written.
 * @returns true if done; false if the caller must compute it from tfjs operations, and then nothing
 *   is changed
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
  const isFloat = [param, grad, m, v].every(({ dtype }) => dtype === "float32");
  if (!canUpdateInPlace() || !isFloat) return false;
  const attributes = { lr, beta1, beta2, eps, weightDecay, step };
  const [done] = runKernel("AdamW", { param, grad, m, v }, attributes);
  const handled = done.shape[0] === 1; // one element if it has written, else none
  done.dispose();
  return handled;
}

/**
 * The values of a parameter and its two means after one step, as new tensors, where the engine has a
 * kernel for that: for compiled steps.
 *
 * @param numbers (3): the step size, ε and what is left of the parameter, 1 − lr · λ, in the
 *   notation of ../optim/adamw
 * @returns undefined where there is no such kernel
 */
export function adamwValues(
  tensors: Record<"param" | "grad" | "m" | "v", tf.Tensor>,
  numbers: () => tf.Tensor,
  { beta1, beta2 }: Pick<AdamWStep, "beta1" | "beta2">,
): tf.Tensor[] | undefined {
  const fits = Object.values(tensors).every(({ dtype, size }) => dtype === "float32" && size > 0);
  if (!fits || !hasKernel("AdamWValues")) return undefined;
  return runKernel("AdamWValues", { ...tensors, numbers: numbers() }, { beta1, beta2 });
}
