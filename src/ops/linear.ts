// The affine map of a layer, with the weight stored (in, out) as GPT-2 stores it ("Conv1D"), so
// that nothing needs to be transposed. PyTorch's nn.Linear stores the transpose.
//
//     y = x · W + b
import { tf } from "../engine";
import { isFrozen } from "../params";
import { type KernelCall, op, runKernel } from "./define";

function clear<T extends tf.Tensor>(x: T, weight: tf.Tensor, bias?: tf.Tensor | null): T {
  const product = tf.matMul(asRows(x), weight); // (N, Cout)
  const y = bias ? tf.add(product, bias) : product;
  return tf.reshape(y, shapeOf(x, weight)) as T;
}

/** One matrix product for all leading axes: (…, Cin) → (N, Cin). */
const asRows = (x: tf.Tensor): tf.Tensor2D => tf.reshape(x, [-1, x.shape.at(-1)!]);

/** (…, Cout) */
const shapeOf = (x: tf.Tensor, weight: tf.Tensor): number[] => [
  ...x.shape.slice(0, -1),
  weight.shape[1]!,
];

/**
 * An affine map of the last axis: x · W + b. Cin and Cout are the widths before and after.
 * @param x (…, Cin)
 * @param weight (Cin, Cout)
 * @param bias (Cout), or nothing
 * @returns (…, Cout)
 * @throws Error when the shapes do not fit
 */
export const linear = op({
  name: "linear",
  shapes: "x (…, Cin), weight (Cin, Cout), bias? (Cout)",
  clear,
  kernel: "Linear",
  fast: (x, weight, bias): KernelCall | null => {
    if (!bias) return null; // a product alone is one kernel already
    const shape = shapeOf(x, weight);
    const rows = asRows(x);
    const byRows = (dy: tf.Tensor, weight: tf.Tensor) => tf.matMul(dy, weight, false, true);
    if (isFrozen(weight))
      return {
        inputs: { x: rows, bias },
        constants: { weight },
        saved: ["weight"],
        gradient: (dy, { weight }) => [byRows(dy, weight), ...runKernel("ColumnSum", { x: dy })],
        shape,
      };
    return {
      inputs: { x: rows, weight, bias },
      saved: ["x", "weight"],
      gradient: (dy, { x, weight }) => [
        byRows(dy, weight), // ∂x = ∂y · Wᵀ
        tf.matMul(x, dy, true, false), // ∂W = xᵀ · ∂y
        ...runKernel("ColumnSum", { x: dy }), // ∂b = Σ ∂y over the rows
      ],
      shape,
    };
  },
});
