// A small GPT on a corpus of documents, always with the same budget: so many steps of so many
// tokens, whatever the corpus is. What differs between two runs is the data alone.

import { getBatch, TextBatches } from "../data";
import { tf } from "../engine";
import { type GPTConfig, gptLoss, initGPT } from "../gpt";
import { disposeParams, type Params } from "../params";
import { BpeTokenizer } from "../tokenizer";
import { type Task, Trainer } from "../train";

/** The budget and the model. */
export interface Budget {
  steps: number;
  seed: number;
  /** 32 tokens of context. */
  blockSize?: number;
  batchSize?: number;
  nLayer?: number;
  nEmbd?: number;
  maxLr?: number;
}

/** A trained model with what it needs to judge a text. */
export interface SmallGPT {
  config: GPTConfig;
  params: Params;
  tokenizer: BpeTokenizer;
}

/** The tokenizer of all runs that are compared: it must not depend on the data that are compared. */
export const commonTokenizer = (texts: readonly string[], vocabSize = 512): BpeTokenizer =>
  BpeTokenizer.train(texts.join("\n"), { vocabSize, special: ["<|endoftext|>"] });

/** The ids of documents, each ended by the end-of-text token. */
export function idsOf(tokenizer: BpeTokenizer, texts: readonly string[]): Int32Array {
  const end = tokenizer.special.get("<|endoftext|>")!;
  const parts = texts.map((text) => tokenizer.encodeText(text));
  const ids = new Int32Array(parts.reduce((sum, part) => sum + part.length + 1, 0));
  let at = 0;
  for (const part of parts) {
    ids.set(part, at);
    ids[at + part.length] = end;
    at += part.length + 1;
  }
  return ids;
}

/** Trains a small GPT on documents. The caller frees it with `disposeParams(model.params)`. */
export async function trainSmall(
  texts: readonly string[],
  tokenizer: BpeTokenizer,
  {
    steps,
    seed,
    blockSize = 32,
    batchSize = 16,
    nLayer = 2,
    nEmbd = 64,
    maxLr = 4e-3,
    onStep,
  }: Budget & { onStep?: (step: number, loss: number) => void },
): Promise<SmallGPT> {
  const config: GPTConfig = {
    ...{ vocabSize: tokenizer.vocabSize, blockSize, nLayer, nHead: 4, nEmbd },
    ...{ dropout: 0, bias: false },
  };
  const params = initGPT(config, { seed });
  const batches = new TextBatches(idsOf(tokenizer, texts), { blockSize, batchSize, seed });
  const task: Task<{ ids: tf.Tensor2D; targets: tf.Tensor2D }> = {
    params,
    primary: { name: "val", better: "lower", unit: "nats per token", isLoss: true },
    batch: (index) => batches.batch(index),
    loss: (weights, { ids, targets }) => gptLoss(weights, config, ids, targets),
    evaluate: async () => ({ val: 0 }),
    describe: () => ({ kind: "gpt", model: config }),
    dispose: () => {}, // the caller goes on with the model
  };
  const trainer = new Trainer({
    task,
    settings: {
      ...{ steps, seed, maxLr, minLr: maxLr / 10, warmupSteps: Math.ceil(steps / 20) },
      evalEvery: steps,
    },
  });
  await trainer.run({ onStep: ({ step, loss }) => onStep?.(step, loss) });
  trainer.dispose();
  return { config, params, tokenizer };
}

/** Frees a model. */
export const disposeSmall = ({ params }: SmallGPT): void => disposeParams(params);

/**
 * How well a model predicts texts, in bits per character of them, over windows side by side. Tokens
 * behind the last whole window count like the others on average.
 */
export function bitsPerCharacter(
  { config, params, tokenizer }: SmallGPT,
  texts: readonly string[],
): number {
  const { blockSize: T } = config;
  const ids = idsOf(tokenizer, texts);
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  const starts: number[] = [];
  for (let start = 0; start + T + 1 <= ids.length; start += T) starts.push(start);
  let nats = 0;
  let tokens = 0;
  for (let at = 0; at < starts.length; at += 64) {
    const some = starts.slice(at, at + 64);
    const { inputs, targets } = getBatch(ids, some, T);
    nats += tf.tidy(() => {
      const [read, wanted] = [inputs, targets].map((rows) =>
        tf.tensor2d(
          rows.flatMap((row) => [...row]),
          [some.length, T],
          "int32",
        ),
      );
      return gptLoss(params, config, read, wanted).dataSync()[0] * some.length * T;
    });
    tokens += some.length * T;
  }
  return ((nats / tokens) * ids.length) / Math.LN2 / characters;
}
