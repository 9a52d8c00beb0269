"use strict";
// From texts to a byte-level BPE model: what `BpeTokenizer.train` does, and a trainer that is given
// a text in parts.
Object.defineProperty(exports, "__esModule", { value: true });
exports.trainModel = exports.BpeTrainer = void 0;
const bpeTrain_1 = require("./bpeTrain");
const bytes_1 = require("./bytes");
/** Learns a tokenizer from texts that are added one by one. */
class BpeTrainer {
    options;
    counter;
    vocabulary;
    idOfByte = new Int32Array(256);
    /** @throws if the vocabulary has no room for the bytes, or a special token comes twice */
    constructor(options) {
        this.options = options;
        const { vocabSize, special = [], pattern = "gpt2" } = options;
        if (new Set(special).size !== special.length)
            throw new Error(`BpeTokenizer.train: expected different special tokens, got ${JSON.stringify(special)}`);
        const least = special.length + 256;
        if (!Number.isSafeInteger(vocabSize) || vocabSize < least || vocabSize > MOST)
            throw new Error(`BpeTokenizer.train: expected a vocabSize from ${least} (the special tokens and 256 bytes) to ${MOST}, got ${vocabSize}`);
        this.vocabulary = [...special, ...bytes_1.alphabet.map((byte) => bytes_1.byteCharacters[byte])];
        for (let i = 0; i < 256; i++)
            this.idOfByte[bytes_1.alphabet[i]] = special.length + i;
        this.counter = new bpeTrain_1.PieceCounter(pattern);
    }
    /** Counts the pieces of a text; no piece reaches from one text into the next. */
    add(text) {
        this.counter.add(text);
    }
    /** Learns the merges. @throws if there was no text */
    finish() {
        if (this.counter.size === 0)
            throw new Error("BpeTokenizer.train: expected some text, got an empty string");
        const { special = [], pattern = "gpt2" } = this.options;
        const vocabulary = [...this.vocabulary];
        const merges = (0, bpeTrain_1.trainMerges)(this.counter, vocabulary, this.idOfByte, this.options);
        return {
            tokens: vocabulary.map((token, id) => (id < special.length ? null : (0, bytes_1.readBytes)(token))),
            merges,
            pattern,
            special: new Map(special.map((token, id) => [token, id])),
        };
    }
}
exports.BpeTrainer = BpeTrainer;
const MOST = 2 ** 21;
/** See `BpeTokenizer.train`. */
function trainModel(texts, options) {
    const trainer = new BpeTrainer(options);
    for (const text of typeof texts === "string" ? [texts] : texts)
        trainer.add(text);
    return trainer.finish();
}
exports.trainModel = trainModel;
