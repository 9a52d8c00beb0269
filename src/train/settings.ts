// The numbers of a run that have nothing to do with its model: steps, rates, frequencies. Those of
// a model come from its task (llm/pretrain has the GPT's, and the course's three sizes).

/**
 * Every number of the loop that decides a run's outcome. Rates as in PyTorch; frequencies are in
 * steps.
 */
export interface TrainSettings {
  seed: number;
  steps: number;
  /**
   * How many batches are added up before each update: the same step as one batch that much larger,
   * in less memory.
   */
  accumulate: number;
  maxLr: number;
  /** The rate at the end; the same as maxLr: a constant rate. */
  minLr: number;
  warmupSteps: number;
  beta1: number;
  beta2: number;
  eps: number;
  weightDecay: number;
  /** Largest norm of all gradients together; 0: no clipping. */
  clip: number;
  /** Evaluation and a sample every so many steps. */
  evalEvery: number;
  /** Examples in those evaluations (of a GPT: windows of text); the last one takes all of them. */
  evalLimit: number;
  checkpointEvery: number;
  /**
   * Whether steps are compiled on the native engine: true, false, or "auto" (the default): where
   * the run has more than 60 steps and the optimizer can be compiled. It decides the last bits of
   * the losses.
   */
  compile: "auto" | boolean;
}

/** What a run has to say; the rest has defaults. */
export type SettingsInput = Partial<TrainSettings> & Pick<TrainSettings, "steps" | "maxLr">;

const defaults = {
  seed: 1337,
  accumulate: 1,
  warmupSteps: 0,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0,
  clip: 1,
  evalLimit: Number.POSITIVE_INFINITY,
  compile: "auto" as const,
};

/**
 * The settings with their defaults: a constant rate, Adam without decay, gradients clipped to norm
 * 1, ten evaluations. Other fields (a task's own settings) are kept: all of them go into the run's
 * config.json and its checkpoint.
 * @throws unless every number can be trained with; the message names it
 */
export function completeSettings<S extends SettingsInput>(input: S): S & TrainSettings {
  const evalEvery = input.evalEvery ?? Math.max(1, Math.ceil(input.steps / 10));
  const given = Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined),
  ) as S;
  const settings = {
    ...defaults,
    minLr: input.maxLr,
    evalEvery,
    checkpointEvery: evalEvery,
    ...given,
  };
  if (settings.evalLimit === null) settings.evalLimit = defaults.evalLimit; // as JSON writes Infinity
  validateSettings(settings);
  return settings;
}

function validateSettings(settings: TrainSettings): void {
  const expectWhole = (name: keyof TrainSettings, least: number) =>
    expectWholeNumber("Trainer", name, settings[name], least);
  for (const name of ["steps", "accumulate", "evalEvery", "checkpointEvery"] as const)
    expectWhole(name, 1);
  for (const name of ["seed", "warmupSteps"] as const) expectWhole(name, 0);
  if (settings.evalLimit !== Number.POSITIVE_INFINITY) expectWhole("evalLimit", 1);
  for (const name of ["maxLr", "minLr", "beta1", "beta2", "eps", "weightDecay", "clip"] as const)
    if (!(settings[name] >= 0 && Number.isFinite(settings[name])))
      throw new Error(`Trainer: expected ${name} to be a number ≥ 0, got ${settings[name]}`);
  if (!["auto", true, false].includes(settings.compile))
    throw new Error(
      `Trainer: expected compile to be "auto", true or false, got ${settings.compile}`,
    );
}

/** @throws unless `value` is a whole number of at least `least`; `caller` begins the message */
export function expectWholeNumber(
  caller: string,
  name: string,
  value: unknown,
  least: number,
): void {
  if (!Number.isInteger(value) || (value as number) < least)
    throw new Error(`${caller}: expected ${name} to be a whole number ≥ ${least}, got ${value}`);
}
