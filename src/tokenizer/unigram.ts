/**
 * Unigram, the tokenizer of SentencePiece's default model, of T5 and of ALBERT (Kudo, 2018): a
 * vocabulary in which every piece has a probability, and a text is cut in the most probable way.
 *
 * The text is treated as SentencePiece treats it: NFKC, control characters removed, runs of spaces
 * made one, each space written as ▁, which begins the word after it; one ▁ is put before the first
 * word. Cuts never cross the beginning of a word. Characters outside the vocabulary become <unk>,
 * several in a row one <unk>. Left out: byte fallback, and drawing a cut at random instead of taking
 * the best one, which is Kudo's subword regularisation.
 */

import { entriesOf } from "./entries";
import type { Tokenizer } from "./interface";
import { longestPiece, unknownScore, viterbi } from "./unigramLattice";
import { trainUnigram, type UnigramTraining } from "./unigramTrain";
import { countWords } from "./words";

/** What `toJSON` gives and `fromJSON` takes. */
export interface UnigramTokenizerJSON {
  type: "unigram";
  /** [piece, log p in nats] in the order of ids. */
  vocabulary: [string, number][];
  /** The id of <unk>. */
  unknown: number;
}

/** ▁, U+2581: how SentencePiece writes a space. */
const SPACE = "▁";

/**
 * The words of a text as Unigram sees them, each with ▁ in front.
 * @example unigramWords("a  fine day")  // ["▁a", "▁fine", "▁day"]
 */
export function unigramWords(text: string): string[] {
  const spaced = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: SentencePiece removes these
    .replace(/[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]/g, "")
    .replace(/[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g, " ")
    .normalize("NFKC")
    .replace(/ {2,}/g, " ")
    .replaceAll(" ", SPACE);
  if (spaced === "") return [];
  return (spaced.startsWith(SPACE) ? spaced : SPACE + spaced).match(/▁[^▁]*/gu) ?? [];
}

/** Text to ids and back by the most probable cut of every word. */
export class UnigramTokenizer implements Tokenizer {
  readonly vocabSize: number;
  private readonly ids = new Map<string, number>();
  private readonly scores = new Map<string, number>();
  private readonly words = new Map<string, number[]>(); // ids of words seen before
  private readonly options: { longest: number; unknown: number };

  private constructor(
    /** [piece, log p in nats] in the order of ids. */
    readonly vocabulary: readonly (readonly [string, number])[],
    /** The id of <unk>. */
    readonly unknown: number,
  ) {
    this.vocabSize = vocabulary.length;
    vocabulary.forEach(([piece, score], id) => {
      this.ids.set(piece, id);
      if (id !== unknown) this.scores.set(piece, score);
    });
    this.options = { longest: longestPiece(this.scores), unknown: unknownScore(this.scores) };
  }

  /**
   * Learns a vocabulary of `vocabSize` pieces, <unk> among them, from `text`.
   * @throws if the text has no words, or `vocabSize` is smaller than its number of characters
   */
  static train(text: string, training: UnigramTraining): UnigramTokenizer {
    const counts = countWords(unigramWords(text));
    const pieces = trainUnigram(counts, { ...training, vocabSize: training.vocabSize - 1 });
    return new UnigramTokenizer([["<unk>", 0], ...pieces], 0);
  }

  encode(text: string): number[] {
    const ids: number[] = [];
    for (const word of unigramWords(text)) for (const id of this.ofWord(word)) ids.push(id);
    return ids;
  }

  encodeText(text: string): Int32Array {
    return Int32Array.from(this.encode(text));
  }

  private ofWord(word: string): number[] {
    let ids = this.words.get(word);
    if (ids === undefined) {
      const { pieces } = viterbi(word, this.scores, this.options);
      ids = pieces
        .map((piece) => (this.scores.has(piece) ? (this.ids.get(piece) as number) : this.unknown))
        .filter((id, i, all) => id !== this.unknown || all[i - 1] !== this.unknown);
      if (this.words.size < 100_000) this.words.set(word, ids);
    }
    return ids;
  }

  /**
   * The text of `ids`, without the space that was put in front.
   * @throws if an id is not an integer in 0 … vocabSize − 1
   */
  decode(ids: ArrayLike<number>): string {
    const pieces = entriesOf(ids, this.vocabulary, "UnigramTokenizer").map(([piece]) => piece);
    return pieces.join("").replaceAll(SPACE, " ").replace(/^ /, "");
  }

  toJSON(): UnigramTokenizerJSON {
    const vocabulary = this.vocabulary.map(([piece, score]): [string, number] => [piece, score]);
    return { type: "unigram", vocabulary, unknown: this.unknown };
  }

  /**
   * The tokenizer that `toJSON` described.
   * @throws if `json` is not what `toJSON` gives
   */
  static fromJSON(json: unknown): UnigramTokenizer {
    const { type, vocabulary, unknown } = (json ?? {}) as Partial<UnigramTokenizerJSON>;
    if (type !== "unigram" || !Array.isArray(vocabulary))
      throw new Error(
        'UnigramTokenizer.fromJSON: expected { type: "unigram", vocabulary: [[piece, score], …], unknown }',
      );
    const right = vocabulary.every(
      (entry) =>
        Array.isArray(entry) &&
        typeof entry[0] === "string" &&
        entry[0] !== "" &&
        Number.isFinite(entry[1]),
    );
    if (!right || new Set(vocabulary.map(([piece]) => piece)).size !== vocabulary.length)
      throw new Error(
        "UnigramTokenizer.fromJSON: expected different pieces, each with a finite score",
      );
    if (!Number.isInteger(unknown) || vocabulary[unknown as number] === undefined)
      throw new Error(
        `UnigramTokenizer.fromJSON: expected the id of the unknown piece, 0 to ${vocabulary.length - 1}, got ${unknown}`,
      );
    return new UnigramTokenizer(
      vocabulary.map(([piece, score]): [string, number] => [piece, score]),
      unknown as number,
    );
  }
}
