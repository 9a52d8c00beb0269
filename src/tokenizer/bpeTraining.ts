// From texts to a byte-level BPE model: what `BpeTokenizer.train` does, and a trainer that is given
// a text in parts.

import type { BpeModel } from "./bpeModel";
import { PieceCounter, trainMerges } from "./bpeTrain";
import { alphabet, byteCharacters, readBytes } from "./bytes";
import type { SplitPattern } from "./patterns";

/** What a training needs to know. */
export interface BpeTraining {
  /** V: special tokens, 256 bytes and the merges. */
  vocabSize: number;
  /** How texts are cut; default "gpt2". */
  pattern?: SplitPattern;
  /** Special tokens: ids 0, 1, … */
  special?: readonly string[];
  /** Pairs that occur less often are not merged; default 0: those that occur at all are. */
  minFrequency?: number;
}

/** Learns a tokenizer from texts that are added one by one. */
export class BpeTrainer {
  private readonly counter: PieceCounter;
  private readonly vocabulary: string[];
  private readonly idOfByte = new Int32Array(256);

  /** @throws if the vocabulary has no room for the bytes, or a special token comes twice */
  constructor(private readonly options: BpeTraining) {
    const { vocabSize, special = [], pattern = "gpt2" } = options;
    if (new Set(special).size !== special.length)
      throw new Error(
        `BpeTokenizer.train: expected different special tokens, got ${JSON.stringify(special)}`,
      );
    const least = special.length + 256;
    if (!Number.isSafeInteger(vocabSize) || vocabSize < least || vocabSize > MOST)
      throw new Error(
        `BpeTokenizer.train: expected a vocabSize from ${least} (the special tokens and 256 bytes) to ${MOST}, got ${vocabSize}`,
      );
    this.vocabulary = [...special, ...alphabet.map((byte) => byteCharacters[byte])];
    for (let i = 0; i < 256; i++) this.idOfByte[alphabet[i]] = special.length + i;
    this.counter = new PieceCounter(pattern);
  }

  /** Counts the pieces of a text; no piece reaches from one text into the next. */
  add(text: string): void {
    this.counter.add(text);
  }

  /** Learns the merges. @throws if there was no text */
  finish(): BpeModel {
    if (this.counter.size === 0)
      throw new Error("BpeTokenizer.train: expected some text, got an empty string");
    const { special = [], pattern = "gpt2" } = this.options;
    const vocabulary = [...this.vocabulary];
    const merges = trainMerges(this.counter, vocabulary, this.idOfByte, this.options);
    return {
      tokens: vocabulary.map((token, id) => (id < special.length ? null : readBytes(token)!)),
      merges,
      pattern,
      special: new Map(special.map((token, id) => [token, id])),
    };
  }
}

const MOST = 2 ** 21;

/** See `BpeTokenizer.train`. */
export function trainModel(texts: string | Iterable<string>, options: BpeTraining): BpeModel {
  const trainer = new BpeTrainer(options);
  for (const text of typeof texts === "string" ? [texts] : texts) trainer.add(text);
  return trainer.finish();
}
