// One training step: batch → loss and gradients → clip → optimizer. It is a function of its arguments only
// (parameters, optimizer state, batches, learning rate) and reads no clock, no random generator and no tensor's value,
// so that another engine can trace it once and run the compiled form.

import type { Batch } from "../data";
import { tf } from "../engine";
import type { GPTConfig, GPTOps, Params } from "../gpt";
import type { DropoutSource } from "../ops";
import type { AdamWOptions, AdamWState, OptimizerStep } from "./adamw";
import type { Grads } from "./clip";

/** Mean loss of one batch: what the model is trained on. */
export type LossFunction = (
  params: Params,
  config: GPTConfig,
  ids: tf.Tensor2D,
  targets: tf.Tensor2D,
  options: { dropoutRng?: DropoutSource; ops?: Partial<GPTOps> },
) => tf.Scalar;

/** The three functions a step is made of. */
export interface StepFunctions {
  /** Mean loss of one batch in nats per token; `part` counts the batches of one step. */
  loss: (params: Params, batch: Batch, part: number) => tf.Scalar;
  clip: (grads: Grads, maxNorm: number) => { grads: Grads; norm: tf.Scalar };
  optimizer: OptimizerStep;
}

/**
 * Does one step in place. With several batches their gradients are averaged first (gradient accumulation): for a mean
 * loss over batches of one size that *is* the gradient of one large batch.
 *
 * @param params changed in place
 * @param state the optimizer's, changed in place
 * @param batches at least one, all of one size
 * @returns mean loss before the step, and the norm of the gradients before clipping; the caller disposes both
 */
export function trainStep(
  params: Params,
  state: AdamWState,
  batches: Batch[],
  { loss, clip, optimizer }: StepFunctions,
  { maxNorm, ...options }: AdamWOptions & { maxNorm: number },
): { loss: tf.Scalar; norm: tf.Scalar } {
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
    optimizer(params, clipped.grads, state, options);
    return { loss: n > 1 ? tf.div<tf.Scalar>(total.loss, n) : total.loss, norm: clipped.norm };
  });
}

/**
 * The loss and its gradient by every parameter, under the parameters' names in the record.
 *
 * @returns tensors that the caller disposes
 */
export function lossAndGrads(params: Params, loss: () => tf.Scalar): { loss: tf.Scalar; grads: Grads } {
  const names = Object.keys(params);
  const { value, grads: byVariable } = tf.variableGrads(loss, Object.values(params));
  const grads: Grads = {};
  for (const name of names) grads[name] = byVariable[params[name].name];
  return { loss: value, grads };
}

function addAll(a: Grads, b: Grads): Grads {
  return Object.fromEntries(Object.keys(a).map((name) => [name, tf.add(a[name], b[name])]));
}
