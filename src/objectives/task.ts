// Pretraining with any of the objectives, as a task of the trainer: windows of a text, the examples
// that the objective makes of them, the loss they say.
import { tf } from "../engine";
import { type GPTConfig, validateGPTConfig } from "../gpt";
import { disposeParams, type Params } from "../params";
import { Random } from "../random";
import type { Task } from "../train";
import { batchOf, type ObjectiveBatch } from "./example";
import { initObjectiveModel, objectiveLoss } from "./model";
import { examplesOf, type MakeExamples, type ObjectiveName, rowLength } from "./objective";
import type { ObjectiveModel } from "./score";
import { MOST_SPANS } from "./spans";
import { blankTokens } from "./tokens";

/** The sizes of the model; the rest follows from the text. */
export interface ObjectiveSize {
  nLayer: number;
  nHead: number;
  nEmbd: number;
}

/** Number of tokens that are taken from the text at a time. */
export const WINDOW = 64;

/**
 * A fresh model. Those of one seed are the same whatever the objective.
 * @param textSize number of different tokens of the text
 * @returns the model; whoever makes it frees it with `disposeParams(model.params)`
 */
export function createObjectiveModel(
  name: ObjectiveName,
  textSize: number,
  { nLayer, nHead, nEmbd, seed }: ObjectiveSize & { seed: number },
): ObjectiveModel {
  const tokens = blankTokens(textSize);
  const config: GPTConfig = validateGPTConfig({
    ...{ nLayer, nHead, nEmbd, dropout: 0, bias: true, position: "rope" as const },
    ...{ vocabSize: tokens.vocabSize, blockSize: WINDOW + 2 * MOST_SPANS },
  });
  return { name, config, tokens, params: initObjectiveModel(config, { seed }) };
}

export interface ObjectiveTaskOptions {
  /** The text to learn from, and one that is only looked at. */
  train: Int32Array;
  val: Int32Array;
  batchSize: number;
  /** Which windows are drawn, and what of them is hidden. */
  seed: number;
  /** Makes the examples; by default as the model's objective does. */
  make?: MakeExamples;
}

/** Metric: `val`, the objective's own loss on the other text; those of two objectives differ in kind. */
export function objectiveTask(
  model: ObjectiveModel,
  { train, val, batchSize, seed, make }: ObjectiveTaskOptions,
): Task<ObjectiveBatch> {
  const { name, tokens, config } = model;
  const examples: MakeExamples =
    make ?? ((texts, tokens, rng) => examplesOf(name, texts, tokens, rng));
  const length = rowLength(name, WINDOW);
  const draw = (ids: Int32Array, rng: Random): ObjectiveBatch => {
    const starts = Array.from({ length: batchSize }, () => rng.integer(ids.length - WINDOW));
    const texts = starts.map((start) => Array.from(ids.subarray(start, start + WINDOW)));
    return batchOf(examples(texts, tokens, rng.fork("hide")), tokens.pad, length);
  };
  const loss = (params: Params, batch: ObjectiveBatch) => objectiveLoss(params, config, batch);
  return {
    params: model.params,
    primary: { name: "val", better: "lower", unit: "nats per prediction", isLoss: true },
    // The windows of a step depend on the seed alone: every objective reads the same ones.
    batch: (index) => draw(train, new Random(seed).fork("batch", index)),
    loss,
    evaluate: async (limit) => {
      const batches = Math.max(1, Math.round(Math.min(limit, 128) / batchSize));
      let sum = 0;
      for (let i = 0; i < batches; i++)
        sum += tf.tidy(
          () => loss(model.params, draw(val, new Random(99).fork("val", i))).dataSync()[0],
        );
      return { val: sum / batches };
    },
    describe: () => ({ kind: "objective", model: { ...config, objective: name } }),
    dispose: () => disposeParams(model.params),
  };
}
