// More axes than a kernel takes. TensorFlow broadcasts over five axes at most ("Broadcast between
// [2,1,2,1,2,1] and [1,2,1,2,1,2] is not supported yet"). XNNPACK, which some of wasm's kernels
// call, has six axes; what those kernels return beyond is whatever lies in memory, and no error.
import * as tf from "@tensorflow/tfjs-core";
import { type Repair, run, sizeOf, words } from "./repair";

/** Kernels of two tensors that are broadcast. */
export const binaryKernels = words(`
  Add Atan2 BitwiseAnd Equal FloorDiv Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr
  Maximum Minimum Mod Multiply NotEqual Pow Prelu RealDiv SquaredDifference Sub
`);

/**
 * Beyond so many axes: both tensors are repeated to the shape of the result, and what is computed
 * then is of rank 1.
 */
export const asVectors =
  (most: number): Repair =>
  (inputs, attrs, kernelName) => {
    let rank = 0; // asked at every call, so it makes nothing
    for (const name in inputs) rank = Math.max(rank, inputs[name].rank);
    if (rank <= most) return undefined;
    const shape = Object.values(inputs)
      .map((x) => x.shape)
      .reduce((a, b) => tf.broadcast_util.assertAndGetBroadcastShape(a, b));
    const n = sizeOf(shape);
    const vector = (x: tf.Tensor): tf.Tensor => {
      if (n === 0) return tf.zeros([0], x.dtype);
      return tf.reshape(x.size === n ? x : tf.broadcastTo(x, shape), [n]);
    };
    return tf.tidy(() => {
      const vectors = Object.entries(inputs).map(([name, x]) => [name, vector(x)]);
      return tf.reshape(run(kernelName, Object.fromEntries(vectors), attrs), shape);
    });
  };

/** Beyond so many axes: padded along one after the other, each as the middle one of three. */
export const padInTurn =
  (most: number): Repair =>
  ({ x }, attrs, kernelName) => {
    if (x.rank <= most) return undefined;
    const paddings = attrs.paddings as [number, number][];
    return tf.tidy(() =>
      paddings.reduce((y, [before, after], axis) => {
        if (before + after === 0) return y;
        const [lead, rest] = [y.shape.slice(0, axis), y.shape.slice(axis + 1)];
        const cube = tf.reshape(y, [sizeOf(lead), y.shape[axis], sizeOf(rest)]);
        const only = {
          ...attrs,
          paddings: [
            [0, 0],
            [before, after],
            [0, 0],
          ],
        };
        const padded = run(kernelName, { x: cube }, only);
        return tf.reshape(padded, [...lead, y.shape[axis] + before + after, ...rest]);
      }, tf.clone(x)),
    );
  };
