"use strict";
// Shannon's experiment of 1951 ("Prediction and Entropy of Printed English", Bell System Technical
// Journal 30, pages 50 to 64): let somebody guess the next letter until it is right, count the
// guesses, and two formulas say between which values the entropy of the text must lie. A counting
// model can play as well as a person.
Object.defineProperty(exports, "__esModule", { value: true });
exports.guessingBounds = exports.guessRanks = exports.toShannonText = exports.shannonAlphabet = void 0;
const check_1 = require("./check");
/** Shannon's 27 symbols: 26 letters and the space. */
exports.shannonAlphabet = "abcdefghijklmnopqrstuvwxyz ";
/**
 * A text in Shannon's 27 symbols: lower case, accents dropped, everything that is no letter from a
 * to z a space, and no two spaces together.
 * @example toShannonText("Call me Ishmael. Some years ago—never mind")
 *   // "call me ishmael some years ago never mind"
 */
function toShannonText(text) {
    return text
        .normalize("NFD")
        .replace(/\p{M}/gu, "")
        .toLowerCase()
        .replace(/[^a-z]+/g, " ")
        .trim();
}
exports.toShannonText = toShannonText;
/**
 * At which guess a player who follows the model would be right, for each token of a text: 1 where
 * it is the model's likeliest. Of equally likely tokens the smaller id is guessed first.
 * @returns whole numbers from 1 to V, one for each token that is predicted
 */
function guessRanks(model, ids, { from = 1, every = 1 } = {}) {
    (0, check_1.checkTokens)(ids, model.vocabSize, from + 1, "guessRanks", "ids");
    const ranks = [];
    for (let i = from; i < ids.length; i += every) {
        const right = model.probability(ids, ids[i], i);
        let rank = 1;
        for (let id = 0; id < model.vocabSize; id++) {
            const p = model.probability(ids, id, i);
            if (p > right || (p === right && id < ids[i]))
                rank++;
        }
        ranks.push(rank);
    }
    return ranks;
}
exports.guessRanks = guessRanks;
/**
 * Between which values the entropy lies when the right symbol was the r-th guess in a share q_r of
 * the cases (Shannon, 1951, equation 17):
 *
 *     Σ r (q_r − q_{r+1}) log₂ r   ≤   H   ≤   −Σ q_r log₂ q_r
 *
 * The upper bound holds for every player: the row of guess numbers holds all that the text holds.
 * The lower one assumes that the player guesses in the order of the true probabilities.
 * @param ranks the numbers of guesses, 1 and up
 * @returns bits per symbol
 */
function guessingBounds(ranks) {
    if (ranks.length === 0)
        throw new Error("guessingBounds: expected at least one guess, got none");
    const share = [];
    for (let i = 0; i < ranks.length; i++) {
        const r = ranks[i];
        if (!Number.isInteger(r) || r < 1)
            throw new Error(`guessingBounds: expected numbers of guesses of 1 or more, got ${r}`);
        while (share.length < r)
            share.push(0);
        share[r - 1] += 1 / ranks.length;
    }
    let [lower, upper] = [0, 0];
    share.forEach((q, i) => {
        const r = i + 1;
        lower += r * (q - (share[r] ?? 0)) * Math.log2(r);
        if (q > 0)
            upper -= q * Math.log2(q);
    });
    return { lower, upper };
}
exports.guessingBounds = guessingBounds;
