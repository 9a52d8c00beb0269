"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Interpolated = void 0;
// Interpolation: mix the estimate from a long context with that from a shorter one, and so on down
// to 1/V. Long contexts are precise and rarely seen; short ones are vague and well counted.
//   Jelinek and Mercer, 1980, at its simplest: one weight for each length, fitted on text that was
//   not counted.
//   Witten and Bell, 1991: each context its own weight, the smaller the more different tokens
//   followed it, because then a new one is likely.
// Left out: weights that depend on how often a context was seen (Jelinek–Mercer's buckets).
const check_1 = require("./check");
const counts_1 = require("./counts");
const model_1 = require("./model");
/**
 * p_n(b | h) = λ(h) n(hb) / n(h·) + (1 − λ(h)) p_{n−1}(b | h without its first token), and p_0 =
 * 1/V. Where h was never seen, the shorter context alone answers.
 */
class Interpolated {
    counts;
    order;
    weight;
    constructor(counts, order, 
    /** λ by the length of the context, or by the node of the context. */
    weight) {
        this.counts = counts;
        this.order = order;
        this.weight = weight;
    }
    /**
     * Counts a text and uses Witten and Bell's weights, λ(h) = n(h·) / (n(h·) + N₁₊(h·)), where N₁₊ is
     * how many different tokens followed h.
     * @param ids training tokens, at least one
     * @param order n ≥ 1; 1 looks at no context at all
     * @param vocabSize V
     */
    static wittenBell(ids, order, vocabSize) {
        return Interpolated.wittenBellFrom(counted(ids, order, vocabSize, "wittenBell"), order);
    }
    /** Witten–Bell of some order from counts of sequences that are at least as long. */
    static wittenBellFrom(counts, order) {
        const different = counts.differentFollowers();
        return new Interpolated(counts, order, (node) => {
            const total = counts.following(node);
            return total / (total + different[node]);
        });
    }
    /**
     * Counts a text, and fits Jelinek and Mercer's weights, one for each length of context, on another
     * one: by expectation maximisation, which never makes that text less probable.
     * @param ids tokens that are counted, at least one
     * @param heldOut tokens that the weights are fitted on: never those on which the model is scored
     */
    static jelinekMercer(ids, heldOut, order, vocabSize, { rounds = 20 } = {}) {
        const counts = counted(ids, order, vocabSize, "jelinekMercer");
        (0, check_1.checkTokens)(heldOut, vocabSize, 1, "Interpolated.jelinekMercer", "heldOut");
        const weights = new Float64Array(order).fill(0.5);
        for (let round = 0; round < rounds; round++)
            improve(weights, counts, heldOut);
        return Interpolated.from(counts, Array.from(weights));
    }
    /**
     * The mixture with given weights.
     * @param weights λ by the length of the context, 0, 1, … n − 1 tokens: each from 0 to 1
     */
    static from(counts, weights) {
        (0, model_1.checkOrder)(weights.length, "Interpolated.from");
        if (weights.length > counts.order || !weights.every((w) => w >= 0 && w <= 1))
            throw new Error(`Interpolated.from: expected up to ${counts.order} weights from 0 to 1, got ${weights}`);
        return new Interpolated(counts, weights.length, (_, length) => weights[length]);
    }
    get vocabSize() {
        return this.counts.vocabSize;
    }
    probability(ids, id, end = ids.length) {
        const { counts } = this;
        let p = 1 / counts.vocabSize;
        for (let length = 0; length < this.order && length <= end; length++) {
            const context = counts.findEnd(ids, end, length);
            const total = counts.following(context);
            if (total === 0)
                break; // longer ones were not seen either
            const weight = this.weight(context, length);
            p = (weight * counts.of(counts.child(context, id))) / total + (1 - weight) * p;
        }
        return p;
    }
}
exports.Interpolated = Interpolated;
function counted(ids, order, vocabSize, name) {
    (0, model_1.checkOrder)(order, `Interpolated.${name}`);
    (0, check_1.checkTokens)(ids, vocabSize, 1, `Interpolated.${name}`, "ids");
    return new counts_1.Counts(ids, order, vocabSize);
}
/**
 * One round of expectation maximisation, in place. Who predicted this token? The part of its
 * probability that came from contexts of each length is that length's claim to it; a weight becomes
 * the length's share of the claims that reached it or a shorter one.
 */
function improve(weights, counts, ids) {
    const order = weights.length;
    const claims = new Float64Array(order + 1); // by length + 1; 0 is 1/V
    const reached = new Float64Array(order); // what came to a length's decision: its own or shorter
    const parts = new Float64Array(order + 1);
    for (let end = 0; end < ids.length; end++) {
        parts[0] = 1 / counts.vocabSize;
        let seen = 0;
        for (; seen < order && seen <= end; seen++) {
            const context = counts.findEnd(ids, end, seen);
            if (context === counts_1.NONE || counts.following(context) === 0)
                break;
            const estimate = counts.of(counts.child(context, ids[end])) / counts.following(context);
            for (let i = 0; i <= seen; i++)
                parts[i] *= 1 - weights[seen];
            parts[seen + 1] = weights[seen] * estimate;
        }
        let p = 0;
        for (let i = 0; i <= seen; i++)
            p += parts[i];
        let below = 0;
        for (let i = 0; i <= seen; i++) {
            below += parts[i] / p;
            claims[i] += parts[i] / p;
            if (i > 0)
                reached[i - 1] += below;
        }
    }
    for (let length = 0; length < order; length++)
        if (reached[length] > 0)
            weights[length] = claims[length + 1] / reached[length];
}
