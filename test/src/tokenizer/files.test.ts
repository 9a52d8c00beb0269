// Tokenizers in the files of others: Hugging Face's tokenizer.json, GGUF, ranks by name; and what
// is said of damaged ones. The files were written by the reference libraries (record/bpe.py).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modelFolder } from "llm/checkpoint";
import { readGgufMetadata } from "llm/gguf";
import {
  BpeTokenizer,
  CharTokenizer,
  foreignPattern,
  loadTokenizer,
  openAITokenizer,
  readGgufTokenizer,
  readHuggingFace,
  splitPieces,
  WordPieceTokenizer,
  WordTokenizer,
  writeHuggingFace,
} from "llm/tokenizer";
import { afterAll, describe, expect, it } from "vitest";
import recorded from "../../fixtures/bpe.json";

const { smollm2 } = recorded;

import unigramRecord from "../../fixtures/unigram.json";

const gguf = join(__dirname, "../../fixtures/tokenizer.gguf");
const folder = mkdtempSync(join(tmpdir(), "llm-tokenizer-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const smollm = recorded.files[0];
// biome-ignore lint/suspicious/noExplicitAny: files are changed in every way
const changed = (change: (json: any) => void) => {
  const json = structuredClone(smollm.json);
  change(json);
  return json;
};

describe("Hugging Face's tokenizer.json", () => {
  it.each(recorded.files)("gives the ids that tokenizers gives: $name", ({ json, texts }) => {
    const tokenizer = readHuggingFace(json);
    for (const [text, ids] of texts as [string, number[]][])
      expect([text, tokenizer.encode(text)]).toEqual([text, ids]);
  });

  it.each(recorded.files)("is written as it was read: $name", ({ json }) => {
    const written = writeHuggingFace(readHuggingFace(json)) as { decoder: unknown };
    expect(JSON.parse(JSON.stringify(written))).toEqual(json);
  });

  it("survives our own JSON, flags included", () => {
    const again = BpeTokenizer.fromJSON(JSON.parse(JSON.stringify(readHuggingFace(smollm.json))));
    for (const [text, ids] of smollm.texts as [string, number[]][])
      expect(again.encode(text)).toEqual(ids);
    expect(JSON.parse(JSON.stringify(writeHuggingFace(again)))).toEqual(smollm.json);
  });

  it.each(["gpt2", "cl100k", "o200k", "smollm", "llama3", "qwen2"] as const)(
    "takes a tokenizer of ours there and back: %s",
    (pattern) => {
      const ours = BpeTokenizer.train("the whale, the 123 whales; THE ſ", {
        ...{ vocabSize: 280, pattern, special: ["<|end|>"] },
      });
      const again = readHuggingFace(JSON.parse(JSON.stringify(writeHuggingFace(ours))));
      expect(again.toJSON()).toEqual(ours.toJSON());
    },
  );

  it("writes merges by id as a list", () => {
    const gpt2 = openAITokenizer("gpt2");
    const again = readHuggingFace(writeHuggingFace(gpt2)) as BpeTokenizer;
    for (const text of recorded.texts) expect(again.encode(text)).toEqual(gpt2.encode(text));
  });

  it("has WordPiece and Unigram too", () => {
    const ours = WordPieceTokenizer.train("the whale and the whales", { vocabSize: 60 });
    const again = readHuggingFace(JSON.parse(JSON.stringify(writeHuggingFace(ours))));
    expect(again.toJSON()).toEqual(ours.toJSON());
    const { normalizer, pre_tokenizer, vocabulary, unk, texts } = unigramRecord;
    const model = { type: "Unigram", vocab: vocabulary, unk_id: unk };
    const unigram = readHuggingFace({ model, normalizer, pre_tokenizer });
    for (const { text, ids } of texts) expect(unigram.encode(text)).toEqual(ids);
    const back = readHuggingFace(JSON.parse(JSON.stringify(writeHuggingFace(unigram))));
    expect(back.toJSON()).toEqual(unigram.toJSON());
    const characters = CharTokenizer.train("a b\n猫🐈\r");
    const file = JSON.parse(JSON.stringify(writeHuggingFace(characters)));
    expect(readHuggingFace(file).toJSON()).toEqual(characters.toJSON());
    expect(() => readHuggingFace({ ...file, pre_tokenizer: { type: "Whitespace" } })).toThrow(
      'pre_tokenizer, for characters: expected "Split", got "Whitespace"',
    );
    expect(() => writeHuggingFace(WordTokenizer.train("a b"))).toThrow("got word");
  });

  it.each([
    [null, "expected a tokenizer.json with model.vocab, got null"],
    [{ type: "bpe" }, "expected a tokenizer.json with model.vocab"],
    [
      changed((f) => (f.model.type = "X")),
      'expected a model of type BPE, WordPiece, Unigram or WordLevel, got "X"',
    ],
    [changed((f) => (f.model.vocab = [])), "model.vocab: expected an object of tokens and ids"],
    [changed((f) => (f.model.vocab.a = "1")), 'model.vocab: "a": expected an id, got "1"'],
    [
      changed((f) => (f.model.vocab.b = f.model.vocab.a)),
      'model.vocab: "b": expected an id of its own',
    ],
    [changed((f) => (f.model.vocab.日 = 399)), '"日": expected an id of its own'],
    [
      changed((f) => {
        f.model.vocab.日 = f.model.vocab.a;
        delete f.model.vocab.a;
      }),
      'expected bytes written as characters (Ġ for a space), got "日"',
    ],
    [changed((f) => (f.model.merges = "a b")), "expected merges as a list, got string"],
    [changed((f) => (f.model.merges[3] = ["q", "zz"])), 'as merge 3, ["q","zz"], got "zz"'],
    [changed((f) => (f.model.merges[3] = ["q", ""])), '"q" would be made of itself, a cycle'],
    [
      changed((f) => (f.model.merges[3] = 7)),
      "expected two pieces with a space between as merge 3",
    ],
    [
      changed((f) => (f.model.byte_fallback = true)),
      "model.byte_fallback: expected byte-level BPE",
    ],
    [
      changed((f) => (f.model.end_of_word_suffix = "</w>")),
      "model.end_of_word_suffix: expected none",
    ],
    [
      changed((f) => (f.pre_tokenizer = { type: "Whitespace" })),
      "pre_tokenizer: expected ByteLevel",
    ],
    [changed((f) => (f.pre_tokenizer = null)), "pre_tokenizer: expected ByteLevel at its end"],
    [changed((f) => (f.normalizer = { type: "Lowercase" })), "normalizer: expected NFC"],
    [changed((f) => (f.added_tokens[0].single_word = true)), "single_word: expected false"],
    [changed((f) => (f.added_tokens[0].id = -1)), "added_tokens: expected content and id"],
  ])("is refused where it would be read wrongly: %#", (json, message) => {
    expect(() => readHuggingFace(json)).toThrow(message);
  });
});

describe("a foreign pattern", () => {
  it("is known by its text, or translated", () => {
    expect(
      foreignPattern(
        String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
      ),
    ).toBe("gpt2");
    const cut = (source: string, text: string) => splitPieces(text, foreignPattern(source));
    expect(cut("(?i:'S|ab[k-])|x", "'ſABK'sxXab-")).toEqual(["'ſ", "ABK", "'s", "x", "X", "ab-"]);
    expect(cut(String.raw`\d+|\w|\-|[\w\-]{2}`, "1٣é-")).toEqual(["1٣", "é", "-"]);
    expect(cut(String.raw`\s|\\s`, "a\u0085\ufeff\\s")).toEqual(["a", "\u0085", "\ufeff", "\\s"]);
  });

  it.each([
    ["\\p{L}++", "a possessive quantifier, ++"],
    ["\\d{1,3}+", "a possessive quantifier, {1,3}+"],
    ["(?>a)", "an atomic group"],
    ["(?i)a", "a flag for the rest of the pattern"],
    ["[[:alpha:]]", "a POSIX class"],
    ["a\\Z", "an escape that JavaScript does not have"],
  ])("is refused where JavaScript would read it otherwise: %s", (source, message) => {
    expect(() => foreignPattern(source)).toThrow(message);
  });
});

describe("GGUF", () => {
  it("has the tokenizer that tokenizer.json has", () => {
    const tokenizer = readGgufTokenizer(gguf);
    expect(tokenizer.model.pattern).toBe("smollm");
    for (const [text, ids] of smollm.texts as [string, number[]][])
      if (!text.includes("<mask>")) expect(tokenizer.encode(text)).toEqual(ids); // lstrip is not in GGUF
    expect(tokenizer.vocabSize).toBe(403);
    expect(tokenizer.encode("a<|im_end|>whaling<mask>").slice(1)).toEqual([400, 401, 402]);
  });

  it("has metadata", () => {
    const metadata = readGgufMetadata(gguf);
    expect(metadata.get("general.architecture")).toBe("llama");
    expect(metadata.get("tokenizer.chat_template")).toBe("{{ messages }}");
    expect(metadata.get("tokenizer.ggml.eos_token_id")).toBe(400);
  });

  const bytes = readFileSync(gguf);
  const replaced = (from: string, to: string) => {
    const copy = Buffer.from(bytes);
    copy.write(to, copy.indexOf(from), "latin1");
    return copy;
  };
  it.each([
    ["cut", bytes.subarray(0, 3000), "expected 8 bytes more, got the end of the file"],
    ["other", Buffer.from("PK\u0003\u0004 a zip file"), 'expected a GGUF file, got "PK'],
    ["version", replaced("GGUF", "GGUF\u0001"), "expected version 2 or 3, got 1"],
    ["utf8", replaced("smollm", "smol\xff\xff"), "expected text in UTF-8, got other bytes"],
    ["pre", replaced("smollm", "smell!"), "expected tokenizer.ggml.pre among default, gpt-2"],
    ["model", replaced("gpt2", "bert"), '(tokenizer.ggml.model is "gpt2"), got "bert"'],
    ["merge", replaced("t h", "~ ~"), "which is not in it"],
  ])("is refused where it is damaged: %s", (name, content, message) => {
    expect(() => readGgufTokenizer(file(`${name}.gguf`, content))).toThrow(message);
  });

  const real = modelFolder("smollm2");
  if (!real)
    console.log(
      "the tokenizer of the real SmolLM2 skipped: it is not in models/ (npm run model smollm2)",
    );
  it.skipIf(!real)("of SmolLM2 gives the ids of transformers", () => {
    const tokenizer = readGgufTokenizer(join(real as string, "SmolLM2-135M-Instruct.Q4_1.gguf"));
    expect(tokenizer.vocabSize).toBe(49152);
    expect(smollm2.map(({ text }) => tokenizer.encode(text))).toEqual(
      smollm2.map(({ ids }) => ids),
    );
  });
});

describe("loadTokenizer", () => {
  const good = JSON.stringify(CharTokenizer.train("ab"));

  it("reads whatever it is", () => {
    expect(loadTokenizer(file("char.json", good)).encode("b")).toEqual([1]);
    expect(loadTokenizer(file("tokenizer.json", JSON.stringify(smollm.json))).vocabSize).toBe(403);
    expect(loadTokenizer(folder).vocabSize).toBe(403);
    expect(loadTokenizer(gguf).vocabSize).toBe(403);
    expect(loadTokenizer("gpt2")).toBe(openAITokenizer("gpt2"));
  });

  it.each([
    ["truncated.json", JSON.stringify(smollm.json).slice(0, 5000), "a text that ends too early"],
    ["other.json", "no JSON {}", "expected JSON, got something else"],
    ["bytes.json", Buffer.from([0x7b, 0xff, 0x7d]), "expected text in UTF-8, got other bytes"],
    ["list.json", "[1]", "expected a type among bpe, char"],
    ["kind.json", '{"type":"bqe"}', 'got "bqe"'],
  ])("says what is wrong with %s, and names it", (name, content, message) => {
    const path = file(name, content);
    expect(() => loadTokenizer(path)).toThrow(message);
    expect(() => loadTokenizer(path)).toThrow(name);
  });

  it("says that there is no such file", () => {
    expect(() => loadTokenizer("nowhere.json")).toThrow("nowhere.json: no such file");
  });
});
