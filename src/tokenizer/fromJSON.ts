// A tokenizer from what its `toJSON` gave, whichever class it is.

import { BpeTokenizer } from "./bpe";
import { CharTokenizer } from "./char";
import type { Tokenizer, TokenizerJSON } from "./interface";
import { UnigramTokenizer } from "./unigram";
import { WordTokenizer } from "./word";
import { WordPieceTokenizer } from "./wordpiece";

/** How each type is read back. */
const readers: Readonly<Record<string, (json: unknown) => Tokenizer>> = {
  bpe: BpeTokenizer.fromJSON,
  char: CharTokenizer.fromJSON,
  unigram: UnigramTokenizer.fromJSON,
  word: WordTokenizer.fromJSON,
  wordpiece: WordPieceTokenizer.fromJSON,
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
