// Small sequence models that differ in one thing only, how they reach the past: RNN, LSTM, GRU, or
// one layer of attention for comparison (single head, causal, learned positions; lesson 06
// (attention) builds it). And how one of them is trained on a task that needs memory, until it
// passes or its steps are used up.

import { causalMask, scaledDotProductAttention } from "../attention";
import { inTurn } from "../data";
import { tf } from "../engine";
import { linear } from "../ops";
import { disposeParams, type Params } from "../params";
import { type Random, randomNormal, randomUniform } from "../random";
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
        const out = tf.matMul(
          flat,
          params["readout.weight"] as tf.Tensor as tf.Tensor2D,
          false,
          true,
        );
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

/**
 * A model on a memory task, as a task of the trainer (llm/train).
 * @param rng its forks give the model's weights, the training examples, 512 held-out ones (when to
 *   stop) and 512 for the test
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
) {
  const { inputSize, outputSize, length: maxLength, answers } = task;
  const sizes = { inputSize, outputSize, hiddenSize, maxLength };
  const model = sequenceModel(kind, { ...sizes, rng: rng.fork("init"), forgetBias });
  const held = task.batch(512, rng.fork("held out"));
  const scoreOn = ({ x, y }: TaskBatch) => tf.tidy(() => task.score(model.forward(x, answers), y));
  const isError = task.name === "adding";
  const name = isError ? "squared error" : "accuracy";
  return {
    params: model.params,
    primary: {
      name,
      better: isError ? ("lower" as const) : ("higher" as const),
      baselines: { "no memory": task.baseline },
    },
    batch: inTurn(
      () => rng.fork("train"),
      (stream) => task.batch(batchSize, stream),
    ),
    loss: (_: Params, { x, y }: TaskBatch) => task.loss(model.forward(x, answers), y),
    evaluate: async (): Promise<Record<string, number>> => ({ [name]: scoreOn(held) }),
    /**
     * The score on 512 examples that decide nothing: neither the weights nor when to stop.
     * @param of another task with the same inputs and answers and no longer sequences, such as the
     *   same one with a shorter pause
     */
    test: (of: MemoryTask = task): number => {
      const fresh = of.batch(512, rng.fork("test"));
      const score = scoreOn(fresh);
      tf.dispose(fresh);
      return score;
    },
    describe: () => ({ kind: "memory", model: { kind, ...sizes, task: task.name, T: task.T } }),
    dispose: () => {
      model.dispose();
      tf.dispose(held);
    },
  };
}
