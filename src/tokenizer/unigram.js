"use strict";
/**
 * Unigram, the tokenizer of SentencePiece's default model, of T5 and of ALBERT (Kudo, 2018): a
 * vocabulary in which every piece has a probability, and a text is cut in the most probable way.
 *
 * The text is treated as SentencePiece treats it: NFKC, control characters removed, runs of spaces
 * made one, each space written as ▁, which begins the word after it; one ▁ is put before the first
 * word. Cuts never cross the beginning of a word. Characters outside the vocabulary become <unk>,
 * several in a row one <unk>. Left out: byte fallback, and drawing a cut at random instead of taking
 * the best one, which is Kudo's subword regularisation.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.UnigramTokenizer = exports.unigramWords = void 0;
const entries_1 = require("./entries");
const unigramLattice_1 = require("./unigramLattice");
const unigramTrain_1 = require("./unigramTrain");
const words_1 = require("./words");
/** ▁, U+2581: how SentencePiece writes a space. */
const SPACE = "▁";
/**
 * The words of a text as Unigram sees them, each with ▁ in front.
 * @example unigramWords("a  fine day")  // ["▁a", "▁fine", "▁day"]
 */
function unigramWords(text) {
    const spaced = text
        // biome-ignore lint/suspicious/noControlCharactersInRegex: SentencePiece removes these
        .replace(/[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]/g, "")
        .replace(/[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g, " ")
        .normalize("NFKC")
        .replace(/ {2,}/g, " ")
        .replaceAll(" ", SPACE);
    if (spaced === "")
        return [];
    return (spaced.startsWith(SPACE) ? spaced : SPACE + spaced).match(/▁[^▁]*/gu) ?? [];
}
exports.unigramWords = unigramWords;
/** Text to ids and back by the most probable cut of every word. */
class UnigramTokenizer {
    vocabulary;
    unknown;
    vocabSize;
    ids = new Map();
    scores = new Map();
    words = new Map(); // ids of words seen before
    options;
    constructor(
    /** [piece, log p in nats] in the order of ids. */
    vocabulary, 
    /** The id of <unk>. */
    unknown) {
        this.vocabulary = vocabulary;
        this.unknown = unknown;
        this.vocabSize = vocabulary.length;
        vocabulary.forEach(([piece, score], id) => {
            this.ids.set(piece, id);
            if (id !== unknown)
                this.scores.set(piece, score);
        });
        this.options = { longest: (0, unigramLattice_1.longestPiece)(this.scores), unknown: (0, unigramLattice_1.unknownScore)(this.scores) };
    }
    /**
     * Learns a vocabulary of `vocabSize` pieces, <unk> among them, from `text`.
     * @throws if the text has no words, or `vocabSize` is smaller than its number of characters
     */
    static train(text, training) {
        const counts = (0, words_1.countWords)(unigramWords(text));
        const pieces = (0, unigramTrain_1.trainUnigram)(counts, { ...training, vocabSize: training.vocabSize - 1 });
        return new UnigramTokenizer([["<unk>", 0], ...pieces], 0);
    }
    encode(text) {
        const ids = [];
        for (const word of unigramWords(text))
            for (const id of this.ofWord(word))
                ids.push(id);
        return ids;
    }
    encodeText(text) {
        return Int32Array.from(this.encode(text));
    }
    ofWord(word) {
        let ids = this.words.get(word);
        if (ids === undefined) {
            const { pieces } = (0, unigramLattice_1.viterbi)(word, this.scores, this.options);
            ids = pieces
                .map((piece) => (this.scores.has(piece) ? this.ids.get(piece) : this.unknown))
                .filter((id, i, all) => id !== this.unknown || all[i - 1] !== this.unknown);
            if (this.words.size < 100000)
                this.words.set(word, ids);
        }
        return ids;
    }
    /**
     * The text of `ids`, without the space that was put in front.
     * @throws if an id is not an integer in 0 … vocabSize − 1
     */
    decode(ids) {
        const pieces = (0, entries_1.entriesOf)(ids, this.vocabulary, "UnigramTokenizer").map(([piece]) => piece);
        return pieces.join("").replaceAll(SPACE, " ").replace(/^ /, "");
    }
    toJSON() {
        const vocabulary = this.vocabulary.map(([piece, score]) => [piece, score]);
        return { type: "unigram", vocabulary, unknown: this.unknown };
    }
    /**
     * The tokenizer that `toJSON` described.
     * @throws if `json` is not what `toJSON` gives
     */
    static fromJSON(json) {
        const { type, vocabulary, unknown } = (json ?? {});
        if (type !== "unigram" || !Array.isArray(vocabulary))
            throw new Error('UnigramTokenizer.fromJSON: expected { type: "unigram", vocabulary: [[piece, score], …], unknown }');
        const right = vocabulary.every((entry) => Array.isArray(entry) &&
            typeof entry[0] === "string" &&
            entry[0] !== "" &&
            Number.isFinite(entry[1]));
        if (!right || new Set(vocabulary.map(([piece]) => piece)).size !== vocabulary.length)
            throw new Error("UnigramTokenizer.fromJSON: expected different pieces, each with a finite score");
        if (!Number.isInteger(unknown) || vocabulary[unknown] === undefined)
            throw new Error(`UnigramTokenizer.fromJSON: expected the id of the unknown piece, 0 to ${vocabulary.length - 1}, got ${unknown}`);
        return new UnigramTokenizer(vocabulary.map(([piece, score]) => [piece, score]), unknown);
    }
}
exports.UnigramTokenizer = UnigramTokenizer;
