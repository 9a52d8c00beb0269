/**
 * Writing with a GPT: one token at a time, each drawn from the model's distribution of the next.
 *
 * p = softmax(logits / temperature), cut to the `topK` likeliest tokens (Fan et al., 2018). The draw is made on
 * the CPU from a seeded generator, so the same logits give the same text on every backend. Left out: top-p,
 * min-p and beam search (lesson 19). The model reads with a KV cache (llm/decode).
 */
import { GPTDecoder } from "./decode";
import { interrupted, nextFrame } from "./engine";
import type { GPTConfig, Params } from "./gpt";
import type { Random } from "./random";

export interface SamplingOptions {
  /** Divides the logits: below 1 bolder, above 1 more random; 0 always takes the likeliest token. */
  temperature?: number;
  /** Only the k likeliest tokens can be drawn; all of them if absent. */
  topK?: number;
  rng: Random;
}

export interface SampleOptions extends SamplingOptions {
  maxNewTokens: number;
  /** Asked after each token, with all ids so far; true ends the text. */
  stop?: (ids: number[]) => boolean;
  /** Sees each new token at once: for streaming. */
  onToken?: (id: number) => void;
  /**
   * Reads for this model, and stays the caller's: for many texts, one compiled decoder. Default: a decoder for this
   * call, compiled on the native engine where there are so many tokens that it pays.
   */
  decoder?: GPTDecoder;
}

/** On the native engine compiling takes 1 to 3 s, from the cache on disk 0.3 s; a compiled token saves 5 to 40 ms. */
const WORTH_COMPILING = 100;

/**
 * Continues `ids`. The model sees at most the last blockSize tokens. Stops early, with what there is, when
 * Jupyter's stop button or Ctrl-C asks for it.
 * @param ids the prompt, at least one token id
 * @returns the prompt followed by the new ids
 * @throws if the prompt is empty or has an id outside the vocabulary, or an option makes no sense
 */
export async function sample(
  params: Params,
  config: GPTConfig,
  ids: number[],
  { maxNewTokens, temperature = 1, topK, rng, stop, onToken, decoder: given }: SampleOptions,
): Promise<number[]> {
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 0) {
    throw new Error(`sample: expected maxNewTokens of 0 or more, got ${maxNewTokens}`);
  }
  if (ids.length === 0) throw new Error("sample: expected at least one token id to begin with, got none");
  const wrong = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < config.vocabSize));
  if (wrong !== undefined) {
    throw new Error(`sample: expected ids from 0 to ${config.vocabSize - 1}, got ${wrong}`);
  }
  checkSampling({ temperature, topK });
  const text = [...ids];
  if (maxNewTokens === 0 || interrupted()) return text;
  const cached = Math.max(0, Math.min(maxNewTokens, config.blockSize - ids.length));
  const compiled = { step: cached >= WORTH_COMPILING, pass: maxNewTokens - cached >= WORTH_COMPILING };
  const decoder = given ?? new GPTDecoder(params, config, { compiled });
  try {
    for (let i = 0; i < maxNewTokens && !interrupted(); i++) {
      const logits = i === 0 ? await decoder.begin(ids) : await decoder.next(text[text.length - 1]);
      const id = sampleFromLogits(logits, { temperature, topK, rng });
      text.push(id);
      onToken?.(id);
      if (stop?.(text)) break;
      await nextFrame();
    }
  } finally {
    if (!given) decoder.dispose();
  }
  return text;
}

/**
 * Draws one token id.
 *
 * p(i) = exp(zᵢ / temperature) / Σ exp(zⱼ / temperature) over the topK largest z; tokens that tie with the k-th
 * are kept too, as in nanoGPT. Temperature 0 takes the largest z, the first of equals.
 * @param logits z, V numbers; −∞ forbids a token
 * @returns an id from 0 to V − 1
 * @throws if a logit is NaN or +∞, or all are −∞
 */
export function sampleFromLogits(
  logits: ArrayLike<number>,
  { temperature = 1, topK, rng }: SamplingOptions,
): number {
  checkSampling({ temperature, topK });
  let best = -1;
  for (let i = 0; i < logits.length; i++) {
    if (!(logits[i] < Infinity)) {
      throw new Error(`sampleFromLogits: expected numbers below infinity, got ${logits[i]} for token ${i}`);
    }
    if (logits[i] > (best < 0 ? -Infinity : logits[best])) best = i;
  }
  if (best < 0)
    throw new Error(`sampleFromLogits: expected one possible token, got none of ${logits.length}`);
  if (temperature === 0) return best;
  const least = topK && topK < logits.length ? Array.from(logits).sort((a, b) => b - a)[topK - 1] : -Infinity;
  const largest = logits[best]; // subtracted so that exp cannot overflow
  const p = Array.from(logits, (z) => (z < least ? 0 : Math.exp((z - largest) / temperature)));
  return rng.categorical(p);
}

function checkSampling({ temperature, topK }: { temperature: number; topK?: number }): void {
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw new Error(`sample: expected a temperature of 0 or more, got ${temperature}`);
  }
  if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1)) {
    throw new Error(`sample: expected topK of 1 or more, got ${topK}`);
  }
}
