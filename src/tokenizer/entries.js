"use strict";
// From ids back to what a vocabulary has for them, for all tokenizers that keep a list.
Object.defineProperty(exports, "__esModule", { value: true });
exports.entriesOf = void 0;
/**
 * The entries of `ids`, in their order.
 * @param caller the class, for the message
 * @throws if an id is not an integer in 0 … vocabulary.length − 1
 */
function entriesOf(ids, vocabulary, caller) {
    return Array.from(ids, (id) => {
        const entry = vocabulary[id];
        if (entry !== undefined)
            return entry;
        throw new Error(`${caller}.decode: expected ids from 0 to ${vocabulary.length - 1}, got ${id}`);
    });
}
exports.entriesOf = entriesOf;
