// SwiGLU, the gated layer made with silu: Shazeer, 2020, "GLU Variants Improve Transformer",
// arXiv:2002.05202. The three projections around the gate are `linear`.
//
//     swiglu(gate, up) = silu(gate) · up
import { tf } from "../engine";
import { op } from "./define";
import { silu } from "./silu";

function clear<T extends tf.Tensor>(gate: T, up: T): T {
  return tf.mul(silu.clear(gate), up);
}

/**
 * silu(gate) · up, element by element: the middle of a SwiGLU layer,
 * (silu(x · W_gate) · (x · W_up)) · W_down.
 * @param gate (…, F), the projection that decides how much passes
 * @param up (…, F), the projection that passes
 * @returns (…, F)
 * @throws Error when the shapes differ
 * @example linear(swiglu(linear(x, gateProj), linear(x, upProj)), downProj)
 */
export const swiglu = op({
  name: "swiglu",
  shapes: "gate (…, F), up (…, F)",
  clear,
  kernel: "Swiglu",
  // ∂gate = ∂y · up · silu′(gate) and ∂up = ∂y · silu(gate)
  fast: (gate, up) => ({ inputs: { gate, up }, saved: ["gate", "up"] }),
});
