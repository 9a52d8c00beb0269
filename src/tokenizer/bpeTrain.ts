// Learning merges fast, as Hugging Face's `tokenizers` does (models/bpe/trainer.rs), and with the
// same result: every distinct piece is held once with its count, pair counts are updated where a
// merge changes them instead of counted anew, and a heap with outdated entries gives the next pair.
// The cost is near-linear in the text; bpeClear.ts has the same algorithm on one screen.

import { writeUtf8 } from "./bytes";
import { doubled } from "./growing";
import { Heap } from "./heap";
import { PairTable } from "./pairs";
import { type SplitPattern, Splitter } from "./patterns";
import { PieceTable } from "./pieces";

/** Counts the distinct pieces of texts. */
export class PieceCounter {
  /** counts[n]: how often piece n occurs. */
  counts: Float64Array = new Float64Array(1 << 11);
  /**
   * The pieces' bytes, one behind the other: piece n is bytes[starts[n]] … bytes[starts[n + 1] −
   * 1].
   */
  bytes: Uint8Array = new Uint8Array(1 << 14);
  starts: Int32Array = new Int32Array(1 << 11);
  private readonly pieces = new PieceTable();
  private readonly splitter: Splitter;

  constructor(pattern: SplitPattern) {
    this.splitter = new Splitter(pattern);
  }

  /** How many distinct pieces there are. */
  get size(): number {
    return this.pieces.size;
  }

  /** Counts the pieces of a text; no piece reaches from one text into the next. */
  add(text: string): void {
    this.splitter.start(text);
    for (let at = 0; at < text.length; ) {
      const end = this.splitter.next(at);
      const number = this.pieces.intern(text, at, end);
      if (this.starts.length === number + 1) this.starts = doubled(this.starts, number + 2);
      if (this.counts.length === number) this.counts = doubled(this.counts, number + 1);
      if (this.counts[number]++ === 0) {
        const start = this.starts[number];
        const room = start + 3 * (end - at);
        if (room > this.bytes.length) this.bytes = doubled(this.bytes, room);
        const length = writeUtf8(text, at, end, this.bytes.subarray(start));
        this.starts[number + 1] = start + length;
      }
      at = end;
    }
  }
}

/**
 * The pairs that wait to be merged: most frequent first, then smaller left, then smaller right id.
 */
class Queue extends Heap {
  counts = new Float64Array(1 << 10); // of each entry; it may be outdated
  pairs = new Int32Array(1 << 10); // the pair's number, of each entry
  places: (number[] | undefined)[] = []; // in which pieces

  constructor(private readonly table: PairTable) {
    super();
  }

  add(pair: number, count: number, places: number[]): void {
    const entry = this.places.push(places) - 1;
    if (entry === this.counts.length) {
      this.counts = doubled(this.counts, entry + 1);
      this.pairs = doubled(this.pairs, entry + 1);
    }
    this.counts[entry] = count;
    this.pairs[entry] = pair;
    this.push(entry);
  }

  protected override before(a: number, b: number): boolean {
    const difference = this.counts[a] - this.counts[b];
    if (difference !== 0) return difference > 0;
    const [p, q] = [this.pairs[a], this.pairs[b]];
    const { left, right } = this.table;
    return left[p] !== left[q] ? left[p] < left[q] : right[p] < right[q];
  }
}

/** A merge: neighbours `left` and `right` become `id`. */
export type Merge = [left: number, right: number, id: number];

/**
 * Learns merges from counted pieces until the vocabulary has `vocabSize` entries or no pair is
 * left.
 *
 * @param vocabulary the entries so far, as bytesAsText; the new ones are appended
 * @param idOfByte the id of each byte
 * @param minFrequency pairs that occur less often are not merged
 */
export function trainMerges(
  { size, counts, bytes, starts }: PieceCounter,
  vocabulary: string[],
  idOfByte: ArrayLike<number>,
  { vocabSize, minFrequency = 0 }: { vocabSize: number; minFrequency?: number },
): Merge[] {
  const symbols = Int32Array.from(bytes.subarray(0, starts[size]), (byte) => idOfByte[byte]);
  const ends = starts.slice(1, size + 1);
  const table = new PairTable();
  let totals = new Float64Array(1 << 10); // of each pair
  let places: (number[] | undefined)[] = []; // of each pair that the current round has increased
  let increased: number[] = [];

  const change = (left: number, right: number, count: number, piece: number): void => {
    const pair = table.intern(left, right);
    if (pair === totals.length) totals = doubled(totals, pair + 1);
    totals[pair] += count;
    if (count < 0) return;
    const list = places[pair];
    if (list === undefined) {
      places[pair] = [piece];
      increased.push(pair);
    } else if (list[list.length - 1] !== piece) list.push(piece);
  };
  const queue = new Queue(table);
  const enqueue = (): void => {
    for (const pair of increased) {
      if (totals[pair] > 0) queue.add(pair, totals[pair], places[pair] as number[]);
      places[pair] = undefined;
    }
    increased = [];
  };

  for (let piece = 0; piece < size; piece++)
    for (let i = starts[piece]; i + 1 < ends[piece]; i++)
      change(symbols[i], symbols[i + 1], counts[piece], piece);
  enqueue();
  places = new Array(table.size);

  const ids = new Map(vocabulary.map((entry, id) => [entry, id]));
  const merges: Merge[] = [];
  while (ids.size < vocabSize && queue.size > 0) {
    const entry = queue.pop();
    const pair = queue.pairs[entry];
    if (queue.counts[entry] !== totals[pair]) {
      queue.counts[entry] = totals[pair];
      queue.push(entry);
      continue;
    }
    if (totals[pair] < Math.max(1, minFrequency)) break;
    const [left, right] = [table.left[pair], table.right[pair]];
    const joined = vocabulary[left] + vocabulary[right];
    const id = ids.get(joined) ?? vocabulary.push(joined) - 1; // two pairs may spell the same entry
    ids.set(joined, id);
    merges.push([left, right, id]);
    for (const piece of queue.places[entry] as number[]) {
      const count = counts[piece];
      const start = starts[piece];
      let to = start;
      for (let from = start; from < ends[piece]; from++) {
        if (symbols[from] !== left || from + 1 === ends[piece] || symbols[from + 1] !== right) {
          symbols[to++] = symbols[from];
          continue;
        }
        if (to > start) {
          change(symbols[to - 1], left, -count, piece);
          change(symbols[to - 1], id, count, piece);
        }
        from++;
        if (from + 1 < ends[piece]) {
          change(right, symbols[from + 1], -count, piece);
          change(id, symbols[from + 1], count, piece);
        }
        symbols[to++] = id;
      }
      ends[piece] = to;
    }
    queue.places[entry] = undefined;
    enqueue();
  }
  return merges;
}
