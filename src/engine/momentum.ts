// What tfjs 4.22 leaves behind: `tf.train.momentum(…)` holds its learning rate in a tensor, as
// `tf.train.sgd` does, and its `dispose` does not free it. The other optimizers do.
import * as tf from "@tensorflow/tfjs-core";

/** What its type hides. */
interface Held {
  c: tf.Scalar;
  m: tf.Scalar;
  accumulations: { variable: tf.Variable }[];
}

/** Puts the right `dispose` on `tf.MomentumOptimizer.prototype`. */
export function mendMomentum(): void {
  tf.MomentumOptimizer.prototype.dispose = function () {
    const { c, m, accumulations } = this as unknown as Held;
    tf.dispose([c, m, ...accumulations.map(({ variable }) => variable)]);
  };
}
