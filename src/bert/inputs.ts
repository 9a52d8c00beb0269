// From texts to what BERT reads: [CLS] text [SEP], or [CLS] text [SEP] other [SEP] for a pair, and
// [PAD] behind the shorter ones of a batch.
import { padRows } from "../data";
import type { tf } from "../engine";
import type { WordPieceTokenizer } from "../tokenizer";

/** A text, or two whose relation is to be judged. */
export type BertText = string | readonly [string, string];

/** One text as ids, with the kind of segment of each: 0, and 1 in the second of a pair. */
export interface BertIds {
  ids: number[];
  types: number[];
}

/**
 * The ids of a text with BERT's special tokens around it. A text that is too long loses its end.
 * @param options `maxTokens`: the longest result, special tokens included
 * @throws if a pair is too long, or the vocabulary lacks [CLS] or [SEP]
 * @example bertIds(tokenizer, "good morning").ids // [101, 2204, 2851, 102]
 */
export function bertIds(
  tokenizer: WordPieceTokenizer,
  text: BertText,
  { maxTokens = Number.POSITIVE_INFINITY }: { maxTokens?: number } = {},
): BertIds {
  if (!(maxTokens >= 3))
    throw new Error(`bertIds: expected maxTokens of 3 or more, got ${maxTokens}`);
  const [cls, sep] = ["[CLS]", "[SEP]"].map((token) => idOf(tokenizer, token));
  const [first, second] = typeof text === "string" ? [text] : text;
  const a = tokenizer.encode(first);
  if (second === undefined) {
    const ids = [cls, ...a.slice(0, maxTokens - 2), sep];
    return { ids, types: ids.map(() => 0) };
  }
  const b = tokenizer.encode(second);
  const length = a.length + b.length + 3;
  if (length > maxTokens)
    throw new Error(`bertIds: expected a pair of at most ${maxTokens} tokens, got ${length}`);
  const types = [...Array(a.length + 2).fill(0), ...Array(b.length + 1).fill(1)];
  return { ids: [cls, ...a, sep, ...b, sep], types };
}

/** @throws if the vocabulary has no such token */
function idOf({ vocabulary }: WordPieceTokenizer, token: string): number {
  const id = vocabulary.indexOf(token);
  if (id < 0) throw new Error(`bertIds: expected a vocabulary with ${token}, got one without it`);
  return id;
}

/**
 * Texts side by side in one batch, filled up behind.
 * @param padId what fills ids; types are filled with 0
 * @returns `ids` and `types` (B, T) int32, T the length of the longest; the caller disposes both
 * @throws if there is no text
 */
export function bertBatch(
  texts: readonly BertIds[],
  padId: number,
): { ids: tf.Tensor2D; types: tf.Tensor2D } {
  if (texts.length === 0) throw new Error("bertBatch: expected at least one text, got none");
  return {
    ids: padRows(
      texts.map(({ ids }) => ids),
      { fill: padId },
    ),
    types: padRows(
      texts.map(({ types }) => types),
      { fill: 0 },
    ),
  };
}
