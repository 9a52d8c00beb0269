// Learning from a text with a condition: weights that stay zero (retraining after pruning), or a
// teacher (distillation). It is the task of llm/pretrain otherwise, but for a model that is given and
// ids that are there.
//
// Letters: B windows, T tokens of a window, V vocabulary.
import { type Batch, TextBatches } from "../data";
import { tf } from "../engine";
import { type GPTConfig, gptHead, gptHidden, gptLoss } from "../gpt";
import { cloneParams, disposeParams, freezeParams, type Params } from "../params";
import type { Task } from "../train";
import { type DistillOptions, distillationLoss } from "./distill";

export interface CompressTaskOptions {
  /** Where training begins; the caller keeps it, a copy is trained. */
  model: { params: Params; config: GPTConfig };
  /** The token ids to learn from, and those to validate on. */
  train: Int32Array;
  heldOut: Int32Array;
  batchSize: number;
  /** T */
  length: number;
  seed: number;
  /** For each pruned matrix its mask of ones and zeros, in the matrix's order; kept throughout. */
  masks?: Readonly<Record<string, Uint8Array>>;
  /** Whose probabilities are learnt; frozen until the task is disposed. */
  teacher?: { params: Params; config: GPTConfig } & DistillOptions;
}

/**
 * The task. The loss multiplies each pruned matrix by its mask, so that whatever the optimizer does
 * to a weight that is gone, it counts for nothing; `maskedParams` takes those numbers out at the end.
 * Metric: `val`, the usual loss on held-out windows, in nats per token.
 */
export function compressTask(options: CompressTaskOptions): Task<Batch> {
  const { model, train, heldOut, batchSize, length, seed, masks = {}, teacher } = options;
  const { config } = model;
  const params = cloneParams(model.params);
  const windows = { blockSize: length, batchSize, seed };
  const [batches, held] = [train, heldOut].map((ids) => new TextBatches(ids, windows));
  const kept = maskTensors(masks, params);
  if (teacher) freezeParams(teacher.params);
  const masked = (all: Params): Params => ({ ...all, ...underMasks(all, kept) });
  return {
    params,
    primary: { name: "val", better: "lower", unit: "nats per token", isLoss: true },
    batch: (index) => batches.batch(index),
    loss: (own, { ids, targets }) => {
      if (!teacher) return gptLoss(masked(own), config, ids, targets);
      return tf.tidy(() => {
        const logits = (who: Params, what: GPTConfig) =>
          gptHead(who, gptHidden(who, what, ids), what); // (B·T, V)
        const [student, theirs] = [
          logits(masked(own), config),
          logits(teacher.params, teacher.config),
        ];
        return distillationLoss(student, theirs, targets.flatten(), teacher);
      });
    },
    evaluate: async (limit, tools) => {
      let [sum, count] = [0, 0];
      for (const { ids, targets } of held.windows(limit)) {
        const loss = tf.tidy(() => gptLoss(masked(params), config, ids, targets));
        sum += (await loss.data())[0] * ids.shape[0];
        count += ids.shape[0];
        tf.dispose([loss, ids, targets]);
        await tools.pause(count, held.windowCount);
      }
      return { val: sum / count };
    },
    describe: () => ({ kind: "compress", model: config }),
    dispose: () => {
      if (teacher) freezeParams(teacher.params, false);
      disposeParams(params);
      disposeParams(kept);
    },
  };
}

/** The masks as tensors of their matrices' shapes. @throws for a mask of another length */
function maskTensors(
  masks: Readonly<Record<string, Uint8Array>>,
  params: Params,
): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(masks).map(([name, mask]) => {
      const size = params[name]?.size;
      if (mask.length !== size)
        throw new Error(`compressTask: expected a mask of ${size} for ${name}, got ${mask.length}`);
      return [name, tf.tensor(Float32Array.from(mask), params[name].shape)];
    }),
  );
}

const underMasks = (params: Params, masks: Record<string, tf.Tensor>) =>
  Object.fromEntries(
    Object.entries(masks).map(([name, mask]) => [name, tf.mul(params[name], mask)]),
  ) as Params;

/**
 * A copy of a model in which the weights are zero that the masks take out.
 * @returns parameters of their own, which the caller disposes
 */
export function maskedParams(
  params: Params<tf.Tensor>,
  masks: Readonly<Record<string, Uint8Array>>,
): Params {
  const copy = cloneParams(params);
  for (const [name, mask] of Object.entries(masks))
    tf.tidy(() => {
      const own = copy[name];
      own.assign(tf.mul(own, tf.tensor(Float32Array.from(mask), own.shape)));
    });
  return copy;
}
