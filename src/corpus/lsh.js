"use strict";
// Locality-sensitive hashing of MinHash signatures (Indyk & Motwani, 1998; the bands as in Leskovec,
// Rajaraman & Ullman, "Mining of Massive Datasets", chapter 3). A signature is cut into bands of a
// few rows. Two texts that agree in all rows of at least one band are candidates; only those are
// compared. With similarity J, b bands and r rows that happens with probability
//
//     P(candidate) = 1 − (1 − J^r)^b
//
// an S-shaped curve: nearly 0 for low J, nearly 1 for high J, steep in between.
Object.defineProperty(exports, "__esModule", { value: true });
exports.LshIndex = exports.candidateProbability = exports.BANDS = void 0;
/**
 * The usual cut: 120 numbers, of which P(candidate) is 0.998 at J = 0.8, 0.27 at 0.5, 0.001 at 0.2.
 */
exports.BANDS = { bands: 20, rows: 6 };
/** The probability that two texts of Jaccard similarity `j` are compared. */
const candidateProbability = (j, { bands, rows } = exports.BANDS) => 1 - (1 - j ** rows) ** bands;
exports.candidateProbability = candidateProbability;
/**
 * Signatures by their bands. Everything is in flat arrays outside of JavaScript's heap, about 20
 * bytes per document and band, so that millions of documents fit.
 */
class LshIndex {
    bands;
    rows;
    /** A hash table: the key of a bucket, and its newest entry plus 1 (0: the slot is free). */
    keys = new Uint32Array(1 << 10);
    heads = new Uint32Array(1 << 10);
    buckets = 0;
    /** Entries of all buckets: the document, and the next older entry plus 1. */
    documents = new Uint32Array(1 << 10);
    older = new Uint32Array(1 << 10);
    entries = 0;
    constructor({ bands, rows } = exports.BANDS) {
        if (!Number.isInteger(bands) || !Number.isInteger(rows) || bands < 1 || rows < 1)
            throw new Error(`LshIndex: expected whole bands and rows from 1, got ${bands} and ${rows}`);
        this.bands = bands;
        this.rows = rows;
    }
    /** Adds a document under its number. */
    add(document, signature) {
        for (let band = 0; band < this.bands; band++) {
            if (this.entries === this.documents.length) {
                this.documents = doubled(this.documents);
                this.older = doubled(this.older);
            }
            const slot = this.slotOf(this.keyOf(signature, band));
            this.documents[this.entries] = document;
            this.older[this.entries] = this.heads[slot];
            this.heads[slot] = ++this.entries;
        }
    }
    /** The documents that share a band with the signature, in ascending order. */
    candidates(signature) {
        const found = new Set();
        for (let band = 0; band < this.bands; band++) {
            const slot = this.slotOf(this.keyOf(signature, band), false);
            for (let entry = this.heads[slot]; entry !== 0; entry = this.older[entry - 1])
                found.add(this.documents[entry - 1]);
        }
        return [...found].sort((a, b) => a - b);
    }
    /** A hash of one band. Bands that differ may share it: they are candidates for nothing then. */
    keyOf(signature, band) {
        if (signature.length !== this.bands * this.rows)
            throw new Error(`LshIndex: expected a signature of ${this.bands * this.rows} numbers, got ${signature.length}`);
        let hash = Math.imul(band + 1, 0x9e3779b1);
        for (let row = 0; row < this.rows; row++) {
            hash = Math.imul(hash ^ signature[band * this.rows + row], 0x85ebca6b);
            hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
            hash ^= hash >>> 13;
        }
        return hash >>> 0;
    }
    /** The slot of a key, or the free slot where it would go. */
    slotOf(key, taken = true) {
        if (taken && 2 * (this.buckets + 1) > this.keys.length)
            this.grow();
        const mask = this.keys.length - 1;
        let slot = key & mask;
        while (this.heads[slot] !== 0 && this.keys[slot] !== key)
            slot = (slot + 1) & mask;
        if (taken && this.heads[slot] === 0) {
            this.keys[slot] = key;
            this.buckets++;
        }
        return slot;
    }
    grow() {
        const { keys, heads } = this;
        this.keys = new Uint32Array(2 * keys.length);
        this.heads = new Uint32Array(2 * keys.length);
        this.buckets = 0;
        for (let i = 0; i < keys.length; i++) {
            if (heads[i] === 0)
                continue;
            const slot = this.slotOf(keys[i]);
            this.heads[slot] = heads[i];
        }
    }
}
exports.LshIndex = LshIndex;
function doubled(array) {
    const larger = new Uint32Array(2 * array.length);
    larger.set(array);
    return larger;
}
