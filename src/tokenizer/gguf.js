"use strict";
// The tokenizer inside a GGUF file, which is among its metadata (llm/gguf). Read are byte-level
// tokenizers (`tokenizer.ggml.model` is "gpt2": Llama 3, Qwen2, SmolLM2 …); how texts are cut is
// named by `tokenizer.ggml.pre`, and the patterns are those of llama.cpp (llama-vocab.cpp). Left
// out: tokenizers of SentencePiece (LLaMA 1 and 2).
Object.defineProperty(exports, "__esModule", { value: true });
exports.readGgufTokenizer = void 0;
const gguf_1 = require("../gguf");
const bpe_1 = require("./bpe");
const bpeModel_1 = require("./bpeModel");
const patterns_1 = require("./patterns");
const gpt2 = (0, patterns_1.patternSource)("gpt2");
/** llama.cpp's cut for a file that names none. */
const unnamed = [
    { regex: "[\\p{P}$+<=>^~|]+" },
    { regex: gpt2 },
    { regex: "\\p{N}+" },
    { regex: "[0-9][0-9][0-9]" },
];
/** The cut by its name in `tokenizer.ggml.pre`. */
const cuts = {
    default: unnamed,
    ...all("gpt2", [
        "gpt-2",
        "phi-2",
        "jina-es",
        "jina-de",
        "roberta-bpe",
        "mpt",
        "olmo",
        "gigachat",
    ]),
    ...all("smollm", ["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone"]),
    ...all("llama3", ["llama3", "llama-v3", "llama-bpe", "falcon3", "pixtral", "dbrx", "smaug-bpe"]),
    ...all("qwen2", ["qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan"]),
    ...all("o200k", ["gpt-4o", "llama4"]),
};
function all(pattern, names) {
    return Object.fromEntries(names.map((name) => [name, pattern]));
}
/** Kinds of tokens in `tokenizer.ggml.token_type`; others are ordinary. */
const CONTROL = 3;
const USER_DEFINED = 4;
const UNUSED = 5;
/**
 * The tokenizer in a GGUF file.
 * @param metadata of that file, where it has been read already
 * @throws where the file is damaged, or its tokenizer is of a kind that this course does not read
 */
function readGgufTokenizer(path, metadata = (0, gguf_1.readGgufMetadata)(path)) {
    const where = `readGgufTokenizer: ${path}`;
    const get = (name) => metadata.get(`tokenizer.ggml.${name}`);
    const list = (name) => {
        const value = get(name);
        if (!Array.isArray(value))
            throw new Error(`${where}: expected tokenizer.ggml.${name} as a list, got ${typeof value}`);
        return value;
    };
    const model = get("model");
    if (model !== "gpt2")
        throw new Error(`${where}: expected a byte-level tokenizer (tokenizer.ggml.model is "gpt2"), got ${JSON.stringify(model)}`);
    const pre = get("pre") ?? "default";
    if (typeof pre !== "string" || !Object.hasOwn(cuts, pre))
        throw new Error(`${where}: expected tokenizer.ggml.pre among ${Object.keys(cuts).join(", ")}, got ${String(pre)}`);
    const tokens = list("tokens");
    const types = get("token_type") === undefined ? [] : list("token_type");
    if (types.length > 0 && types.length !== tokens.length)
        throw new Error(`${where}: expected a token_type for each of ${tokens.length} tokens, got ${types.length}`);
    const special = new Map();
    const flags = {};
    const vocabulary = tokens.map((token, id) => {
        if (types[id] === UNUSED)
            return undefined;
        if (types[id] !== CONTROL && types[id] !== USER_DEFINED)
            return token;
        special.set(token, id);
        if (types[id] === USER_DEFINED)
            flags[token] = { special: false };
        return undefined;
    });
    return new bpe_1.BpeTokenizer({
        tokens: (0, bpeModel_1.readTokens)(where, vocabulary),
        merges: (0, bpeModel_1.readMerges)(where, tokens, list("merges")),
        pattern: cuts[pre],
        special,
        ...(Object.keys(flags).length > 0 ? { flags } : {}),
        ...(cuts[pre] === "llama3" ? { wholePieces: true } : {}),
    });
}
exports.readGgufTokenizer = readGgufTokenizer;
