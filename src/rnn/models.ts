// Small sequence models that differ in one thing only, how they reach the past: RNN, LSTM, GRU, or
// one layer of attention for comparison (single head, causal, learned positions; lesson 06
// (attention) builds it). And how one of them is trained on a task that needs memory, until it
// passes or its steps are used up.

import { causalMask, scaledDotProductAttention } from "../attention";
import { inTurn } from "../data";
import { tf } from "../engine";
import { linear } from "../ops";
import { disposeParams, type Params } from "../params";
import { Random, randomNormal, randomUniform } from "../random";
import { Diverged, type Task, Trainer } from "../train";
import type { CellKind } from "./cells";
import { initRnn, runRnn } from "./run";
import type { MemoryTask, TaskBatch } from "./tasks";

export type ModelKind = CellKind | "attention";

export interface SequenceModel {
  params: Params;
  /** Outputs (B, n, O) of the last n steps for inputs (B, T, I). */
  forward(x: tf.Tensor3D, n: number): tf.Tensor3D;
  dispose(): void;
}

export interface SequenceModelOptions {
  inputSize: number;
  outputSize: number;
  hiddenSize: number;
  /** longest sequence; only attention needs to know */
  maxLength: number;
  rng: Random;
  /** see initRnn; ignored by kinds without such a gate */
  forgetBias?: number | number[];
}

/** A recurrent or attention layer with a linear read-out. */
export function sequenceModel(kind: ModelKind, o: SequenceModelOptions): SequenceModel {
  const { inputSize: I, outputSize: O, hiddenSize: H, maxLength, rng, forgetBias } = o;
  const bound = 1 / Math.sqrt(H);
  const trainable = (make: () => tf.Tensor) => tf.tidy(() => tf.keep(tf.variable(make())));
  const uniform = (...shape: number[]) =>
    trainable(() => randomUniform(shape, { rng, min: -bound, max: bound }));
  const reach = (): Params =>
    kind === "attention"
      ? {
          embed: uniform(I, H),
          position: trainable(() => randomNormal([maxLength, H], { rng, std: bound })),
          query: uniform(H, H),
          key: uniform(H, H),
          value: uniform(H, H),
        }
      : {
          ...initRnn(kind, {
            inputSize: I,
            hiddenSize: H,
            rng,
            forgetBias: kind === "rnn" ? undefined : forgetBias,
          }),
        };
  const params: Params = {
    ...reach(),
    "readout.weight": uniform(O, H),
    "readout.bias": trainable(() => tf.zeros([O])),
  };
  return {
    params,
    forward: (x, n) =>
      tf.tidy(() => {
        const y =
          kind === "attention"
            ? attend(params, x, n)
            : lastSteps(runRnn(kind, params as never, x).outputs, n);
        const flat = y.reshape<tf.Tensor2D>([-1, H]);
        const out = tf.matMul(flat, params["readout.weight"] as tf.Tensor as tf.Tensor2D, false, true);
        return out.add(params["readout.bias"]).reshape<tf.Tensor3D>([x.shape[0], n, O]);
      }),
    dispose: () => disposeParams(params),
  };
}

const lastSteps = (x: tf.Tensor3D, n: number) => tf.slice(x, [0, x.shape[1] - n, 0], [-1, n, -1]);

/** Causal attention of the last n positions to all positions. */
function attend(params: Params, x: tf.Tensor3D, n: number): tf.Tensor3D {
  const [, T] = x.shape;
  const places = tf.slice(params.position, 0, T); // (T, H)
  const h = tf.add<tf.Tensor3D>(linear(x, params.embed), places); // (B, T, H)
  const q = linear(lastSteps(h, n), params.query); // (B, n, H)
  const [k, v] = [linear(h, params.key), linear(h, params.value)]; // (B, T, H)
  const mask = causalMask(n, { keys: T });
  return scaledDotProductAttention(q, k, v, { mask }).output as tf.Tensor3D;
}

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
  /** On 512 examples that were not trained on. */
  score: number;
  passed: boolean;
  seconds: number;
}

/**
 * A model on a memory task, for the trainer.
 * @param rng its forks give the model's weights, the training examples and 512 held-out ones
 */
export function memoryTask(
  kind: ModelKind,
  task: MemoryTask,
  {
    rng,
    hiddenSize = 32,
    batchSize = 32,
    forgetBias,
  }: { rng: Random; hiddenSize?: number; batchSize?: number; forgetBias?: number | number[] },
): Task<TaskBatch> {
  const { inputSize, outputSize, length: maxLength, answers } = task;
  const sizes = { inputSize, outputSize, hiddenSize, maxLength };
  const model = sequenceModel(kind, { ...sizes, rng: rng.fork("init"), forgetBias });
  const held = task.batch(512, rng.fork("held out"));
  const score = () => tf.tidy(() => task.score(model.forward(held.x, answers), held.y));
  const isError = task.name === "adding";
  return {
    params: model.params,
    primary: {
      name: isError ? "squared error" : "accuracy",
      better: isError ? "lower" : "higher",
      baselines: { "no memory": task.baseline },
    },
    batch: inTurn(
      () => rng.fork("train"),
      (stream) => task.batch(batchSize, stream),
    ),
    loss: (_, { x, y }) => task.loss(model.forward(x, answers), y),
    evaluate: async () => ({ [isError ? "squared error" : "accuracy"]: score() }),
    describe: () => ({ kind: "memory", model: { kind, ...sizes, task: task.name, T: task.T } }),
    dispose: () => {
      model.dispose();
      tf.dispose(held);
    },
  };
}

/** Trains a model on a task with Adam until it passes on held-out examples, or for `steps` steps. */
export async function trainTask({
  kind,
  task,
  seed,
  steps,
  lr = 5e-3,
  clip = 1,
  every = 50,
  onStep,
  ...options
}: TrainTaskOptions): Promise<TaskResult> {
  const start = performance.now();
  const trainer = new Trainer({
    task: memoryTask(kind, task, { rng: new Random(seed), ...options }),
    settings: { steps, maxLr: lr, clip, evalEvery: every, compile: false },
  });
  const { name } = trainer.task.primary;
  const score = () => trainer.history.evals.at(-1)!.metrics[name];
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
  trainer.dispose();
  return {
    kind,
    T: task.T,
    losses: records.map(({ loss }) => loss),
    norms: records.map(({ norm }) => norm),
    score: score(),
    passed: task.passes(score()),
    seconds: (performance.now() - start) / 1000,
  };
}
