"use strict";
/**
 * Byte-level BPE, the tokenizer of GPT-2 and most models since (Radford et al., 2019): a text is
 * cut into pieces (patterns.ts), each piece into the bytes of its UTF-8, and bytes are merged in
 * the order in which the merges were learned. No text is unknown to it, and `decode` gives it back.
 *
 *     const tokenizer = BpeTokenizer.train(text, { vocabSize: 1024, special: ["<|endoftext|>"] });
 *     const ids = tokenizer.encode("Call me Ishmael.");
 *     tokenizer.decode(ids);                                  // "Call me Ishmael."
 *
 * bpeClear.ts has the algorithm on one screen; here are the same results, fast: bpeTrain.ts learns,
 * bpeMerge.ts merges, and the ids of pieces that were met before are remembered. Files of other
 * programs are read by huggingFace.ts, gguf.ts and tiktoken.ts.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.BpeTokenizer = void 0;
const bpeMerge_1 = require("./bpeMerge");
const bpeModel_1 = require("./bpeModel");
const bpeTraining_1 = require("./bpeTraining");
const bytes_1 = require("./bytes");
const decoder_1 = require("./decoder");
const growing_1 = require("./growing");
const patterns_1 = require("./patterns");
const pieces_1 = require("./pieces");
const special_1 = require("./special");
const vocabulary_1 = require("./vocabulary");
/** Remembered pieces: longer ones hardly come again, and more than so many are all forgotten. */
const LONGEST_REMEMBERED = 64;
const MOST_REMEMBERED = 1 << 18;
/** Text to ids and back by merging bytes. */
class BpeTokenizer {
    model;
    vocabSize;
    vocabulary;
    specialTokens;
    specialById;
    splitter;
    merger;
    wholePieces;
    remembered = new pieces_1.PieceTable();
    rememberedIds = new growing_1.IdList();
    ends = new Int32Array(1 << 11); // ids of piece n end here in rememberedIds
    bytes = new Uint8Array(1 << 10);
    /** @param model what it knows; see `BpeModel`. It is not copied. */
    constructor(model) {
        this.model = model;
        const { tokens, merges, pattern, special, wholePieces = merges === "by id" } = model;
        this.specialTokens = new special_1.SpecialTokens(special, model.flags);
        this.specialById = new Map([...special].map(([token, id]) => [id, new TextEncoder().encode(token)]));
        this.vocabulary = new vocabulary_1.Vocabulary(tokens.map((token, id) => (this.specialById.has(id) ? null : token)));
        this.vocabSize = Math.max(tokens.length, ...[...special.values()].map((id) => id + 1));
        this.splitter = new patterns_1.Splitter(pattern);
        const idOfByte = Int32Array.from({ length: 256 }, (_, byte) => this.vocabulary.find(Uint8Array.of(byte), 1));
        this.merger = new bpeMerge_1.Merger(merges === "by id" ? new bpeMerge_1.MergesById(this.vocabulary) : new bpeMerge_1.MergeList(merges), idOfByte);
        this.wholePieces = wholePieces;
    }
    /**
     * Learns merges from a text, or from several between which no piece reaches. Same text, same
     * tokenizer: of equally frequent pairs the one with the smaller ids is merged, as in Hugging
     * Face's `tokenizers`.
     *
     * @param options.vocabSize V: special tokens, 256 bytes, and the merges
     * @param options.pattern how texts are cut (default "gpt2")
     * @param options.special special tokens: ids 0, 1, …
     * @throws if the vocabulary has no room for the bytes, or there is no text. It is smaller than
     *   vocabSize where the text has too few pairs.
     */
    static train(texts, options) {
        return new BpeTokenizer((0, bpeTraining_1.trainModel)(texts, options));
    }
    /**
     * The tokenizer of a plain list of merges: 0 … 255 are the bytes, merges[k] makes 256 + k, and
     * special tokens follow.
     * @throws where a merge uses a token that no earlier one has made
     */
    static fromMerges(...given) {
        return new BpeTokenizer((0, bpeModel_1.modelFromMerges)(...given));
    }
    /**
     * Calls `plain` and `special` for what is between special tokens in a text, and for each token.
     */
    cutSpecial(text, plain, special) {
        this.specialTokens.cut(text, plain, special);
    }
    /** The special tokens and their ids. */
    get special() {
        return this.model.special;
    }
    /**
     * The ids of `text`. Special tokens in it become their ids; where the text comes from a stranger,
     * use `encodeOrdinary`.
     */
    encode(text) {
        return Array.from(this.encodeText(text));
    }
    /** `encode` for a text of any length. */
    encodeText(text) {
        const out = new growing_1.IdList();
        this.specialTokens.cut(text, (part) => this.appendPlain(part, out), (token) => out.push(this.model.special.get(token)));
        return out.take();
    }
    /** The ids of `text`, where special tokens are text like any other. */
    encodeOrdinary(text) {
        const out = new growing_1.IdList();
        this.appendPlain(text, out);
        return out.take();
    }
    /**
     * The text of `ids`. Bytes that are no UTF-8, such as half a character, become �.
     * @throws if an id is outside 0 … vocabSize − 1, or has no token
     */
    decode(ids) {
        return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.decodeBytes(ids));
    }
    /** The bytes of `ids`, one token behind the other. @throws as decode does */
    decodeBytes(ids) {
        let bytes = new Uint8Array(4 * ids.length);
        let length = 0;
        for (let i = 0; i < ids.length; i++) {
            const token = this.tokenBytes(ids[i]);
            if (length + token.length > bytes.length)
                bytes = (0, growing_1.doubled)(bytes, length + token.length);
            bytes.set(token, length);
            length += token.length;
        }
        return bytes.subarray(0, length);
    }
    /** Decodes ids as they come, and holds half a character back until its other bytes are there. */
    decoder() {
        return (0, decoder_1.utf8Decoder)((id) => this.tokenBytes(id));
    }
    /** The bytes of one token. */
    tokenBytes(id) {
        const special = this.specialById.get(id);
        if (special !== undefined)
            return special;
        const known = Number.isInteger(id) && id >= 0 && id < this.vocabSize;
        const bytes = id < this.vocabulary.size ? this.vocabulary.token(id) : undefined;
        if (!known || bytes === undefined || bytes.length === 0)
            throw new Error(known
                ? `BpeTokenizer.decode: expected ids of tokens, got ${id}, which this vocabulary leaves out`
                : `BpeTokenizer.decode: expected ids from 0 to ${this.vocabSize - 1}, got ${id}`);
        return bytes;
    }
    toJSON() {
        return (0, bpeModel_1.modelToJSON)(this.model);
    }
    /**
     * The tokenizer that `toJSON` described.
     * @throws if `json` is not what `toJSON` gives; the message says where
     */
    static fromJSON(json) {
        return new BpeTokenizer((0, bpeModel_1.modelFromJSON)(json));
    }
    /** Appends the ids of a text without special tokens. */
    appendPlain(given, out) {
        const { splitter, remembered } = this;
        const text = this.prepared(given);
        splitter.start(text);
        for (let at = 0; at < text.length;) {
            const end = splitter.next(at);
            if (end - at > LONGEST_REMEMBERED)
                this.appendPiece(text, at, end, out);
            else {
                const { size } = remembered;
                const number = remembered.intern(text, at, end);
                if (number === size)
                    this.remember(number, text, at, end);
                out.appendList(this.rememberedIds, number === 0 ? 0 : this.ends[number - 1], this.ends[number]);
                if (size > MOST_REMEMBERED)
                    this.forget();
            }
            at = end;
        }
    }
    prepared(text) {
        const { normalizer, addPrefixSpace } = this.model;
        const normal = normalizer === undefined ? text : text.normalize(normalizer);
        return addPrefixSpace && /^[^ ]/.test(normal) ? ` ${normal}` : normal;
    }
    remember(number, text, start, end) {
        try {
            this.appendPiece(text, start, end, this.rememberedIds);
        }
        catch (error) {
            this.forget();
            throw error;
        }
        if (number === this.ends.length)
            this.ends = (0, growing_1.doubled)(this.ends, number + 1);
        this.ends[number] = this.rememberedIds.length;
    }
    forget() {
        this.remembered.clear();
        this.rememberedIds = new growing_1.IdList();
    }
    appendPiece(text, start, end, out) {
        const room = 3 * (end - start);
        if (room > this.bytes.length)
            this.bytes = (0, growing_1.doubled)(this.bytes, room);
        const { bytes } = this;
        const length = (0, bytes_1.writeUtf8)(text, start, end, bytes);
        const whole = this.wholePieces ? this.vocabulary.find(bytes, length) : -1;
        if (whole !== -1)
            out.push(whole);
        else if (!this.merger.merge(bytes, length, out))
            throw new Error(`BpeTokenizer.encode: expected a text of bytes in the vocabulary, got ` +
                `${JSON.stringify(text.slice(start, end))}, of which a byte has no token`);
    }
}
exports.BpeTokenizer = BpeTokenizer;
