"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.KneserNey = void 0;
// Interpolated Kneser–Ney smoothing, the strongest of the counting models (Kneser and Ney, Improved
// Backing-off for M-gram Language Modeling, 1995), in the modified form with three discounts (Chen
// and Goodman, An Empirical Study of Smoothing Techniques for Language Modeling, 1999, section 3).
// Two ideas: take a little from every count and give it to the shorter context; and judge a token in
// the shorter context not by how often it occurred but by how many different tokens it followed
// ("Francisco" is frequent, and follows "San" only).
// Left out: pruning, and text that does not fit into memory.
const check_1 = require("./check");
const counts_1 = require("./counts");
const model_1 = require("./model");
/**
 * An n-gram model that gives every token a probability in every context.
 *
 *     p(b | h) = max(c(hb) − D(c(hb)), 0) / c(h·)  +  γ(h) · p(b | h without its first token)
 *     γ(h)     = (D₁ N₁(h·) + D₂ N₂(h·) + D₃ N₃₊(h·)) / c(h·)
 *
 * h is the context, the last n − 1 tokens; c(hb) counts hb, and in all shorter contexts the
 * different tokens before hb; Nᵢ(h·) is the number of tokens with c(hb) = i; D(c) is D₁, D₂ or, from
 * 3 on, D₃, estimated for each length from how many sequences occur once, twice, three and four
 * times. The empty context is mixed with 1/V, so that nothing is impossible. A context that was
 * never seen counts as the next shorter one.
 *
 *     const model = KneserNey.train(ids, 5, tokenizer.vocabSize);
 *     model.crossEntropy(heldOutIds) / Math.LN2;    // bits per token
 */
class KneserNey {
    counts;
    c;
    total;
    gamma;
    discounts;
    constructor(counts, 
    /** By node: c, the count or the number of different tokens before it. */
    c, 
    /** By node: c(h·), the sum of c over its children. */
    total, 
    /** By node: γ(h), what the shorter context gets. */
    gamma, 
    /** By length of the sequence: what is taken from counts of 0, 1, 2 and 3 or more. */
    discounts) {
        this.counts = counts;
        this.c = c;
        this.total = total;
        this.gamma = gamma;
        this.discounts = discounts;
    }
    /**
     * Counts a text.
     * @param ids training tokens, at least one
     * @param order n ≥ 1; 1 looks at no context at all
     * @param vocabSize V
     * @throws if `order` is not a whole number from 1 to 255, or an id is outside 0 … V − 1
     */
    static train(ids, order, vocabSize) {
        (0, model_1.checkOrder)(order, "KneserNey.train");
        (0, check_1.checkTokens)(ids, vocabSize, 1, "KneserNey.train", "ids");
        const counts = new counts_1.Counts(ids, order, vocabSize);
        const c = adjustedCounts(counts);
        const discounts = Array.from({ length: order + 1 }, (_, depth) => discountsOf(counts, c, depth));
        const total = new Float64Array(counts.size);
        const gamma = new Float64Array(counts.size);
        for (let node = 1; node < counts.size; node++) {
            total[counts.parent[node]] += c[node];
            gamma[counts.parent[node]] += discounts[counts.depth[node]][Math.min(c[node], 3)];
        }
        for (let node = 0; node < counts.size; node++) {
            gamma[node] = total[node] > 0 ? gamma[node] / total[node] : 1;
        }
        return new KneserNey(counts, c, total, gamma, discounts);
    }
    /** n: the model looks at n − 1 tokens. */
    get order() {
        return this.counts.order;
    }
    /** V */
    get vocabSize() {
        return this.counts.vocabSize;
    }
    /** How many numbers the model consists of: a count for every sequence that occurred. */
    get size() {
        return this.counts.size - 1;
    }
    /**
     * p(id | context), always above 0.
     * @param ids the tokens before; only the last n − 1 matter, and fewer or none will do
     * @param end how many of them come before; all if absent
     */
    probability(ids, id, end = ids.length) {
        const { counts, c, total, gamma, discounts } = this;
        let p = 1 / counts.vocabSize;
        for (let length = 0; length < counts.order && length <= end; length++) {
            const context = counts.findEnd(ids, end, length);
            if (context === counts_1.NONE || total[context] === 0)
                break; // longer ones were not seen either
            const next = counts.child(context, id);
            const count = next === counts_1.NONE ? 0 : c[next];
            const kept = count - discounts[length + 1][Math.min(count, 3)];
            p = kept / total[context] + gamma[context] * p;
        }
        return p;
    }
    /** The distribution of the next token: V probabilities, summing to 1. */
    probabilities(context) {
        return (0, model_1.distribution)(this, context);
    }
    /** As `crossEntropy` of this room: nats per token. */
    crossEntropy(ids, predicted = {}) {
        return (0, model_1.crossEntropy)(this, ids, predicted);
    }
}
exports.KneserNey = KneserNey;
/**
 * Counts of the longest sequences; of shorter ones, how many different tokens come before them. A
 * sequence with nothing before it, at the very beginning of the text, counts as one that has.
 */
function adjustedCounts(counts) {
    const c = new Float64Array(counts.size);
    const withoutFirst = new Int32Array(counts.size); // the node of the sequence without its first token
    for (let node = 1; node < counts.size; node++) {
        const { parent, token, depth, order } = counts;
        if (depth[node] > 1)
            withoutFirst[node] = counts.child(withoutFirst[parent[node]], token[node]);
        if (depth[node] === order)
            c[node] = counts.of(node);
        if (depth[node] > 1)
            c[withoutFirst[node]]++;
    }
    for (let node = 1; node < counts.size; node++)
        c[node] ||= 1;
    return c;
}
/**
 * D for counts of 0, 1, 2 and 3 or more, for sequences of one length: Y = n₁ / (n₁ + 2 n₂),
 * D₁ = 1 − 2Y n₂/n₁, D₂ = 2 − 3Y n₃/n₂, D₃ = 3 − 4Y n₄/n₃, where nᵢ sequences have the count i
 * (Chen and Goodman, 1999, section 3). Small texts lack some of these counts: there D is half of
 * the count it is taken from.
 */
function discountsOf(counts, c, depth) {
    const n = [0, 0, 0, 0, 0];
    for (let node = 1; node < counts.size; node++)
        if (counts.depth[node] === depth && c[node] <= 4)
            n[c[node]]++;
    const Y = n[1] / (n[1] + 2 * n[2]);
    const estimate = (i) => i - ((i + 1) * Y * n[i + 1]) / n[i];
    const usable = (i) => n[i] > 0 && n[i + 1] > 0 && estimate(i) > 0;
    return [0, ...[1, 2, 3].map((i) => (usable(i) ? estimate(i) : i / 2))];
}
