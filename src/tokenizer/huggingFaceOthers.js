"use strict";
// WordPiece and Unigram in Hugging Face's tokenizer.json; huggingFace.ts says what is left out.
// Both are read where the file asks for the treatment of text that this course's classes have:
// BERT's (bertText.ts), and SentencePiece's NFKC with ▁ (unigram.ts).
Object.defineProperty(exports, "__esModule", { value: true });
exports.writeUnigram = exports.writeWordPiece = exports.readUnigram = exports.readWordPiece = void 0;
const unigram_1 = require("./unigram");
const wordpiece_1 = require("./wordpiece");
const wordpieceTrain_1 = require("./wordpieceTrain");
/** @throws where the file is not as BERT's */
function readWordPiece({ model, normalizer, pre_tokenizer }) {
    expectPart("model.unk_token", "[UNK]", model.unk_token);
    expectPart("model.continuing_subword_prefix", "##", model.continuing_subword_prefix ?? "##");
    expectPart("model.max_input_chars_per_word", 100, model.max_input_chars_per_word ?? 100);
    expectPart("normalizer", "BertNormalizer", normalizer?.type);
    expectPart("pre_tokenizer", "BertPreTokenizer", pre_tokenizer?.type);
    const { lowercase = true, clean_text = true, handle_chinese_chars = true } = normalizer;
    expectPart("normalizer.clean_text", true, clean_text);
    expectPart("normalizer.handle_chinese_chars", true, handle_chinese_chars);
    expectPart("normalizer.strip_accents", lowercase, normalizer.strip_accents ?? lowercase);
    const vocabulary = [];
    for (const [token, id] of Object.entries(model.vocab))
        vocabulary[id] = token;
    return wordpiece_1.WordPieceTokenizer.fromJSON({ type: "wordpiece", vocabulary, lowercase });
}
exports.readWordPiece = readWordPiece;
/** @throws where the file is not as SentencePiece's */
function readUnigram({ model, pre_tokenizer }) {
    const steps = pre_tokenizer?.type === "Sequence" ? pre_tokenizer.pretokenizers : [pre_tokenizer];
    const space = steps?.find((step) => step?.type === "Metaspace");
    expectPart("pre_tokenizer", "Metaspace", space?.type);
    expectPart("pre_tokenizer.replacement", "▁", space.replacement);
    expectPart("model.byte_fallback", false, model.byte_fallback ?? false);
    return unigram_1.UnigramTokenizer.fromJSON({
        type: "unigram",
        vocabulary: model.vocab,
        unknown: model.unk_id,
    });
}
exports.readUnigram = readUnigram;
function expectPart(part, expected, got) {
    if (got !== expected)
        throw new Error(`readHuggingFace: ${part}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
}
const common = { version: "1.0", truncation: null, padding: null, post_processor: null };
const added = (content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
});
function writeWordPiece({ vocabulary, lowercase }) {
    return {
        ...common,
        added_tokens: vocabulary.flatMap((piece, id) => wordpieceTrain_1.BERT_SPECIAL.includes(piece) ? [added(piece, id)] : []),
        normalizer: {
            type: "BertNormalizer",
            clean_text: true,
            handle_chinese_chars: true,
            strip_accents: null,
            lowercase,
        },
        pre_tokenizer: { type: "BertPreTokenizer" },
        decoder: { type: "WordPiece", prefix: "##", cleanup: true },
        model: {
            type: "WordPiece",
            unk_token: "[UNK]",
            continuing_subword_prefix: "##",
            max_input_chars_per_word: 100,
            vocab: Object.fromEntries(vocabulary.map((piece, id) => [piece, id])),
        },
    };
}
exports.writeWordPiece = writeWordPiece;
function writeUnigram({ vocabulary, unknown }) {
    const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };
    return {
        ...common,
        added_tokens: [added(vocabulary[unknown][0], unknown)],
        normalizer: {
            type: "Sequence",
            normalizers: [
                { type: "Nmt" },
                { type: "NFKC" },
                { type: "Replace", pattern: { Regex: " {2,}" }, content: " " },
            ],
        },
        pre_tokenizer: metaspace,
        decoder: metaspace,
        model: { type: "Unigram", unk_id: unknown, vocab: vocabulary, byte_fallback: false },
    };
}
exports.writeUnigram = writeUnigram;
