/**
 * WordPiece, the tokenizer of BERT (Devlin et al., 2018): words first, by BERT's own rules
 * (bertText.ts), then each word cut into the longest pieces that are in the vocabulary, from left to
 * right. A piece that does not begin a word is written with ##: "unwanted" → un ##want ##ed.
 *
 * A word that cannot be cut (a character is unknown) is [UNK] as a whole, and so is a word of more
 * than 100 characters. Nothing but the vocabulary is needed: there are no merges to replay, and the
 * greedy cut need not have the fewest pieces. Left out: [CLS] and [SEP] around a text, which belong
 * to the model (lesson 09, pretraining objectives).
 */

import { bertWords } from "./bertText";
import { entriesOf } from "./entries";
import type { Tokenizer } from "./interface";
import { BERT_SPECIAL, trainWordPiece, type WordPieceTraining } from "./wordpieceTrain";
import { countWords } from "./words";

/** What `toJSON` gives and `fromJSON` takes. */
export interface WordPieceTokenizerJSON {
  type: "wordpiece";
  /** The pieces in the order of their ids. */
  vocabulary: string[];
  /** Whether case and accents are dropped. */
  lowercase: boolean;
}

/** Words of more characters are [UNK], as in BERT: a very long "word" is rarely one. */
const MAX_CHARACTERS = 100;
const UNKNOWN = "[UNK]";

/**
 * One word, cut greedily: the longest piece that the vocabulary has, then the longest for what is
 * left, with ## in front, until nothing is left.
 *
 * @param has whether a piece is in the vocabulary
 * @returns the pieces, or undefined where some rest begins with no known piece
 * @example wordPieces("unwanted", (p) => ["un", "##want", "##ed"].includes(p))
 */
export function wordPieces(word: string, has: (piece: string) => boolean): string[] | undefined {
  const characters = [...word];
  const pieces: string[] = [];
  for (let start = 0; start < characters.length; ) {
    const prefix = start === 0 ? "" : "##";
    let end = characters.length;
    while (end > start && !has(prefix + characters.slice(start, end).join(""))) end--;
    if (end === start) return undefined;
    pieces.push(prefix + characters.slice(start, end).join(""));
    start = end;
  }
  return pieces;
}

/** Text to ids and back with a WordPiece vocabulary. */
export class WordPieceTokenizer implements Tokenizer {
  readonly vocabSize: number;
  private readonly ids: Map<string, number>;
  private readonly words = new Map<string, number[]>(); // ids of words seen before
  private readonly unknown: number;

  private constructor(
    readonly vocabulary: readonly string[],
    readonly lowercase: boolean,
  ) {
    this.vocabSize = vocabulary.length;
    this.ids = new Map(vocabulary.map((piece, id) => [piece, id]));
    this.unknown = this.ids.get(UNKNOWN) as number;
  }

  /**
   * Learns a vocabulary from `text`, cut into words by `bertWords`.
   * @throws if the text has no words
   */
  static train(
    text: string,
    { lowercase = true, ...training }: WordPieceTraining & { lowercase?: boolean },
  ): WordPieceTokenizer {
    const counts = countWords(bertWords(text, { lowercase }));
    return new WordPieceTokenizer(trainWordPiece(counts, training), lowercase);
  }

  /**
   * The ids of the pieces of `text`. Special tokens written in the text, such as [MASK], are one id.
   * [CLS] and [SEP] are not added.
   */
  encode(text: string): number[] {
    const ids: number[] = [];
    for (const part of text.split(/(\[(?:PAD|UNK|CLS|SEP|MASK)\])/)) {
      const special = isSpecial(part) ? this.ids.get(part) : undefined;
      if (special !== undefined) ids.push(special);
      else
        for (const word of bertWords(part, this)) for (const id of this.ofWord(word)) ids.push(id);
    }
    return ids;
  }

  encodeText(text: string): Int32Array {
    return Int32Array.from(this.encode(text));
  }

  private ofWord(word: string): number[] {
    let ids = this.words.get(word);
    if (ids === undefined) {
      const short = [...word].length <= MAX_CHARACTERS;
      const pieces = short ? wordPieces(word, (piece) => this.ids.has(piece)) : undefined;
      ids = pieces?.map((piece) => this.ids.get(piece) as number) ?? [this.unknown];
      if (this.words.size < 100_000) this.words.set(word, ids);
    }
    return ids;
  }

  /**
   * The pieces of `ids` as text: ## pieces are joined to what stands before them, and there is one
   * space between words, also before a full stop: BERT does not keep where spaces were.
   * @throws if an id is not an integer in 0 … vocabSize − 1
   */
  decode(ids: ArrayLike<number>): string {
    const pieces = entriesOf(ids, this.vocabulary, "WordPieceTokenizer").map((piece, i) => {
      const inside = i > 0 && piece.length > 2 && piece.startsWith("##");
      return inside ? piece.slice(2) : (i === 0 ? "" : " ") + piece;
    });
    return pieces.join("");
  }

  toJSON(): WordPieceTokenizerJSON {
    return { type: "wordpiece", vocabulary: [...this.vocabulary], lowercase: this.lowercase };
  }

  /**
   * The tokenizer that `toJSON` described, or any with a vocabulary of BERT's kind.
   * @throws if `json` is not what `toJSON` gives
   */
  static fromJSON(json: unknown): WordPieceTokenizer {
    const { type, vocabulary, lowercase } = (json ?? {}) as Partial<WordPieceTokenizerJSON>;
    if (type !== "wordpiece" || !Array.isArray(vocabulary) || typeof lowercase !== "boolean")
      throw new Error(
        'WordPieceTokenizer.fromJSON: expected { type: "wordpiece", vocabulary: […], lowercase }',
      );
    const wrong =
      !vocabulary.every((piece) => typeof piece === "string" && piece !== "") ||
      new Set(vocabulary).size !== vocabulary.length ||
      !vocabulary.includes(UNKNOWN);
    if (wrong)
      throw new Error(
        `WordPieceTokenizer.fromJSON: expected a vocabulary of different pieces with ${UNKNOWN}`,
      );
    return new WordPieceTokenizer([...vocabulary], lowercase);
  }
}

const isSpecial = (part: string): boolean => (BERT_SPECIAL as readonly string[]).includes(part);
