// The square of a tensor's length: what clipping by the global norm adds up over all gradients.
//
//     y = Σ x²
import { tf } from "../engine";
import { op } from "./define";

function clear(x: tf.Tensor): tf.Scalar {
  return tf.sum(tf.mul(x, x));
}

/**
 * The sum of the squares of all elements.
 * @param x any shape
 * @returns scalar
 */
export const sumOfSquares = op({
  name: "sumOfSquares",
  shapes: "x (…)",
  clear,
  kernel: "SumOfSquares",
  fast: (x) => ({
    inputs: { x },
    saved: ["x"],
    gradient: (dy, { x }) => [tf.mul(x, tf.mul(dy, 2))],
  }),
});
