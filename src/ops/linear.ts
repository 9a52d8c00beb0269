// The affine map of a layer, y = x W + b, with the weight stored (in, out) as GPT-2 stores it («Conv1D»), so that
// no transpose is needed; PyTorch's nn.Linear stores the transpose.
import { tf } from "../engine";
import { allFloat, hasFused, runFused, shapeText } from "./fused";

function check(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor | null | undefined): void {
  const [cin, cout] = weight.shape;
  if (weight.rank !== 2 || x.rank < 1 || x.shape.at(-1) !== cin) {
    throw new Error(
      `linear: expected x (…, Cin) and weight (Cin, Cout), got ${shapeText(x)} and ${shapeText(weight)}`,
    );
  }
  if (bias && (bias.rank !== 1 || bias.shape[0] !== cout)) {
    throw new Error(`linear: expected bias (${cout}), got ${shapeText(bias)}`);
  }
}

/** `linear` from tfjs operations: the definition. */
export function clearLinear<T extends tf.Tensor>(x: T, weight: tf.Tensor, bias?: tf.Tensor | null): T {
  check(x, weight, bias);
  const [cin, cout] = weight.shape;
  return tf.tidy(() => {
    const rows = tf.matMul(tf.reshape(x, [-1, cin]), weight as tf.Tensor2D); // (N, Cout)
    return tf.reshape(bias ? tf.add(rows, bias) : rows, [...x.shape.slice(0, -1), cout]) as T;
  });
}

/**
 * An affine map of the last axis: y = x W + b. Cin and Cout are the widths before and after.
 * @param x (…, Cin)
 * @param weight (Cin, Cout)
 * @param bias (Cout), or nothing
 * @returns (…, Cout)
 * @throws Error when the shapes do not fit
 */
export function linear<T extends tf.Tensor>(x: T, weight: tf.Tensor, bias?: tf.Tensor | null): T {
  check(x, weight, bias);
  if (!hasFused("Linear") || !allFloat(x, weight, ...(bias ? [bias] : [])))
    return clearLinear(x, weight, bias);
  const [cin, cout] = weight.shape;
  return tf.tidy(() => {
    const rows = tf.reshape(x, [-1, cin]) as tf.Tensor2D;
    const y = bias ? withBias(rows, weight, bias) : tf.matMul(rows, weight as tf.Tensor2D);
    return tf.reshape(y, [...x.shape.slice(0, -1), cout]) as unknown as T;
  });
}

// ∂x = ∂y Wᵀ, ∂W = xᵀ ∂y, ∂b = Σ_rows ∂y
const withBias = tf.customGrad((x, weight, bias, save) => {
  (save as tf.GradSaveFunc)([x as tf.Tensor, weight as tf.Tensor]);
  return {
    value: runFused("Linear", { x: x as tf.Tensor, weight: weight as tf.Tensor, bias: bias as tf.Tensor }),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [
      tf.matMul(dy, saved[1], false, true),
      tf.matMul(saved[0], dy, true, false),
      runFused("ColumnSum", { x: dy }),
    ],
  };
});
