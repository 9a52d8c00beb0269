// Autoregressive blank infilling, the objective of GLM (Du et al., 2022, §2.1): spans are each
// replaced by one [MASK] (part A), and written from left to right behind the text, one after
// another in random order (part B). Each token has two positions. The first says where in part A it
// belongs: a token of a blank has the place of its [MASK]. The second counts within the blank, from
// 1, and is 0 in part A. So the model does not know how long a blank is: it ends it itself, with
// [END]. The figure of the paper, with x₃ and x₅ x₆ hidden, the second first:
//
//     part A                    part B
//     x₁  x₂  [M]  x₄  [M]      [S]  x₅   x₆    [S]  x₃        read
//      1   2   3    4   5        5    5    5     3    3        position 1
//      0   0   0    0   0        1    2    3     1    2        position 2
//      ·   ·   ·    ·   ·        x₅   x₆   [E]   x₃   [E]      predicted
//
// Positions of the first kind begin at 0 in this course. Left out: the paper's other objectives for
// whole documents and sentences, which hide one long span or whole sentences (§2.2).
import type { Random } from "../random";
import { type Example, inOrder, zeros } from "./example";
import { expectSpans, glmSpans, type Span, type SpanOptions } from "./spans";
import type { BlankTokens } from "./tokens";

/**
 * The two positions of every token of parts A and B.
 * @param T length of the text
 * @param spans in order; they do not touch
 * @param order in which they are written: `order[0]` is the index of the first
 * @returns two lists, each as long as A (T − hidden tokens + spans) and B (hidden tokens + spans)
 */
export function blankPositions(
  T: number,
  spans: readonly Span[],
  order: readonly number[],
): { positions: number[]; blankPositions: number[] } {
  expectSpans("blankPositions", spans, T);
  const maskAt: number[] = []; // places of the [MASK]s in part A
  let shorter = 0; // by how much part A is shorter than the text so far
  for (const [start, end] of spans) {
    maskAt.push(start - shorter);
    shorter += end - start - 1;
  }
  const positions = inOrder(T - shorter);
  const blankPositions = zeros(T - shorter);
  for (const k of order) {
    const length = spans[k][1] - spans[k][0] + 1; // [START] and the tokens
    for (let place = 1; place <= length; place++) {
      positions.push(maskAt[k]);
      blankPositions.push(place);
    }
  }
  return { positions, blankPositions };
}

/** A function that does what `blankPositions` does: a lesson passes the learner's own. */
export type BlankPositions = typeof blankPositions;

/**
 * GLM's row: part A, then the blanks. What counts is each token of a blank, and its end.
 * @param text T ids
 * @param order as in `blankPositions`
 * @throws if spans touch or leave the text
 */
export function blankRow(
  text: readonly number[],
  spans: readonly Span[],
  order: readonly number[],
  tokens: BlankTokens,
  places: BlankPositions = blankPositions,
): Example {
  const ids: number[] = [];
  let at = 0;
  for (const [start, end] of spans) {
    ids.push(...text.slice(at, start), tokens.mask);
    at = end;
  }
  ids.push(...text.slice(at));
  const prefix = ids.length;
  const targets = new Array<number>(prefix).fill(tokens.pad);
  for (const k of order) {
    const hidden = text.slice(...spans[k]);
    ids.push(tokens.start, ...hidden);
    targets.push(...hidden, tokens.end);
  }
  const count = ids.length - prefix;
  const weights = inOrder(ids.length).map((i) => (i >= prefix ? 1 / count : 0));
  return { ids, ...places(text.length, spans, order), targets, weights, prefix };
}

/** Hides spans as GLM does, in random order, and makes a row of it. */
export function blankInfillingExample(
  text: readonly number[],
  tokens: BlankTokens,
  rng: Random,
  { places, ...options }: SpanOptions & { places?: BlankPositions } = {},
): Example {
  const spans = glmSpans(text.length, rng, options);
  const order = rng.shuffle(inOrder(spans.length));
  return blankRow(text, spans, order, tokens, places);
}
