// WordPiece and Unigram in Hugging Face's tokenizer.json; huggingFace.ts says what is left out.
// Both are read where the file asks for the treatment of text that this course's classes have:
// BERT's (bertText.ts), and SentencePiece's NFKC with ▁ (unigram.ts).

import { UnigramTokenizer } from "./unigram";
import { WordPieceTokenizer } from "./wordpiece";
import { BERT_SPECIAL } from "./wordpieceTrain";

// biome-ignore lint/suspicious/noExplicitAny: a file from elsewhere; every use is checked
type Any = any;

/** @throws where the file is not as BERT's */
export function readWordPiece({ model, normalizer, pre_tokenizer }: Any): WordPieceTokenizer {
  expectPart("model.unk_token", "[UNK]", model.unk_token);
  expectPart("model.continuing_subword_prefix", "##", model.continuing_subword_prefix ?? "##");
  expectPart("model.max_input_chars_per_word", 100, model.max_input_chars_per_word ?? 100);
  expectPart("normalizer", "BertNormalizer", normalizer?.type);
  expectPart("pre_tokenizer", "BertPreTokenizer", pre_tokenizer?.type);
  const { lowercase = true, clean_text = true, handle_chinese_chars = true } = normalizer;
  expectPart("normalizer.clean_text", true, clean_text);
  expectPart("normalizer.handle_chinese_chars", true, handle_chinese_chars);
  expectPart("normalizer.strip_accents", lowercase, normalizer.strip_accents ?? lowercase);
  const vocabulary: string[] = [];
  for (const [token, id] of Object.entries(model.vocab)) vocabulary[id as number] = token;
  return WordPieceTokenizer.fromJSON({ type: "wordpiece", vocabulary, lowercase });
}

/** @throws where the file is not as SentencePiece's */
export function readUnigram({ model, pre_tokenizer }: Any): UnigramTokenizer {
  const steps = pre_tokenizer?.type === "Sequence" ? pre_tokenizer.pretokenizers : [pre_tokenizer];
  const space = steps?.find((step: Any) => step?.type === "Metaspace");
  expectPart("pre_tokenizer", "Metaspace", space?.type);
  expectPart("pre_tokenizer.replacement", "▁", space.replacement);
  expectPart("model.byte_fallback", false, model.byte_fallback ?? false);
  return UnigramTokenizer.fromJSON({
    type: "unigram",
    vocabulary: model.vocab,
    unknown: model.unk_id,
  });
}

function expectPart(part: string, expected: unknown, got: unknown): void {
  if (got !== expected)
    throw new Error(
      `readHuggingFace: ${part}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`,
    );
}

const common = { version: "1.0", truncation: null, padding: null, post_processor: null };

const added = (content: string, id: number) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

export function writeWordPiece({ vocabulary, lowercase }: WordPieceTokenizer): object {
  return {
    ...common,
    added_tokens: vocabulary.flatMap((piece, id) =>
      (BERT_SPECIAL as readonly string[]).includes(piece) ? [added(piece, id)] : [],
    ),
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

export function writeUnigram({ vocabulary, unknown }: UnigramTokenizer): object {
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
