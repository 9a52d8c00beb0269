"use strict";
// Byte-pair encoding on one screen, as in Karpathy's minbpe: the algorithm that bpe.ts computes
// fast, and the specification that it is tested against. Learning starts from bytes and again and
// again gives the most frequent pair of neighbours a token of its own; encoding replays those
// merges, the earliest first. (Sennrich et al., 2016; on bytes: Radford et al., 2019.)
//
// The text is in pieces (patterns.ts), and no merge crosses from one to the next. Of equally
// frequent pairs the one with the smaller ids wins, as in Hugging Face's `tokenizers`. Left out:
// special tokens, and every kind of speed: learning is O(merges × text).
Object.defineProperty(exports, "__esModule", { value: true });
exports.applyMerges = exports.learnMerges = exports.mergePair = exports.pairCounts = void 0;
/**
 * How often each pair of neighbours occurs, in order of first occurrence; keys are "left,right".
 */
function pairCounts(ids, counts = new Map()) {
    for (let i = 0; i + 1 < ids.length; i++) {
        const pair = `${ids[i]},${ids[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    return counts;
}
exports.pairCounts = pairCounts;
/** `ids` with every occurrence of the pair replaced by `id`, from left to right. */
function mergePair(ids, [left, right], id) {
    const merged = [];
    for (let i = 0; i < ids.length; i++) {
        const found = ids[i] === left && ids[i + 1] === right;
        merged.push(found ? id : ids[i]);
        if (found)
            i++;
    }
    return merged;
}
exports.mergePair = mergePair;
/**
 * Learns merges from pieces of ids.
 *
 * @param pieces the text, cut; ids are 0 … firstId − 1
 * @returns the pairs in the order of learning: merges[k] makes token firstId + k; fewer than
 *   `count` where no pair is left
 */
function learnMerges(pieces, count, firstId = 256) {
    const merges = [];
    while (merges.length < count) {
        const counts = new Map();
        for (const piece of pieces)
            pairCounts(piece, counts);
        if (counts.size === 0)
            break;
        const [best] = [...counts]
            .map(([pair, n]) => [...pair.split(",").map(Number), n])
            .sort(([a1, b1, n1], [a2, b2, n2]) => n2 - n1 || a1 - a2 || b1 - b2);
        const pair = [best[0], best[1]];
        const id = firstId + merges.push(pair) - 1;
        pieces = pieces.map((piece) => mergePair(piece, pair, id));
    }
    return merges;
}
exports.learnMerges = learnMerges;
/** The tokens of one piece: of the pairs in it, always the one that was learned first is merged. */
function applyMerges(piece, merges, firstId = 256) {
    const rank = new Map(merges.map(([left, right], k) => [`${left},${right}`, k]));
    for (let ids = piece;;) {
        const ranks = [...pairCounts(ids).keys()].map((pair) => rank.get(pair) ?? Infinity);
        const first = Math.min(...ranks);
        if (first === Infinity)
            return ids;
        ids = mergePair(ids, merges[first], firstId + first);
    }
}
exports.applyMerges = applyMerges;
