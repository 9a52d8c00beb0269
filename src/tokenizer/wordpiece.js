"use strict";
/**
 * WordPiece, the tokenizer of BERT (Devlin et al., 2018): words first, by BERT's own rules
 * (bertText.ts), then each word cut into the longest pieces that are in the vocabulary, from left to
 * right. A piece that does not begin a word is written with ##: "unwanted" → un ##want ##ed.
 *
 * A word that cannot be cut (a character is unknown) is [UNK] as a whole, and so is a word of more
 * than 100 characters. Nothing but the vocabulary is needed: there are no merges to replay, and the
 * greedy cut need not have the fewest pieces. Left out: [CLS] and [SEP] around a text, which belong
 * to the model (lesson 09, pretraining objectives).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.WordPieceTokenizer = exports.wordPieces = void 0;
const bertText_1 = require("./bertText");
const entries_1 = require("./entries");
const wordpieceTrain_1 = require("./wordpieceTrain");
const words_1 = require("./words");
/** Words of more characters are [UNK], as in BERT: a very long "word" is rarely one. */
const MAX_CHARACTERS = 100;
const UNKNOWN = "[UNK]";
/**
 * One word, cut greedily: the longest piece that the vocabulary has, then the longest for what is
 * left, with ## in front, until nothing is left.
 *
 * @param has whether a piece is in the vocabulary
 * @returns the pieces, or undefined where some rest begins with no known piece
 * @example wordPieces("unwanted", (p) => ["un", "##want", "##ed"].includes(p))
 */
function wordPieces(word, has) {
    const characters = [...word];
    const pieces = [];
    for (let start = 0; start < characters.length;) {
        const prefix = start === 0 ? "" : "##";
        let end = characters.length;
        while (end > start && !has(prefix + characters.slice(start, end).join("")))
            end--;
        if (end === start)
            return undefined;
        pieces.push(prefix + characters.slice(start, end).join(""));
        start = end;
    }
    return pieces;
}
exports.wordPieces = wordPieces;
/** Text to ids and back with a WordPiece vocabulary. */
class WordPieceTokenizer {
    vocabulary;
    lowercase;
    vocabSize;
    ids;
    words = new Map(); // ids of words seen before
    unknown;
    constructor(vocabulary, lowercase) {
        this.vocabulary = vocabulary;
        this.lowercase = lowercase;
        this.vocabSize = vocabulary.length;
        this.ids = new Map(vocabulary.map((piece, id) => [piece, id]));
        this.unknown = this.ids.get(UNKNOWN);
    }
    /**
     * Learns a vocabulary from `text`, cut into words by `bertWords`.
     * @throws if the text has no words
     */
    static train(text, { lowercase = true, ...training }) {
        const counts = (0, words_1.countWords)((0, bertText_1.bertWords)(text, { lowercase }));
        return new WordPieceTokenizer((0, wordpieceTrain_1.trainWordPiece)(counts, training), lowercase);
    }
    /**
     * The ids of the pieces of `text`. Special tokens written in the text, such as [MASK], are one id.
     * [CLS] and [SEP] are not added.
     */
    encode(text) {
        const ids = [];
        for (const part of text.split(/(\[(?:PAD|UNK|CLS|SEP|MASK)\])/)) {
            const special = isSpecial(part) ? this.ids.get(part) : undefined;
            if (special !== undefined)
                ids.push(special);
            else
                for (const word of (0, bertText_1.bertWords)(part, this))
                    for (const id of this.ofWord(word))
                        ids.push(id);
        }
        return ids;
    }
    encodeText(text) {
        return Int32Array.from(this.encode(text));
    }
    ofWord(word) {
        let ids = this.words.get(word);
        if (ids === undefined) {
            const short = [...word].length <= MAX_CHARACTERS;
            const pieces = short ? wordPieces(word, (piece) => this.ids.has(piece)) : undefined;
            ids = pieces?.map((piece) => this.ids.get(piece)) ?? [this.unknown];
            if (this.words.size < 100000)
                this.words.set(word, ids);
        }
        return ids;
    }
    /**
     * The pieces of `ids` as text: ## pieces are joined to what stands before them, and there is one
     * space between words, also before a full stop: BERT does not keep where spaces were.
     * @throws if an id is not an integer in 0 … vocabSize − 1
     */
    decode(ids) {
        const pieces = (0, entries_1.entriesOf)(ids, this.vocabulary, "WordPieceTokenizer").map((piece, i) => {
            const inside = i > 0 && piece.length > 2 && piece.startsWith("##");
            return inside ? piece.slice(2) : (i === 0 ? "" : " ") + piece;
        });
        return pieces.join("");
    }
    toJSON() {
        return { type: "wordpiece", vocabulary: [...this.vocabulary], lowercase: this.lowercase };
    }
    /**
     * The tokenizer that `toJSON` described, or any with a vocabulary of BERT's kind.
     * @throws if `json` is not what `toJSON` gives
     */
    static fromJSON(json) {
        const { type, vocabulary, lowercase } = (json ?? {});
        if (type !== "wordpiece" || !Array.isArray(vocabulary) || typeof lowercase !== "boolean")
            throw new Error('WordPieceTokenizer.fromJSON: expected { type: "wordpiece", vocabulary: […], lowercase }');
        const wrong = !vocabulary.every((piece) => typeof piece === "string" && piece !== "") ||
            new Set(vocabulary).size !== vocabulary.length ||
            !vocabulary.includes(UNKNOWN);
        if (wrong)
            throw new Error(`WordPieceTokenizer.fromJSON: expected a vocabulary of different pieces with ${UNKNOWN}`);
        return new WordPieceTokenizer([...vocabulary], lowercase);
    }
}
exports.WordPieceTokenizer = WordPieceTokenizer;
const isSpecial = (part) => wordpieceTrain_1.BERT_SPECIAL.includes(part);
