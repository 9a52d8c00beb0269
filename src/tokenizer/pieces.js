"use strict";
// A set of pieces of text, each with a number: what a Map<string, number> would hold, without
// making a string for every piece that is looked up. Most of a text is the same few thousand words,
// so an encoder that remembers their ids mostly does nothing but look up, and this look-up is most
// of its time. Open addressing; the pieces' UTF-16 units lie one behind the other.
Object.defineProperty(exports, "__esModule", { value: true });
exports.PieceTable = void 0;
const growing_1 = require("./growing");
/** Pieces by number: 0, 1, 2 … in the order in which they were first seen. */
class PieceTable {
    size = 0;
    slots = new Int32Array(1 << 12).fill(-1);
    hashes = new Int32Array(1 << 11);
    starts = new Int32Array(1 << 11); // starts[n] … starts[n + 1] are the units of piece n
    units = new Uint16Array(1 << 14);
    /**
     * The number of text[start … end − 1]. It is new if it equals what `size` was before the call.
     */
    intern(text, start, end) {
        let hash = end - start;
        for (let i = start; i < end; i++)
            hash = Math.imul(hash ^ text.charCodeAt(i), 0x5bd1e995);
        hash ^= hash >>> 15;
        const { hashes, slots } = this;
        const mask = slots.length - 1;
        let slot = hash & mask;
        for (let number = slots[slot]; number !== -1; number = slots[slot]) {
            if (hashes[number] === hash && this.equals(number, text, start, end))
                return number;
            slot = (slot + 1) & mask;
        }
        return this.add(hash, slot, text, start, end);
    }
    /** Forgets everything. */
    clear() {
        this.size = 0;
        this.slots.fill(-1);
    }
    equals(number, text, start, end) {
        const from = this.starts[number];
        if (this.starts[number + 1] - from !== end - start)
            return false;
        const { units } = this;
        for (let i = start, j = from; i < end; i++, j++)
            if (units[j] !== text.charCodeAt(i))
                return false;
        return true;
    }
    add(hash, slot, text, start, end) {
        const number = this.size++;
        if (number + 2 > this.starts.length) {
            this.starts = (0, growing_1.doubled)(this.starts, number + 2);
            this.hashes = (0, growing_1.doubled)(this.hashes, number + 2);
        }
        const from = this.starts[number];
        const to = from + end - start;
        if (to > this.units.length)
            this.units = (0, growing_1.doubled)(this.units, to);
        for (let i = start, j = from; i < end; i++, j++)
            this.units[j] = text.charCodeAt(i);
        this.starts[number + 1] = to;
        this.hashes[number] = hash;
        this.slots[slot] = number;
        if (2 * this.size > this.slots.length)
            this.rehash();
        return number;
    }
    rehash() {
        const mask = 4 * this.slots.length - 1;
        this.slots = new Int32Array(mask + 1).fill(-1);
        for (let number = 0; number < this.size; number++) {
            let slot = this.hashes[number] & mask;
            while (this.slots[slot] !== -1)
                slot = (slot + 1) & mask;
            this.slots[slot] = number;
        }
    }
}
exports.PieceTable = PieceTable;
