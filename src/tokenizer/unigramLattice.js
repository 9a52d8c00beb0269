"use strict";
/**
 * A word and all ways to cut it into pieces of a vocabulary, as the Unigram model sees them (Kudo,
 * "Subword Regularization", 2018, §3.2). The pieces of one cut are independent, so the probability
 * of a cut is the product of its pieces' probabilities, and that of a word the sum over its cuts:
 *
 *     log P(x₁ … xₘ) = Σᵢ log p(xᵢ)          P(word) = Σ over cuts of P(cut)
 *
 * A word of n characters has up to 2ⁿ⁻¹ cuts. Both questions about them, which cut is best (Viterbi,
 * 1967) and how often each piece is expected (forward–backward), are answered by going through the
 * n + 1 places between characters once or twice.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.addExpected = exports.viterbi = exports.unknownScore = exports.longestPiece = exports.UNKNOWN_PENALTY = void 0;
/** What an unknown character costs more than the least probable piece, in nats, as SentencePiece. */
exports.UNKNOWN_PENALTY = 10;
/** The longest piece, in characters: nothing longer need be looked up. */
function longestPiece(scores) {
    let longest = 1;
    for (const piece of scores.keys())
        longest = Math.max(longest, [...piece].length);
    return longest;
}
exports.longestPiece = longestPiece;
/** Every piece of the vocabulary inside a word, by where it begins; characters always have one. */
function edgesOf(characters, scores, options) {
    const { longest = longestPiece(scores), unknown = unknownScore(scores), without } = options;
    const edges = [];
    for (let from = 0; from < characters.length; from++) {
        let piece = "";
        for (let to = from + 1; to <= Math.min(from + longest, characters.length); to++) {
            piece += characters[to - 1];
            const score = piece === without ? undefined : scores.get(piece);
            if (score !== undefined)
                edges.push({ from, to, piece, score });
            else if (to === from + 1)
                edges.push({ from, to, piece, score: unknown });
        }
    }
    return edges;
}
function unknownScore(scores) {
    let least = 0;
    for (const score of scores.values())
        least = Math.min(least, score);
    return least - exports.UNKNOWN_PENALTY;
}
exports.unknownScore = unknownScore;
/**
 * The most probable cut: best(t) = max over pieces that end at t of best(where it begins) + log p.
 * Of two equally probable ones, the one whose last piece is longer.
 *
 * @returns the pieces and the sum of their scores
 * @example viterbi("abc", new Map([["ab", -1], ["c", -1], ["a", -1], ["bc", -1.5]])).pieces
 *   // ["ab", "c"]: −2 beats a|bc with −2.5
 */
function viterbi(word, scores, options = {}) {
    const characters = [...word];
    const best = [{ score: 0 }];
    for (const edge of edgesOf(characters, scores, options)) {
        const score = best[edge.from].score + edge.score;
        if (best[edge.to] === undefined || score > best[edge.to].score)
            best[edge.to] = { score, edge };
    }
    const pieces = [];
    for (let at = characters.length; at > 0; at = best[at].edge.from)
        pieces.push(best[at].edge.piece);
    return { pieces: pieces.reverse(), score: best[characters.length].score };
}
exports.viterbi = viterbi;
/**
 * Adds to `expected` how often each piece is used in a word on average over all its cuts, each
 * weighted by its probability: count · α(from) · p(piece) · β(to) / P(word), where α and β sum the
 * cuts of what stands before and after.
 *
 * @returns log P(word), in nats
 */
function addExpected(expected, word, count, scores, options = {}) {
    const characters = [...word];
    const edges = edgesOf(characters, scores, options);
    const places = characters.length + 1;
    const forward = new Float64Array(places).fill(Number.NEGATIVE_INFINITY);
    const backward = new Float64Array(places).fill(Number.NEGATIVE_INFINITY);
    forward[0] = backward[places - 1] = 0;
    for (const { from, to, score } of edges)
        forward[to] = logAdd(forward[to], forward[from] + score);
    for (const { from, to, score } of edges.toReversed())
        backward[from] = logAdd(backward[from], backward[to] + score);
    const whole = forward[places - 1];
    for (const { from, to, piece, score } of edges) {
        const share = Math.exp(forward[from] + score + backward[to] - whole);
        if (scores.has(piece))
            expected.set(piece, (expected.get(piece) ?? 0) + count * share);
    }
    return whole;
}
exports.addExpected = addExpected;
/** log(eᵃ + eᵇ) without overflow. */
function logAdd(a, b) {
    const [small, large] = a < b ? [a, b] : [b, a];
    return small === Number.NEGATIVE_INFINITY ? large : large + Math.log1p(Math.exp(small - large));
}
