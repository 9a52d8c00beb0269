// ZeRO (Rajbhandari et al., 2020, "ZeRO: Memory Optimizations Toward Training Trillion Parameter
// Models", arXiv:1910.02054): data parallelism in which the workers do not all keep the same
// numbers. Stage 1 divides the optimizer's memory among them, stage 2 the gradients too, stage 3
// the parameters as well. Stage 1 runs here, the table counts all three. Left out: running stages 2
// and 3, activations, offloading to CPU memory.

import { tf } from "../engine";
import type { Optimizer, OptimizerState } from "../optim";
import type { Grads, Params } from "../params";
import type { TrainerParts } from "../train";
import { allGather, chunkOf, reduceScatter, ringAllReduce } from "./collectives";
import { assignFlat, flatten, type Layout, layoutOf } from "./flat";
import type { Group } from "./group";

export type ZeroStage = 0 | 1 | 2 | 3;

/** Bytes of each kind that one worker keeps, without activations. */
export interface WorkerMemory {
  parameters: number;
  gradients: number;
  optimizer: number;
  total: number;
}

/**
 * Bytes per parameter. "mixed": parameters and gradients in 16 bits, and for the optimizer a copy of
 * the parameters and both moments in 32 (the paper's section 3.1, K = 12). "fp32": everything in 32
 * bits, as in this course. Both are 16 bytes together.
 */
const bytesPerParameter = {
  mixed: { parameters: 2, gradients: 2, optimizer: 12 },
  fp32: { parameters: 4, gradients: 4, optimizer: 8 },
};

/**
 * What one of N workers keeps for a model that is trained with AdamW:
 *
 *     stage 0   p + g + o            plain data parallelism
 *     stage 1   p + g + o/N          the optimizer's memory divided
 *     stage 2   p + (g + o)/N        gradients too
 *     stage 3   (p + g + o)/N        parameters too
 *
 * @param options `parameters` of the model, `workers` N, and the `precision`, "mixed" or "fp32"
 * @returns bytes; the activations of a step come on top
 * @throws unless there are whole numbers of workers and parameters, and such a stage
 */
export function zeroMemory(
  stage: ZeroStage,
  {
    parameters,
    workers,
    precision = "mixed",
  }: { parameters: number; workers: number; precision?: keyof typeof bytesPerParameter },
): WorkerMemory {
  if (![0, 1, 2, 3].includes(stage))
    throw new Error(`zeroMemory: expected a stage from 0 to 3, got ${stage}`);
  for (const [name, value] of Object.entries({ parameters, workers }))
    if (!(Number.isInteger(value) && value >= 1))
      throw new Error(`zeroMemory: expected ${name} to be a whole number ≥ 1, got ${value}`);
  const bytes = bytesPerParameter[precision];
  const kept = (each: number, dividedFrom: ZeroStage) =>
    (each * parameters) / (stage >= dividedFrom ? workers : 1);
  const memory = {
    parameters: kept(bytes.parameters, 3),
    gradients: kept(bytes.gradients, 2),
    optimizer: kept(bytes.optimizer, 1),
  };
  return { ...memory, total: memory.parameters + memory.gradients + memory.optimizer };
}

/**
 * Stage 1 for the trainer: gradients are added up by a reduce-scatter, which leaves each worker with
 * the sum of its own share; it updates this share of the parameters, with its share of the
 * optimizer's memory; an all-gather brings the parameters together. Sent are 2 (N − 1)/N of the
 * model, as by a ring all-reduce. The shares are cut out of all parameters laid end to end, so they
 * are equal to the last number, and a matrix may belong to two workers.
 *
 * @param inner must treat every number by itself, as AdamW does
 */
export function zeroStage1(
  group: Group,
  inner: Optimizer,
): Required<Pick<TrainerParts, "clip" | "optimizer">> {
  const clip: Required<TrainerParts>["clip"] = (grads, maxNorm) => {
    const layout = layoutOf(grads);
    const own = reduceScatter(group, flatten(grads));
    let squares = 0;
    for (let i = 0; i < own.length; i++) {
      own[i] /= group.size;
      squares += own[i] ** 2;
    }
    const total = Float32Array.of(squares);
    ringAllReduce(group, total);
    const norm = Math.sqrt(total[0]);
    const factor = maxNorm > 0 && Number.isFinite(maxNorm) ? maxNorm / (norm + 1e-6) : 1;
    if (!(factor >= 1)) for (let i = 0; i < own.length; i++) own[i] *= factor;
    return { grads: piecesOf(group, layout, own), norm: tf.scalar(norm) };
  };
  const optimizer: Optimizer = {
    compiles: false, // a compiled program could not wait for the others
    init: (params) => {
      const pieces = ownPieces(group, params);
      const state = inner.init(pieces);
      tf.dispose(pieces);
      return state;
    },
    step: (params, grads, state, lr) => updateShare(group, inner, { params, grads, state, lr }),
  };
  return { clip, optimizer };
}

/** Updates this worker's share of the parameters and gathers the shares of the others. */
function updateShare(
  group: Group,
  inner: Optimizer,
  step: { params: Params; grads: Grads; state: OptimizerState; lr: number | tf.Scalar },
): void {
  const numbers = flatten(step.params);
  const pieces = ownPieces(group, step.params);
  inner.step(pieces, step.grads, step.state, step.lr);
  const [from] = chunkOf(group.rank, group.size, numbers.length);
  numbers.set(flatten(pieces), from);
  tf.dispose(pieces);
  allGather(group, numbers);
  assignFlat(step.params, numbers);
}

/** This worker's share of the parameters, as variables: the caller disposes them. */
function ownPieces(group: Group, params: Params): Params {
  const numbers = flatten(params);
  const own = numbers.subarray(...chunkOf(group.rank, group.size, numbers.length));
  return tf.tidy(() => {
    const pieces = Object.entries(piecesOf(group, layoutOf(params), own));
    return Object.fromEntries(pieces.map(([name, piece]) => [name, tf.keep(tf.variable(piece))]));
  });
}

/**
 * A share cut where one parameter ends and the next begins. A piece of a matrix keeps rank 2, (n, 1),
 * since AdamW's weight decay acts on matrices only.
 */
function piecesOf(group: Group, layout: Layout, own: Float32Array): Params<tf.Tensor> {
  const [begin, end] = chunkOf(group.rank, group.size, layout.length);
  const pieces: Params<tf.Tensor> = {};
  for (const { name, shape, from, to } of layout.places) {
    const [first, last] = [Math.max(from, begin), Math.min(to, end)];
    if (first >= last) continue;
    const size = last - first;
    const numbers = own.slice(first - begin, last - begin);
    pieces[name] = tf.tensor(numbers, shape.length >= 2 ? [size, 1] : [size]);
  }
  return pieces;
}
