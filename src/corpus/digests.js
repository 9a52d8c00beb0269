"use strict";
// Exact duplicates: a set of 128-bit digests in flat arrays, 32 bytes per text. (A Set of strings
// would take several times that, within JavaScript's limited heap.)
Object.defineProperty(exports, "__esModule", { value: true });
exports.DigestMap = exports.digestOf = void 0;
const node_crypto_1 = require("node:crypto");
/** The first 128 bits of a text's SHA-256, as four numbers. Two texts never share it in practice. */
function digestOf(text) {
    const hash = (0, node_crypto_1.createHash)("sha256").update(text).digest();
    return Uint32Array.from([0, 4, 8, 12], (at) => hash.readUInt32LE(at));
}
exports.digestOf = digestOf;
/** Digests with the number of the text that had each first. */
class DigestMap {
    words = new Uint32Array(4 << 10);
    /** The number plus 1; 0 where the slot is free. */
    numbers = new Uint32Array(1 << 10);
    size = 0;
    /** The number of a digest, or undefined. */
    get(digest) {
        const found = this.numbers[this.slotOf(digest)];
        return found === 0 ? undefined : found - 1;
    }
    /** Adds a digest, unless it is there. */
    add(digest, number) {
        if (2 * (this.size + 1) > this.numbers.length)
            this.grow();
        const slot = this.slotOf(digest);
        if (this.numbers[slot] !== 0)
            return;
        this.words.set(digest, 4 * slot);
        this.numbers[slot] = number + 1;
        this.size++;
    }
    slotOf(digest) {
        const { words, numbers } = this;
        const mask = numbers.length - 1;
        for (let slot = digest[0] & mask;; slot = (slot + 1) & mask) {
            if (numbers[slot] === 0)
                return slot;
            let word = 0;
            while (word < 4 && words[4 * slot + word] === digest[word])
                word++;
            if (word === 4)
                return slot;
        }
    }
    grow() {
        const { words, numbers } = this;
        this.words = new Uint32Array(2 * words.length);
        this.numbers = new Uint32Array(2 * numbers.length);
        this.size = 0;
        for (let i = 0; i < numbers.length; i++)
            if (numbers[i] !== 0)
                this.add(words.subarray(4 * i, 4 * i + 4), numbers[i] - 1);
    }
}
exports.DigestMap = DigestMap;
