"use strict";
// The first of many numbers, again and again: a binary heap over one array of numbers. BPE keeps in
// it which pair comes next.
Object.defineProperty(exports, "__esModule", { value: true });
exports.Heap = void 0;
const growing_1 = require("./growing");
/** A priority queue of numbers; the smallest comes first, unless a subclass orders otherwise. */
class Heap {
    size = 0;
    keys = new Float64Array(64);
    /** Whether a comes before b. */
    before(a, b) {
        return a < b;
    }
    push(key) {
        if (this.size === this.keys.length)
            this.keys = (0, growing_1.doubled)(this.keys, this.size + 1);
        const { keys } = this;
        let at = this.size++;
        while (at > 0) {
            const parent = (at - 1) >> 1;
            if (!this.before(key, keys[parent]))
                break;
            keys[at] = keys[parent];
            at = parent;
        }
        keys[at] = key;
    }
    /** Takes the first key out; size > 0. */
    pop() {
        const { keys } = this;
        const first = keys[0];
        const last = keys[--this.size];
        let at = 0;
        for (let child = 1; child < this.size; child = 2 * at + 1) {
            if (child + 1 < this.size && this.before(keys[child + 1], keys[child]))
                child++;
            if (!this.before(keys[child], last))
                break;
            keys[at] = keys[child];
            at = child;
        }
        keys[at] = last;
        return first;
    }
}
exports.Heap = Heap;
