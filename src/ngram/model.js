"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.checkOrder = exports.crossEntropy = exports.distribution = void 0;
// What every counting model can be asked, and how well one predicts a text.
const check_1 = require("./check");
/** The distribution of the next token: V probabilities, summing to 1. */
function distribution(model, context) {
    return Float64Array.from({ length: model.vocabSize }, (_, id) => model.probability(context, id));
}
exports.distribution = distribution;
/**
 * The mean of −ln p(ids[i] | ids before it), in nats per token. Infinity where the model holds a
 * token that occurs for impossible.
 * @throws if nothing is left to predict, or an id is outside the vocabulary
 */
function crossEntropy(model, ids, { from = 1, every = 1 } = {}) {
    (0, check_1.checkTokens)(ids, model.vocabSize, from + 1, "crossEntropy", "ids");
    let sum = 0;
    let n = 0;
    for (let i = from; i < ids.length; i += every) {
        sum -= Math.log(model.probability(ids, ids[i], i));
        n++;
    }
    return sum / n;
}
exports.crossEntropy = crossEntropy;
/** @throws if `order` is not a whole number from 1 to 255, the depth that Counts can hold */
function checkOrder(order, caller) {
    if (!Number.isInteger(order) || order < 1 || order > 255)
        throw new Error(`${caller}: expected an order from 1 (no context) to 255 (254 tokens before), got ${order}`);
}
exports.checkOrder = checkOrder;
