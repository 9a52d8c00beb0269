"use strict";
// Learning merges fast, as Hugging Face's `tokenizers` does (models/bpe/trainer.rs), and with the
// same result: every distinct piece is held once with its count, pair counts are updated where a
// merge changes them instead of counted anew, and a heap with outdated entries gives the next pair.
// The cost is near-linear in the text; bpeClear.ts has the same algorithm on one screen.
Object.defineProperty(exports, "__esModule", { value: true });
exports.trainMerges = exports.PieceCounter = void 0;
const bytes_1 = require("./bytes");
const growing_1 = require("./growing");
const heap_1 = require("./heap");
const pairs_1 = require("./pairs");
const patterns_1 = require("./patterns");
const pieces_1 = require("./pieces");
/** Counts the distinct pieces of texts. */
class PieceCounter {
    /** counts[n]: how often piece n occurs. */
    counts = new Float64Array(1 << 11);
    /**
     * The pieces' bytes, one behind the other: piece n is bytes[starts[n]] … bytes[starts[n + 1] −
     * 1].
     */
    bytes = new Uint8Array(1 << 14);
    starts = new Int32Array(1 << 11);
    pieces = new pieces_1.PieceTable();
    splitter;
    constructor(pattern) {
        this.splitter = new patterns_1.Splitter(pattern);
    }
    /** How many distinct pieces there are. */
    get size() {
        return this.pieces.size;
    }
    /** Counts the pieces of a text; no piece reaches from one text into the next. */
    add(text) {
        this.splitter.start(text);
        for (let at = 0; at < text.length;) {
            const end = this.splitter.next(at);
            const number = this.pieces.intern(text, at, end);
            if (this.starts.length === number + 1)
                this.starts = (0, growing_1.doubled)(this.starts, number + 2);
            if (this.counts.length === number)
                this.counts = (0, growing_1.doubled)(this.counts, number + 1);
            if (this.counts[number]++ === 0) {
                const start = this.starts[number];
                const room = start + 3 * (end - at);
                if (room > this.bytes.length)
                    this.bytes = (0, growing_1.doubled)(this.bytes, room);
                const length = (0, bytes_1.writeUtf8)(text, at, end, this.bytes.subarray(start));
                this.starts[number + 1] = start + length;
            }
            at = end;
        }
    }
}
exports.PieceCounter = PieceCounter;
/**
 * The pairs that wait to be merged: most frequent first, then smaller left, then smaller right id.
 */
class Queue extends heap_1.Heap {
    table;
    counts = new Float64Array(1 << 10); // of each entry; it may be outdated
    pairs = new Int32Array(1 << 10); // the pair's number, of each entry
    places = []; // in which pieces
    constructor(table) {
        super();
        this.table = table;
    }
    add(pair, count, places) {
        const entry = this.places.push(places) - 1;
        if (entry === this.counts.length) {
            this.counts = (0, growing_1.doubled)(this.counts, entry + 1);
            this.pairs = (0, growing_1.doubled)(this.pairs, entry + 1);
        }
        this.counts[entry] = count;
        this.pairs[entry] = pair;
        this.push(entry);
    }
    before(a, b) {
        const difference = this.counts[a] - this.counts[b];
        if (difference !== 0)
            return difference > 0;
        const [p, q] = [this.pairs[a], this.pairs[b]];
        const { left, right } = this.table;
        return left[p] !== left[q] ? left[p] < left[q] : right[p] < right[q];
    }
}
/**
 * Learns merges from counted pieces until the vocabulary has `vocabSize` entries or no pair is
 * left.
 *
 * @param vocabulary the entries so far, as bytesAsText; the new ones are appended
 * @param idOfByte the id of each byte
 * @param minFrequency pairs that occur less often are not merged
 */
function trainMerges({ size, counts, bytes, starts }, vocabulary, idOfByte, { vocabSize, minFrequency = 0 }) {
    const symbols = Int32Array.from(bytes.subarray(0, starts[size]), (byte) => idOfByte[byte]);
    const ends = starts.slice(1, size + 1);
    const table = new pairs_1.PairTable();
    let totals = new Float64Array(1 << 10); // of each pair
    let places = []; // of each pair that the current round has increased
    let increased = [];
    const change = (left, right, count, piece) => {
        const pair = table.intern(left, right);
        if (pair === totals.length)
            totals = (0, growing_1.doubled)(totals, pair + 1);
        totals[pair] += count;
        if (count < 0)
            return;
        const list = places[pair];
        if (list === undefined) {
            places[pair] = [piece];
            increased.push(pair);
        }
        else if (list[list.length - 1] !== piece)
            list.push(piece);
    };
    const queue = new Queue(table);
    const enqueue = () => {
        for (const pair of increased) {
            if (totals[pair] > 0)
                queue.add(pair, totals[pair], places[pair]);
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
    const merges = [];
    while (ids.size < vocabSize && queue.size > 0) {
        const entry = queue.pop();
        const pair = queue.pairs[entry];
        if (queue.counts[entry] !== totals[pair]) {
            queue.counts[entry] = totals[pair];
            queue.push(entry);
            continue;
        }
        if (totals[pair] < Math.max(1, minFrequency))
            break;
        const [left, right] = [table.left[pair], table.right[pair]];
        const joined = vocabulary[left] + vocabulary[right];
        const id = ids.get(joined) ?? vocabulary.push(joined) - 1; // two pairs may spell the same entry
        ids.set(joined, id);
        merges.push([left, right, id]);
        for (const piece of queue.places[entry]) {
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
exports.trainMerges = trainMerges;
