// Texts of both languages as ids: words or characters, and three ids with a meaning of their own.
import { padRows } from "../data";
import type { tf } from "../engine";
import type { Pair } from "./pairs";

/** Fills up; begins a target; ends it. Tokens come after these. */
export const [PAD, BEGIN, END] = [0, 1, 2];
const SPECIAL = 3;

/** Sources and targets as tensors, filled up with PAD. */
export type PairBatch = {
  /** (B, S) int32 */
  source: tf.Tensor2D;
  /** (B, T + 1) int32: BEGIN, the target, END */
  target: tf.Tensor2D;
};

/** What a token is: an English word or a single other character, or always a character. */
export type PairSplit = "words" | "characters";

/**
 * Cuts a text so that its pieces put together are the text again: "two hundred and five" → "two",
 * " hundred", " and", " five" (a space belongs to the word behind it, as in GPT-2), while digits,
 * commas and Chinese characters stand alone.
 */
export function splitPair(text: string, split: PairSplit): string[] {
  return split === "words" ? (text.match(/ ?[a-z]+|./gisu) ?? []) : [...text];
}

/** Encodes the texts of both languages with one vocabulary. */
export class PairVocabulary {
  private readonly ids: Map<string, number>;
  /** Every token in the order of its id; the special ones have names in brackets. */
  readonly tokens: string[];

  /** @param texts contain every token that can occur in a source or a target */
  constructor(
    texts: string[],
    readonly split: PairSplit = "words",
  ) {
    const pieces = [...new Set(texts.flatMap((text) => splitPair(text, split)))].sort();
    this.tokens = ["[pad]", "[begin]", "[end]", ...pieces];
    this.ids = new Map(pieces.map((piece, i) => [piece, i + SPECIAL]));
  }

  /** V */
  get vocabSize(): number {
    return this.tokens.length;
  }

  /** @throws if a piece is not in the vocabulary */
  encode(text: string): number[] {
    return splitPair(text, this.split).map((piece) => {
      const id = this.ids.get(piece);
      if (id === undefined)
        throw new Error(
          `PairVocabulary: expected only known ${this.split}, got ${JSON.stringify(piece)} ` +
            `in ${JSON.stringify(text)}`,
        );
      return id;
    });
  }

  /** The text of the ids before the first END; PAD and BEGIN are left out. */
  decode(ids: ArrayLike<number>): string {
    const all = Array.from(ids);
    const end = all.indexOf(END);
    const text = all.slice(0, end < 0 ? undefined : end).filter((id) => id >= SPECIAL);
    return text.map((id) => this.tokens[id]).join("");
  }

  /** Texts as rows of one length: the longest, or `length`. */
  rows(ids: number[][], length?: number): tf.Tensor2D {
    return padRows(ids, { fill: PAD, length });
  }

  /**
   * @param lengths of source and target rows; the longest of the batch where absent
   * @returns tensors that the caller disposes
   */
  batch(pairs: Pair[], lengths: { source?: number; target?: number } = {}): PairBatch {
    const targets = pairs.map(({ target }) => [BEGIN, ...this.encode(target), END]);
    return {
      source: this.rows(
        pairs.map(({ source }) => this.encode(source)),
        lengths.source,
      ),
      target: this.rows(targets, lengths.target),
    };
  }
}
