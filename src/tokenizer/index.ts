// Tokenizers: from text to token ids and back. Everything that trains or generates takes any of
// them by this interface; a checkpoint keeps what `toJSON` gives, and `tokenizerFromJSON` finds the
// class again.

export { bertWords } from "./bertText";
export { BpeTokenizer } from "./bpe";
export { applyMerges, learnMerges, mergePair, type Pair, pairCounts } from "./bpeClear";
export type { BpeModel, BpeTokenizerJSON } from "./bpeModel";
export { BpeTrainer, type BpeTraining } from "./bpeTraining";
export { byteCharacters, readBytes, showBytes } from "./bytes";
export { CharTokenizer, type CharTokenizerJSON } from "./char";
export { type StreamingDecoder, streamingDecoder } from "./decoder";
export { foreignPattern } from "./foreignPattern";
export { tokenizerFromJSON } from "./fromJSON";
export { readGgufTokenizer } from "./gguf";
export { writeGgufTokenizer } from "./ggufWrite";
export { isHuggingFace, readHuggingFace, writeHuggingFace } from "./huggingFace";
export type { Tokenizer, TokenizerJSON } from "./interface";
export { loadTokenizer } from "./load";
export { type PatternName, patternNames, type SplitPattern, splitPieces } from "./patterns";
export { specialTokenId } from "./special";
export { type ChunkOptions, encodeChunks, parts, readChunks } from "./stream";
export { type OpenAIName, openAITokenizer } from "./tiktoken";
export { UnigramTokenizer, type UnigramTokenizerJSON, unigramWords } from "./unigram";
export { UNKNOWN_PENALTY, viterbi } from "./unigramLattice";
export { trainUnigram, type UnigramTraining } from "./unigramTrain";
export { type WordOptions, WordTokenizer, type WordTokenizerJSON } from "./word";
export { WordPieceTokenizer, type WordPieceTokenizerJSON, wordPieces } from "./wordpiece";
export { BERT_SPECIAL, trainWordPiece, type WordPieceTraining } from "./wordpieceTrain";
export { cutByIntl, cutCharacters, cutWords, loadJieba } from "./words";
