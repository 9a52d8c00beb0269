"use strict";
// The tokens of a byte-level tokenizer as bytes, found by their bytes: one array of all bytes and a
// hash table over it. The hash is a polynomial, so that the hash of two tokens one behind the other
// comes from their own hashes in one step: hash(ab) = hash(a) · BASE^|b| + hash(b), mod 2³².
Object.defineProperty(exports, "__esModule", { value: true });
exports.Vocabulary = void 0;
const BASE = 0x01000193;
/** The bytes of each id. */
class Vocabulary {
    size;
    /** Length of the longest token in bytes. */
    longest;
    bytes;
    starts;
    hashes;
    powers;
    slots;
    /**
     * @param tokens the bytes of each id; null where an id has none or is a special token, which no
     *   bytes in a text become
     */
    constructor(tokens) {
        this.size = tokens.length;
        this.starts = new Int32Array(tokens.length + 1);
        this.hashes = new Int32Array(tokens.length);
        let total = 0;
        let longest = 0;
        for (let id = 0; id < tokens.length; id++) {
            const length = tokens[id]?.length ?? 0;
            total += length;
            longest = Math.max(longest, length);
            this.starts[id + 1] = total;
        }
        this.longest = longest;
        this.powers = new Int32Array(longest + 1).fill(1);
        for (let n = 1; n <= longest; n++)
            this.powers[n] = Math.imul(this.powers[n - 1], BASE);
        this.bytes = new Uint8Array(total);
        let slots = 1 << 10;
        while (slots < 3 * tokens.length)
            slots *= 2;
        this.slots = new Int32Array(slots).fill(-1);
        for (let id = 0; id < tokens.length; id++) {
            const token = tokens[id];
            if (token === null || token.length === 0)
                continue;
            this.bytes.set(token, this.starts[id]);
            this.hashes[id] = hashOf(token, 0, token.length);
            let slot = slotOf(this.hashes[id]) & (slots - 1);
            while (this.slots[slot] !== -1)
                slot = (slot + 1) & (slots - 1);
            this.slots[slot] = id;
        }
    }
    /** The bytes of a token; empty where the id has none. */
    token(id) {
        return this.bytes.subarray(this.starts[id], this.starts[id + 1]);
    }
    /** The id of bytes[0 … length − 1], or −1. */
    find(bytes, length) {
        if (length > this.longest)
            return -1;
        const hash = hashOf(bytes, 0, length);
        const mask = this.slots.length - 1;
        for (let slot = slotOf(hash) & mask;; slot = (slot + 1) & mask) {
            const id = this.slots[slot];
            if (id === -1)
                return -1;
            if (this.hashes[id] === hash &&
                this.lengthOf(id) === length &&
                this.equals(id, 0, bytes, 0, length))
                return id;
        }
    }
    /** The id of the bytes of `left` followed by those of `right`, or −1. */
    findPair(left, right) {
        const [l, r] = [this.lengthOf(left), this.lengthOf(right)];
        if (l + r > this.longest)
            return -1;
        const hash = (Math.imul(this.hashes[left], this.powers[r]) + this.hashes[right]) | 0;
        const mask = this.slots.length - 1;
        const { bytes, starts } = this;
        for (let slot = slotOf(hash) & mask;; slot = (slot + 1) & mask) {
            const id = this.slots[slot];
            if (id === -1)
                return -1;
            if (this.hashes[id] === hash &&
                this.lengthOf(id) === l + r &&
                this.equals(id, 0, bytes, starts[left], l) &&
                this.equals(id, l, bytes, starts[right], r))
                return id;
        }
    }
    lengthOf(id) {
        return this.starts[id + 1] - this.starts[id];
    }
    equals(id, from, bytes, start, n) {
        const own = this.starts[id] + from;
        for (let i = 0; i < n; i++)
            if (this.bytes[own + i] !== bytes[start + i])
                return false;
        return true;
    }
}
exports.Vocabulary = Vocabulary;
function hashOf(bytes, start, end) {
    let hash = 0;
    for (let i = start; i < end; i++)
        hash = (Math.imul(hash, BASE) + bytes[i] + 1) | 0;
    return hash;
}
/** Spreads a polynomial hash, whose low bits know only the last bytes, over the slots. */
function slotOf(hash) {
    const mixed = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
    return mixed ^ (mixed >>> 16);
}
