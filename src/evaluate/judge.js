"use strict";
// A model as judge of two answers (Zheng et al., Judging LLM-as-a-Judge with MT-Bench and Chatbot
// Arena, 2023): asked which is better, in both orders, because many judges prefer a place. From the
// verdicts, `bradleyTerry` makes one strength for each contestant (Bradley and Terry, Rank Analysis
// of Incomplete Block Designs, 1952), by the iteration of Hunter (MM Algorithms for Generalized
// Bradley–Terry Models, 2004).
// Left out: ties, and judges that give marks.
Object.defineProperty(exports, "__esModule", { value: true });
exports.judgePrompt = exports.placeBias = exports.bradleyTerry = exports.winsOf = void 0;
/** wins[i][j]: how often i was preferred to j. */
function winsOf(verdicts, contestants) {
    const wins = Array.from({ length: contestants }, () => Array(contestants).fill(0));
    for (const { first, second, firstWon } of verdicts) {
        if (![first, second].every((i) => Number.isInteger(i) && i >= 0 && i < contestants))
            throw new Error(`winsOf: expected contestants from 0 to ${contestants - 1}, got ${first} and ${second}`);
        wins[firstWon ? first : second][firstWon ? second : first]++;
    }
    return wins;
}
exports.winsOf = winsOf;
/**
 * Strengths under which p(i is preferred to j) = sᵢ / (sᵢ + sⱼ) explains the wins best.
 *
 *     sᵢ ← Wᵢ / Σⱼ nᵢⱼ / (sᵢ + sⱼ)      Wᵢ all wins of i, nᵢⱼ comparisons of i and j
 *
 * All strengths are updated at once, from 1, and divided by their geometric mean after each round. A
 * contestant without a win has the strength 0, and is left out of that mean.
 *
 * @param wins as `winsOf` gives them; the diagonal is not looked at
 * @returns one strength for each contestant
 * @throws if the table is not square, or nobody has won
 */
function bradleyTerry(wins, { rounds = 200 } = {}) {
    const n = wins.length;
    if (n === 0 || wins.some((row) => row.length !== n))
        throw new Error(`bradleyTerry: expected a square table, got rows of ${wins.map((r) => r.length)}`);
    const others = (i) => wins.map((_, j) => j).filter((j) => j !== i);
    const won = wins.map((row, i) => others(i).reduce((sum, j) => sum + row[j], 0));
    if (!won.some((w) => w > 0))
        throw new Error("bradleyTerry: expected some wins, got none");
    let s = Array(n).fill(1);
    for (let round = 0; round < rounds; round++) {
        s = s.map((own, i) => {
            if (won[i] === 0)
                return 0;
            return (won[i] / others(i).reduce((sum, j) => sum + (wins[i][j] + wins[j][i]) / (own + s[j]), 0));
        });
        const positive = s.filter((x) => x > 0);
        const scale = Math.exp(positive.reduce((sum, x) => sum + Math.log(x), 0) / positive.length);
        s = s.map((x) => x / scale);
    }
    return s;
}
exports.bradleyTerry = bradleyTerry;
/**
 * Position bias, from pairs that were asked in both orders.
 * @param pairs two verdicts each: the second with the places exchanged
 * @throws if there are none, or the places of a pair are not exchanged
 */
function placeBias(pairs) {
    if (pairs.length === 0)
        throw new Error("placeBias: expected at least one pair, got none");
    let [first, consistent] = [0, 0];
    for (const [one, other] of pairs) {
        if (one.first !== other.second || one.second !== other.first)
            throw new Error("placeBias: expected each pair in both orders, got the same order twice");
        first += Number(one.firstWon) + Number(other.firstWon);
        if (one.firstWon !== other.firstWon)
            consistent++;
    }
    return { first: first / (2 * pairs.length), consistent: consistent / pairs.length };
}
exports.placeBias = placeBias;
/** What a judge is asked. */
const judgePrompt = (question, first, second) => `Question: ${question}\n\nAnswer A: ${first}\n\nAnswer B: ${second}\n\n` +
    "Which answer is better? Reply with one letter, A or B.";
exports.judgePrompt = judgePrompt;
