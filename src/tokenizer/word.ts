/**
 * A tokenizer whose tokens are words: the oldest idea, kept here to see what it loses.
 *
 * The vocabulary is the most frequent words of the training text; every other word becomes the one
 * token [UNK], and what it was is gone. Spaces are gone too: `decode` puts one between any two
 * tokens. Words are cut by one of the functions in words.ts. Left out: stemming and lists of stop
 * words, which older systems needed and language models do not.
 *
 *     const tokenizer = WordTokenizer.train("the cat and the dog", { vocabSize: 3 });
 *     tokenizer.encode("the dog barks");    // [1, 0, 0]: "the" 1, and two words that are unknown
 *     tokenizer.decode([1, 0, 0]);          // "the [UNK] [UNK]"
 */

import { entriesOf } from "./entries";
import type { Tokenizer } from "./interface";
import { countWords, cutWords } from "./words";

/** What `toJSON` gives and `fromJSON` takes. */
export interface WordTokenizerJSON {
  type: "word";
  /** The words in the order of their ids; the first is the unknown one. */
  vocabulary: string[];
}

export interface WordOptions {
  /** V, with [UNK]; all words if absent. */
  vocabSize?: number;
  /** Words that occur fewer times are left out. */
  minCount?: number;
  /** Text to words; `cutWords` unless another is given. A file of the tokenizer does not keep it. */
  cut?: (text: string) => string[];
}

const UNKNOWN = "[UNK]";

/** Text to ids and back, one id per word; id 0 stands for every word that is not known. */
export class WordTokenizer implements Tokenizer {
  readonly vocabSize: number;
  /** The id of [UNK]. */
  readonly unknown = 0;
  private readonly ids: Map<string, number>;

  private constructor(
    readonly vocabulary: readonly string[],
    private readonly cut: (text: string) => string[],
  ) {
    this.vocabSize = vocabulary.length;
    this.ids = new Map(vocabulary.map((word, id) => [word, id]));
  }

  /**
   * Takes the most frequent words of `text`; of two equally frequent ones, the one that comes first
   * in the text.
   * @throws if the text has no words, or `vocabSize` is below 2
   */
  static train(
    text: string,
    { vocabSize = Number.POSITIVE_INFINITY, minCount = 1, cut = cutWords }: WordOptions = {},
  ): WordTokenizer {
    if (!(vocabSize >= 2))
      throw new Error(`WordTokenizer.train: expected vocabSize of 2 or more, got ${vocabSize}`);
    const counts = countWords(cut(text));
    if (counts.size === 0)
      throw new Error("WordTokenizer.train: expected some words, got a text without any");
    counts.delete(UNKNOWN);
    const words = [...counts]
      .filter(([, count]) => count >= minCount)
      .sort(([, a], [, b]) => b - a) // a stable sort: the first in the text stays the first
      .slice(0, vocabSize - 1)
      .map(([word]) => word);
    return new WordTokenizer([UNKNOWN, ...words], cut);
  }

  /** The ids of the words of `text`, 0 for each unknown one. */
  encode(text: string): number[] {
    return this.cut(text).map((word) => this.ids.get(word) ?? this.unknown);
  }

  encodeText(text: string): Int32Array {
    return Int32Array.from(this.encode(text));
  }

  /**
   * The words of `ids` with one space between any two.
   * @throws if an id is not an integer in 0 … vocabSize − 1
   */
  decode(ids: ArrayLike<number>): string {
    return entriesOf(ids, this.vocabulary, "WordTokenizer").join(" ");
  }

  toJSON(): WordTokenizerJSON {
    return { type: "word", vocabulary: [...this.vocabulary] };
  }

  /**
   * The tokenizer that `toJSON` described; `cut` must be given again if it was not `cutWords`.
   * @throws if `json` is not what `toJSON` gives
   */
  static fromJSON(json: unknown, { cut = cutWords }: Pick<WordOptions, "cut"> = {}): WordTokenizer {
    const { type, vocabulary } = (json ?? {}) as Partial<WordTokenizerJSON>;
    if (type !== "word" || !Array.isArray(vocabulary))
      throw new Error('WordTokenizer.fromJSON: expected { type: "word", vocabulary: […] }');
    const isWord = (word: unknown) => typeof word === "string" && word !== "";
    if (
      vocabulary[0] !== UNKNOWN ||
      !vocabulary.every(isWord) ||
      new Set(vocabulary).size !== vocabulary.length
    )
      throw new Error(
        `WordTokenizer.fromJSON: expected a vocabulary of different words that begins with ${UNKNOWN}`,
      );
    return new WordTokenizer([...vocabulary], cut);
  }
}
