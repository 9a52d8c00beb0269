"use strict";
// Which documents a model learns from, and which it is measured on. Documents that repeat each other
// and parts of one text are a group, and a group is on one side: a model that has learned the
// near copy of a test text by heart would score well for the wrong reason.
Object.defineProperty(exports, "__esModule", { value: true });
exports.sideOf = exports.Groups = void 0;
const minHash_1 = require("./minHash");
/** Groups of documents, joined pair by pair (Tarjan, 1975: union by the smaller root, halved paths). */
class Groups {
    parent;
    /** @param count documents 0 … count − 1, each a group of its own */
    constructor(count) {
        this.parent = Uint32Array.from({ length: count }, (_, i) => i);
    }
    /** The first document of the group that `document` is in. */
    firstOf(document) {
        const { parent } = this;
        while (parent[document] !== document) {
            parent[document] = parent[parent[document]];
            document = parent[document];
        }
        return document;
    }
    /** Makes one group of the groups of two documents. */
    join(a, b) {
        const [one, other] = [this.firstOf(a), this.firstOf(b)];
        this.parent[Math.max(one, other)] = Math.min(one, other);
    }
}
exports.Groups = Groups;
/**
 * The side of a group, by a hash of what identifies it: the choice looks random, and is the same
 * again when documents are added later or the files come in another order.
 *
 * @param key of the group: its first document's digest, in words
 * @param val which share of the groups is held out, from 0 to 1
 */
function sideOf(key, { val, seed }) {
    if (!(val >= 0 && val < 1))
        throw new Error(`sideOf: expected a share of at least 0 and below 1, got ${val}`);
    return (0, minHash_1.hashOf)(`${seed}:${key}`) / 2 ** 32 < val ? "val" : "train";
}
exports.sideOf = sideOf;
