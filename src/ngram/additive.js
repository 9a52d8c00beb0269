"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Additive = void 0;
// Additive smoothing, the oldest remedy for what was never counted (Laplace's rule of succession
// for α = 1; Lidstone, 1920, for others): pretend that every token has followed every context α
// more times than it did. It is simple, and poor: where a context was seen a few times and V is
// large, nearly all probability goes to tokens that never followed it.
const check_1 = require("./check");
const counts_1 = require("./counts");
const model_1 = require("./model");
/**
 * p(b | h) = (n(hb) + α) / (n(h·) + α V), where h is the last n − 1 tokens, or as many as there
 * are. A context that was never seen gives 1/V to every token.
 */
class Additive {
    counts;
    order;
    alpha;
    constructor(counts, order, 
    /** α */
    alpha) {
        this.counts = counts;
        this.order = order;
        this.alpha = alpha;
    }
    /**
     * Counts a text.
     * @param ids training tokens, at least one
     * @param order n ≥ 1; 1 looks at no context at all
     * @param vocabSize V
     * @param alpha α ≥ 0; with 0 nothing is smoothed, and what was never seen is impossible
     */
    static train(ids, order, vocabSize, alpha = 1) {
        (0, model_1.checkOrder)(order, "Additive.train");
        (0, check_1.checkTokens)(ids, vocabSize, 1, "Additive.train", "ids");
        return Additive.from(new counts_1.Counts(ids, order, vocabSize), order, alpha);
    }
    /** The model of some order from counts of sequences that are at least as long. */
    static from(counts, order, alpha = 1) {
        (0, model_1.checkOrder)(order, "Additive.from");
        if (order > counts.order)
            throw new Error(`Additive.from: expected an order up to ${counts.order}, got ${order}`);
        if (!(alpha >= 0 && alpha < Infinity))
            throw new Error(`Additive: expected an alpha of 0 or more, got ${alpha}`);
        return new Additive(counts, order, alpha);
    }
    get vocabSize() {
        return this.counts.vocabSize;
    }
    probability(ids, id, end = ids.length) {
        const { counts, alpha, vocabSize: V } = this;
        const context = counts.findEnd(ids, end, Math.min(this.order - 1, end));
        const total = counts.following(context) + alpha * V;
        return total === 0 ? 1 / V : (counts.of(counts.child(context, id)) + alpha) / total;
    }
}
exports.Additive = Additive;
