"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.NGram = void 0;
const check_1 = require("./check");
const counts_1 = require("./counts");
/**
 * An n-gram model: the next token's probability from the counts of what followed the last n − 1
 * tokens.
 *
 * p(b | context) = n(context b) / Σ n(context ·), with the longest end of the context that was seen
 * (back-off without discount, as in Brants et al., 2007, but each step a true distribution).
 *
 *     const model = NGram.train(tokenizer.encode("abcabd"), 3, 4);
 *     model.probabilities(tokenizer.encode("ab"));    // [0, 0, 0.5, 0.5]: c once, d once
 */
class NGram {
    order;
    vocabSize;
    counts;
    constructor(
    /** n: the model looks at n − 1 tokens. */
    order, vocabSize, counts) {
        this.order = order;
        this.vocabSize = vocabSize;
        this.counts = counts;
    }
    /**
     * Counts all sequences of up to `order` tokens.
     * @param ids training tokens, at least one
     * @param order n ≥ 1; 1 looks at no context at all
     * @param vocabSize V
     * @throws if `order` is not a positive integer, or an id is outside 0 … V − 1
     */
    static train(ids, order, vocabSize) {
        if (!Number.isInteger(order) || order < 1) {
            throw new Error(`NGram.train: expected an order of 1 or more (1 = unigram, 2 = bigram), got ${order}`);
        }
        (0, check_1.checkTokens)(ids, vocabSize, 1, "NGram.train", "ids");
        return new NGram(order, vocabSize, new counts_1.Counts(ids, order, vocabSize));
    }
    /**
     * The end of `context` that the model predicts from: its longest seen one, at most order − 1
     * tokens.
     */
    seenContext(context) {
        const end = [];
        for (let i = Math.max(0, context.length - (this.order - 1)); i < context.length; i++)
            end.push(context[i]);
        while (end.length > 0 && !this.counts.following(this.counts.find(end)))
            end.shift();
        return end;
    }
    /**
     * The distribution of the next token.
     * @param context the tokens before it; only the last order − 1 matter, and fewer or none will do
     * @returns V probabilities, summing to 1; 0 for what never followed
     */
    probabilities(context) {
        const { counts } = this;
        const node = counts.find(this.seenContext(context));
        const total = counts.following(node);
        return Float64Array.from({ length: this.vocabSize }, (_, id) => counts.of(counts.child(node, id)) / total);
    }
    /**
     * Continues `context` by `n` tokens, each drawn from `probabilities` of what stands before it.
     * @returns the context followed by the n new tokens
     */
    sample(context, n, rng) {
        const ids = Array.from(context);
        for (let i = 0; i < n; i++)
            ids.push(rng.categorical(this.probabilities(ids)));
        return ids;
    }
}
exports.NGram = NGram;
