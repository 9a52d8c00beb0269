// Gradients that tfjs 4.22 has wrong on every engine, put right. Where one input is broadcast, its gradient must be
// summed over what it was repeated for, which stock tfjs leaves out; and more:
//   BatchMatMul                            tf.matMul(x (B, T, C), weight (C, V)) is an error in the backward pass
//   Maximum, Minimum, SquaredDifference    tf.maximum(x, 0), a bias in a squared error: the same
//   Tile, and so tf.broadcastTo            of rank 5 and more, such as keys repeated for grouped queries: an error, too
//   Unpack, SplitV                         of one part, such as tf.unstack of a sequence of length 1: an error, too
//   Cumsum                                 along any axis but the last, the gradient comes transposed (of a square, silently)
// Not mended, because it lies in no registry: tf.logSigmoid of a computed value; llm/ops has one that works.
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
      const [rows, dRows] = [a, dy].map((x) => tf.reshape(x, [-1, x.shape.at(-1)!])); // one weight for all rows
      return transposeB ? tf.matMul(dRows, rows, true) : tf.matMul(rows, dRows, true);
    }
    return sumTo(
      transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false),
      b.shape,
    );
  };
  const da = () =>
    sumTo(transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB), a.shape);
  return { a: da, b: db };
}

/** ∂y where `first` holds, which takes the first of two equals, as stock tfjs does. */
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
    return tf.reshape(tf.sum(pieces, 1), [...x.shape.slice(0, axis + 1), ...g.shape.slice(axis + 1)]);
  };
  return {
    x: () => (dy.size === 0 ? tf.zerosLike(x) : reps.reduce((g, _, axis) => sum(g, axis), dy)),
  };
}
const size = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

/** What a kernel saves of its inputs, and its gradient from ∂y: one tensor, or an array where there are several parts. */
const gradients: Record<string, [string[], (dy: never, saved: tf.Tensor[], attributes: never) => Gradients]> =
  {
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

/** Registers them, over tfjs's own. To be called after a backend's package is loaded: tfjs-node brings its own again. */
export function registerGradients(): void {
  for (const [kernelName, [inputsToSave, gradFunc]] of Object.entries(gradients))
    tf.registerGradient({ kernelName, inputsToSave, gradFunc: gradFunc as unknown as tf.GradFunc });
}
