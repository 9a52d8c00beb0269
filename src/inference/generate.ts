/**
 * Writing with a GPT, one token at a time: the model reads with a KV cache (./cache), and the next
 * token is drawn from the distribution that it gives (llm/sampling). Many texts at once are
 * ./sampleBatch. Left out: beam search (llm/beamSearch).
 */
import { interrupted, nextFrame } from "../engine";
import { checkIdValues } from "../engine/ids";
import type { GPTConfig } from "../gpt";
import type { Params } from "../params";
import {
  checkSampling,
  type SamplingOptions,
  sampleFromLogits,
  type TokenConstraint,
} from "../sampling";
import { CachedGPT } from "./cache";
import type { TextReader } from "./pagedReader";

export interface GenerateOptions extends SamplingOptions {
  maxNewTokens: number;
  /** Asked after each token, with all ids so far; true ends the text. */
  stop?: (ids: number[]) => boolean;
  /** What the new tokens must obey, such as a grammar; it ends the text, too. */
  constraint?: TokenConstraint;
  /** Sees each new token at once: for streaming. */
  onToken?: (id: number) => void;
  /**
   * The reader of this model, which the caller disposes: for many texts, so that it is compiled
   * once. Default: one for this call, compiled on the native engine if there are so many tokens
   * that compiling saves time.
   */
  model?: TextReader;
  /**
   * With a `model` whose parameters are still the same: what `ids` share with the text that it read
   * last is not read again.
   */
  keep?: boolean;
}

/**
 * From this many tokens on compiling saves time. On the native engine it takes 1 to 3 s, or 0.3 s
 * from the cache on disk, and saves 5 to 40 ms per token.
 */
const WORTH_COMPILING = 100;

/**
 * Continues `ids`. The model sees at most the last blockSize tokens. Jupyter's stop button and
 * Ctrl-C end the text early. With a reader as `model`, `params` is not looked at.
 * @param ids the prompt, at least one token id
 * @returns the prompt followed by the new ids
 * @throws if the prompt is empty or has an id outside the vocabulary, or an option makes no sense
 */
export async function generate(
  params: Params,
  config: GPTConfig,
  ids: ArrayLike<number>,
  { maxNewTokens, stop, constraint, onToken, model: given, keep, ...sampling }: GenerateOptions,
): Promise<number[]> {
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 0) {
    throw new Error(`generate: expected maxNewTokens of 0 or more, got ${maxNewTokens}`);
  }
  if (ids.length === 0)
    throw new Error("generate: expected at least one token id to begin with, got none");
  checkIdValues(ids, config.vocabSize, "generate", "ids");
  checkSampling("generate", sampling);
  const text = Array.from(ids);
  if (maxNewTokens === 0 || constraint?.done || interrupted()) return text;
  const cached = Math.max(0, Math.min(maxNewTokens, config.blockSize - ids.length));
  const compiled = {
    step: cached >= WORTH_COMPILING,
    pass: maxNewTokens - cached >= WORTH_COMPILING,
  };
  const model: TextReader = given ?? new CachedGPT(params, config, { compiled });
  const begin = (ids: ArrayLike<number>) => (keep ? model.continueTo(ids) : model.begin(ids));
  try {
    for (let i = 0; i < maxNewTokens && !interrupted(); i++) {
      const logits = i === 0 ? await begin(ids) : await model.next(text[text.length - 1]);
      const possible = constraint?.mask(logits) ?? logits;
      const id = sampleFromLogits(possible, { ...sampling, previous: text });
      text.push(id);
      constraint?.accept(id);
      onToken?.(id);
      if (stop?.(text) || constraint?.done) break;
      await nextFrame();
    }
  } finally {
    if (!given) model.dispose();
  }
  return text;
}
