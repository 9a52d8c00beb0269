// What every tokenizer is, whichever its algorithm: text to ids and back.

import type { StreamingDecoder } from "./decoder";

/** A tokenizer as plain data; `type` says which class it is. */
export interface TokenizerJSON {
  type: string;
}

/** Text to ids and back. */
export interface Tokenizer {
  /** V: ids are 0 … V − 1. */
  readonly vocabSize: number;
  /** @throws where the text cannot be written in this vocabulary; the message says why */
  encode(text: string): number[];
  /**
   * The same ids for a whole text: half the memory, and no limit (a plain array ends at 112 million
   * numbers).
   */
  encodeText(text: string): Int32Array;
  /** @throws if an id is outside 0 … vocabSize − 1 */
  decode(ids: ArrayLike<number>): string;
  /**
   * For ids that come one by one, where tokens may end within a character; see streamingDecoder.
   */
  decoder?(): StreamingDecoder;
  toJSON(): TokenizerJSON;
}
