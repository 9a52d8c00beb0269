// Pipeline parallelism: every worker has some of the layers, and micro-batches go through them like
// cars along an assembly line (GPipe: Huang et al., 2019, arXiv:1811.06965). Forward, a stage sends
// its hidden states to the next one; backward, the gradients of its input to the one before. As in
// GPipe, a stage keeps only the input of each micro-batch and computes its layers again in the
// backward pass. The order comes from ./schedule, and the gradients are those of the whole batch.
// GPT-2's head is its token embedding again: the first and the last stage both have it, and add up
// their gradients for it at the end. Left out: the update (an optimizer on every stage, llm/optim),
// dropout.

import { tf } from "../engine";
import { type GPTConfig, gptHead } from "../gpt";
import { softmaxCrossEntropy } from "../ops";
import { type Grads, lossAndGrads, type Params } from "../params";
import { embedTokens, finalNorm, transformerBlock } from "../transformer";
import { chunkOf } from "./collectives";
import type { Group } from "./group";
import { type PipelineKind, pipelineSchedule, type TimedStep } from "./schedule";
import { expectPlainGPT2 } from "./tensorParallel";

const TIED = "transformer.wte.weight";

/** Which layers a stage has: first to last, the last not included. */
export const layersOfStage = (stage: number, stages: number, { nLayer }: { nLayer: number }) =>
  chunkOf(stage, stages, nLayer);

/**
 * The parameters of one stage, out of those of the whole model: its layers, and the embeddings (the
 * first stage) or the last norm and the head (the last one).
 * @returns the same tensors, not copies
 */
export function stageParams<T extends tf.Tensor>(
  params: Params<T>,
  config: GPTConfig,
  { rank, size: S }: Pick<Group, "rank" | "size">,
): Params<T> {
  const [from, to] = layersOfStage(rank, S, config);
  const belongs = (name: string) => {
    const layer = /\.h\.(\d+)\./.exec(name)?.[1];
    if (layer !== undefined) return Number(layer) >= from && Number(layer) < to;
    if (name === TIED) return rank === 0 || rank === S - 1;
    return name.includes("ln_f") ? rank === S - 1 : rank === 0;
  };
  return Object.fromEntries(Object.entries(params).filter(([name]) => belongs(name)));
}

/** What a stage has after a step. */
export interface PipelineResult {
  /** Mean loss of all micro-batches, in nats per token; on the last stage only. */
  loss: number | undefined;
  /** Gradients of this stage's parameters; the caller disposes them. */
  grads: Grads;
  /** What this stage did when, in milliseconds since 1970, so that stages compare. */
  timeline: TimedStep[];
}

/** Token ids of one micro-batch, (B, T) each. */
export interface MicroBatch {
  ids: number[][];
  targets: number[][];
}

/**
 * Loss and gradients of one batch, cut into micro-batches of one size, over the stages of a
 * pipeline: rank r is stage r.
 *
 * @param params of this stage, as from `stageParams`; variables
 * @param micros the same on all ranks; the first stage reads `ids`, the last one `targets`
 * @returns mean over all micro-batches, as one process would give it
 */
export function pipelineStep(
  group: Group,
  params: Params,
  config: GPTConfig,
  micros: MicroBatch[],
  { kind = "gpipe" }: { kind?: PipelineKind } = {},
): PipelineResult {
  const { rank: stage, size: S } = group;
  const M = micros.length;
  const compute = stageOf(group, config);
  const [B, T] = [micros[0].ids.length, micros[0].ids[0].length];
  const shape: [number, number, number] = [B, T, config.nEmbd];
  const inputs = new Map<number, tf.Tensor>();
  const timeline: TimedStep[] = [];
  const [isFirst, isLast] = [stage === 0, stage === S - 1];
  const grads: Grads = {};
  let loss = 0;

  /** What flows in: token ids on the first stage, else hidden states. */
  const inputOf = (micro: number): tf.Tensor =>
    isFirst
      ? tf.tensor2d(micros[micro].ids, [B, T], "int32")
      : tf.tensor3d(group.receive(stage - 1), shape);

  const lossOf = (logits: tf.Tensor, micro: number): tf.Scalar => {
    const targets = tf.tensor2d(micros[micro].targets, [B, T], "int32");
    return tf.div(softmaxCrossEntropy(logits as tf.Tensor2D, targets.flatten()), M);
  };

  /** @returns what flows to the next stage */
  function forward(micro: number, input: tf.Tensor): Float32Array | undefined {
    inputs.set(micro, input);
    return tf.tidy(() => {
      const out = compute(params, input);
      if (!isLast) return out.dataSync().slice() as Float32Array;
      loss += lossOf(out, micro).dataSync()[0];
      return undefined;
    });
  }

  /**
   * @param upstream ∂loss/∂out of this stage, from the next one
   * @returns ∂loss/∂input, which flows to the stage before
   */
  function backward(micro: number, upstream?: Float32Array): Float32Array | undefined {
    const input = inputs.get(micro) as tf.Tensor;
    inputs.delete(micro);
    const down = tf.tidy(() => {
      const x = isFirst ? undefined : tf.variable(input);
      const all = x ? { ...params, [INPUT]: x } : params;
      const own = lossAndGrads(all, () => {
        const out = compute(params, x ?? input);
        // The gradient of Σ out · upstream is upstream, passed on through this stage.
        return upstream ? tf.sum(tf.mul(out, tf.tensor3d(upstream, shape))) : lossOf(out, micro);
      });
      const { [INPUT]: dx, ...rest } = own.grads;
      for (const name in rest) {
        const sum = tf.keep(name in grads ? tf.add(grads[name], rest[name]) : rest[name]);
        grads[name]?.dispose();
        grads[name] = sum;
      }
      x?.dispose();
      return dx?.dataSync().slice() as Float32Array | undefined;
    });
    input.dispose();
    return down;
  }

  for (const { kind: pass, micro } of pipelineSchedule({ stages: S, microBatches: M, kind })[
    stage
  ]) {
    if (pass === "F") {
      const input = inputOf(micro); // waiting does not count as work
      const start = now();
      const out = forward(micro, input);
      timeline.push({ kind: pass, micro, stage, start, end: now() });
      if (out) group.send(stage + 1, out);
    } else {
      const upstream = isLast ? undefined : group.receive(stage + 1);
      const start = now();
      const down = backward(micro, upstream);
      timeline.push({ kind: pass, micro, stage, start, end: now() });
      if (down) group.send(stage - 1, down);
    }
  }
  return { loss: isLast ? loss : undefined, grads: addTied(group, grads), timeline };
}

/** The name under which the input of a stage is differentiated by; no parameter is called so. */
const INPUT = "input of the stage";

/** A stage as a function: ids or hidden states in, hidden states or logits (B·T, V) out. */
function stageOf(group: Group, config: GPTConfig) {
  const { rank: stage, size: S } = group;
  const { nHead, blockSize } = expectPlainGPT2("pipelineStep", config);
  const [from, to] = layersOfStage(stage, S, config);
  return (params: Params, input: tf.Tensor): tf.Tensor => {
    const names = { tokens: "transformer.wte", places: "transformer.wpe" };
    let x =
      stage === 0
        ? embedTokens(input as tf.Tensor2D, params, { ...names, blockSize, position: "learned" })
        : (input as tf.Tensor3D);
    for (let layer = from; layer < to; layer++)
      x = transformerBlock(x, params, `transformer.h.${layer}.`, { nHead });
    return stage === S - 1 ? gptHead(params, finalNorm(x, params, "transformer.ln_f", {})) : x;
  };
}

/** The embedding is on two stages: its gradient is the sum of both. */
function addTied(group: Group, grads: Grads): Grads {
  const { rank: stage, size: S } = group;
  if (S === 1 || !(TIED in grads)) return grads;
  const other = stage === 0 ? S - 1 : 0;
  const own = grads[TIED];
  group.send(other, own.dataSync() as Float32Array);
  const sum = tf.tidy(() => tf.add(own, tf.tensor(group.receive(other), own.shape)));
  own.dispose();
  return { ...grads, [TIED]: sum };
}

const now = () => performance.timeOrigin + performance.now();
