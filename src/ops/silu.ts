// The sigmoid linear unit, also called swish: Elfwing, Uchibe & Doya, 2017, arXiv:1702.03118;
// Ramachandran, Zoph & Le, 2017, arXiv:1710.05941.
//
//     silu(x) = x · σ(x) = x / (1 + e^−x)
import { tf } from "../engine";
import { op } from "./define";

function clear<T extends tf.Tensor>(x: T): T {
  return tf.mul(x, tf.sigmoid(x));
}

/**
 * silu(x) = x · σ(x), element by element: 0 far to the left, x far to the right, and finite for
 * every finite x.
 * @param x any shape
 * @returns the shape of x
 */
export const silu = op({
  name: "silu",
  shapes: "x (…)",
  clear,
  kernel: "Silu",
  // ∂x = ∂y · σ(x) (1 + x (1 − σ(x)))
  fast: (x) => ({ inputs: { x }, saved: ["x"] }),
});
