"use strict";
// Whether a test text stands in the training text. Near duplicates are found by MinHash; a test
// question within a long page is not, because the two sets hardly overlap. So GPT-3's authors looked
// for long runs of words that both sides have: 13 (Brown et al., 2020, appendix C).
Object.defineProperty(exports, "__esModule", { value: true });
exports.SeenRuns = void 0;
const minHash_1 = require("./minHash");
const words_1 = require("./words");
/** The runs of words of texts that a model has seen. */
class SeenRuns {
    n;
    seen = new Set();
    /** @param n words in a run; default 13, as for GPT-3 */
    constructor(n = 13) {
        this.n = n;
        if (!Number.isInteger(n) || n < 1)
            throw new Error(`SeenRuns: expected runs of at least one word, got ${n}`);
    }
    /** Notes the runs of a training text. */
    add(text) {
        for (const run of this.runs(text))
            this.seen.add(run);
    }
    /**
     * Which share of the words of a test text stand in a run that was seen. 0: nothing is known to have
     * leaked; 1: all of it has. A text with fewer than `n` words counts as a single run.
     */
    share(text) {
        const words = (0, words_1.plainWords)(text).length;
        if (words === 0)
            return 0;
        let covered = 0;
        let until = 0; // words before this one are counted
        let at = 0;
        for (const run of this.runs(text)) {
            if (this.seen.has(run)) {
                const end = Math.min(words, at + this.n);
                covered += end - Math.max(at, until);
                until = end;
            }
            at++;
        }
        return covered / words;
    }
    *runs(text) {
        const words = (0, words_1.plainWords)(text);
        for (let i = 0; i === 0 || i + this.n <= words.length; i++)
            yield longHash(words.slice(i, i + this.n).join(" "));
    }
}
exports.SeenRuns = SeenRuns;
/** 53 bits: of a billion runs, one in ten million meets the hash of another. */
const longHash = (text) => (0, minHash_1.hashOf)(text) * 0x200000 + ((0, minHash_1.hashOf)(`${text}.`) >>> 11);
