// Small sequence models that differ in one thing only, how they reach the past: RNN, LSTM, GRU, or one layer of
// attention for comparison (single head, causal, learned positions; lesson 06 builds it). And the loop that trains one
// of them on a task until it passes or its steps are used up.

import { interrupted, nextFrame, tf } from "../engine";
import { Random, randomNormal, randomUniform } from "../random";
import { adamwInit, adamwStep } from "../train/adamw";
import { clipByGlobalNorm } from "../train/clip";
import type { CellKind } from "./cells";
import { initRnn, runRnn } from "./run";
import type { Task } from "./tasks";

export type ModelKind = CellKind | "attention";
type Variables = Record<string, tf.Variable>;

export interface SequenceModel {
  params: Variables;
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
  const reach = (): Variables =>
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
  const params: Variables = {
    ...reach(),
    "decoder.weight": uniform(O, H),
    "decoder.bias": trainable(() => tf.zeros([O])),
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
        const out = tf.matMul(flat, params["decoder.weight"] as tf.Tensor as tf.Tensor2D, false, true);
        return out.add(params["decoder.bias"]).reshape<tf.Tensor3D>([x.shape[0], n, O]);
      }),
    dispose: () => tf.dispose(Object.values(params)),
  };
}

const lastSteps = (x: tf.Tensor3D, n: number) => tf.slice(x, [0, x.shape[1] - n, 0], [-1, n, -1]);

/** Causal attention of the last n positions to all positions: softmax(q kᵀ / √H + mask) v. */
function attend(p: Variables, x: tf.Tensor3D, n: number): tf.Tensor3D {
  const [B, T, I] = x.shape;
  const H = p.query.shape[0];
  const by = (a: tf.Tensor, w: tf.Tensor) =>
    tf.matMul(a.reshape<tf.Tensor2D>([-1, w.shape[0]!]), w as tf.Tensor2D).reshape<tf.Tensor3D>([B, -1, H]);
  const h = by(x.reshape([B, T, I]), p.embed).add<tf.Tensor3D>(tf.slice(p.position, [0, 0], [T, H]));
  const scores = tf.matMul(by(lastSteps(h, n), p.query), by(h, p.key), false, true).div(Math.sqrt(H));
  const future = tf.tidy(() => {
    const key = tf.range(0, T).reshape([1, T]);
    const query = tf.range(T - n, T).reshape([n, 1]);
    return tf.greater(key, query).toFloat().mul(-1e9);
  });
  return tf.matMul(tf.softmax(scores.add<tf.Tensor3D>(future)), by(h, p.value));
}

export interface TrainTaskOptions {
  kind: ModelKind;
  task: Task;
  seed: number;
  /** most training steps */
  steps: number;
  hiddenSize?: number;
  batchSize?: number;
  lr?: number;
  /** limit of the gradient's global norm; 0: no clipping */
  clip?: number;
  forgetBias?: number | number[];
  /** look at held-out examples every so many steps, and stop when they pass */
  every?: number;
  onStep?: (step: number, loss: number) => void;
}

export interface TaskResult {
  kind: ModelKind;
  T: number;
  /** training loss and gradient norm (before clipping) of every step */
  losses: number[];
  norms: number[];
  /** on 512 examples that were not trained on */
  score: number;
  passed: boolean;
  seconds: number;
}

/** Trains a model on a task with Adam until it passes on held-out examples, or for `steps` steps. */
export async function trainTask(o: TrainTaskOptions): Promise<TaskResult> {
  const {
    kind,
    task,
    seed,
    steps,
    hiddenSize = 32,
    batchSize = 32,
    lr = 5e-3,
    clip = 1,
    forgetBias,
    every = 50,
    onStep,
  } = o;
  const rng = new Random(seed);
  const { inputSize, outputSize, length: maxLength } = task;
  const model = sequenceModel(kind, {
    inputSize,
    outputSize,
    hiddenSize,
    maxLength,
    rng: rng.fork("init"),
    forgetBias,
  });
  const state = adamwInit(model.params);
  const data = rng.fork("train");
  const held = task.batch(512, rng.fork("held out"));
  const test = () => tf.tidy(() => task.score(model.forward(held.x, task.answers), held.y));
  const [losses, norms]: [number[], number[]] = [[], []];
  const start = performance.now();
  let score = test();
  for (let step = 1; step <= steps && !interrupted(); step++) {
    tf.tidy(() => {
      const { x, y } = task.batch(batchSize, data);
      const { loss, grads } = lossAndGrads(model.params, () => task.loss(model.forward(x, task.answers), y));
      const clipped = clipByGlobalNorm(grads, clip);
      adamwStep(model.params, clipped.grads, state, { lr, weightDecay: 0 });
      losses.push(loss.dataSync()[0]);
      norms.push(clipped.norm.dataSync()[0]);
    });
    onStep?.(step, losses[step - 1]);
    if (!Number.isFinite(losses[step - 1])) break;
    if (step % every === 0 || step === steps) {
      score = test();
      if (task.passes(score)) break;
      await nextFrame();
    }
  }
  model.dispose();
  tf.dispose([state, held as never]);
  return {
    kind,
    T: task.T,
    losses,
    norms,
    score,
    passed: task.passes(score),
    seconds: (performance.now() - start) / 1000,
  };
}

/** tf.variableGrads, with the gradients under the parameters' own names. The caller disposes the results. */
export function lossAndGrads(
  params: Variables,
  loss: () => tf.Scalar,
): { loss: tf.Scalar; grads: Record<string, tf.Tensor> } {
  const { value, grads } = tf.variableGrads(loss, Object.values(params));
  return {
    loss: value,
    grads: Object.fromEntries(Object.entries(params).map(([name, v]) => [name, grads[v.name]])),
  };
}
