// Span corruption, the objective of T5 (Raffel et al., 2020, §3.1.4 and §3.3.4): spans of 3 tokens on
// average, 15 % of the text together, are each replaced by one sentinel, and the model writes the
// missing spans, each behind its sentinel. Their example:
//
//     text      Thank you for inviting me to your party last week
//     inputs    Thank you <0> me to your party <1> week
//     targets   <0> for inviting <1> last <2>
//
// T5 is an encoder–decoder: the encoder reads the inputs, the decoder writes the targets. To compare
// objectives and nothing else, this course gives both to one stack of blocks with a prefix mask, as
// in the paper's "prefix LM" (§3.2.1).
import type { Random } from "../random";
import { type Example, inOrder, zeros } from "./example";
import { expectSpans, type Span, type SpanOptions, t5Spans } from "./spans";
import type { BlankTokens } from "./tokens";

/**
 * The two halves of T5's example: the text with a sentinel in place of each span, and the spans, each
 * behind its sentinel, with one more sentinel at the end.
 * @param ids T ids; not changed
 * @param spans in order; they do not touch
 * @param sentinels ids, one more than there are spans
 * @throws if spans touch or leave the text, or there are too few sentinels
 */
export function corruptSpans(
  ids: readonly number[],
  spans: readonly Span[],
  sentinels: readonly number[],
): { inputs: number[]; targets: number[] } {
  expectSpans("corruptSpans", spans, ids.length);
  if (sentinels.length <= spans.length)
    throw new Error(
      `corruptSpans: expected ${spans.length + 1} sentinels, got ${sentinels.length}`,
    );
  const inputs: number[] = [];
  const targets: number[] = [];
  let at = 0;
  spans.forEach(([start, end], k) => {
    inputs.push(...ids.slice(at, start), sentinels[k]);
    targets.push(sentinels[k], ...ids.slice(start, end));
    at = end;
  });
  return {
    inputs: [...inputs, ...ids.slice(at)],
    targets: [...targets, sentinels[spans.length]],
  };
}

/** A function that does what `corruptSpans` does: a lesson passes the learner's own. */
export type CorruptSpans = typeof corruptSpans;

/**
 * A row that reads the inputs and writes the targets: [inputs, targets] without the last token. The
 * inputs are seen by all; what counts is each token of the targets after the first sentinel.
 */
export function prefixExample(inputs: readonly number[], targets: readonly number[]): Example {
  const whole = [...inputs, ...targets];
  const T = whole.length - 1;
  const count = targets.length - 1;
  return {
    ids: whole.slice(0, T),
    positions: inOrder(T),
    blankPositions: zeros(T),
    targets: whole.slice(1),
    weights: inOrder(T).map((i) => (i >= inputs.length ? 1 / count : 0)),
    prefix: inputs.length,
  };
}

/** Hides spans as T5 does, and makes a row of what is left and what is hidden. */
export function spanCorruptionExample(
  text: readonly number[],
  tokens: BlankTokens,
  rng: Random,
  { corrupt = corruptSpans, ...options }: SpanOptions & { corrupt?: CorruptSpans } = {},
): Example {
  const spans = t5Spans(text.length, rng, options);
  const { inputs, targets } = corrupt(text, spans, tokens.sentinels);
  return prefixExample(inputs, targets);
}
