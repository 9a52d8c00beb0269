"use strict";
/**
 * Learns a Unigram vocabulary as SentencePiece does (Kudo, 2018, §3.2; sentencepiece's
 * unigram_model_trainer.cc): begin with far too many pieces, then alternate two steps until the
 * vocabulary is small enough.
 *
 * 1. EM, twice: how often is each piece expected in the words, over all their cuts (E)? Its new
 *    probability is its share (M). SentencePiece's M step takes exp(Ψ(count)) for the count, Ψ the
 *    digamma function, about count − ½: that pushes rare pieces towards zero, as the posterior under
 *    a sparse prior would. With `digamma: false` it is the plain share, and the likelihood
 *    of the words never falls.
 * 2. Pruning: a piece's loss is by how much the likelihood falls when its uses are spelt by the next
 *    best cut. The three quarters with the largest losses stay, and every single character.
 *
 * Left out: SentencePiece finds its first pieces with a suffix array over whole sentences; here they
 * are the substrings of the words, with the same score, frequency × length.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.digamma = exports.emStep = exports.trainUnigram = void 0;
const unigramLattice_1 = require("./unigramLattice");
/**
 * @param counts how often each word occurs
 * @returns pieces with log p, the most probable first; every character of the words is one
 * @throws if there are no words, or more characters than `vocabSize`
 */
function trainUnigram(counts, { vocabSize, seedSize = 10 * vocabSize, maxLength = 16, shrink = 0.75, emSteps = 2, digamma = true, onStep, }) {
    const words = [...counts];
    if (words.length === 0)
        throw new Error("trainUnigram: expected some words, got a text without any");
    const characters = new Set(words.flatMap(([word]) => [...word]));
    if (characters.size > vocabSize)
        throw new Error(`trainUnigram: expected vocabSize of ${characters.size} or more, the number of different ` +
            `characters, got ${vocabSize}`);
    const length = words.reduce((sum, [word, count]) => sum + count * [...word].length, 0);
    let scores = seedPieces(words, characters, seedSize, maxLength);
    const enough = Math.max(Math.ceil(1.1 * vocabSize), characters.size);
    for (;;) {
        for (let step = 0; step < emSteps; step++) {
            const { next, logLikelihood } = emStep(words, scores, { digamma, threshold: 0.5 });
            onStep?.(scores.size, logLikelihood / length);
            scores = next;
        }
        if (scores.size <= enough)
            break;
        const smaller = prune(words, scores, Math.max(enough, Math.floor(shrink * scores.size)));
        if (smaller.size >= scores.size)
            break; // nothing to prune
        scores = smaller;
    }
    return mostProbable(scores, characters, vocabSize);
}
exports.trainUnigram = trainUnigram;
/** All characters, and the substrings that occur at least twice, by frequency × length. */
function seedPieces(words, characters, size, maxLength) {
    const counts = new Map();
    for (const [word, count] of words) {
        const letters = [...word];
        for (let from = 0; from < letters.length; from++) {
            let piece = "";
            for (let to = from; to < Math.min(from + maxLength, letters.length); to++) {
                piece += letters[to];
                counts.set(piece, (counts.get(piece) ?? 0) + count);
            }
        }
    }
    const weight = new Map();
    for (const [piece, count] of counts)
        if (count >= 2 || characters.has(piece))
            weight.set(piece, count * [...piece].length);
    const kept = mostProbable(weight, characters, Math.max(size, characters.size));
    const total = [...kept.values()].reduce((a, b) => a + b, 0);
    return new Map([...kept].map(([piece, w]) => [piece, Math.log(w / total)]));
}
/**
 * One step of expectation maximisation.
 *
 * @param options.threshold pieces expected fewer times are dropped (single characters never)
 * @returns the new scores, and log P of all words under the old ones, in nats
 */
function emStep(words, scores, { digamma: sparse = true, threshold = 0 } = {}) {
    const expected = new Map();
    const longest = (0, unigramLattice_1.longestPiece)(scores);
    let logLikelihood = 0;
    for (const [word, count] of words)
        logLikelihood += count * (0, unigramLattice_1.addExpected)(expected, word, count, scores, { longest, unknown: -1e9 });
    const kept = [...expected].filter(([piece, count]) => count > 0 && (count >= threshold || [...piece].length === 1));
    const total = kept.reduce((sum, [, count]) => sum + count, 0);
    const log = sparse ? digamma : Math.log;
    const least = sparse ? 0.5 : 0; // Ψ(x) falls to −∞ much faster than log x
    const scored = kept.map(([piece, count]) => [
        piece,
        log(Math.max(count, least)) - log(total),
    ]);
    return { next: new Map(scored), logLikelihood };
}
exports.emStep = emStep;
/** Keeps `size` pieces: single characters, then those whose loss would cost the most. */
function prune(words, scores, size) {
    const longest = (0, unigramLattice_1.longestPiece)(scores);
    const uses = new Map();
    for (const [word, count] of words)
        for (const piece of (0, unigramLattice_1.viterbi)(word, scores, { longest }).pieces)
            uses.set(piece, (uses.get(piece) ?? 0) + count);
    const total = [...uses.values()].reduce((a, b) => a + b, 0);
    const losses = new Map();
    const characters = new Set();
    for (const piece of scores.keys()) {
        const used = uses.get(piece) ?? 0;
        if ([...piece].length === 1)
            characters.add(piece);
        else if (used > 0) {
            const instead = (0, unigramLattice_1.viterbi)(piece, scores, { longest, without: piece }).pieces;
            // Without the piece there are more tokens, and those of the other cut are used more often.
            const logTotal = Math.log(total + used * (instead.length - 1));
            const other = instead.reduce((sum, p) => sum + Math.log((uses.get(p) ?? 0) + used), 0);
            const fall = Math.log(used / total) - (other - instead.length * logTotal);
            losses.set(piece, (used / total) * fall);
        }
    }
    const room = Math.max(0, size - characters.size);
    const kept = [...losses].sort(([, a], [, b]) => b - a).slice(0, room);
    const stay = new Set([...characters, ...kept.map(([piece]) => piece)]);
    return new Map([...scores].filter(([piece]) => stay.has(piece)));
}
/** The `size` entries with the largest values, among them all characters; the largest first. */
function mostProbable(values, characters, size) {
    const all = [...values];
    all.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    const room = size - characters.size;
    let others = 0;
    return new Map(all.filter(([piece]) => characters.has(piece) || ++others <= room));
}
/**
 * Ψ(x), the derivative of ln Γ(x), for x > 0: the recurrence Ψ(x) = Ψ(x + 1) − 1/x up to x ≥ 7, then
 * the asymptotic series ln x − 1/(2x) − Σ B₂ₖ/(2k x²ᵏ), to about 1e-10.
 */
function digamma(x) {
    let result = 0;
    let y = x;
    for (; y < 7; y++)
        result -= 1 / y;
    const inverse = 1 / (y * y);
    const series = inverse * (1 / 12 - inverse * (1 / 120 - inverse * (1 / 252 - inverse / 240)));
    return result + Math.log(y) - 1 / (2 * y) - series;
}
exports.digamma = digamma;
