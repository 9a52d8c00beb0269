// The sigmoid linear unit, also called swish: Elfwing, Uchibe & Doya, 2017, arXiv:1702.03118; Ramachandran, Zoph & Le,
// 2017, arXiv:1710.05941. And SwiGLU, the gated layer made with it: Shazeer, 2020, «GLU Variants Improve Transformer»,
// arXiv:2002.05202. The three projections around the gate are `linear`.
import { tf } from "../engine";
import { allFloat, hasFused, runFused, shapeText } from "./fused";

/** `silu` from tfjs operations: the definition. */
export function clearSilu<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => tf.mul(x, tf.sigmoid(x)) as T);
}

/**
 * silu(x) = x · σ(x) = x / (1 + e^−x), element by element: 0 far to the left, x far to the right, for any finite x.
 * @param x any shape
 * @returns the shape of x
 */
export function silu<T extends tf.Tensor>(x: T): T {
  return hasFused("Silu") && allFloat(x) ? (fusedSilu(x) as T) : clearSilu(x);
}

// ∂x = ∂y · σ(x) (1 + x (1 − σ(x)))
const fusedSilu = tf.customGrad((x, save) => {
  (save as tf.GradSaveFunc)([x as tf.Tensor]);
  return {
    value: runFused("Silu", { x: x as tf.Tensor }),
    gradFunc: (dy: tf.Tensor, [x]: tf.Tensor[]) => runFused("SiluGrad", { x, dy }),
  };
});

function check(gate: tf.Tensor, up: tf.Tensor): void {
  if (!tf.util.arraysEqual(gate.shape, up.shape))
    throw new Error(`swiglu: expected gate and up of one shape, got ${shapeText(gate)} and ${shapeText(up)}`);
}

/** `swiglu` from tfjs operations: the definition. */
export function clearSwiglu<T extends tf.Tensor>(gate: T, up: T): T {
  check(gate, up);
  return tf.tidy(() => tf.mul(clearSilu(gate), up) as T);
}

/**
 * silu(gate) · up, element by element: the middle of a SwiGLU layer, (silu(x W_gate) ⊙ x W_up) W_down.
 * @param gate (…, F), the projection that decides how much passes
 * @param up (…, F), the projection that passes
 * @returns (…, F)
 * @throws Error when the shapes differ
 * @example linear(swiglu(linear(x, gateProj), linear(x, upProj)), downProj)
 */
export function swiglu<T extends tf.Tensor>(gate: T, up: T): T {
  check(gate, up);
  return hasFused("Swiglu") && allFloat(gate, up) ? (fusedSwiglu(gate, up) as T) : clearSwiglu(gate, up);
}

// ∂gate = ∂y · up · silu′(gate),  ∂up = ∂y · silu(gate)
const fusedSwiglu = tf.customGrad((gate, up, save) => {
  const inputs = { gate: gate as tf.Tensor, up: up as tf.Tensor };
  (save as tf.GradSaveFunc)([inputs.gate, inputs.up]);
  return {
    value: runFused("Swiglu", inputs),
    gradFunc: (dy: tf.Tensor, [gate, up]: tf.Tensor[]) =>
      runFused<tf.Tensor[]>("SwigluGrad", { gate, up, dy }),
  };
});
