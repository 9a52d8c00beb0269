// The models: two layers of a GPT over characters, one for each encoding of positions, and their
// training by the trainer of the whole course.

import { TextBatches } from "../data";
import { tf } from "../engine";
import { type GPTConfig, type GPTOps, gptLoss, initGPT } from "../gpt";
import { disposeParams, type Params } from "../params";
import { type Task, Trainer } from "../train";

/** Characters of a training window. */
export const TRAINED = 64;
/** The longest window that a learned table has rows for; only the first 64 are ever trained. */
const LONGEST = 512;

/**
 * The encodings that are compared. T5's bias is there twice: with T5's own last bucket, which begins
 * beyond the training windows, and with one that begins within them.
 */
export const encodings = {
  none: { position: "none" },
  sinusoidal: { position: "sinusoidal" },
  learned: { position: "learned" },
  "t5, buckets to 128": { position: "t5" },
  "t5, buckets to 64": { position: "t5", relativeMaxDistance: TRAINED },
  alibi: { position: "alibi" },
  rope: { position: "rope" },
} as const satisfies Record<string, Partial<GPTConfig>>;
export type Encoding = keyof typeof encodings;

/** A model and its sizes; whoever makes it frees it with `disposeCharGPT`. */
export interface CharGPT {
  config: GPTConfig;
  params: Params;
}

/** A fresh model: 2 layers, 4 heads, 64 wide. */
export function createCharGPT(
  encoding: Encoding,
  { vocabSize, seed, nLayer = 2 }: { vocabSize: number; seed: number; nLayer?: number },
): CharGPT {
  const config: GPTConfig = {
    ...{ vocabSize, nLayer, nHead: 4, nEmbd: 64, blockSize: LONGEST, dropout: 0, bias: true },
    ...encodings[encoding],
  };
  return { config, params: initGPT(config, { seed }) };
}

export const disposeCharGPT = ({ params }: CharGPT): void => disposeParams(params);

export interface TrainCharGPTOptions {
  /** Which windows are drawn. */
  seed: number;
  steps: number;
  /** Characters of a window; 64. */
  length?: number;
  /** Characters of a step, in windows of that length; 1,024. */
  charactersPerStep?: number;
  /** The model's own parts, such as a learner's attention. */
  ops?: Partial<GPTOps>;
  /** After each step, with the loss of its windows in nats per character. */
  onStep?: (step: number, loss: number) => void;
}

/**
 * Trains the model in place: AdamW without weight decay (rows of a table that are never read stay as
 * they were drawn), its rate 0.004 after a warm-up, falling to a tenth.
 * @param ids the training text
 */
export async function trainCharGPT(
  { config, params }: CharGPT,
  ids: Int32Array,
  { seed, steps, length = TRAINED, charactersPerStep = 1024, ops, onStep }: TrainCharGPTOptions,
): Promise<void> {
  const batchSize = charactersPerStep / length;
  const windows = new TextBatches(ids, { blockSize: length, batchSize, seed });
  type Batch = ReturnType<TextBatches["batch"]>;
  const task: Task<Batch> = {
    params,
    primary: { name: "val", better: "lower", unit: "nats per character", isLoss: true },
    batch: (index) => windows.batch(index),
    loss: (variables, { ids, targets }) => gptLoss(variables, config, ids, targets, { ops }),
    // What counts is measured by the caller, `measureLengths`; here one batch is enough.
    evaluate: async () => ({
      val: tf.tidy(() => {
        const { ids, targets } = windows.batch(0);
        return gptLoss(params, config, ids, targets, { ops }).dataSync()[0];
      }),
    }),
    describe: () => ({ kind: "gpt", model: config }),
    dispose: () => {}, // the caller goes on with the model
  };
  const [maxLr, minLr] = [4e-3, 4e-4];
  const warmupSteps = Math.ceil(steps / 20);
  const settings = { steps, seed, maxLr, minLr, warmupSteps, beta2: 0.99, evalEvery: steps };
  const trainer = new Trainer({ task, settings });
  await trainer.run({ onStep: ({ step, loss }) => onStep?.(step, loss) });
  trainer.dispose();
}
