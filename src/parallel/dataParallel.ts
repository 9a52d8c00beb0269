// Data parallelism: every worker has the whole model and computes the gradient of its own batches;
// before the update the gradients are averaged, so all workers take the same step and stay equal
// (PyTorch DDP: Li et al., 2020, "PyTorch Distributed"). The mean of the gradients of N batches of
// one size is the gradient of one batch N times as large, which is why N workers give the numbers of
// one process that accumulates N batches.
// For the trainer (llm/train) this is a share of each step's batches and a `clip` that first
// averages: the loop does not know that it runs N times. The runs are in ./train.

import { tf } from "../engine";
import { clipByGlobalNorm } from "../optim";
import type { Grads } from "../params";
import type { AnyTask, StepFunctions } from "../train";
import { ringAllReduce } from "./collectives";
import { flatten, layoutOf, unflatten } from "./flat";
import type { Group } from "./group";

/**
 * The mean of every gradient over all workers: one ring all-reduce of all of them together.
 * @param grads the same names and shapes on all ranks
 * @returns new tensors with the same bits on all ranks; the caller disposes them
 */
export function averageGrads(group: Group, grads: Grads): Grads {
  const numbers = flatten(grads);
  ringAllReduce(group, numbers);
  for (let i = 0; i < numbers.length; i++) numbers[i] /= group.size;
  return unflatten(numbers, layoutOf(grads));
}

/** Clipping by the norm of the averaged gradients: a worker's own norm says little about the step. */
export function averageAndClip(group: Group): StepFunctions<unknown>["clip"] {
  return (grads, maxNorm) => tf.tidy(() => clipByGlobalNorm(averageGrads(group, grads), maxNorm));
}

/**
 * A task as the workers of a group train it: the loss of a step is the mean over all of them, and
 * only rank 0 evaluates and writes samples, since all have the same model.
 * @param task made in the same way on all ranks; `dispose` frees it
 */
export function taskOfGroup<T extends AnyTask>(task: T, group: Group): T {
  const changed: Partial<AnyTask> = {
    // Evaluations come without dropout's randomness, and on one rank only.
    loss: (params, batch, dropout) => {
      const loss = task.loss(params, batch, dropout);
      return dropout === undefined ? loss : meanOverGroup(group, loss);
    },
  };
  if (group.rank > 0) {
    changed.evaluate = async () => ({ [task.primary.name]: 0 }); // looked at by nobody
    changed.sample = undefined;
  }
  const own = Object.entries(changed).map(([name, value]) => [name, { value, enumerable: true }]);
  return Object.create(task, Object.fromEntries(own));
}

/**
 * The mean of a loss over the workers. Its gradient is that of this worker's own loss: the mean over
 * the workers is taken of the gradients, all at once.
 */
const meanOverGroup = (group: Group, loss: tf.Scalar): tf.Scalar =>
  tf.customGrad((own) => {
    const numbers = Float32Array.from((own as tf.Tensor).dataSync());
    ringAllReduce(group, numbers);
    return { value: tf.scalar(numbers[0] / group.size), gradFunc: (dy: tf.Scalar) => [dy] };
  })(loss) as tf.Scalar;
