// Gradients that are wrong in tfjs 4.22 on every engine, corrected. Where an input is broadcast,
// its gradient must be summed over the axes along which it was repeated; tfjs leaves the sum out.
//
//   BatchMatMul      x (B, T, C) times weight (C, V) is an error in the backward pass
//   Maximum, Minimum, SquaredDifference
//                    the same error, for example in tf.maximum(x, 0)
//   Tile             and so tf.broadcastTo: an error from rank 5 on, as for keys repeated for
//                    grouped queries
//   Unpack, SplitV   an error where there is one part, as in tf.unstack of a sequence of length 1
//   Cumsum           the gradient comes out transposed along any axis but the last; no error is
//                    reported where the matrix is square
//
// Left as it is, because it is in no registry: tf.logSigmoid of a computed value. llm/ops has one
// that works.
import * as tf from "@tensorflow/tfjs-core";

type Gradients = ReturnType<tf.GradFunc>; // for each input, a function that computes it

/** Sums a gradient over the axes along which an input of this shape was repeated. */
function sumTo(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, shape);
}

function matMulGradient(
  dy: tf.Tensor,
  [a, b]: tf.Tensor[],
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
): Gradients {
  const db = () => {
    if (a.rank > 2 && b.rank === 2 && !transposeA) {
      // One weight for all rows: the leading axes become one.
      const [rows, dRows] = [a, dy].map((x) => tf.reshape(x, [-1, x.shape.at(-1)!]));
      return transposeB ? tf.matMul(dRows, rows, true) : tf.matMul(rows, dRows, true);
    }
    return sumTo(
      transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false),
      b.shape,
    );
  };
  const da = () =>
    sumTo(
      transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB),
      a.shape,
    );
  return { a: da, b: db };
}

/** ∂y goes to the input that was chosen; of two equal ones to the first, as in tfjs. */
const choice =
  (first: typeof tf.greaterEqual) =>
  (dy: tf.Tensor, [a, b]: tf.Tensor[]) => ({
    a: () => sumTo(tf.mul(dy, tf.cast(first(a, b), "float32")), a.shape),
    b: () => sumTo(tf.mul(dy, tf.cast(tf.logicalNot(first(a, b)), "float32")), b.shape),
  });

/** ∂x of x repeated: the sum over the repetitions, axis after axis. */
function tileGradient(dy: tf.Tensor, [x]: tf.Tensor[], { reps }: { reps: number[] }): Gradients {
  const sum = (g: tf.Tensor, axis: number): tf.Tensor => {
    if (reps[axis] === 1) return g;
    const pieces = tf.reshape(g, [size(g.shape.slice(0, axis)), reps[axis], -1]);
    return tf.reshape(tf.sum(pieces, 1), [
      ...x.shape.slice(0, axis + 1),
      ...g.shape.slice(axis + 1),
    ]);
  };
  return {
    x: () => (dy.size === 0 ? tf.zerosLike(x) : reps.reduce((g, _, axis) => sum(g, axis), dy)),
  };
}
const size = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

/**
 * For each kernel: which inputs it saves, and its gradient from ∂y, which is one tensor, or an
 * array where the result has several parts.
 */
const gradients: Record<
  string,
  [string[], (dy: never, saved: tf.Tensor[], attributes: never) => Gradients]
> = {
  BatchMatMul: [["a", "b"], matMulGradient],
  Maximum: [["a", "b"], choice(tf.greaterEqual)],
  Minimum: [["a", "b"], choice(tf.lessEqual)],
  SquaredDifference: [
    ["a", "b"],
    (dy: tf.Tensor, [a, b]) => ({
      a: () => sumTo(tf.mul(dy, tf.mul(tf.sub(a, b), 2)), a.shape),
      b: () => sumTo(tf.mul(dy, tf.mul(tf.sub(b, a), 2)), b.shape),
    }),
  ],
  Tile: [["x"], tileGradient],
  Unpack: [
    [],
    (dy: tf.Tensor | tf.Tensor[], _, { axis }: { axis: number }) => ({
      value: () => tf.stack([dy].flat(), axis),
    }),
  ],
  SplitV: [
    [],
    (dy: tf.Tensor | tf.Tensor[], _, { axis }: { axis: number }) => ({
      x: () => tf.concat([dy].flat(), axis),
    }),
  ],
  Cumsum: [
    [],
    (dy: tf.Tensor, _, a: { axis: number; exclusive: boolean; reverse: boolean }) => ({
      x: () => tf.cumsum(dy, a.axis, a.exclusive, !a.reverse),
    }),
  ],
};

/**
 * Registers them in place of tfjs's own. To be called after a backend's package is loaded, because
 * tfjs-node registers its own again.
 */
export function registerGradients(): void {
  for (const [kernelName, [inputsToSave, gradFunc]] of Object.entries(gradients))
    tf.registerGradient({ kernelName, inputsToSave, gradFunc: gradFunc as unknown as tf.GradFunc });
}
