// Texts of both languages as ids: characters, and three ids with a meaning of their own.
import { tf } from "../engine";
import { CharTokenizer } from "../tokenizer";
import type { Pair } from "./pairs";

/** Fills up; begins a target; ends it. Characters come after these. */
export const [PAD, BEGIN, END] = [0, 1, 2];
const SPECIAL = 3;

/** Sources and targets as tensors, filled up with PAD. */
export type PairBatch = {
  /** (B, S) int32 */
  source: tf.Tensor2D;
  /** (B, T + 1) int32: BEGIN, the target, END */
  target: tf.Tensor2D;
};

export class PairVocabulary {
  private readonly characters: CharTokenizer;
  /** V */
  readonly vocabSize: number;

  /** @param characters every character that can occur in a source or a target */
  constructor(characters: string) {
    this.characters = CharTokenizer.train(characters);
    this.vocabSize = this.characters.vocabSize + SPECIAL;
  }

  /** @throws if a character is not in the vocabulary */
  encode(text: string): number[] {
    return this.characters.encode(text).map((id) => id + SPECIAL);
  }

  /** The text of the ids before the first END; PAD and BEGIN are left out. */
  decode(ids: ArrayLike<number>): string {
    const all = Array.from(ids);
    const end = all.indexOf(END);
    const text = all.slice(0, end < 0 ? undefined : end).filter((id) => id >= SPECIAL);
    return this.characters.decode(text.map((id) => id - SPECIAL));
  }

  /** Texts as rows of one length: the longest, or `length`. */
  rows(ids: number[][], length = Math.max(...ids.map((row) => row.length))): tf.Tensor2D {
    const all = new Int32Array(ids.length * length).fill(PAD);
    ids.forEach((row, b) => {
      if (row.length > length)
        throw new Error(`PairVocabulary: expected at most ${length} tokens, got ${row.length}`);
      all.set(row, b * length);
    });
    return tf.tensor2d(all, [ids.length, length], "int32");
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
