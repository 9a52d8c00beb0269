"use strict";
/**
 * A tokenizer whose tokens are characters: the smallest one that can lose nothing.
 *
 * The vocabulary is every distinct character of the training text, sorted by code point, as in
 * nanoGPT's `shakespeare_char`. "Character" means Unicode code point, so 猫 and 🐈 are one token
 * each; a letter with a combining accent is two. Left out: tokens longer than a character
 * (byte-level BPE, lesson 04, tokenization) and an "unknown" token: a character that was never seen
 * is an error, not a silent question mark.
 *
 *     const tokenizer = CharTokenizer.train("banana");   // vocabulary: a b n
 *     tokenizer.encode("nab");                            // [2, 0, 1]
 *     tokenizer.decode([1, 0, 2]);                        // "ban"
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.CharTokenizer = void 0;
/**
 * Text to ids and back, one id per character; an id is the character's place in the sorted
 * vocabulary.
 */
class CharTokenizer {
    vocabulary;
    /** Number of distinct characters, V: ids are 0 … V − 1. */
    vocabSize;
    ids;
    constructor(vocabulary) {
        this.vocabulary = vocabulary;
        this.vocabSize = vocabulary.length;
        this.ids = new Map(vocabulary.map((character, id) => [character, id]));
    }
    /**
     * Takes the distinct characters of `text` as the vocabulary.
     * @throws if the text is empty
     */
    static train(text) {
        if (text.length === 0)
            throw new Error("CharTokenizer.train: expected some text, got an empty string");
        const codePoint = (character) => character.codePointAt(0);
        return new CharTokenizer([...new Set(text)].sort((a, b) => codePoint(a) - codePoint(b)));
    }
    /**
     * The ids of the characters of `text`.
     * @throws if a character was not in the training text; the message names it
     */
    encode(text) {
        return Array.from(this.encodeText(text));
    }
    /** `encode` for a text of any length, such as a whole data set. */
    encodeText(text) {
        const ids = new Int32Array(text.length); // as many as there are UTF-16 units, at most
        let count = 0;
        for (const character of text) {
            const id = this.ids.get(character);
            if (id === undefined) {
                const hex = character.codePointAt(0)
                    .toString(16)
                    .toUpperCase()
                    .padStart(4, "0");
                throw new Error(`CharTokenizer.encode: unknown character ${JSON.stringify(character)} (U+${hex}) after ${count} ` +
                    `characters; this vocabulary has ${this.vocabSize} characters: ${preview(this.vocabulary)}`);
            }
            ids[count++] = id;
        }
        return count === ids.length ? ids : ids.slice(0, count);
    }
    /**
     * The text of `ids`; `decode(encode(text)) === text` for every text of known characters.
     * @throws if an id is not an integer in 0 … vocabSize − 1
     */
    decode(ids) {
        let text = "";
        for (let i = 0; i < ids.length; i++) {
            const character = this.vocabulary[ids[i]];
            if (character === undefined) {
                throw new Error(`CharTokenizer.decode: expected ids from 0 to ${this.vocabSize - 1}, got ${ids[i]}`);
            }
            text += character;
        }
        return text;
    }
    /** The vocabulary as plain data, for a checkpoint; `JSON.stringify(tokenizer)` calls it. */
    toJSON() {
        return { type: "char", vocabulary: [...this.vocabulary] };
    }
    /**
     * The tokenizer that `toJSON` described.
     * @throws if `json` is not what `toJSON` gives
     */
    static fromJSON(json) {
        const { type, vocabulary } = (json ?? {});
        if (type !== "char" || !Array.isArray(vocabulary)) {
            throw new Error('CharTokenizer.fromJSON: expected { type: "char", vocabulary: […] }');
        }
        const wrong = vocabulary.find((c) => typeof c !== "string" || [...c].length !== 1);
        if (vocabulary.length === 0 ||
            wrong !== undefined ||
            new Set(vocabulary).size !== vocabulary.length) {
            throw new Error("CharTokenizer.fromJSON: expected a vocabulary of different single characters");
        }
        return new CharTokenizer([...vocabulary]);
    }
}
exports.CharTokenizer = CharTokenizer;
/** The first characters of the vocabulary, for an error message. */
function preview(vocabulary, limit = 80) {
    return (JSON.stringify(vocabulary.slice(0, limit).join("")) + (vocabulary.length > limit ? " …" : ""));
}
