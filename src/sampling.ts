/**
 * From logits to a token: p = softmax(logits / temperature), cut to the `topK` likeliest tokens
 * (Fan et al., 2018), and one draw. The draw is made on the CPU from a seeded generator, so the
 * same logits give the same token on every engine. Left out: top-p, min-p, penalties and
 * constraints (lesson 20, decoding). Writing whole texts is llm/inference.
 */
import type { Random } from "./random";

export interface SamplingOptions {
  /**
   * Divides the logits: below 1 bolder, above 1 more random; 0 always takes the likeliest token.
   */
  temperature?: number;
  /** Only the k likeliest tokens can be drawn; all of them if absent. */
  topK?: number;
  rng: Random;
}

/**
 * Draws one token id.
 *
 * p(i) = exp(zᵢ / temperature) / Σ exp(zⱼ / temperature) over the topK largest z; tokens that tie
 * with the k-th are kept too, as in nanoGPT. Temperature 0 takes the largest z, the first of
 * equals.
 * @param logits z, V numbers; −∞ forbids a token
 * @returns an id from 0 to V − 1
 * @throws if a logit is NaN or +∞, or all are −∞
 */
export function sampleFromLogits(
  logits: ArrayLike<number>,
  { temperature = 1, topK, rng }: SamplingOptions,
): number {
  checkSampling("sampleFromLogits", { temperature, topK });
  let best = -1;
  for (let i = 0; i < logits.length; i++) {
    if (!(logits[i] < Infinity)) {
      throw new Error(
        `sampleFromLogits: expected numbers below infinity, got ${logits[i]} for token ${i}`,
      );
    }
    if (logits[i] > (best < 0 ? -Infinity : logits[best])) best = i;
  }
  if (best < 0)
    throw new Error(`sampleFromLogits: expected one possible token, got none of ${logits.length}`);
  if (temperature === 0) return best;
  const least = topK && topK < logits.length ? sorted(logits)[logits.length - topK] : -Infinity;
  const largest = logits[best]; // subtracted so that exp cannot overflow
  const p = new Float64Array(logits.length);
  for (let i = 0; i < p.length; i++)
    if (logits[i] >= least) p[i] = Math.exp((logits[i] - largest) / temperature);
  return rng.categorical(p);
}

/** The numbers in rising order. */
const sorted = (values: ArrayLike<number>): Float64Array => Float64Array.from(values).sort();

/**
 * ln p of one token under softmax(z / temperature) over all tokens, whatever `topK` then leaves to
 * draw from: what reinforcement learning needs of a text that a model has written.
 * @param logits z, V numbers
 * @param temperature 0 counts as 1: the likeliest token is taken, but the model is as it is
 */
export function logProbability(
  logits: ArrayLike<number>,
  id: number,
  { temperature = 1 }: Pick<SamplingOptions, "temperature"> = {},
): number {
  const scale = temperature || 1;
  let largest = -Infinity;
  for (let i = 0; i < logits.length; i++) if (logits[i] > largest) largest = logits[i];
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp((logits[i] - largest) / scale);
  return (logits[id] - largest) / scale - Math.log(sum);
}

/** @throws where an option makes no sense; `caller` begins the message */
export function checkSampling(
  caller: string,
  { temperature = 1, topK }: Omit<SamplingOptions, "rng">,
): void {
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw new Error(`${caller}: expected a temperature of 0 or more, got ${temperature}`);
  }
  if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1)) {
    throw new Error(`${caller}: expected topK of 1 or more, got ${topK}`);
  }
}
