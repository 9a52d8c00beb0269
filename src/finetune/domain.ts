// Going on with pretraining on the texts of a domain (Gururangan et al., 2020, "Don't Stop
// Pretraining"), and what a model forgets while it learns something else (McCloskey and Cohen, 1989):
// its loss on the text that it began with, before and after.
import { TextBatches } from "../data";
import { tf } from "../engine";
import { type GPTConfig, gptLoss } from "../gpt";
import type { Params } from "../params";
import { type GPTTask, gptTask } from "../pretrain";
import type { BaseModel } from "./classifier";

/**
 * The task of predicting the next token of `text`, beginning with a trained model in place of random
 * numbers. The base model is copied; the last tenth of the text validates.
 * @param options `length`: tokens of a window; the model's block if absent
 */
export function continuedPretrainingTask({
  base,
  text,
  seed,
  batchSize,
  length = base.config.blockSize,
}: {
  base: BaseModel;
  text: string;
  seed: number;
  batchSize: number;
  length?: number;
}): GPTTask {
  const { vocabSize: _, ...model } = base.config;
  const settings = {
    ...{ seed, accumulate: 1, batchSize, sampleLength: 0 },
    model: { ...model, blockSize: length },
  };
  const { position = "learned", family } = base.config;
  if (length !== model.blockSize && family !== "llama" && position === "learned")
    throw new Error(
      `continuedPretrainingTask: expected length ${model.blockSize}, which the positions of this ` +
        `model are learned for, got ${length}`,
    );
  const task = gptTask({ text, tokenizer: base.tokenizer, settings });
  for (const [name, variable] of Object.entries(task.params)) variable.assign(base.params[name]);
  return task;
}

/**
 * How well a model still predicts a text: the mean loss over windows side by side.
 * @param params more may be in it, such as a head: only the model's own are used
 * @param options `length` of the windows, and how many at most
 * @returns nats per token
 */
export function languageLoss(
  params: Params,
  config: GPTConfig,
  ids: Int32Array,
  { length = config.blockSize, limit = 16 }: { length?: number; limit?: number } = {},
): number {
  const windows = new TextBatches(ids, { blockSize: length, batchSize: 8, seed: 0 });
  let [sum, count] = [0, 0];
  for (const batch of windows.windows(limit)) {
    const rows = batch.ids.shape[0];
    const loss = tf.tidy(() => gptLoss(params, config, batch.ids, batch.targets).dataSync()[0]);
    tf.dispose(batch);
    sum += loss * rows;
    count += rows;
  }
  return sum / count;
}
