"use strict";
// Typed arrays that grow: the tokenizers' tables and outputs are of a length nobody knows before.
Object.defineProperty(exports, "__esModule", { value: true });
exports.IdList = exports.doubled = void 0;
/**
 * A copy of `array` with room for at least `atLeast` numbers, and at least twice as many as before.
 */
function doubled(array, atLeast) {
    const larger = new array.constructor(Math.max(2 * array.length, atLeast));
    larger.set(array);
    return larger;
}
exports.doubled = doubled;
/** Ids, one behind the other, as many as come. */
class IdList {
    ids;
    length = 0;
    constructor(ids = new Int32Array(1 << 10)) {
        this.ids = ids;
    }
    push(id) {
        if (this.length === this.ids.length)
            this.ids = doubled(this.ids, this.length + 1);
        this.ids[this.length++] = id;
    }
    /** Appends the ids from.ids[start … end − 1] of another list. */
    appendList(from, start, end) {
        const length = this.length + end - start;
        if (length > this.ids.length)
            this.ids = doubled(this.ids, length);
        const source = from.ids;
        const { ids } = this;
        for (let i = start, j = this.length; i < end; i++, j++)
            ids[j] = source[i];
        this.length = length;
    }
    /** The ids so far, as a copy of just their length. */
    take() {
        return this.ids.slice(0, this.length);
    }
}
exports.IdList = IdList;
