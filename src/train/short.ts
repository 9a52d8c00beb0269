// A short training with usual settings, for the small models of lessons: no checkpoints, no log, no
// held-out loss (the caller measures what counts). The loop is the trainer's; only the task is made
// here, out of the three things that differ.
import { tf } from "../engine";
import type { Optimizer } from "../optim";
import type { Task } from "./task";
import { Trainer } from "./trainer";

export interface ShortOptions {
  seed: number;
  steps: number;
  /** 0.002 if absent; falls to a tenth. */
  maxLr?: number;
  /** A twentieth of the steps if absent. */
  warmupSteps?: number;
  /** AdamW without weight decay if absent. */
  optimizer?: Optimizer;
  /** After each step, with the loss of its batch. */
  onStep?: (step: number, loss: number) => void | Promise<void>;
}

/**
 * Trains `params` in place.
 * @param task parameters, batches and loss, as in `Task`
 */
export async function trainShortly<B extends Record<string, tf.Tensor>>(
  { params, batch, loss }: Pick<Task<B>, "params" | "batch" | "loss">,
  { seed, steps, maxLr = 2e-3, onStep, optimizer, ...given }: ShortOptions,
): Promise<void> {
  const task: Task<B> = {
    ...{ params, batch, loss },
    primary: { name: "val", better: "lower", unit: "nats", isLoss: true },
    evaluate: async (_, tools) => {
      const one = await batch(steps); // the trainer asks for a number once, at the end
      const mean = tools.loss(one);
      const val = (await mean.data())[0];
      tf.dispose([mean, ...Object.values(one)]);
      return { val };
    },
    describe: () => ({ kind: "short", model: {} }),
    dispose: () => {}, // the caller goes on with the parameters
  };
  const { warmupSteps = Math.ceil(steps / 20) } = given;
  const settings = { steps, seed, maxLr, minLr: maxLr / 10, warmupSteps, evalEvery: steps };
  const trainer = new Trainer({ task, settings, optimizer });
  await trainer.run({ onStep: ({ step, loss: value }) => onStep?.(step, value) });
  trainer.dispose();
}
