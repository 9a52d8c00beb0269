// The training itself of a model that learns to answer, for whoever has the conversations: questions of
// lesson 16 (instruction tuning), calls of tools in lesson 26 (agents).
import { cloneParams } from "../params";
import { Trainer } from "../train";
import { type InstructOptions, instructTask } from "./task";
import type { InstructModel } from "./template";

/** How long and how fast. */
export interface TunedCopyOptions {
  steps: number;
  warmupSteps: number;
  /** The highest learning rate; 2e-3. */
  maxLr?: number;
  /** Hears the held-out loss, in nats per learnt token, four times. */
  onEval?(step: number, loss: number): void;
}

/**
 * Trains a copy of a model; the caller disposes its parameters.
 * @throws as `instructTask`
 */
export async function tunedCopy(
  options: InstructOptions,
  { steps, warmupSteps, maxLr = 2e-3, onEval }: TunedCopyOptions,
): Promise<InstructModel> {
  const { model, seed } = options;
  const task = instructTask(options);
  const evalEvery = Math.max(1, Math.ceil(steps / 4));
  const settings = { steps, seed, maxLr, minLr: maxLr / 10, warmupSteps, evalEvery };
  const trainer = new Trainer({ task, settings: { ...settings, evalLimit: 16 } });
  await trainer.run({ onEval: ({ step, metrics }) => onEval?.(step, metrics.val) });
  const params = cloneParams(task.params);
  trainer.dispose();
  return { ...model, params };
}
