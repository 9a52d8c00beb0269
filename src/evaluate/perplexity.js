"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.perplexityOf = exports.bitsPerByte = exports.scoreDocuments = exports.stridedWindows = void 0;
/**
 * Windows that predict each of ids[1], …, ids[length − 1] exactly once.
 *
 *     start of window k   k · stride
 *     end                 min(start + T, length − 1)
 *     from                the end of the window before + 1   (1 in the first window)
 *
 * @param length how many ids the text has; with 0 or 1 there is nothing to predict
 * @throws unless T is a whole number from 1 on and the stride from 1 to T
 * @example stridedWindows(6, { blockSize: 3, stride: 2 })
 *   → { start: 0, end: 3, from: 1 }, { start: 2, end: 5, from: 4 }
 */
function stridedWindows(length, { blockSize, stride }) {
    if (!Number.isInteger(blockSize) || blockSize < 1)
        throw new Error(`stridedWindows: expected a blockSize of 1 or more, got ${blockSize}`);
    if (!Number.isInteger(stride) || stride < 1 || stride > blockSize)
        throw new Error(`stridedWindows: expected a stride from 1 to ${blockSize}, got ${stride}`);
    const windows = [];
    const last = length - 1;
    for (let start = 0, done = 0; done < last; start += stride) {
        const end = Math.min(start + blockSize, last);
        windows.push({ start, end, from: done + 1 });
        done = end;
    }
    return windows;
}
exports.stridedWindows = stridedWindows;
const utf8 = new TextEncoder();
/**
 * Scores documents one by one, each from its first token on.
 * @param begin what stands before each document, for the first token needs something before it; it
 *   is not scored
 * @throws if a document is empty, or the tokenizer cannot write it
 */
function scoreDocuments(scorer, tokenizer, documents, { begin = "\n" } = {}) {
    const prefix = tokenizer.encode(begin).slice(-1);
    return documents.map((text, i) => {
        const ids = tokenizer.encode(text);
        if (ids.length === 0)
            throw new Error(`scoreDocuments: expected documents with text, got nothing in number ${i}`);
        let nats = 0;
        for (const logProb of scorer([...prefix, ...ids]))
            nats -= logProb;
        return { nats, tokens: ids.length, bytes: utf8.encode(text).length };
    });
}
exports.scoreDocuments = scoreDocuments;
/** A sum of scores. */
const total = (scores, key) => scores.reduce((sum, score) => sum + score[key], 0);
/** Bits per byte of all documents together: Σ nats / (ln 2 · Σ bytes). */
function bitsPerByte(scores) {
    if (scores.length === 0)
        throw new Error("bitsPerByte: expected at least one document, got none");
    return total(scores, "nats") / Math.LN2 / total(scores, "bytes");
}
exports.bitsPerByte = bitsPerByte;
/** Perplexity per token of all documents together: e^(Σ nats / Σ tokens). */
function perplexityOf(scores) {
    if (scores.length === 0)
        throw new Error("perplexityOf: expected at least one document, got none");
    return Math.exp(total(scores, "nats") / total(scores, "tokens"));
}
exports.perplexityOf = perplexityOf;
