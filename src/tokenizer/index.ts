// Tokenizers: from text to token ids and back. Everything that trains or generates takes any of
// them by this interface; a checkpoint keeps what `toJSON` gives, and `tokenizerFromJSON` finds the
// class again.

import { BpeTokenizer } from "./bpe";
import { CharTokenizer } from "./char";
import type { Tokenizer, TokenizerJSON } from "./interface";
import { UnigramTokenizer } from "./unigram";
import { WordTokenizer } from "./word";
import { WordPieceTokenizer } from "./wordpiece";

export { bertWords } from "./bertText";
export { BpeTokenizer } from "./bpe";
export { applyMerges, learnMerges, mergePair, type Pair, pairCounts } from "./bpeClear";
export type { BpeModel, BpeTokenizerJSON } from "./bpeModel";
export { BpeTrainer, type BpeTraining } from "./bpeTraining";
export { byteCharacters, readBytes, showBytes } from "./bytes";
export { CharTokenizer, type CharTokenizerJSON } from "./char";
export { type StreamingDecoder, streamingDecoder } from "./decoder";
export type { Tokenizer, TokenizerJSON } from "./interface";
export { type PatternName, patternNames, type SplitPattern, splitPieces } from "./patterns";
export { type OpenAIName, openAITokenizer } from "./tiktoken";
export { UnigramTokenizer, type UnigramTokenizerJSON, unigramWords } from "./unigram";
export { UNKNOWN_PENALTY, viterbi } from "./unigramLattice";
export { trainUnigram, type UnigramTraining } from "./unigramTrain";
export { type WordOptions, WordTokenizer, type WordTokenizerJSON } from "./word";
export { WordPieceTokenizer, type WordPieceTokenizerJSON, wordPieces } from "./wordpiece";
export { BERT_SPECIAL, trainWordPiece, type WordPieceTraining } from "./wordpieceTrain";
export { cutByIntl, cutCharacters, cutWords, loadJieba } from "./words";

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
