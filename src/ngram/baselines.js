"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.ngramBaselines = void 0;
// The three lines drawn under every loss curve of the course: what a model has to beat to have learnt
// anything. Stronger counting models are beside this file.
const additive_1 = require("./additive");
const check_1 = require("./check");
const counts_1 = require("./counts");
const model_1 = require("./model");
/**
 * The loss of three counting models, fitted on `trainIds` and measured on `valIds`, in nats per
 * token.
 *
 *     uniform    ln V
 *     unigram    p(b) = (n(b) + 1) / (N + V)
 *     bigram     p(b|a) = (n(ab) + 1) / (n(a·) + V)
 *
 * n(b) is the count of b, n(ab) of the pair, n(a·) of pairs that begin with a; N is the number of
 * training tokens, V the size of the vocabulary. Adding one (add-one smoothing) keeps every pair of
 * the validation text possible. Both means run over valIds[1], valIds[2], …: the tokens that a GPT
 * predicts too.
 *
 * @param trainIds at least one token id
 * @param valIds at least two token ids
 * @param vocabSize V
 * @throws if there are too few ids or one is outside 0 … V − 1
 */
function ngramBaselines(trainIds, valIds, vocabSize) {
    (0, check_1.checkTokens)(trainIds, vocabSize, 1, "ngramBaselines", "trainIds");
    (0, check_1.checkTokens)(valIds, vocabSize, 2, "ngramBaselines", "valIds");
    const counts = new counts_1.Counts(trainIds, 2, vocabSize);
    const loss = (order) => (0, model_1.crossEntropy)(additive_1.Additive.from(counts, order), valIds);
    return { uniform: Math.log(vocabSize), unigram: loss(1), bigram: loss(2) };
}
exports.ngramBaselines = ngramBaselines;
