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
  const { rank, size } = group;
  const stage = new Stage(group, params, config, micros);
  const timeline: TimedStep[] = [];
  const schedule = pipelineSchedule({ stages: size, microBatches: micros.length, kind });
  for (const { kind: pass, micro } of schedule[rank]) {
    const forward = pass === "F";
    const received = stage.receive(pass); // waiting does not count as work
    const start = now();
    const result = forward ? stage.forward(micro, received) : stage.backward(micro, received);
    timeline.push({ kind: pass, micro, stage: rank, start, end: now() });
    if (result) group.send(forward ? rank + 1 : rank - 1, result);
  }
  const loss = stage.isLast ? stage.loss : undefined;
  return { loss, grads: addTied(group, stage.grads), timeline };
}

/** The name under which the input of a stage is differentiated by; no parameter is called so. */
const INPUT = "input of the stage";

/** One stage during a step: the inputs that it holds, and the gradients so far. */
class Stage {
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly grads: Grads = {};
  loss = 0;
  private readonly inputs = new Map<number, tf.Tensor>();
  /** Token ids or hidden states in, hidden states or logits (B·T, V) out. */
  private readonly compute: (params: Params, input: tf.Tensor) => tf.Tensor;
  /** Of hidden states, (B, T, C). */
  private readonly shape: [number, number, number];

  constructor(
    private readonly group: Group,
    private readonly params: Params,
    config: GPTConfig,
    private readonly micros: MicroBatch[],
  ) {
    this.isFirst = group.rank === 0;
    this.isLast = group.rank === group.size - 1;
    this.compute = stageOf(group, config);
    const [{ ids }] = micros;
    this.shape = [ids.length, ids[0].length, config.nEmbd];
  }

  /** What a pass needs from another stage: hidden states, or gradients; if it needs any. */
  receive(kind: "F" | "B"): Float32Array | undefined {
    const { rank } = this.group;
    if (kind === "F") return this.isFirst ? undefined : this.group.receive(rank - 1);
    return this.isLast ? undefined : this.group.receive(rank + 1);
  }

  /**
   * @param received hidden states of the stage before
   * @returns hidden states for the next one
   */
  forward(micro: number, received?: Float32Array): Float32Array | undefined {
    const [B, T] = this.shape;
    const input = received
      ? tf.tensor3d(received, this.shape)
      : tf.tensor2d(this.micros[micro].ids, [B, T], "int32");
    this.inputs.set(micro, input);
    return tf.tidy(() => {
      const out = this.compute(this.params, input);
      if (!this.isLast) return out.dataSync().slice() as Float32Array;
      this.loss += this.lossOf(out, micro).dataSync()[0];
      return undefined;
    });
  }

  /**
   * @param upstream ∂loss/∂out of this stage, from the next one
   * @returns ∂loss/∂input, for the stage before
   */
  backward(micro: number, upstream?: Float32Array): Float32Array | undefined {
    const input = this.inputs.get(micro) as tf.Tensor;
    this.inputs.delete(micro);
    const down = tf.tidy(() => {
      const x = this.isFirst ? undefined : tf.variable(input);
      const own = lossAndGrads(x ? { ...this.params, [INPUT]: x } : this.params, () => {
        const out = this.compute(this.params, x ?? input);
        if (!upstream) return this.lossOf(out, micro);
        // The gradient of Σ out · upstream is upstream, passed on through this stage.
        return tf.sum(tf.mul(out, tf.tensor3d(upstream, this.shape)));
      });
      const { [INPUT]: dx, ...grads } = own.grads;
      this.add(grads);
      x?.dispose();
      return dx?.dataSync().slice() as Float32Array | undefined;
    });
    input.dispose();
    return down;
  }

  /** A micro-batch's part of the mean loss. */
  private lossOf(logits: tf.Tensor, micro: number): tf.Scalar {
    const [B, T] = this.shape;
    const targets = tf.tensor2d(this.micros[micro].targets, [B, T], "int32");
    const mean = softmaxCrossEntropy(logits as tf.Tensor2D, targets.flatten());
    return tf.div(mean, this.micros.length);
  }

  private add(grads: Grads): void {
    for (const name in grads) {
      const before = this.grads[name];
      this.grads[name] = tf.keep(before ? tf.add(before, grads[name]) : grads[name]);
      before?.dispose();
    }
  }
}

/** What a stage computes. */
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
    return stage === S - 1
      ? gptHead(params, finalNorm(x, params, "transformer.ln_f", {}), config)
      : x;
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
