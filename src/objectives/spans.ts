// Which stretches of a text are hidden: T5's choice and GLM's.
import type { Random } from "../random";

/** The most spans of a row, so that rows have a longest length and T5 has sentinels enough. */
export const MOST_SPANS = 7;

/** The tokens from `start` up to, but not including, `end`. */
export type Span = readonly [start: number, end: number];

/** How much is hidden, and in pieces of what length. */
export interface SpanOptions {
  /** Share of tokens that are hidden: 0.15. */
  rate?: number;
  /** Mean length of a span: 3. */
  meanLength?: number;
}

/**
 * Spans as in T5 (Raffel et al., 2020; `random_spans_noise_mask` in its code): their number and the
 * number of hidden tokens are fixed, and both hidden and visible tokens are cut at random places.
 * The text begins with a visible stretch, and two spans never touch.
 * @param T length of the text
 * @returns spans in order; hidden tokens ≈ rate · T, spans ≈ hidden tokens / meanLength
 */
export function t5Spans(
  T: number,
  rng: Random,
  { rate = 0.15, meanLength = 3 }: SpanOptions = {},
): Span[] {
  const hidden = Math.min(Math.max(Math.round(T * rate), 1), T - 1);
  const wanted = Math.max(Math.round(hidden / meanLength), 1);
  const count = Math.min(wanted, T - hidden, MOST_SPANS);
  const noise = cutRandomly(hidden, count, rng);
  const visible = cutRandomly(T - hidden, count, rng);
  let at = 0;
  return noise.map((length, k) => {
    const start = at + visible[k];
    at = start + length;
    return [start, at];
  });
}

/** `total` as a sum of `parts` whole numbers of at least 1, every way equally likely. */
function cutRandomly(total: number, parts: number, rng: Random): number[] {
  const places = rng.shuffle(Array.from({ length: total - 1 }, (_, i) => i + 1));
  const cuts = [0, ...places.slice(0, parts - 1).sort((a, b) => a - b), total];
  return cuts.slice(1).map((cut, k) => cut - cuts[k]);
}

/**
 * Spans as in GLM (Du et al., 2022, §2.1): lengths are drawn from a Poisson distribution with mean
 * 3 until at least 15 % of the tokens are hidden. Here lengths of 0 are drawn again, the last
 * length is cut to what is still wanted, so that every text has the same number of hidden tokens,
 * and two spans never touch.
 * @param T length of the text
 * @returns spans in order
 */
export function glmSpans(
  T: number,
  rng: Random,
  { rate = 0.15, meanLength = 3 }: SpanOptions = {},
): Span[] {
  const hidden = Math.min(Math.max(Math.round(T * rate), 1), T - 1);
  const lengths: number[] = [];
  for (let sum = 0; sum < hidden; ) {
    const length = Math.min(poisson(meanLength, rng), hidden - sum);
    if (length > 0) lengths.push(length);
    sum += length;
  }
  // A span stands before one of the visible tokens or behind the last, each in a place of its own.
  const visible = T - hidden;
  if (lengths.length > Math.min(MOST_SPANS, visible + 1))
    return glmSpans(T, rng, { rate, meanLength }); // rare: very many short spans
  const places = rng
    .shuffle(Array.from({ length: visible + 1 }, (_, i) => i))
    .slice(0, lengths.length)
    .sort((a, b) => a - b);
  let before = 0; // hidden tokens
  return lengths.map((length, k) => {
    const start = places[k] + before;
    before += length;
    return [start, start + length];
  });
}

/** A number from the Poisson distribution (Knuth, The Art of Computer Programming, vol. 2). */
function poisson(mean: number, rng: Random): number {
  const limit = Math.exp(-mean);
  let product = rng.uniform();
  let k = 0;
  for (; product > limit; k++) product *= rng.uniform();
  return k;
}

/** @throws if spans are not in order, not empty, apart from each other, and within T tokens */
export function expectSpans(caller: string, spans: readonly Span[], T: number): void {
  let last = -1;
  for (const [start, end] of spans) {
    if (!(start > last && end > start && end <= T))
      throw new Error(
        `${caller}: expected spans in order that do not touch, within ${T} tokens, got ` +
          JSON.stringify(spans),
      );
    last = end;
  }
}
