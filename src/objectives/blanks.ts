// A text with blanks, as each objective gets to see it: in which row the model reads it, and at which
// position of the row each hidden token is predicted. Scoring and filling both stand on this.
//
// Letters: T tokens of the text.
import { blankRow } from "./blankInfilling";
import { type Example, inOrder, zeros } from "./example";
import type { ObjectiveName } from "./objective";
import { corruptSpans, prefixExample } from "./spanCorruption";
import type { Span } from "./spans";
import type { BlankTokens } from "./tokens";

/** The stretches of a text whose tokens are [MASK]. */
export function blanksOf(ids: readonly number[], mask: number): Span[] {
  const spans: [number, number][] = [];
  ids.forEach((id, i) => {
    if (id !== mask) return;
    const last = spans[spans.length - 1];
    if (last?.[1] === i) last[1] = i + 1;
    else spans.push([i, i + 1]);
  });
  return spans;
}

/** The row an objective reads, and where it predicts what. */
export interface Layout {
  example: Example;
  /** For each hidden place of the text, the position of the row at which it is predicted. */
  predictedAt: Map<number, number>;
}

/**
 * The row of a text with blanks. Tokens in the blanks may be known already or still be [MASK]: a
 * causal model and the two that write blanks see those before the one they predict, the other two
 * see all that are not [MASK].
 * @param text T ids; those within `spans` are to be predicted, the others are given
 * @throws if a causal model is asked for the first token of the text, before which nothing stands
 */
export function layoutOf(
  name: ObjectiveName,
  text: readonly number[],
  spans: readonly Span[],
  tokens: BlankTokens,
): Layout {
  const hidden = spans.flatMap(([start, end]) => inOrder(end - start).map((i) => start + i));
  const T = text.length;
  const plain = (prefix: number): Example => ({
    ids: [...text],
    positions: inOrder(T),
    blankPositions: zeros(T),
    targets: [...text],
    weights: zeros(T),
    prefix,
  });
  if (name === "causal") {
    if (hidden[0] === 0)
      throw new Error("layoutOf: expected a token before the first blank of a causal model");
    return { example: plain(0), predictedAt: new Map(hidden.map((p) => [p, p - 1])) };
  }
  if (name === "masked" || name === "diffusion")
    return { example: plain(T), predictedAt: new Map(hidden.map((p) => [p, p])) };
  const predictedAt = new Map<number, number>();
  let example: Example;
  if (name === "spans") {
    const { inputs, targets } = corruptSpans(text, spans, tokens.sentinels);
    example = prefixExample(inputs, targets);
  } else example = blankRow(text, spans, inOrder(spans.length), tokens);
  // Behind the prefix each blank begins with one token of its own: a sentinel, or [START].
  let at = example.prefix;
  for (const [start, end] of spans) {
    for (let p = start; p < end; p++) predictedAt.set(p, at + p - start);
    at += end - start + 1;
  }
  return { example, predictedAt };
}
