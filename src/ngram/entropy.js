"use strict";
// Entropy, and the units in which language models are compared (Shannon, A Mathematical Theory of
// Communication, 1948, section 6). Losses of this course are natural logarithms, in nats; figures
// about text are in bits, because a bit is one question that is answered by yes or no.
Object.defineProperty(exports, "__esModule", { value: true });
exports.bitsPerCharacter = exports.perplexity = exports.nats = exports.bits = exports.entropy = void 0;
/**
 * The uncertainty of a distribution: H(p) = −Σ p log₂ p, where 0 log 0 counts as 0.
 * @param p probabilities that sum to 1 (counts will do: they are divided by their sum)
 * @returns bits
 * @throws if a number is negative, or all are 0
 */
function entropy(p) {
    let total = 0;
    for (let i = 0; i < p.length; i++) {
        if (!(p[i] >= 0 && p[i] < Infinity))
            throw new Error(`entropy: expected probabilities or counts of 0 or more, got ${p[i]}`);
        total += p[i];
    }
    if (!(total > 0))
        throw new Error("entropy: expected a probability above 0, got none");
    let bits = 0;
    for (let i = 0; i < p.length; i++)
        if (p[i] > 0)
            bits -= (p[i] / total) * Math.log2(p[i] / total);
    return bits;
}
exports.entropy = entropy;
/** Bits of so many nats: nats / ln 2. */
const bits = (nats) => nats / Math.LN2;
exports.bits = bits;
/** Nats of so many bits: bits · ln 2. */
const nats = (bits) => bits * Math.LN2;
exports.nats = nats;
/**
 * Perplexity, e^loss: from how many equally likely tokens the model would have to choose to be as
 * uncertain.
 * @param loss cross-entropy in nats per token
 */
const perplexity = (loss) => Math.exp(loss);
exports.perplexity = perplexity;
/**
 * A loss in bits per character, in which models with different tokens can be compared: bits per
 * token · tokens per character. With bytes for characters it is bits per byte.
 * @param loss cross-entropy in nats per token
 * @param count how many tokens the text has, and how many characters
 */
function bitsPerCharacter(loss, { tokens, characters }) {
    if (!(tokens > 0 && characters > 0))
        throw new Error(`bitsPerCharacter: expected a text, got ${tokens} tokens and ${characters} characters`);
    return ((0, exports.bits)(loss) * tokens) / characters;
}
exports.bitsPerCharacter = bitsPerCharacter;
