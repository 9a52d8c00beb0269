/**
 * A known test of everything that trains a GPT-2 (`npm run verify:gpt2`): ten steps of AdamW on one
 * batch, whose ten losses are known. For OpenAI's 124M model they are those of karpathy/llm.c
 * (`test_gpt2.c`), which PyTorch computed first; it takes the first 4 × 64 tokens of Tiny
 * Shakespeare, the same in every step.
 *
 * The model is read, computed and trained by what trains all models here: `loadPretrained`,
 * `gptLoss`, `trainStep` and `adamw`. One thing differs: llm.c lets its weight decay act on every
 * parameter, we on matrices only. In ten steps a gain of 1 loses 10 · 1e-4 · 0.01 = 1e-5 by it, far
 * below the test's tolerance.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Batch, datasetPath, loadText } from "./data";
import { tf } from "./engine";
import { type GPTConfig, gptLoss } from "./gpt";
import { adamw, clipByGlobalNorm } from "./optim";
import { disposeParams, type Params } from "./params";
import type { Tokenizer } from "./tokenizer";
import { trainStep } from "./train";

/** Ten losses, and how they are to be had. */
export interface KnownLosses {
  /** Where the losses come from. */
  source: string;
  batchSize: number;
  blockSize: number;
  learningRate: number;
  /** The loss before each step, in nats per token. */
  losses: number[];
  /** How far off a loss may be. */
  tolerance: number;
}

/** The file of a model's folder that holds its known losses. */
export const knownLossesFile = "known-losses.json";

/** GPT-2 (124M) on Tiny Shakespeare, from llm.c's test_gpt2.c, and the tolerance from there. */
export const gpt2Losses: KnownLosses = {
  source: "karpathy/llm.c, test_gpt2.c",
  ...{ batchSize: 4, blockSize: 64, learningRate: 1e-4, tolerance: 1e-2 },
  losses: [
    ...[5.270007, 4.059707, 3.375123, 2.800783, 2.315382],
    ...[1.849029, 1.394656, 0.999147, 0.62408, 0.376511],
  ],
};

/** Tiny Shakespeare's first words. */
const SHAKESPEARE = "First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\n";
const END_OF_TEXT = "<|endoftext|>";

/**
 * The losses that a model's folder should give: those in `file`, those that the folder brings along
 * (known-losses.json), or GPT-2's.
 * @throws where the file is damaged, or the folder holds another model than GPT-2 (124M)
 */
export function knownLossesOf(folder: string, config: GPTConfig, file?: string): KnownLosses {
  const own = join(folder, knownLossesFile);
  if (file !== undefined || existsSync(own)) return readKnownLosses(file ?? own);
  const { family = "gpt2", vocabSize, nLayer, nEmbd } = config;
  if (family !== "gpt2" || vocabSize !== 50257 || nLayer !== 12 || nEmbd !== 768)
    throw new Error(
      "knownLossesOf: expected GPT-2 with 124M parameters (12 layers × 768, 50,257 tokens), whose " +
        `losses are known, or a file of losses, got ${nLayer} layers × ${nEmbd}, ` +
        `${vocabSize} tokens (family ${family}) and no ${knownLossesFile} in ${folder}`,
    );
  return gpt2Losses;
}

function readKnownLosses(file: string): KnownLosses {
  const wrong = (what: string) => new Error(`knownLossesOf: ${file}: expected ${what}`);
  let json: Partial<KnownLosses> | null;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw wrong(`a JSON file of losses, got ${(error as Error).message}`);
  }
  const { losses, batchSize = 4, blockSize = 64, ...rest } = json ?? {};
  const { learningRate = 1e-4, tolerance = 1e-2, source = file } = rest;
  if (!Array.isArray(losses) || losses.length === 0 || !losses.every(Number.isFinite))
    throw wrong(`losses, a list of numbers, got ${JSON.stringify(losses)}`);
  for (const [name, n] of Object.entries({ batchSize, blockSize }))
    if (!Number.isInteger(n) || n < 1) throw wrong(`${name} to be a whole number ≥ 1, got ${n}`);
  for (const [name, n] of Object.entries({ learningRate, tolerance }))
    if (!(n > 0)) throw wrong(`${name} to be a number above 0, got ${n}`);
  return { source, batchSize, blockSize, learningRate, losses, tolerance };
}

/**
 * Tiny Shakespeare, from a file or from the folder of LLM_DATASETS.
 * @throws where it is not there; with `known` GPT-2's, also where it is another text
 */
export function textOf(file: string | undefined, known: KnownLosses): string {
  if (file === undefined && datasetPath("tinyshakespeare") === null)
    throw new Error(
      "textOf: expected Tiny Shakespeare (data/tinyshakespeare/input.txt of karpathy/char-rnn) as " +
        "tinyshakespeare.txt in the folder that LLM_DATASETS names, or as --data FILE, got neither",
    );
  const text = loadText([file ?? "tinyshakespeare"]);
  if (known === gpt2Losses && !text.startsWith(SHAKESPEARE))
    throw new Error(
      `textOf: expected a text that begins with "First Citizen:", got ` +
        `${JSON.stringify(text.slice(0, 30))}: the known losses are those of Tiny Shakespeare`,
    );
  return text;
}

/**
 * llm.c's first batch. Its data script takes every speech for a document: `<|endoftext|>` stands
 * before the text and after every empty line. Row b has the tokens from b · T on, and the targets
 * are one token further.
 * @returns ids and targets (B, T); the caller disposes them
 * @throws where the tokenizer has no `<|endoftext|>`, or the text is too short
 */
export function firstBatch(
  tokenizer: Tokenizer,
  text: string,
  { batchSize: B, blockSize: T }: Pick<KnownLosses, "batchSize" | "blockSize">,
): Batch {
  if (tokenizer.encode(END_OF_TEXT).length !== 1)
    throw new Error(`firstBatch: expected a tokenizer with ${END_OF_TEXT} as one token, got none`);
  const beginning = text.slice(0, 64 * (B * T + 1)); // no piece of such a text is that long
  const documents = END_OF_TEXT + beginning.replaceAll("\n\n", `\n\n${END_OF_TEXT}`);
  const ids = tokenizer.encode(documents);
  if (ids.length < B * T + 1)
    throw new Error(`firstBatch: expected at least ${B * T + 1} tokens of text, got ${ids.length}`);
  const rows = (from: number) => tf.tensor2d(ids.slice(from, from + B * T), [B, T], "int32");
  return { ids: rows(0), targets: rows(1) };
}

/** llm.c's own record of a batch (gpt2_124M_debug_state.bin): its mark and version. */
const DEBUG_STATE = { magic: 20240327, version: 2, header: 1024 };

/**
 * The batch in a file that llm.c's train_gpt2.py writes: 256 int32 of header (mark, version, B, T),
 * then the ids and the targets.
 * @returns ids and targets (B, T); the caller disposes them
 * @throws for another file
 */
export function debugBatch(file: string): Batch {
  const bytes = readFileSync(file);
  const { magic, version, header } = DEBUG_STATE;
  const int = (i: number) => (bytes.length >= 4 * i + 4 ? bytes.readInt32LE(4 * i) : undefined);
  const [B, T] = [int(2) ?? 0, int(3) ?? 0];
  const isWhole = B > 0 && T > 0 && bytes.length >= header + 8 * B * T;
  if (int(0) !== magic || int(1) !== version || !isWhole)
    throw new Error(
      `debugBatch: ${file}: expected llm.c's debug state of version ${version}, got another file`,
    );
  const rows = (part: number) => {
    const at = header / 4 + part * B * T;
    return tf.tensor2d(
      Array.from({ length: B * T }, (_, i) => int(at + i)!),
      [B, T],
      "int32",
    );
  };
  return { ids: rows(0), targets: rows(1) };
}

/**
 * Trains on one batch: AdamW with β 0.9 and 0.999, ε 1e-8, weight decay 0.01; no dropout, no
 * clipping, one learning rate.
 * @param params changed in place
 * @param options `steps`; `onStep` sees each loss at once
 * @returns the loss before each step, in nats per token
 */
export async function overfit(
  params: Params,
  config: GPTConfig,
  batch: Batch,
  {
    learningRate,
    steps,
    onStep = () => {},
  }: { learningRate: number; steps: number; onStep?: (step: number, loss: number) => void },
): Promise<number[]> {
  const optimizer = adamw();
  const state = optimizer.init(params);
  const loss = (params: Params, { ids, targets }: Batch) => gptLoss(params, config, ids, targets);
  const losses: number[] = [];
  try {
    for (let step = 0; step < steps; step++) {
      const done = trainStep(
        params,
        state,
        [batch],
        { loss, clip: clipByGlobalNorm, optimizer },
        { lr: learningRate, maxNorm: Number.POSITIVE_INFINITY },
      );
      losses.push((await done.loss.data())[0]);
      tf.dispose([done.loss, done.norm]);
      onStep(step, losses[step]);
    }
  } finally {
    disposeParams(state);
  }
  return losses;
}
