"use strict";
// Replaying the merges on one piece in O(n log n): neighbours are linked, and a heap knows the pair
// that was learned first. It makes the same tokens as `applyMerges` in bpeClear.ts, which looks for
// that pair anew every time and is quadratic: a text without a single space is one piece.
Object.defineProperty(exports, "__esModule", { value: true });
exports.Merger = exports.MergesById = exports.MergeList = void 0;
const growing_1 = require("./growing");
const heap_1 = require("./heap");
const pairs_1 = require("./pairs");
/** Merges as a list, as Hugging Face's files have them: the rank is the place in the list. */
class MergeList {
    table = new pairs_1.PairTable();
    ids;
    constructor(merges) {
        this.ids = new Int32Array(merges.length);
        for (const [left, right, id] of merges) {
            const { size } = this.table;
            const rank = this.table.intern(left, right);
            if (rank === size)
                this.ids[rank] = id;
        }
    }
    rank(left, right) {
        return this.table.find(left, right);
    }
    idOf(rank) {
        return this.ids[rank];
    }
}
exports.MergeList = MergeList;
/**
 * Merges as OpenAI's files have them: any two neighbours whose bytes together are a token are
 * merged, and the rank is the id of that token.
 */
class MergesById {
    vocabulary;
    constructor(vocabulary) {
        this.vocabulary = vocabulary;
    }
    rank(left, right) {
        return this.vocabulary.findPair(left, right);
    }
    idOf(rank) {
        return rank;
    }
}
exports.MergesById = MergesById;
const PLACES = 2 ** 31; // a key is rank × PLACES + place: below 2⁵³ for 2²² ranks
const UNKNOWN = -2; // not looked up yet
/** Merges pieces, one at a time; it keeps its arrays from one to the next. */
class Merger {
    merges;
    idOfByte;
    ids = new Int32Array(64);
    next = new Int32Array(64);
    previous = new Int32Array(64);
    ranks = new Int32Array(64); // of the pair that begins here
    heap = new heap_1.Heap();
    /** Ranks of pairs of bytes, first × 256 + second: half of all that is looked up. */
    byteRanks = new Int32Array(1 << 16).fill(UNKNOWN);
    /**
     * @param merges which pairs
     * @param idOfByte the id of each byte, 256
     */
    constructor(merges, idOfByte) {
        this.merges = merges;
        this.idOfByte = idOfByte;
    }
    /**
     * Appends the ids of bytes[0 … length − 1] to `out`.
     * @returns false, with nothing appended, where a byte has no id
     */
    merge(bytes, length, out) {
        this.room(length);
        const { ids, next, previous, ranks, heap, merges } = this;
        for (let i = 0; i < length; i++) {
            ids[i] = this.idOfByte[bytes[i]];
            if (ids[i] < 0)
                return false;
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
            if (rank !== -1)
                heap.push(rank * PLACES + i);
        }
        ranks[length - 1] = -1;
        while (heap.size > 0) {
            const key = heap.pop();
            const rank = Math.floor(key / PLACES);
            const at = key - rank * PLACES;
            if (ranks[at] !== rank)
                continue; // merged away, or another pair by now
            const gone = next[at];
            ids[at] = merges.idOf(rank);
            next[at] = next[gone];
            ranks[gone] = -1;
            if (next[at] < length)
                previous[next[at]] = at;
            this.look(at, length);
            if (previous[at] >= 0)
                this.look(previous[at], length);
        }
        for (let i = 0; i < length; i = next[i])
            out.push(ids[i]);
        return true;
    }
    /** Notes the pair that begins at `at`. */
    look(at, length) {
        const right = this.next[at];
        const rank = right < length ? this.merges.rank(this.ids[at], this.ids[right]) : -1;
        this.ranks[at] = rank;
        if (rank !== -1)
            this.heap.push(rank * PLACES + at);
    }
    room(length) {
        if (length <= this.ids.length)
            return;
        this.ids = (0, growing_1.doubled)(this.ids, length);
        this.next = (0, growing_1.doubled)(this.next, length);
        this.previous = (0, growing_1.doubled)(this.previous, length);
        this.ranks = (0, growing_1.doubled)(this.ranks, length);
    }
}
exports.Merger = Merger;
