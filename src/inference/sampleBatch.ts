/**
 * Writing many texts at once. One step of a model reads all its weights, for one text or for 64, so
 * on a CPU as on a GPU many texts side by side cost far less than one after another: reinforcement
 * learning (lesson 18, RLHF) and best-of-n (lesson 19, reasoning) stand on this.
 *
 * All texts are at the same position at every step, as in the code published with LLaMA (Touvron et
 * al., 2023): where a prompt is longer than the shortest one, its own tokens are read where others
 * already draw. So shapes and positions are the same for all rows and the step is compiled once. It
 * is best for prompts of about one length. Left out: texts that come and go, and memory in pages
 * (lesson 21, inference).
 */
import { interrupted, nextFrame, tf } from "../engine";
import { checkIdValues } from "../engine/ids";
import type { GPTConfig } from "../gpt";
import type { Params } from "../params";
import type { Random } from "../random";
import {
  checkSampling,
  logProbability,
  type SamplingOptions,
  sampleFromLogits,
  type TokenConstraint,
} from "../sampling";
import { KVCache, numbersOf } from "./kvCache";

export interface SampleBatchOptions extends Omit<SamplingOptions, "rng"> {
  /** At most so many tokens are added to each prompt. */
  maxNewTokens: number;
  /** One stream of random numbers for each prompt: a row's text depends on its own alone. */
  rngs: Random[];
  /** Tokens that end a text; they are its last. */
  stopIds?: number[];
  /** What the new tokens of each text must obey, one for each prompt; it ends the text, too. */
  constraints?: TokenConstraint[];
  /**
   * The memory, which the caller disposes: for many batches of as many prompts, so that its step is
   * compiled once. Default: one for this call, not compiled.
   */
  cache?: KVCache;
}

/** A text that the model has written. */
export interface SampledText {
  /** The prompt, followed by the new ids. */
  ids: number[];
  /** ln p of each new id when it was drawn, under softmax(logits / temperature). */
  logProbs: number[];
  /** Whether a stop token or its constraint ended it. */
  stopped: boolean;
}

/**
 * Continues many prompts at once. Each text is the one that `generate` writes from its prompt alone,
 * with the same stream of random numbers. Jupyter's stop button and Ctrl-C end all texts early.
 * @param prompts B prompts, at least one token id each
 * @returns B texts, in the order of the prompts
 * @throws if a prompt is empty, has an id outside the vocabulary or, with its new tokens, no room in
 *   blockSize, or an option makes no sense
 */
export async function sampleBatch(
  params: Params,
  config: GPTConfig,
  prompts: ArrayLike<number>[],
  { maxNewTokens, rngs, stopIds = [], constraints, cache: given, ...sampling }: SampleBatchOptions,
): Promise<SampledText[]> {
  if (prompts.length === 0) return [];
  const { temperature } = sampling;
  checkSampling("sampleBatch", sampling);
  checkPrompts(prompts, config, { maxNewTokens, rngs, constraints });
  const texts = prompts.map((prompt) => ({
    ids: Array.from(prompt),
    logProbs: [] as number[],
    stopped: false,
  }));
  if (maxNewTokens === 0) return texts;
  const shortest = Math.min(...prompts.map(({ length }) => length));
  const end = Math.max(...prompts.map(({ length }) => length)) + maxNewTokens;
  const cache = given ?? new KVCache(params, config, { rows: prompts.length, length: end });
  const ends = new Set(stopIds);
  const isOpen = ({ logProbs, stopped }: SampledText) => !stopped && logProbs.length < maxNewTokens;
  try {
    let logits = tf.tidy(() => cache.readFirst(columns(texts, 0, shortest)));
    for (let position = shortest; ; position++) {
      const scores = await numbersOf(logits); // (B·V)
      for (const [b, text] of texts.entries()) {
        if (position < prompts[b].length || !isOpen(text)) continue;
        const own = scores.subarray(b * config.vocabSize, (b + 1) * config.vocabSize);
        const constraint = constraints?.[b];
        const possible = constraint?.mask(own) ?? own;
        const id = sampleFromLogits(possible, { ...sampling, rng: rngs[b], previous: text.ids });
        text.ids.push(id);
        text.logProbs.push(logProbability(own, id, { temperature }));
        constraint?.accept(id);
        text.stopped = ends.has(id) || constraint?.done === true;
      }
      if (interrupted() || !texts.some(isOpen)) break;
      const at = position;
      logits = tf.tidy(() => cache.readNext(columns(texts, at, 1), at));
      await nextFrame();
    }
  } finally {
    if (!given) cache.dispose();
  }
  return texts;
}

/** `n` columns of all texts from `start` on, (B, n). A text that has ended goes on with zeros. */
const columns = (texts: SampledText[], start: number, n: number): tf.Tensor2D => {
  const ids = texts.flatMap(({ ids }) => Array.from({ length: n }, (_, i) => ids[start + i] ?? 0));
  return tf.tensor2d(ids, [texts.length, n], "int32");
};

/** @throws unless the prompts can be continued */
function checkPrompts(
  prompts: ArrayLike<number>[],
  { vocabSize, blockSize }: GPTConfig,
  {
    maxNewTokens,
    rngs,
    constraints,
  }: Pick<SampleBatchOptions, "maxNewTokens" | "rngs" | "constraints">,
): void {
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 0)
    throw new Error(`sampleBatch: expected maxNewTokens of 0 or more, got ${maxNewTokens}`);
  if (rngs.length !== prompts.length)
    throw new Error(
      `sampleBatch: expected as many rngs as prompts, got ${rngs.length} for ${prompts.length}`,
    );
  if (constraints && constraints.length !== prompts.length)
    throw new Error(
      `sampleBatch: expected as many constraints as prompts, got ${constraints.length} for ` +
        `${prompts.length}`,
    );
  for (const [b, ids] of prompts.entries()) {
    if (ids.length === 0)
      throw new Error(`sampleBatch: expected at least one token id in prompt ${b}, got none`);
    checkIdValues(ids, vocabSize, "sampleBatch", `prompt ${b}`);
    if (ids.length + maxNewTokens > blockSize)
      throw new Error(
        `sampleBatch: expected a prompt and its new tokens within blockSize = ${blockSize}, ` +
          `got ${ids.length} + ${maxNewTokens} in prompt ${b}`,
      );
  }
}
