"use strict";
// A tokenizer from what its `toJSON` gave, whichever class it is.
Object.defineProperty(exports, "__esModule", { value: true });
exports.tokenizerFromJSON = void 0;
const bpe_1 = require("./bpe");
const char_1 = require("./char");
const unigram_1 = require("./unigram");
const word_1 = require("./word");
const wordpiece_1 = require("./wordpiece");
/** How each type is read back. */
const readers = {
    bpe: bpe_1.BpeTokenizer.fromJSON,
    char: char_1.CharTokenizer.fromJSON,
    unigram: unigram_1.UnigramTokenizer.fromJSON,
    word: word_1.WordTokenizer.fromJSON,
    wordpiece: wordpiece_1.WordPieceTokenizer.fromJSON,
};
/**
 * The tokenizer that `toJSON` described.
 * @throws if the type is unknown, or the data is not what `toJSON` of that type gives
 */
function tokenizerFromJSON(json) {
    const type = json?.type;
    if (typeof type !== "string" || !Object.hasOwn(readers, type))
        throw new Error(`tokenizerFromJSON: expected a type among ${Object.keys(readers).join(", ")}, got ${JSON.stringify(type)}`);
    return readers[type](json);
}
exports.tokenizerFromJSON = tokenizerFromJSON;
