/**
 * From logits to a token: p = softmax(logits / temperature), cut to the likeliest tokens, and one
 * draw. The draw is made on the CPU from a seeded generator, so the same logits give the same token on
 * every engine. What is done to the logits before is ./processors, in transformers' order: penalty,
 * temperature, topK, topP, minP. Writing whole texts is llm/inference; grammars are llm/grammar.
 */
import type { Random } from "../random";
import { each, keepMinP, keepTopK, keepTopP, largestOf, penaliseRepetition } from "./processors";

/** What changes the distribution from which a token is drawn. */
export interface DecodingOptions {
  /**
   * Divides the logits: below 1 bolder, above 1 more random; 0 always takes the likeliest token.
   */
  temperature?: number;
  /** Only the k likeliest tokens can be drawn; all of them if absent. */
  topK?: number;
  /** Only the likeliest tokens that together have this probability; all of them if absent or 1. */
  topP?: number;
  /** Only tokens at least so many times as likely as the likeliest; all of them if absent or 0. */
  minP?: number;
  /** Makes tokens less likely that the text has already; 1, no penalty, if absent. */
  repetitionPenalty?: number;
}

export interface SamplingOptions extends DecodingOptions {
  rng: Random;
}

/** What says which tokens can come next, as a grammar does: llm/grammar's `Constraint`. */
export interface TokenConstraint {
  /** The logits, −∞ for every token that cannot come next. */
  mask(logits: ArrayLike<number>): ArrayLike<number>;
  /** Takes the token that came next. */
  accept(id: number): void;
  /** Whether nothing can follow. */
  readonly done: boolean;
}

/** The ids of the text so far, for a repetition penalty. */
interface Previous {
  previous?: Iterable<number>;
}

/**
 * Draws one token id.
 *
 * p(i) = exp(zᵢ / temperature) / Σ exp(zⱼ / temperature) over the tokens that are left; those that tie
 * with the k-th likeliest are kept too, as in nanoGPT. Temperature 0 takes the largest z, the first of
 * equals.
 * @param logits z, V numbers; −∞ forbids a token
 * @param options with `previous`, the ids of the text so far, for a repetition penalty
 * @returns an id from 0 to V − 1
 * @throws if a logit is NaN or +∞, or all are −∞
 */
export function sampleFromLogits(
  logits: ArrayLike<number>,
  { rng, ...options }: SamplingOptions & Previous,
): number {
  checkSampling("sampleFromLogits", options);
  const { z, best } = penalised(logits, options);
  return options.temperature === 0 ? best : rng.categorical(weightsOf(z, best, options));
}

/**
 * The distribution from which `sampleFromLogits` draws; at temperature 0 all of it lies on one token.
 * @param logits z, V numbers; −∞ forbids a token
 * @param options with `previous`, the ids of the text so far, for a repetition penalty
 * @returns V probabilities
 * @throws if a logit is NaN or +∞, or all are −∞
 */
export function decodingProbabilities(
  logits: ArrayLike<number>,
  options: DecodingOptions & Previous = {},
): Float64Array {
  checkSampling("decodingProbabilities", options);
  const { z, best } = penalised(logits, options);
  if (options.temperature === 0) {
    const certain = new Float64Array(z.length);
    certain[best] = 1;
    return certain;
  }
  const weights = weightsOf(z, best, options);
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i];
  return each(weights, (weight) => weight / total);
}

/** The logits after the repetition penalty, and the first of the largest. */
function penalised(
  logits: ArrayLike<number>,
  { repetitionPenalty = 1, previous }: DecodingOptions & Previous,
) {
  const z =
    repetitionPenalty !== 1 && previous
      ? penaliseRepetition(logits, previous, repetitionPenalty)
      : logits;
  return { z, best: bestOf(z) };
}

/** What the draw is made with: exp((zᵢ − z_best) / temperature), 0 where a token is cut off. */
function weightsOf(
  logits: ArrayLike<number>,
  best: number,
  { temperature = 1, topK, topP = 1, minP = 0 }: DecodingOptions,
): Float64Array {
  const z = topK === undefined ? logits : keepTopK(logits, topK);
  const largest = z[best]; // subtracted so that exp cannot overflow
  let scaled = each(z, (x) => (x - largest) / temperature);
  if (topP < 1) scaled = keepTopP(scaled, topP);
  if (minP > 0) scaled = keepMinP(scaled, minP);
  return each(scaled, Math.exp);
}

/** The first of the largest logits. @throws if one is NaN or +∞, or all are −∞ */
function bestOf(logits: ArrayLike<number>): number {
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
  return best;
}

/**
 * ln p of one token under softmax(z / temperature) over all tokens, whatever the other options then
 * leave to draw from: what reinforcement learning needs of a text that a model has written.
 * @param logits z, V numbers
 * @param temperature 0 counts as 1: the likeliest token is taken, but the model is as it is
 */
export function logProbability(
  logits: ArrayLike<number>,
  id: number,
  { temperature = 1 }: Pick<SamplingOptions, "temperature"> = {},
): number {
  const scale = temperature || 1;
  const largest = largestOf(logits);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp((logits[i] - largest) / scale);
  return (logits[id] - largest) / scale - Math.log(sum);
}

/** @throws where an option makes no sense; `caller` begins the message */
export function checkSampling(
  caller: string,
  { temperature = 1, topK, topP = 1, minP = 0, repetitionPenalty = 1 }: DecodingOptions,
): void {
  const expect = (isRight: boolean, expected: string, got: unknown) => {
    if (!isRight) throw new Error(`${caller}: expected ${expected}, got ${got}`);
  };
  expect(temperature >= 0 && temperature < Infinity, "a temperature of 0 or more", temperature);
  if (topK !== undefined) expect(Number.isInteger(topK) && topK >= 1, "topK of 1 or more", topK);
  expect(topP > 0 && topP <= 1, "topP above 0, up to 1", topP);
  expect(minP >= 0 && minP <= 1, "minP from 0 to 1", minP);
  expect(
    repetitionPenalty > 0 && repetitionPenalty < Infinity,
    "a repetitionPenalty above 0",
    repetitionPenalty,
  );
}
