"use strict";
// A tokenizer from a file, whichever program wrote it: this course's JSON, Hugging Face's
// tokenizer.json, a GGUF file, or one of OpenAI's by its name. `--tokenizer` of the commands is
// read by this.
Object.defineProperty(exports, "__esModule", { value: true });
exports.loadTokenizer = void 0;
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
const fromJSON_1 = require("./fromJSON");
const gguf_1 = require("./gguf");
const huggingFace_1 = require("./huggingFace");
const tiktoken_1 = require("./tiktoken");
/**
 * @param file a path, or gpt2, cl100k, o200k; of a folder, its tokenizer.json
 * @throws where there is no such file, or no tokenizer in it; the message names the file
 */
function loadTokenizer(file) {
    if (!(0, node_fs_1.existsSync)(file)) {
        if ((0, tiktoken_1.isOpenAIName)(file))
            return (0, tiktoken_1.openAITokenizer)(file);
        throw new Error(`loadTokenizer: ${file}: no such file`);
    }
    if ((0, node_fs_1.statSync)(file).isDirectory())
        return loadTokenizer((0, node_path_1.join)(file, "tokenizer.json"));
    if (file.endsWith(".gguf"))
        return (0, gguf_1.readGgufTokenizer)(file);
    try {
        return tokenizerFromText(decoded((0, node_fs_1.readFileSync)(file)));
    }
    catch (error) {
        throw new Error(`loadTokenizer: ${file} holds no tokenizer: ${error.message}`);
    }
}
exports.loadTokenizer = loadTokenizer;
function decoded(bytes) {
    try {
        return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    }
    catch {
        throw new Error("expected text in UTF-8, got other bytes");
    }
}
/** @throws where the text is not JSON, or ends too early */
function tokenizerFromText(text) {
    let json;
    try {
        json = JSON.parse(text);
    }
    catch (error) {
        const whole = /[}\]]\s*$/.test(text);
        throw new Error(`expected JSON, got ${whole ? "something else" : "a text that ends too early"} (${error.message})`);
    }
    return (0, huggingFace_1.isHuggingFace)(json) ? (0, huggingFace_1.readHuggingFace)(json) : (0, fromJSON_1.tokenizerFromJSON)(json);
}
