"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.embedding = void 0;
// Looking up rows of a table: the vector of each token. The gradient adds up what each row was used
// for (UnsortedSegmentSum).
//
//     y[…] = table[ids[…]]
const engine_1 = require("../engine");
const define_1 = require("./define");
function clear(table, ids) {
    return engine_1.tf.gather(table, ids);
}
/**
 * Row ids[…] of the table for each id: a vector of C numbers per token.
 * @param table (V, C), one row per token of the vocabulary
 * @param ids (…) int32, from 0 to V − 1
 * @returns (…, C)
 * @throws Error when an id is out of range (engines would return zeros, another row or rubbish)
 */
exports.embedding = (0, define_1.op)({
    name: "embedding",
    shapes: "table (V, C), ids (…) below V",
    clear,
});
