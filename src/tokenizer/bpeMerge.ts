// Replaying the merges on one piece in O(n log n): neighbours are linked, and a heap knows the pair
// that was learned first. It makes the same tokens as `applyMerges` in bpeClear.ts, which looks for
// that pair anew every time and is quadratic: a text without a single space is one piece.

import { doubled, type IdList } from "./growing";
import { Heap } from "./heap";
import { PairTable } from "./pairs";
import type { Vocabulary } from "./vocabulary";

/** Which neighbours are merged, and in which order. */
export interface Merges {
  /** The rank of a pair, smaller is earlier; −1 where it is not merged. */
  rank(left: number, right: number): number;
  /** The id that the pair of this rank becomes. */
  idOf(rank: number): number;
}

/** Merges as a list, as Hugging Face's files have them: the rank is the place in the list. */
export class MergeList implements Merges {
  private readonly table = new PairTable();
  private readonly ids: Int32Array;

  constructor(merges: readonly (readonly [left: number, right: number, id: number])[]) {
    this.ids = new Int32Array(merges.length);
    for (const [left, right, id] of merges) {
      const { size } = this.table;
      const rank = this.table.intern(left, right);
      if (rank === size) this.ids[rank] = id;
    }
  }

  rank(left: number, right: number): number {
    return this.table.find(left, right);
  }

  idOf(rank: number): number {
    return this.ids[rank];
  }
}

/**
 * Merges as OpenAI's files have them: any two neighbours whose bytes together are a token are
 * merged, and the rank is the id of that token.
 */
export class MergesById implements Merges {
  constructor(private readonly vocabulary: Vocabulary) {}

  rank(left: number, right: number): number {
    return this.vocabulary.findPair(left, right);
  }

  idOf(rank: number): number {
    return rank;
  }
}

const PLACES = 2 ** 31; // a key is rank × PLACES + place: below 2⁵³ for 2²² ranks

const UNKNOWN = -2; // not looked up yet

/** Merges pieces, one at a time; it keeps its arrays from one to the next. */
export class Merger {
  private ids = new Int32Array(64);
  private next = new Int32Array(64);
  private previous = new Int32Array(64);
  private ranks = new Int32Array(64); // of the pair that begins here
  private readonly heap = new Heap();
  /** Ranks of pairs of bytes, first × 256 + second: half of all that is looked up. */
  private readonly byteRanks = new Int32Array(1 << 16).fill(UNKNOWN);

  /**
   * @param merges which pairs
   * @param idOfByte the id of each byte, 256
   */
  constructor(
    private readonly merges: Merges,
    private readonly idOfByte: Int32Array,
  ) {}

  /**
   * Appends the ids of bytes[0 … length − 1] to `out`.
   * @returns false, with nothing appended, where a byte has no id
   */
  merge(bytes: Uint8Array, length: number, out: IdList): boolean {
    this.room(length);
    const { ids, next, previous, ranks, heap, merges } = this;
    for (let i = 0; i < length; i++) {
      ids[i] = this.idOfByte[bytes[i]];
      if (ids[i] < 0) return false;
      next[i] = i + 1;
      previous[i] = i - 1;
    }
    for (let i = 0; i + 1 < length; i++) {
      const pair = (bytes[i] << 8) | bytes[i + 1];
      let rank = this.byteRanks[pair];
      if (rank === UNKNOWN) {
        rank = merges.rank(ids[i], ids[i + 1]);
        this.byteRanks[pair] = rank;
      }
      ranks[i] = rank;
      if (rank !== -1) heap.push(rank * PLACES + i);
    }
    ranks[length - 1] = -1;
    while (heap.size > 0) {
      const key = heap.pop();
      const rank = Math.floor(key / PLACES);
      const at = key - rank * PLACES;
      if (ranks[at] !== rank) continue; // merged away, or another pair by now
      const gone = next[at];
      ids[at] = merges.idOf(rank);
      next[at] = next[gone];
      ranks[gone] = -1;
      if (next[at] < length) previous[next[at]] = at;
      this.look(at, length);
      if (previous[at] >= 0) this.look(previous[at], length);
    }
    for (let i = 0; i < length; i = next[i]) out.push(ids[i]);
    return true;
  }

  /** Notes the pair that begins at `at`. */
  private look(at: number, length: number): void {
    const right = this.next[at];
    const rank = right < length ? this.merges.rank(this.ids[at], this.ids[right]) : -1;
    this.ranks[at] = rank;
    if (rank !== -1) this.heap.push(rank * PLACES + at);
  }

  private room(length: number): void {
    if (length <= this.ids.length) return;
    this.ids = doubled(this.ids, length);
    this.next = doubled(this.next, length);
    this.previous = doubled(this.previous, length);
    this.ranks = doubled(this.ranks, length);
  }
}
