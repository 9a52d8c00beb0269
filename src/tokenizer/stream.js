"use strict";
// Texts longer than memory: read in chunks, cut where the pieces before the cut are certain,
// learned from or encoded part by part. The ids are those of the whole text.
Object.defineProperty(exports, "__esModule", { value: true });
exports.encodeChunks = exports.parts = exports.safeCut = exports.readChunks = void 0;
const node_fs_1 = require("node:fs");
const bpe_1 = require("./bpe");
const char_1 = require("./char");
const patterns_1 = require("./patterns");
/**
 * The text of a UTF-8 file, chunk by chunk; no chunk ends within a character.
 * @throws for a file that cannot be opened or is not UTF-8; the message names it
 */
function* readChunks(path, { chunkBytes = 1 << 22, lineFeeds = false } = {}) {
    const file = (0, node_fs_1.openSync)(path, "r");
    try {
        const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
        const bytes = Buffer.alloc(chunkBytes);
        let open = ""; // a \r that a \n may follow
        for (let position = 0;;) {
            const count = (0, node_fs_1.readSync)(file, bytes, 0, chunkBytes, position);
            position += count;
            let text;
            try {
                text = open + decoder.decode(bytes.subarray(0, count), { stream: count > 0 });
            }
            catch {
                throw new Error(`readChunks: ${path}: expected text in UTF-8, got other bytes before byte ${position}`);
            }
            open = lineFeeds && count > 0 && text.endsWith("\r") ? "\r" : "";
            if (open !== "")
                text = text.slice(0, -1);
            if (lineFeeds)
                text = text.replace(/\r\n?/g, "\n");
            if (text !== "")
                yield text;
            if (count === 0)
                return;
        }
    }
    finally {
        (0, node_fs_1.closeSync)(file);
    }
}
exports.readChunks = readChunks;
/**
 * How much of `text` may be cut off, before more of it is known, without changing a piece. The cut
 * is behind a piece that is not white space, and before two more of those. Behind white space would
 * be wrong: two spaces at an end are one piece, before a word they are two. The pieces of the
 * published patterns depend on nothing further ahead.
 */
function safeCut(text, splitter) {
    let [third, second, last] = [0, 0, 0]; // where these end, counted from behind
    splitter.start(text);
    for (let at = 0; at < text.length;) {
        const end = splitter.next(at);
        if (/\P{White_Space}/u.test(text.slice(at, end)))
            [third, second, last] = [second, last, end];
        at = end;
    }
    return third;
}
exports.safeCut = safeCut;
/**
 * Text in parts that can be cut one by one: the pieces of all parts are those of the whole text.
 * @param chunks the text, cut anywhere but within a character
 */
function* parts(chunks, pattern) {
    const splitter = new patterns_1.Splitter(pattern);
    let text = "";
    for (const chunk of chunks) {
        text += chunk;
        const cut = safeCut(text, splitter);
        if (cut > 0)
            yield text.slice(0, cut);
        text = text.slice(cut);
    }
    if (text !== "")
        yield text;
}
exports.parts = parts;
/**
 * The ids of a text that comes in chunks, part by part; together they are `encodeText` of the
 * whole. Byte-level BPE and characters need memory for a few chunks only; the others take the text
 * at once.
 */
function* encodeChunks(tokenizer, chunks) {
    if (tokenizer instanceof char_1.CharTokenizer) {
        for (const chunk of chunks)
            yield tokenizer.encodeText(chunk);
    }
    else if (tokenizer instanceof bpe_1.BpeTokenizer && isLocal(tokenizer)) {
        yield* encodeParts(tokenizer, chunks);
    }
    else {
        yield tokenizer.encodeText([...chunks].join(""));
    }
}
exports.encodeChunks = encodeChunks;
/** Whether the ids of a part do not depend on what is far before or behind it. */
function isLocal({ model }) {
    const strips = Object.values(model.flags ?? {}).some(({ lstrip, rstrip }) => lstrip || rstrip);
    return model.normalizer === undefined && !model.addPrefixSpace && !strips;
}
function* encodeParts(tokenizer, chunks) {
    const splitter = new patterns_1.Splitter(tokenizer.model.pattern);
    const longest = Math.max(0, ...[...tokenizer.special.keys()].map((token) => token.length));
    let text = "";
    for (const chunk of chunks) {
        text += chunk;
        // A special token is certain where even the longest would end within the text.
        const certain = text.length - longest + (longest > 0 ? 1 : 0);
        let from = 0; // where the stretch after the last certain special token begins
        let to = Math.max(0, certain); // where it ends, as far as it is certain
        let at = 0;
        tokenizer.cutSpecial(text, (part) => {
            at += part.length;
        }, (token) => {
            if (at < certain)
                from = at + token.length;
            else
                to = Math.min(to, at);
            at += token.length;
        });
        const cut = from + (to > from ? safeCut(text.slice(from, to), splitter) : 0);
        if (cut > 0)
            yield tokenizer.encodeText(text.slice(0, cut));
        text = text.slice(cut);
    }
    if (text !== "")
        yield tokenizer.encodeText(text);
}
