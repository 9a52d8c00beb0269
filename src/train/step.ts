// One training step: batch → loss and gradients → clip → optimizer. It is a function of its
// arguments only (parameters, optimizer state, batches, learning rate) and reads no clock, no
// random generator and no tensor's value, so that another engine can trace it once and run the
// compiled form.

import { tf } from "../engine";
import type { Optimizer, OptimizerState } from "../optim";
import { type Grads, lossAndGrads, type Params } from "../params";

/** The three functions a step is made of. */
export interface StepFunctions<B> {
  /** Mean loss of one batch; `part` counts the batches of one step. */
  loss: (params: Params, batch: B, part: number) => tf.Scalar;
  clip: (grads: Grads, maxNorm: number) => { grads: Grads; norm: tf.Scalar };
  optimizer: Pick<Optimizer, "step">;
}

/**
 * Mean loss before the step, and the norm of the gradients before clipping; the caller disposes
 * both.
 */
export type StepResult = { loss: tf.Scalar; norm: tf.Scalar };

/**
 * Does one step in place. With several batches their gradients are averaged first (gradient
 * accumulation): for a mean loss over batches of one size that *is* the gradient of one large
 * batch.
 *
 * @param params changed in place
 * @param state the optimizer's, changed in place
 * @param batches at least one, all of one size
 * @param options.lr the learning rate; `maxNorm` is for the clipping
 */
export function trainStep<B>(
  params: Params,
  state: OptimizerState,
  batches: B[],
  { loss, clip, optimizer }: StepFunctions<B>,
  { lr, maxNorm }: { lr: number | tf.Scalar; maxNorm: number },
): StepResult {
  return tf.tidy(() => {
    const total = batches
      .map((batch, part) => lossAndGrads(params, () => loss(params, batch, part)))
      .reduce((a, b) => {
        const sum = { loss: tf.add<tf.Scalar>(a.loss, b.loss), grads: addAll(a.grads, b.grads) };
        tf.dispose([a, b]);
        return sum;
      });
    const n = batches.length;
    if (n > 1) for (const name in total.grads) total.grads[name] = tf.div(total.grads[name], n);
    const clipped = clip(total.grads, maxNorm);
    optimizer.step(params, clipped.grads, state, lr);
    return { loss: n > 1 ? tf.div<tf.Scalar>(total.loss, n) : total.loss, norm: clipped.norm };
  });
}

function addAll(a: Grads, b: Grads): Grads {
  return Object.fromEntries(Object.keys(a).map((name) => [name, tf.add(a[name], b[name])]));
}
