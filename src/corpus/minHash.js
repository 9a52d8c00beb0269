"use strict";
// Near duplicates without comparing all pairs (Broder, 1997, "On the resemblance and containment of
// documents"). A text becomes the set of its shingles, the runs of five words in it. Two texts are
// near duplicates if their sets overlap: Jaccard similarity J = |A ∩ B| / |A ∪ B| ≥ 0.8. MinHash
// makes a set of any size a row of a few numbers that still tells J; lsh.ts then finds the rows that
// have to be compared.
//
// The clear way (sets of strings) and the fast one (sorted hashes) stand side by side; a test says
// that they agree.
Object.defineProperty(exports, "__esModule", { value: true });
exports.estimatedJaccard = exports.MinHasher = exports.jaccardOfSorted = exports.shingleHashes = exports.hashOf = exports.jaccard = exports.shingles = exports.SHINGLE = void 0;
const random_1 = require("../random");
const words_1 = require("./words");
/** Words in a shingle, unless told otherwise; texts with fewer words are one shingle. */
exports.SHINGLE = 5;
/**
 * The runs of `size` words of a text, in lower case and without punctuation.
 *
 *     shingles("To be, or not to be", 3)   // {"to be or", "be or not", "or not to", "not to be"}
 */
function shingles(text, size = exports.SHINGLE) {
    const words = (0, words_1.plainWords)(text);
    const found = new Set();
    if (words.length > 0 && words.length < size)
        found.add(words.join(" "));
    for (let i = 0; i + size <= words.length; i++)
        found.add(words.slice(i, i + size).join(" "));
    return found;
}
exports.shingles = shingles;
/** |A ∩ B| / |A ∪ B|: 1 for equal sets, also for two empty ones; 0 for sets with nothing in common. */
function jaccard(a, b) {
    let common = 0;
    for (const one of a)
        if (b.has(one))
            common++;
    const all = a.size + b.size - common;
    return all === 0 ? 1 : common / all;
}
exports.jaccard = jaccard;
/** Spreads the bits of a 32-bit number over all of them (the finaliser of MurmurHash3). */
function mix(z) {
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
}
/** A 32-bit hash of a word (FNV-1a over its UTF-16 units, then mixed). */
function hashOf(word) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < word.length; i++)
        hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
    return mix(hash);
}
exports.hashOf = hashOf;
/**
 * The shingles of a text as 32-bit hashes, sorted, each once. Two different shingles share a hash
 * with probability 2⁻³².
 */
function shingleHashes(text, size = exports.SHINGLE) {
    const words = Uint32Array.from((0, words_1.plainWords)(text), hashOf);
    const count = words.length < size ? Math.min(1, words.length) : words.length - size + 1;
    const hashes = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
        let hash = 0;
        for (let k = i; k < Math.min(i + size, words.length); k++)
            hash = Math.imul(hash ^ words[k], 0x9e3779b1) + k - i;
        hashes[i] = mix(hash);
    }
    hashes.sort();
    let distinct = 0;
    for (let i = 0; i < count; i++)
        if (i === 0 || hashes[i] !== hashes[i - 1])
            hashes[distinct++] = hashes[i];
    return hashes.slice(0, distinct);
}
exports.shingleHashes = shingleHashes;
/** Jaccard similarity of two sorted lists without repetitions. */
function jaccardOfSorted(a, b) {
    let common = 0;
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
        if (a[i] === b[j])
            common++;
        const next = a[i];
        if (next <= b[j])
            i++;
        if (next >= b[j])
            j++;
    }
    const all = a.length + b.length - common;
    return all === 0 ? 1 : common / all;
}
exports.jaccardOfSorted = jaccardOfSorted;
/** Signatures of sets of 32-bit hashes. */
class MinHasher {
    permutations;
    keys;
    /**
     * @param permutations K, how many numbers a signature has
     * @param seed which permutations: signatures of different seeds cannot be compared
     */
    constructor(permutations, seed = 1) {
        this.permutations = permutations;
        if (!Number.isInteger(permutations) || permutations < 1)
            throw new Error(`MinHasher: expected at least one permutation, got ${permutations}`);
        const random = new random_1.Random(seed).fork("MinHash");
        this.keys = Int32Array.from({ length: permutations }, () => random.integer(2 ** 32));
    }
    /**
     * The signature of a set: for each of K random orders of all 32-bit numbers, the first of the
     * set's members in that order,
     *
     *     signature[k] = min over x of π_k(x),    P(signatures of A and B agree at k) = J(A, B)
     *
     * because the first member of A ∪ B in a random order is equally likely to be any of them, and the
     * signatures agree where it belongs to both. π_k turns bits over and mixes them, which maps no two
     * numbers to one.
     *
     * @param hashes of the members; their order does not matter
     * @returns K numbers; all 2³² − 1 for an empty set
     */
    signature(hashes) {
        const signature = new Uint32Array(this.permutations).fill(0xffffffff);
        for (let k = 0; k < signature.length; k++) {
            const key = this.keys[k];
            let least = 0xffffffff;
            for (let i = 0; i < hashes.length; i++) {
                let z = Math.imul(hashes[i] ^ key, 0x21f0aaad);
                z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
                z = (z ^ (z >>> 15)) >>> 0;
                if (z < least)
                    least = z;
            }
            signature[k] = least;
        }
        return signature;
    }
}
exports.MinHasher = MinHasher;
/**
 * J as two signatures tell it: the share of places where they agree. Its standard deviation is
 * √(J (1 − J) / K): 0.04 for J = 0.8 and K = 120.
 */
function estimatedJaccard(a, b) {
    let equal = 0;
    for (let k = 0; k < a.length; k++)
        if (a[k] === b[k])
            equal++;
    return equal / a.length;
}
exports.estimatedJaccard = estimatedJaccard;
