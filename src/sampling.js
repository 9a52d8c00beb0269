"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.checkSampling = exports.sampleFromLogits = void 0;
/**
 * Draws one token id.
 *
 * p(i) = exp(zᵢ / temperature) / Σ exp(zⱼ / temperature) over the topK largest z; tokens that tie
 * with the k-th are kept too, as in nanoGPT. Temperature 0 takes the largest z, the first of
 * equals.
 * @param logits z, V numbers; −∞ forbids a token
 * @returns an id from 0 to V − 1
 * @throws if a logit is NaN or +∞, or all are −∞
 */
function sampleFromLogits(logits, { temperature = 1, topK, rng }) {
    checkSampling("sampleFromLogits", { temperature, topK });
    let best = -1;
    for (let i = 0; i < logits.length; i++) {
        if (!(logits[i] < Infinity)) {
            throw new Error(`sampleFromLogits: expected numbers below infinity, got ${logits[i]} for token ${i}`);
        }
        if (logits[i] > (best < 0 ? -Infinity : logits[best]))
            best = i;
    }
    if (best < 0)
        throw new Error(`sampleFromLogits: expected one possible token, got none of ${logits.length}`);
    if (temperature === 0)
        return best;
    const least = topK && topK < logits.length ? Array.from(logits).sort((a, b) => b - a)[topK - 1] : -Infinity;
    const largest = logits[best]; // subtracted so that exp cannot overflow
    const p = Array.from(logits, (z) => (z < least ? 0 : Math.exp((z - largest) / temperature)));
    return rng.categorical(p);
}
exports.sampleFromLogits = sampleFromLogits;
/** @throws where an option makes no sense; `caller` begins the message */
function checkSampling(caller, { temperature = 1, topK }) {
    if (!(temperature >= 0 && temperature < Infinity)) {
        throw new Error(`${caller}: expected a temperature of 0 or more, got ${temperature}`);
    }
    if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1)) {
        throw new Error(`${caller}: expected topK of 1 or more, got ${topK}`);
    }
}
exports.checkSampling = checkSampling;
