// Tokenizers: from text to token ids and back. Everything that trains or generates takes any of
// them by this interface; a checkpoint keeps what `toJSON` gives, and `tokenizerFromJSON` finds the
// class again.

import { BpeTokenizer } from "./bpe";
import { CharTokenizer } from "./char";
import type { StreamingDecoder } from "./decoder";

export { BpeTokenizer } from "./bpe";
export { applyMerges, learnMerges, mergePair, type Pair, pairCounts } from "./bpeClear";
export type { BpeModel, BpeTokenizerJSON } from "./bpeModel";
export { BpeTrainer, type BpeTraining } from "./bpeTraining";
export { byteCharacters, readBytes, showBytes } from "./bytes";
export { CharTokenizer, type CharTokenizerJSON } from "./char";
export { type StreamingDecoder, streamingDecoder } from "./decoder";
export { type PatternName, patternNames, type SplitPattern, splitPieces } from "./patterns";

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
  /** For ids that come one by one, where tokens may end within a character; see streamingDecoder. */
  decoder?(): StreamingDecoder;
  toJSON(): TokenizerJSON;
}

/** How each type is read back. */
const readers: Readonly<Record<string, (json: unknown) => Tokenizer>> = {
  bpe: BpeTokenizer.fromJSON,
  char: CharTokenizer.fromJSON,
};

/**
 * The tokenizer that `toJSON` described.
 * @throws if the type is unknown, or the data is not what `toJSON` of that type gives
 */
export function tokenizerFromJSON(json: unknown): Tokenizer {
  const type = (json as Partial<TokenizerJSON> | null | undefined)?.type;
  if (typeof type !== "string" || !Object.hasOwn(readers, type))
    throw new Error(
      `tokenizerFromJSON: expected a type among ${Object.keys(readers).join(", ")}, got ${JSON.stringify(type)}`,
    );
  return readers[type](json);
}
