"use strict";
// How often every sequence of up to n tokens occurs in a text, as a tree: the root is the empty
// sequence, and a node's child for token b is the node's sequence followed by b. All children are in
// one hash table of typed arrays, keyed by node and token, because a tree of Maps takes ten times
// the memory (a book of a million characters has two million different sequences of up to six).
Object.defineProperty(exports, "__esModule", { value: true });
exports.Counts = exports.ROOT = exports.NONE = void 0;
/** The node of sequences that never occurred. */
exports.NONE = -1;
/** The node of the empty sequence. */
exports.ROOT = 0;
class Counts {
    order;
    vocabSize;
    /** How many nodes there are; children always come after their parents. */
    size = 1;
    /** By node: the sequence without its last token, and that token. */
    parent = new Int32Array(1024);
    token = new Int32Array(1024);
    /** By node: how many tokens its sequence has. */
    depth = new Uint8Array(1024);
    count = new Float64Array(1024);
    follow = new Float64Array(1024);
    /** Open addressing with linear probing: keys are parent · V + token + 1, and 0 is free. */
    keys = new Float64Array(4096);
    nodes = new Int32Array(4096);
    /**
     * @param ids the text, ids from 0 to V − 1
     * @param order n, the length of the longest sequences that are counted
     * @param vocabSize V
     */
    constructor(ids, order, vocabSize) {
        this.order = order;
        this.vocabSize = vocabSize;
        for (let start = 0; start < ids.length; start++) {
            let node = exports.ROOT;
            for (let i = start; i < start + order && i < ids.length; i++) {
                this.follow[node]++;
                node = this.childOrNew(node, ids[i]);
                this.count[node]++;
            }
        }
    }
    /** The node of `node`'s sequence followed by `id`, or NONE. */
    child(node, id) {
        if (node === exports.NONE)
            return exports.NONE;
        const key = node * this.vocabSize + id + 1;
        const slot = this.slot(key);
        return this.keys[slot] === key ? this.nodes[slot] : exports.NONE;
    }
    /** The node of a sequence, or NONE. */
    find(sequence) {
        let node = exports.ROOT;
        for (let i = 0; i < sequence.length; i++)
            node = this.child(node, sequence[i]);
        return node;
    }
    /** The node of the `length` tokens that come before place `end` of `ids`, or NONE. */
    findEnd(ids, end, length) {
        let node = exports.ROOT;
        for (let i = end - length; i < end; i++)
            node = this.child(node, ids[i]);
        return node;
    }
    /** By node: how many different tokens follow its sequence. */
    differentFollowers() {
        const different = new Int32Array(this.size);
        for (let node = 1; node < this.size; node++)
            different[this.parent[node]]++;
        return different;
    }
    /** How often the node's sequence occurs; 0 for NONE. */
    of(node) {
        return node === exports.NONE ? 0 : this.count[node];
    }
    /** How often something follows the node's sequence: the sum of its children; 0 for NONE. */
    following(node) {
        return node === exports.NONE ? 0 : this.follow[node];
    }
    childOrNew(node, id) {
        const key = node * this.vocabSize + id + 1;
        let slot = this.slot(key);
        if (this.keys[slot] === key)
            return this.nodes[slot];
        if (2 * this.size > this.keys.length) {
            this.growTable();
            slot = this.slot(key);
        }
        if (this.size === this.parent.length)
            this.growNodes();
        const child = this.size++;
        this.parent[child] = node;
        this.token[child] = id;
        this.depth[child] = this.depth[node] + 1;
        this.keys[slot] = key;
        this.nodes[slot] = child;
        return child;
    }
    /** Where `key` is, or would go. */
    slot(key) {
        const { keys } = this;
        const mask = keys.length - 1;
        // The two halves of the key, each multiplied by an odd constant near 2³² / golden ratio.
        let hash = Math.imul(key >>> 0, 0x9e3779b1) ^ Math.imul((key / 2 ** 32) | 0, 0x85ebca6b);
        hash ^= hash >>> 15;
        let slot = hash & mask;
        while (keys[slot] !== 0 && keys[slot] !== key)
            slot = (slot + 1) & mask;
        return slot;
    }
    growTable() {
        const { keys, nodes } = this;
        this.keys = new Float64Array(2 * keys.length);
        this.nodes = new Int32Array(2 * keys.length);
        for (let i = 0; i < keys.length; i++) {
            if (keys[i] === 0)
                continue;
            const slot = this.slot(keys[i]);
            this.keys[slot] = keys[i];
            this.nodes[slot] = nodes[i];
        }
    }
    growNodes() {
        const longer = (old) => {
            const grown = new old.constructor(2 * old.length);
            grown.set(old);
            return grown;
        };
        this.parent = longer(this.parent);
        this.token = longer(this.token);
        this.depth = longer(this.depth);
        this.count = longer(this.count);
        this.follow = longer(this.follow);
    }
}
exports.Counts = Counts;
