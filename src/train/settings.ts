// What a run is: every number that decides its outcome, in one record that config.json and the checkpoint carry.
// The three presets are the course's three sizes. `laptop` is nanoGPT's configuration for a laptop CPU, number for
// number (Karpathy, nanoGPT, 2022, README «I only have a macbook»), so that results can be compared; `gpu` is its
// train_shakespeare_char configuration.

import type { GPTConfig } from "../gpt";

/** Every number that decides a run's outcome. Steps and rates as in PyTorch; frequencies are in steps. */
export interface TrainSettings {
  /** The model; its vocabSize comes from the text. */
  model: Omit<GPTConfig, "vocabSize">;
  seed: number;
  steps: number;
  batchSize: number;
  /** How many batches are added up before each update: the same step as one batch that much larger, in less memory. */
  accumulate: number;
  maxLr: number;
  minLr: number;
  warmupSteps: number;
  beta1: number;
  beta2: number;
  eps: number;
  weightDecay: number;
  /** Largest norm of all gradients together; 0: no clipping. */
  clip: number;
  /** Validation loss and a sample every so many steps. */
  evalEvery: number;
  /** Windows of the validation part in those evaluations, spread evenly; the last one takes all of them. */
  evalWindows: number;
  checkpointEvery: number;
  /** Characters of each sample; 0: none. */
  sampleLength: number;
  /**
   * Whether steps are compiled on the native engine: true, false, or "auto" (the default): where the run has more than
   * 60 steps and the optimizer is the course's own. It decides the last bits of the losses.
   */
  compile?: "auto" | boolean;
}

export type PresetName = "smoke" | "laptop" | "gpu";

const shared = {
  seed: 1337,
  accumulate: 1,
  maxLr: 1e-3,
  minLr: 1e-4,
  warmupSteps: 100,
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-8,
  weightDecay: 0.1,
  clip: 1,
};

/** The three sizes of the training run: a minute of CPU, a quarter of an hour of CPU, a GPU. */
export const presets: Record<PresetName, TrainSettings> = {
  smoke: {
    ...shared,
    model: { blockSize: 32, nLayer: 2, nHead: 4, nEmbd: 64, dropout: 0, bias: false },
    steps: 1000,
    batchSize: 16,
    maxLr: 4e-3,
    minLr: 4e-4,
    warmupSteps: 50,
    evalEvery: 200,
    evalWindows: 128,
    checkpointEvery: 200,
    sampleLength: 80,
  },
  laptop: {
    ...shared,
    model: { blockSize: 64, nLayer: 4, nHead: 4, nEmbd: 128, dropout: 0, bias: false },
    steps: 2000,
    batchSize: 12,
    evalEvery: 250,
    evalWindows: 240,
    checkpointEvery: 250,
    sampleLength: 200,
  },
  gpu: {
    ...shared,
    model: { blockSize: 256, nLayer: 6, nHead: 6, nEmbd: 384, dropout: 0.2, bias: false },
    steps: 5000,
    batchSize: 64,
    evalEvery: 250,
    evalWindows: 256,
    checkpointEvery: 500,
    sampleLength: 500,
  },
};

/** @throws unless every number can be trained with; the message names it */
export function validateSettings(settings: TrainSettings): TrainSettings {
  const whole = (name: keyof TrainSettings, least: number) => {
    const value = settings[name];
    if (!Number.isInteger(value) || (value as number) < least)
      throw new Error(`Trainer: expected ${name} to be a whole number ≥ ${least}, got ${value}`);
  };
  for (const name of [
    "steps",
    "batchSize",
    "accumulate",
    "evalEvery",
    "evalWindows",
    "checkpointEvery",
  ] as const)
    whole(name, 1);
  for (const name of ["seed", "warmupSteps", "sampleLength"] as const) whole(name, 0);
  for (const name of ["maxLr", "minLr", "beta1", "beta2", "eps", "weightDecay", "clip"] as const)
    if (!(settings[name] >= 0 && Number.isFinite(settings[name])))
      throw new Error(`Trainer: expected ${name} to be a number ≥ 0, got ${settings[name]}`);
  if (![undefined, "auto", true, false].includes(settings.compile))
    throw new Error(`Trainer: expected compile to be "auto", true or false, got ${settings.compile}`);
  return settings;
}
