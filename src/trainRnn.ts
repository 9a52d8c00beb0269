// The trainings of lesson 03 (recurrent networks): a model on a task that needs memory, and a
// character model on a text, both by the trainer of the whole course; and loading such a character
// model. The tasks are in llm/rnn, which knows nothing of the trainer.

import { assignTensors, readCheckpoint } from "./checkpoint";
import { clipByGlobalNorm } from "./optim";
import { Random } from "./random";
import {
  type CellKind,
  type CharBatch,
  CharRnn,
  type CharTaskOptions,
  charTask,
  type MemoryTask,
  type ModelKind,
  memoryTask,
  type TaskBatch,
} from "./rnn";
import { type Tokenizer, tokenizerFromJSON } from "./tokenizer";
import { Diverged, type Task, Trainer } from "./train";

/** Which model on which task, and how it is trained. */
export interface TrainTaskOptions {
  kind: ModelKind;
  task: MemoryTask;
  seed: number;
  /** Most training steps. */
  steps: number;
  /** 32 */
  hiddenSize?: number;
  /** 32 */
  batchSize?: number;
  /** 0.005 */
  lr?: number;
  /** Limit of the gradient's global norm; 0: no clipping. */
  clip?: number;
  forgetBias?: number | number[];
  /** Tasks on which the trained model is scored as well, such as a shorter pause. */
  others?: MemoryTask[];
  /** Look at held-out examples every so many steps, and stop when they pass; 50. */
  every?: number;
  onStep?: (step: number, loss: number) => void;
}

/** How it went. */
export interface TaskResult {
  kind: ModelKind;
  T: number;
  /** Training loss and gradient norm (before clipping) of every step. */
  losses: number[];
  norms: number[];
  /** On 512 examples that neither the weights nor the moment to stop depend on. */
  score: number;
  /** Whether that score passes. */
  passed: boolean;
  /** The scores on the other tasks. */
  otherScores: number[];
  /** How many numbers were trained. */
  parameters: number;
  seconds: number;
}

/**
 * Trains a model on a task with Adam until it passes on held-out examples, or for `steps` steps.
 * Then other examples give its score: stopping at a good moment flatters the held-out ones.
 */
export async function trainTask({
  kind,
  task,
  seed,
  steps,
  lr = 5e-3,
  clip = 1,
  every = 50,
  others = [],
  onStep,
  ...options
}: TrainTaskOptions): Promise<TaskResult> {
  const start = performance.now();
  const trained = memoryTask(kind, task, { rng: new Random(seed), ...options });
  const trainer = new Trainer({
    task: trained as Task<TaskBatch>,
    settings: { steps, maxLr: lr, clip, evalEvery: every, compile: false },
  });
  const { name } = trained.primary;
  try {
    await trainer.run({
      onStep: (record) => onStep?.(record.step, record.loss),
      stopWhen: ({ step, metrics }) => step > 0 && task.passes(metrics[name]),
    });
  } catch (error) {
    if (!(error instanceof Diverged && error.record)) throw error;
    trainer.history.steps.push(error.record); // an explosion is a result too
    onStep?.(error.record.step, error.record.loss);
  }
  const { steps: records } = trainer.history;
  const { parameters } = trainer;
  const score = trained.test();
  const otherScores = others.map((other) => trained.test(other));
  trainer.dispose();
  return {
    kind,
    T: task.T,
    losses: records.map(({ loss }) => loss),
    norms: records.map(({ norm }) => norm),
    score,
    passed: task.passes(score),
    otherScores,
    parameters,
    seconds: (performance.now() - start) / 1000,
  };
}

/** How `trainCharRnn` trains. */
export interface CharRnnOptions extends Omit<CharTaskOptions, "model"> {
  /** lstm unless told. */
  kind?: CellKind;
  vocabSize: number;
  /** 64 */
  hiddenSize?: number;
  steps: number;
  /** 0.005 */
  lr?: number;
  /** Largest norm of the gradient; 1. */
  clip?: number;
  seed: number;
  clipByGlobalNorm?: typeof clipByGlobalNorm;
  onStep?: (step: number, loss: number) => void;
}

/** A trained character model; `val` in nats per character. */
export interface CharRnnResult {
  model: CharRnn;
  losses: number[];
  val: number;
  seconds: number;
}

/** Characters of the validation text that are looked at before the run; after it, all are. */
const FIRST_LOOK = 1000;

/**
 * Makes a character model and trains it by truncated backpropagation through time (see charTask).
 *
 * @returns the model, which the caller disposes, and the training loss of every step
 */
export async function trainCharRnn({
  kind = "lstm",
  vocabSize,
  hiddenSize = 64,
  steps,
  lr = 5e-3,
  clip = 1,
  seed,
  clipByGlobalNorm: clipper = clipByGlobalNorm,
  onStep,
  ...data
}: CharRnnOptions): Promise<CharRnnResult> {
  const begin = performance.now();
  const model = new CharRnn({ kind, vocabSize, hiddenSize, rng: new Random(seed) });
  const task: Task<CharBatch> = charTask({ model, ...data });
  const trainer = new Trainer({
    task,
    settings: {
      steps,
      seed,
      maxLr: lr,
      clip,
      evalEvery: steps,
      evalLimit: FIRST_LOOK,
      compile: false,
    },
    clip: clipper,
  });
  const { history, stopped, metrics } = await trainer.run({
    onStep: ({ step, loss }) => onStep?.(step, loss),
  });
  const { val } = stopped === "done" ? metrics : await trainer.evaluate();
  trainer.dispose();
  const seconds = (performance.now() - begin) / 1000;
  return { model, losses: history.steps.map(({ loss }) => loss), val, seconds };
}

/**
 * A character model that was saved with its tokenizer, as datasets/runs/03-recurrent-networks is.
 *
 * @param file a checkpoint of kind "char-rnn"
 * @returns the model, which the caller disposes, and its tokenizer
 * @throws when the file holds another kind of model, or tensors or a tokenizer that do not fit it
 */
export function loadCharRnn(file: string): { model: CharRnn; tokenizer: Tokenizer } {
  const { kind, model: described, tokenizer: json, params } = readCheckpoint(file);
  if (kind !== "char-rnn")
    throw new Error(`loadCharRnn: expected a model of kind "char-rnn" in ${file}, got "${kind}"`);
  const tokenizer = tokenizerFromJSON(json);
  const sizes = described as { kind: CellKind; vocabSize: number; hiddenSize: number };
  if (tokenizer.vocabSize !== sizes.vocabSize)
    throw new Error(
      `loadCharRnn: expected a tokenizer of ${sizes.vocabSize} characters in ${file}, ` +
        `got one of ${tokenizer.vocabSize}`,
    );
  const model = new CharRnn({ ...sizes, rng: new Random(0) });
  try {
    assignTensors(model.params, params, file);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return { model, tokenizer };
}
