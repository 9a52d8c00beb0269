// A classifier on the base model, in the way of lesson 15 (fine-tuning), for all that is measured
// here: the content filter, the backdoor, bias and what is done about it. With a twin of each text,
// differences between the two can be made to cost something (a fairness penalty). Left out:
// freezing, tagging.
import { drawnInPasses } from "../data";
import { tf } from "../engine";
import {
  type BaseModel,
  type Classifier,
  classificationTask,
  type LabelBatch,
  type LabelledText,
  type LabelTask,
  labelBatch,
  labelLogits,
} from "../finetune";
import { cloneParams } from "../params";
import type { Random } from "../random";
import { type AnyTask, type Task, Trainer } from "../train";

export interface TeachLabelsOptions {
  base: BaseModel;
  examples: readonly LabelledText[];
  seed: number;
  steps: number;
  batchSize?: number;
  /** T: a longer text loses its end; 40. */
  length?: number;
  maxLr?: number;
  /** What is made of an example each time it is drawn. */
  change?: (example: LabelledText, rng: Random) => LabelledText;
  /** The counterpart of a text, and what a difference between them costs. */
  penalty?: { twin(text: string): string; weight: number };
  onStep?(step: number, loss: number): void;
}

/**
 * Trains a classifier on a copy of the base model; the caller disposes its parameters.
 * @throws as `classificationTask`
 */
export async function teachLabels(options: TeachLabelsOptions): Promise<Classifier> {
  const { base, examples, seed, steps, length = 40, maxLr = 1e-3, change, onStep } = options;
  const batchSize = options.batchSize ?? 16;
  const heldOut = examples.slice(0, 16); // the trainer asks for some; nothing is chosen by them
  const labels = classificationTask({
    ...{ base, examples, heldOut, batchSize, seed, length, pool: "mean", change },
  });
  const task: AnyTask = options.penalty ? withPenalty(labels, { ...options, batchSize }) : labels;
  const settings = { steps, maxLr, minLr: maxLr / 10, warmupSteps: 6, weightDecay: 0.01 };
  const trainer = new Trainer({
    task,
    settings: { ...settings, evalEvery: steps, evalLimit: 1 },
  });
  try {
    await trainer.run({ onStep: ({ step, loss }) => onStep?.(step, loss) });
    return { ...labels.model, params: cloneParams(labels.model.params) };
  } finally {
    trainer.dispose();
  }
}

type TwinBatch = LabelBatch & {
  twinIds: tf.Tensor2D;
  twinReal: tf.Tensor2D;
  twinPick: tf.Tensor2D;
};

/**
 * The same task with twins: loss + weight · mean Σ (p(text) − p(twin))² over texts and labels.
 * The order of the examples is that of `classificationTask`.
 */
function withPenalty(
  task: LabelTask,
  { examples, seed, batchSize, penalty, base }: TeachLabelsOptions & { batchSize: number },
): Task<TwinBatch> {
  const { twin, weight } = penalty as NonNullable<typeof penalty>;
  const { config } = task.model;
  const rows = examples.map(({ text }) => ({
    ids: base.tokenizer.encode(twin(text)).slice(0, config.length),
  }));
  return {
    ...task,
    batch: async (index) => {
      const own = await task.batch(index);
      const drawn = drawnInPasses(rows.length, index, { batchSize, seed });
      const other = labelBatch(
        config,
        drawn.map((i) => rows[i]),
      );
      other.targets.dispose();
      return { ...own, twinIds: other.ids, twinReal: other.real, twinPick: other.pick };
    },
    loss: (params, batch) =>
      tf.tidy(() => {
        const { twinIds: ids, twinReal: real, twinPick: pick } = batch;
        const p = tf.softmax(labelLogits(params, config, batch)); // (B, L)
        const q = tf.softmax(labelLogits(params, config, { ...batch, ids, real, pick }));
        const gap = tf.mean(tf.sum(tf.squaredDifference(p, q), 1));
        return tf.add(task.loss(params, batch), tf.mul(gap, weight)) as tf.Scalar;
      }),
  };
}
