"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.rougeL = exports.rougeN = exports.rougeTokens = void 0;
// ROUGE (Lin, ROUGE: A Package for Automatic Evaluation of Summaries, 2004): how much of a reference
// summary a candidate has, as the Python package rouge-score computes it: rouge1, rouge2 (words and
// pairs of words) and rougeL (the longest common subsequence). Only a–z and digits count as words, so
// it is of no use for Chinese or Greek. With `stemmer`, words of more than three letters are stemmed
// by Porter's algorithm as published; rouge-score uses NLTK's version of it, which has exceptions for
// a few words, such as dying. Left out: rougeLsum, several references.
const corpus_1 = require("../corpus");
const bleu_1 = require("./bleu");
/** The words of a text as rouge-score counts them. */
function rougeTokens(text, { stemmer = false } = {}) {
    const words = text
        .toLowerCase()
        .split(/[^a-z0-9]+/)
        .filter((word) => word !== "");
    return stemmer ? words.map((word) => (word.length > 3 ? (0, corpus_1.porterStem)(word) : word)) : words;
}
exports.rougeTokens = rougeTokens;
function scoreOf(matched, candidate, reference) {
    const precision = candidate === 0 ? 0 : matched / candidate;
    const recall = reference === 0 ? 0 : matched / reference;
    const sum = precision + recall;
    return { precision, recall, f1: sum === 0 ? 0 : (2 * precision * recall) / sum };
}
/**
 * ROUGE-N: n-grams that both have, of the candidate's (precision) and of the reference's (recall).
 * @param n 1 or more
 */
function rougeN(candidate, reference, n, options = {}) {
    if (!Number.isInteger(n) || n < 1)
        throw new Error(`rougeN: expected n to be a whole number from 1 on, got ${n}`);
    const [own, right] = [candidate, reference].map((t) => (0, bleu_1.ngramCounts)(rougeTokens(t, options), n));
    let matched = 0;
    for (const [ngram, count] of own)
        matched += Math.min(count, right.get(ngram) ?? 0);
    const sum = (counts) => [...counts.values()].reduce((a, b) => a + b, 0);
    return scoreOf(matched, sum(own), sum(right));
}
exports.rougeN = rougeN;
/** ROUGE-L: the longest series of words that both have in this order, with gaps allowed. */
function rougeL(candidate, reference, options = {}) {
    const [own, right] = [candidate, reference].map((text) => rougeTokens(text, options));
    let row = new Int32Array(right.length + 1); // longest so far, by words of the reference
    for (const word of own) {
        const next = new Int32Array(right.length + 1);
        for (let j = 1; j <= right.length; j++)
            next[j] = word === right[j - 1] ? row[j - 1] + 1 : Math.max(row[j], next[j - 1]);
        row = next;
    }
    return scoreOf(row[right.length], own.length, right.length);
}
exports.rougeL = rougeL;
