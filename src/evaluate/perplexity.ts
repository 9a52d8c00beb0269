// How well a model predicts whole documents: every token is scored once, with as much context as the
// model's window allows, and the sum is divided by the bytes of the text, which no tokenizer
// changes. Windows that overlap are the usual way of evaluating models with a fixed window (for
// example Baevski and Auli, Adaptive Input Representations for Neural Language Modeling, 2019).
// Left out: documents that are packed behind each other (lesson 10, data).
import type { Tokenizer } from "../tokenizer";

/** One window: reads ids[start … end − 1], predicts ids[start + 1 … end]. */
export interface ScoredWindow {
  start: number;
  end: number;
  /** The first predicted token that counts; earlier ones are context only. */
  from: number;
}

/** How far windows reach, and how far apart they begin. */
export interface WindowOptions {
  /** T, the most tokens that the model reads at once. */
  blockSize: number;
  /** From 1 to T; T puts windows side by side. */
  stride: number;
}

/**
 * Windows that predict each of ids[1], …, ids[length − 1] exactly once.
 *
 *     start of window k   k · stride
 *     end                 min(start + T, length − 1)
 *     from                the end of the window before + 1   (1 in the first window)
 *
 * @param length how many ids the text has; with 0 or 1 there is nothing to predict
 * @throws unless T is a whole number from 1 on and the stride from 1 to T
 * @example stridedWindows(6, { blockSize: 3, stride: 2 })
 *   → { start: 0, end: 3, from: 1 }, { start: 2, end: 5, from: 4 }
 */
export function stridedWindows(
  length: number,
  { blockSize, stride }: WindowOptions,
): ScoredWindow[] {
  if (!Number.isInteger(blockSize) || blockSize < 1)
    throw new Error(`stridedWindows: expected a blockSize of 1 or more, got ${blockSize}`);
  if (!Number.isInteger(stride) || stride < 1 || stride > blockSize)
    throw new Error(`stridedWindows: expected a stride from 1 to ${blockSize}, got ${stride}`);
  const windows: ScoredWindow[] = [];
  const last = length - 1;
  for (let start = 0, done = 0; done < last; start += stride) {
    const end = Math.min(start + blockSize, last);
    windows.push({ start, end, from: done + 1 });
    done = end;
  }
  return windows;
}

/** ln p(ids[i] | ids before it) for i = 1 … n − 1: n − 1 numbers, the first one for ids[1]. */
export type Scorer = (ids: ArrayLike<number>) => Float64Array;

/** What one document costs a model. */
export interface DocumentScore {
  /** −Σ ln p over the document's tokens. */
  nats: number;
  tokens: number;
  /** UTF-8 bytes of the document. */
  bytes: number;
}

const utf8 = new TextEncoder();

/**
 * Scores documents one by one, each from its first token on.
 * @param begin what stands before each document, for the first token needs something before it; it
 *   is not scored
 * @throws if a document is empty, or the tokenizer cannot write it
 */
export function scoreDocuments(
  scorer: Scorer,
  tokenizer: Pick<Tokenizer, "encode">,
  documents: readonly string[],
  { begin = "\n" }: { begin?: string } = {},
): DocumentScore[] {
  const prefix = tokenizer.encode(begin).slice(-1);
  return documents.map((text, i) => {
    const ids = tokenizer.encode(text);
    if (ids.length === 0)
      throw new Error(`scoreDocuments: expected documents with text, got nothing in number ${i}`);
    let nats = 0;
    for (const logProb of scorer([...prefix, ...ids])) nats -= logProb;
    return { nats, tokens: ids.length, bytes: utf8.encode(text).length };
  });
}

/** A sum of scores. */
const total = (scores: readonly DocumentScore[], key: keyof DocumentScore): number =>
  scores.reduce((sum, score) => sum + score[key], 0);

/** Bits per byte of all documents together: Σ nats / (ln 2 · Σ bytes). */
export function bitsPerByte(scores: readonly DocumentScore[]): number {
  if (scores.length === 0) throw new Error("bitsPerByte: expected at least one document, got none");
  return total(scores, "nats") / Math.LN2 / total(scores, "bytes");
}

/** Perplexity per token of all documents together: e^(Σ nats / Σ tokens). */
export function perplexityOf(scores: readonly DocumentScore[]): number {
  if (scores.length === 0)
    throw new Error("perplexityOf: expected at least one document, got none");
  return Math.exp(total(scores, "nats") / total(scores, "tokens"));
}
