"use strict";
// A set of pairs of ids, each with a number: what a Map<string, number> with keys "left,right"
// would hold, without making a string for each. Open addressing.
Object.defineProperty(exports, "__esModule", { value: true });
exports.PairTable = void 0;
const growing_1 = require("./growing");
/** Pairs by number: 0, 1, 2 … in the order in which they were added. */
class PairTable {
    size = 0;
    left = new Int32Array(1 << 9);
    right = new Int32Array(1 << 9);
    slots = new Int32Array(1 << 10).fill(-1);
    /** The number of a pair, or −1. */
    find(left, right) {
        const mask = this.slots.length - 1;
        for (let slot = hashOf(left, right) & mask;; slot = (slot + 1) & mask) {
            const number = this.slots[slot];
            if (number === -1 || (this.left[number] === left && this.right[number] === right))
                return number;
        }
    }
    /** The number of a pair. It is new if it equals what `size` was before the call. */
    intern(left, right) {
        const found = this.find(left, right);
        if (found !== -1)
            return found;
        const number = this.size++;
        if (number === this.left.length) {
            this.left = (0, growing_1.doubled)(this.left, this.size);
            this.right = (0, growing_1.doubled)(this.right, this.size);
        }
        this.left[number] = left;
        this.right[number] = right;
        if (2 * this.size > this.slots.length) {
            this.slots = new Int32Array(4 * this.slots.length).fill(-1);
            for (let n = 0; n < number; n++)
                this.place(n);
        }
        this.place(number);
        return number;
    }
    place(number) {
        const mask = this.slots.length - 1;
        let slot = hashOf(this.left[number], this.right[number]) & mask;
        while (this.slots[slot] !== -1)
            slot = (slot + 1) & mask;
        this.slots[slot] = number;
    }
}
exports.PairTable = PairTable;
function hashOf(left, right) {
    const hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    return hash ^ (hash >>> 15);
}
