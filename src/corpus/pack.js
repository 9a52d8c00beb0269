"use strict";
// The second half of a build: from cleaned documents to shards of token ids. Which side a document
// is on, and in which order documents come, follows from the seed and the texts alone. Each shard is
// written whole or not at all; a build that was killed goes on with the next one.
Object.defineProperty(exports, "__esModule", { value: true });
exports.pack = exports.DocumentEncoder = exports.tokenizerOf = exports.endOfTextOf = exports.sidesOf = void 0;
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
const random_1 = require("../random");
const tokenizer_1 = require("../tokenizer");
const shards_1 = require("./shards");
const split_1 = require("./split");
const staging_1 = require("./staging");
/** What the tokenizer of a corpus learns from, at most, in characters of the training side. */
const SAMPLE = 20000000;
/** The documents of each side, shuffled. */
function sidesOf(staging, { val, seed }) {
    const groups = new split_1.Groups(staging.documents);
    for (const [a, b] of staging.links())
        groups.join(a, b);
    const sides = { train: [], val: [] };
    const keyOf = (document) => staging.digest(document).join();
    for (let document = 0; document < staging.documents; document++)
        sides[(0, split_1.sideOf)(keyOf(groups.firstOf(document)), { val, seed })].push(document);
    const random = new random_1.Random(seed);
    for (const side of ["train", "val"])
        random.fork("shuffle", side).shuffle(sides[side]);
    return sides;
}
exports.sidesOf = sidesOf;
/** The tokens that end a text, in the files of various models. */
const ENDS = ["<|endoftext|>", "<|end_of_text|>", "</s>", "[SEP]"];
/** The id of the token that ends a text, or null where the vocabulary has none. */
function endOfTextOf(tokenizer) {
    for (const end of ENDS) {
        try {
            const ids = tokenizer.encode(end);
            if (ids.length === 1)
                return ids[0];
        }
        catch { } // characters that this vocabulary does not know
    }
    return null;
}
exports.endOfTextOf = endOfTextOf;
/**
 * The tokenizer of a build, which is kept beside its shards. One that is learned sees the training
 * side only: merges made for the held-out text would be a small leak of their own.
 */
function tokenizerOf(out, { tokenizer, vocabSize }, staging, train) {
    const path = (0, node_path_1.join)(out, "tokenizer.json");
    if ((0, node_fs_1.existsSync)(path))
        return (0, tokenizer_1.loadTokenizer)(path);
    const made = tokenizer === null ? learned(staging, train, vocabSize) : (0, tokenizer_1.loadTokenizer)(tokenizer);
    (0, staging_1.writeJson)(path, made.toJSON());
    return made;
}
exports.tokenizerOf = tokenizerOf;
function learned(staging, train, vocabSize) {
    if (train.length === 0)
        throw new Error("build: expected documents to learn a tokenizer from, got none that stayed");
    const trainer = new tokenizer_1.BpeTrainer({ vocabSize, special: [ENDS[0]] });
    let characters = 0;
    for (const document of train) {
        const text = staging.text(document);
        trainer.add(text);
        characters += text.length;
        if (characters > SAMPLE)
            break;
    }
    return new tokenizer_1.BpeTokenizer(trainer.finish());
}
/** Ids of a document: its text, then the token that ends it. */
class DocumentEncoder {
    tokenizer;
    endOfText;
    /** A document that spells out a special token must not contain it. */
    specials;
    constructor(tokenizer) {
        this.tokenizer = tokenizer;
        this.endOfText = endOfTextOf(tokenizer);
        this.specials = tokenizer instanceof tokenizer_1.BpeTokenizer ? [...tokenizer.special.keys()] : ENDS;
    }
    encode(text) {
        let plain = text;
        for (const special of this.specials)
            plain = plain.replaceAll(special, " ");
        if (this.endOfText === null)
            return this.tokenizer.encodeText(`${plain}\n\n`);
        const ids = this.tokenizer.encodeText(plain);
        const ended = new Int32Array(ids.length + 1);
        ended.set(ids);
        ended[ids.length] = this.endOfText;
        return ended;
    }
}
exports.DocumentEncoder = DocumentEncoder;
/**
 * Writes the shards that are missing.
 *
 * @param progress where to go on; it is kept up to date
 * @param save writes progress down, after each shard
 */
function pack(progress, staging, { out, encoder, sides, save, }) {
    const { shardTokens } = progress.settings;
    const writer = new shards_1.ShardWriter(out, encoder.tokenizer.vocabSize);
    for (const side of ["train", "val"]) {
        const documents = sides[side];
        const shards = progress.shards[side];
        for (let at = progress.packed[side]; at < documents.length;) {
            try {
                writer.add(encoder.encode(staging.text(documents[at])));
            }
            catch (error) {
                throw new Error(`build: document ${documents[at]}: ${error.message}`);
            }
            at++;
            if (writer.tokens < shardTokens && at < documents.length)
                continue;
            shards.push(writer.write(`${side}-${String(shards.length).padStart(5, "0")}.bin`));
            progress.packed[side] = at;
            save();
        }
    }
}
exports.pack = pack;
