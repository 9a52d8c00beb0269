"use strict";
// What a byte-level BPE tokenizer knows, as data: its tokens, its merges, how it cuts a text, its
// special tokens; and how that is written to JSON and read back. Whatever comes from a file is
// checked here, because a merge of an unknown piece would otherwise show up as wrong ids much
// later.
Object.defineProperty(exports, "__esModule", { value: true });
exports.modelFromMerges = exports.readMerges = exports.readTokens = exports.modelFromJSON = exports.modelToJSON = void 0;
const bytes_1 = require("./bytes");
const patterns_1 = require("./patterns");
/** The model as JSON. */
function modelToJSON(model) {
    const { tokens, merges, pattern, special } = model;
    const { flags, wholePieces, normalizer, addPrefixSpace } = model;
    const vocabulary = tokens.map((token) => (token === null ? null : (0, bytes_1.showBytes)(token)));
    const named = new Map([...special].map(([token, id]) => [id, token]));
    const name = (id) => vocabulary[id] ?? named.get(id);
    return {
        type: "bpe",
        pattern,
        vocabulary,
        merges: merges === "by id" ? merges : merges.map(([l, r]) => `${name(l)} ${name(r)}`),
        special: Object.fromEntries(special),
        ...(flags === undefined ? {} : { flags }),
        ...(wholePieces === undefined ? {} : { wholePieces }),
        ...(normalizer === undefined ? {} : { normalizer }),
        ...(addPrefixSpace === undefined ? {} : { addPrefixSpace }),
    };
}
exports.modelToJSON = modelToJSON;
/**
 * The model that JSON describes.
 * @throws at the first thing that is not as `BpeTokenizerJSON` says
 */
function modelFromJSON(json) {
    const where = "BpeTokenizer.fromJSON";
    const given = (json ?? {});
    if (given.type !== "bpe" || !Array.isArray(given.vocabulary))
        throw new Error(`${where}: expected { type: "bpe", vocabulary: […], merges: […] }`);
    const { pattern, vocabulary, merges, wholePieces, normalizer, addPrefixSpace } = given;
    if (typeof pattern === "string" ? !patterns_1.patternNames.includes(pattern) : typeof pattern !== "object")
        throw new Error(`${where}: expected a pattern among ${patterns_1.patternNames.join(", ")}, or { regex }, got ${JSON.stringify(pattern)}`);
    return {
        tokens: readTokens(where, vocabulary),
        merges: merges === "by id" ? merges : readMerges(where, vocabulary, merges),
        pattern: pattern,
        special: readSpecial(where, given.special ?? {}),
        flags: given.flags,
        wholePieces,
        normalizer: readNormalizer(where, normalizer),
        addPrefixSpace,
    };
}
exports.modelFromJSON = modelFromJSON;
/** The bytes of each entry. @throws where an entry is no such text, or comes twice */
function readTokens(where, vocabulary) {
    const seen = new Map();
    return Array.from(vocabulary, (entry, id) => {
        if (entry === null || entry === undefined)
            return null;
        if (typeof entry !== "string")
            throw new Error(`${where}: expected text as entry ${id}, got ${JSON.stringify(entry)}`);
        const first = seen.get(entry);
        if (first !== undefined)
            throw new Error(`${where}: expected different entries, got ${JSON.stringify(entry)} as ${first} and ${id}`);
        seen.set(entry, id);
        const bytes = (0, bytes_1.readBytes)(entry);
        if (bytes === undefined || bytes.length === 0)
            throw new Error(`${where}: expected bytes written as characters (Ġ for a space), got ${JSON.stringify(entry)} as entry ${id}`);
        return bytes;
    });
}
exports.readTokens = readTokens;
/**
 * Merges from their texts, "Ġ t" or ["Ġ", "t"].
 * @throws where a piece, or what two pieces make together, is not in the vocabulary
 */
function readMerges(where, vocabulary, merges) {
    if (!Array.isArray(merges))
        throw new Error(`${where}: expected merges as a list, got ${typeof merges}`);
    const ids = new Map();
    vocabulary.forEach((entry, id) => {
        if (typeof entry === "string")
            ids.set(entry, id);
    });
    return merges.map((merge, k) => {
        const parts = typeof merge === "string" ? merge.split(" ") : merge;
        const isPair = Array.isArray(parts) && parts.length === 2 && parts.every((part) => typeof part === "string");
        if (!isPair)
            throw new Error(`${where}: expected two pieces with a space between as merge ${k}, got ${JSON.stringify(merge)}`);
        const [left, right] = parts;
        if (left === "" || right === "")
            throw new Error(`${where}: expected two pieces as merge ${k}, got ${JSON.stringify(merge)}: with an empty one, ` +
                `${JSON.stringify(left + right)} would be made of itself, a cycle`);
        const [l, r, id] = [left, right, left + right].map((piece) => {
            const found = ids.get(piece);
            if (found === undefined)
                throw new Error(`${where}: expected pieces of the vocabulary as merge ${k}, ${JSON.stringify(merge)}, got ` +
                    `${JSON.stringify(piece)}, which is not in it`);
            return found;
        });
        return [l, r, id];
    });
}
exports.readMerges = readMerges;
function readSpecial(where, special) {
    const entries = Object.entries((special ?? {}));
    const wrong = entries.find(([, id]) => !Number.isSafeInteger(id) || id < 0);
    if (wrong !== undefined)
        throw new Error(`${where}: expected an id for the special token ${JSON.stringify(wrong[0])}, got ${JSON.stringify(wrong[1])}`);
    return new Map(entries);
}
function readNormalizer(where, normalizer) {
    if (normalizer === undefined || normalizer === null)
        return undefined;
    if (!["NFC", "NFD", "NFKC", "NFKD"].includes(normalizer))
        throw new Error(`${where}: expected the normalizer NFC, NFD, NFKC or NFKD, got ${JSON.stringify(normalizer)}`);
    return normalizer;
}
/**
 * The model of a plain list of merges, as minbpe and the exercises of lesson 04 (tokenization)
 * learn it: token 0 … 255 is the byte, and merges[k] makes token 256 + k.
 *
 * @throws where a merge uses a token that no earlier merge has made; the message says whether that
 *   is a cycle
 */
function modelFromMerges(merges, { pattern = "gpt2", special = [] } = {}) {
    const where = "BpeTokenizer.fromMerges";
    const tokens = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
    const list = merges.map((merge, k) => {
        const id = 256 + k;
        if (!Array.isArray(merge) || merge.length !== 2)
            throw new Error(`${where}: expected a pair of ids as merge ${k}, got ${JSON.stringify(merge)}`);
        for (const part of merge) {
            if (!Number.isInteger(part) || part < 0 || part >= 256 + merges.length)
                throw new Error(`${where}: expected ids of bytes or of earlier merges as merge ${k}, got [${merge}]: ${part} is unknown`);
            if (part >= id)
                throw new Error(`${where}: expected ids of bytes or of earlier merges as merge ${k}, which makes ${id}, got ` +
                    `[${merge}]: ${part} ${needs(merges, part, id) ? `is made of ${id} itself, a cycle` : "is made later"}`);
        }
        const [left, right] = merge;
        tokens.push(Uint8Array.of(...tokens[left], ...tokens[right]));
        return [left, right, id];
    });
    return {
        tokens,
        merges: list,
        pattern,
        special: new Map(special.map((token, i) => [token, tokens.length + i])),
    };
}
exports.modelFromMerges = modelFromMerges;
/** Whether making `id` needs `wanted`. */
function needs(merges, id, wanted, seen = new Set()) {
    if (id === wanted)
        return true;
    if (seen.has(id))
        return false;
    seen.add(id);
    return (merges[id - 256] ?? []).some((part) => needs(merges, part, wanted, seen));
}
