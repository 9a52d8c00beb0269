"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.scoreOptions = exports.indexOfLargest = exports.choiceProbabilities = exports.softmax = void 0;
const scoreOf = {
    sum: ({ logProb }) => logProb,
    perByte: ({ logProb, bytes }) => logProb / bytes,
    gain: ({ logProb, alone }) => logProb - alone,
};
/** The softmax of numbers: e^xᵢ / Σ e^xⱼ. */
function softmax(x) {
    const values = Array.from(x);
    const largest = Math.max(...values);
    const exps = values.map((value) => Math.exp(value - largest));
    const sum = exps.reduce((a, b) => a + b, 0);
    return exps.map((e) => e / sum);
}
exports.softmax = softmax;
/**
 * The probability of each option, where one of them has to be chosen: the softmax of their scores.
 * @throws if there is no option
 */
function choiceProbabilities(options, rule = "perByte") {
    if (options.length === 0)
        throw new Error("choiceProbabilities: expected at least one option, got none");
    return softmax(options.map(scoreOf[rule]));
}
exports.choiceProbabilities = choiceProbabilities;
/** The number of the largest value; the first of equal ones. */
const indexOfLargest = (x) => x.indexOf(Math.max(...x));
exports.indexOfLargest = indexOfLargest;
/**
 * Asks a model about the options of a question.
 * @param context what stands before an option, such as "Question: …\nAnswer:"
 * @param neutral what stands before it where the question is left out
 */
function scoreOptions(scorer, tokenizer, context, options, { neutral = "Answer:" } = {}) {
    const after = (before, option) => {
        const ids = tokenizer.encode(before);
        const own = tokenizer.encode(` ${option}`);
        const logProbs = scorer([...ids, ...own]);
        return logProbs.slice(-own.length).reduce((sum, p) => sum + p, 0);
    };
    return options.map((option) => ({
        logProb: after(context, option),
        alone: after(neutral, option),
        bytes: new TextEncoder().encode(option).length,
    }));
}
exports.scoreOptions = scoreOptions;
