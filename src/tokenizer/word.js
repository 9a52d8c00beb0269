"use strict";
/**
 * A tokenizer whose tokens are words: the oldest idea, kept here to see what it loses.
 *
 * The vocabulary is the most frequent words of the training text; every other word becomes the one
 * token [UNK], and what it was is gone. Spaces are gone too: `decode` puts one between any two
 * tokens. Words are cut by one of the functions in words.ts. Left out: stemming and lists of stop
 * words, which older systems needed and language models do not.
 *
 *     const tokenizer = WordTokenizer.train("the cat and the dog", { vocabSize: 3 });
 *     tokenizer.encode("the dog barks");    // [1, 0, 0]: "the" 1, and two words that are unknown
 *     tokenizer.decode([1, 0, 0]);          // "the [UNK] [UNK]"
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.WordTokenizer = void 0;
const entries_1 = require("./entries");
const words_1 = require("./words");
const UNKNOWN = "[UNK]";
/** Text to ids and back, one id per word; id 0 stands for every word that is not known. */
class WordTokenizer {
    vocabulary;
    cut;
    vocabSize;
    /** The id of [UNK]. */
    unknown = 0;
    ids;
    constructor(vocabulary, cut) {
        this.vocabulary = vocabulary;
        this.cut = cut;
        this.vocabSize = vocabulary.length;
        this.ids = new Map(vocabulary.map((word, id) => [word, id]));
    }
    /**
     * Takes the most frequent words of `text`; of two equally frequent ones, the one that comes first
     * in the text.
     * @throws if the text has no words, or `vocabSize` is below 2
     */
    static train(text, { vocabSize = Number.POSITIVE_INFINITY, minCount = 1, cut = words_1.cutWords } = {}) {
        if (!(vocabSize >= 2))
            throw new Error(`WordTokenizer.train: expected vocabSize of 2 or more, got ${vocabSize}`);
        const counts = (0, words_1.countWords)(cut(text));
        if (counts.size === 0)
            throw new Error("WordTokenizer.train: expected some words, got a text without any");
        counts.delete(UNKNOWN);
        const words = [...counts]
            .filter(([, count]) => count >= minCount)
            .sort(([, a], [, b]) => b - a) // a stable sort: the first in the text stays the first
            .slice(0, vocabSize - 1)
            .map(([word]) => word);
        return new WordTokenizer([UNKNOWN, ...words], cut);
    }
    /** The ids of the words of `text`, 0 for each unknown one. */
    encode(text) {
        return this.cut(text).map((word) => this.ids.get(word) ?? this.unknown);
    }
    encodeText(text) {
        return Int32Array.from(this.encode(text));
    }
    /**
     * The words of `ids` with one space between any two.
     * @throws if an id is not an integer in 0 … vocabSize − 1
     */
    decode(ids) {
        return (0, entries_1.entriesOf)(ids, this.vocabulary, "WordTokenizer").join(" ");
    }
    toJSON() {
        return { type: "word", vocabulary: [...this.vocabulary] };
    }
    /**
     * The tokenizer that `toJSON` described; `cut` must be given again if it was not `cutWords`.
     * @throws if `json` is not what `toJSON` gives
     */
    static fromJSON(json, { cut = words_1.cutWords } = {}) {
        const { type, vocabulary } = (json ?? {});
        if (type !== "word" || !Array.isArray(vocabulary))
            throw new Error('WordTokenizer.fromJSON: expected { type: "word", vocabulary: […] }');
        const isWord = (word) => typeof word === "string" && word !== "";
        if (vocabulary[0] !== UNKNOWN ||
            !vocabulary.every(isWord) ||
            new Set(vocabulary).size !== vocabulary.length)
            throw new Error(`WordTokenizer.fromJSON: expected a vocabulary of different words that begins with ${UNKNOWN}`);
        return new WordTokenizer([...vocabulary], cut);
    }
}
exports.WordTokenizer = WordTokenizer;
