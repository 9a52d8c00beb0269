// Byte-level BPE gives the ids of others: gpt-tokenizer's on 10,000 texts and on Moby-Dick, and
// what tiktoken and Hugging Face's tokenizers said when test/fixtures/record/bpe.py recorded them.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { encode as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { encode as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { encode as r50k } from "gpt-tokenizer/encoding/r50k_base";
import { chineseVerse, mobyDick } from "llm/data";
import {
  BpeTokenizer,
  type OpenAIName,
  openAITokenizer,
  type PatternName,
  splitPieces,
} from "llm/tokenizer";
import { readRanks } from "llm/tokenizer/tiktoken";
import { describe, expect, it } from "vitest";
import recorded from "../../fixtures/bpe.json";

const names: OpenAIName[] = ["gpt2", "cl100k", "o200k"];
const ordinary = { disallowedSpecial: new Set<string>() };
const peers = {
  gpt2: (text: string) => r50k(text, ordinary),
  cl100k: (text: string) => cl100k(text, ordinary),
  o200k: (text: string) => o200k(text, ordinary),
};
const digest = (ids: Int32Array) =>
  createHash("sha256")
    .update(new Uint8Array(ids.buffer, 0, ids.byteLength))
    .digest("hex");
const books = { mobyDick, chineseVerse };

/** What texts are made of: much that a pattern must decide about. */
const morsel = fc.oneof(
  fc.constantFrom(
    ...[
      " ",
      "  ",
      "\n",
      "\r\n",
      "\t",
      "\u3000",
      "\u00a0",
      "'s",
      "'LL",
      "’",
      "/",
      "...",
      "the",
      " The",
    ],
    ...[
      "ABC",
      "é",
      "e\u0301",
      "\u0301",
      "ǅ",
      "ª",
      "12",
      "3456",
      "½",
      "٣",
      "猫",
      "自然",
      "。",
      "ไทย",
      "한",
    ],
    ...[
      "🐈",
      "👍🏽",
      "🐈‍⬛",
      "\ud83d",
      "\udc08",
      "\u0000",
      "\u001b",
      "\u200b",
      "\ufffd",
      "_",
      "-",
      "<|endoftext|>",
    ],
  ),
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.string({ unit: "binary-ascii", maxLength: 8 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 4 })
    .map((units) => String.fromCharCode(...units)),
);
/**
 * In two places gpt-tokenizer is not tiktoken: its \s is JavaScript's (with U+FEFF, without
 * U+0085), and 'ſ is no contraction to it. There tiktoken's own ids are the reference, further
 * down.
 */
const agreed = (text: string) => text.replace(/[\ufeff\u0085ſ]/g, "x");
const texts = fc.array(morsel, { maxLength: 12 }).map((morsels) => agreed(morsels.join("")));

describe("OpenAI's tokenizers", () => {
  it("give the ids of gpt-tokenizer on 10,000 texts", () => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const name of names)
          expect([name, Array.from(openAITokenizer(name).encodeOrdinary(text))]).toEqual([
            name,
            peers[name](text),
          ]);
      }),
      { numRuns: 10_000, seed: 4 },
    );
  }, 60_000);

  it.each(names)(
    "give the ids of gpt-tokenizer on whole books: %s",
    (name) => {
      for (const book of [mobyDick(), chineseVerse().slice(0, 30_000)]) {
        const ids = openAITokenizer(name).encodeText(book);
        const theirs = Int32Array.from(peers[name](book));
        expect(ids.length).toBe(theirs.length);
        expect(digest(ids)).toBe(digest(theirs));
        expect(openAITokenizer(name).decode(ids)).toBe(book);
      }
    },
    60_000,
  );

  it.each([
    ["letters", "ab".repeat(50_000)],
    ["one letter", "a".repeat(100_000)],
    ["digits", "1234567890".repeat(10_000)],
    ["signs", "=-".repeat(50_000)],
    ["Chinese", "自然语言处理".repeat(5_600)],
    ["spaces", " ".repeat(100_000)],
  ])("read 100 kB without a cut, in time: %s", (_, text) => {
    for (const name of names) {
      const tokenizer = openAITokenizer(name);
      const start = performance.now();
      const ids = tokenizer.encodeText(text);
      expect(performance.now() - start).toBeLessThan(2000); // a quadratic one takes minutes
      expect(tokenizer.decode(ids)).toBe(text);
    }
  });

  it("give gpt-tokenizer's ids on 20 kB without a space", () => {
    for (const text of ["ab".repeat(10_000), "abcdefghij".repeat(2_000), "猫在睡觉".repeat(1_500)])
      for (const name of names)
        expect(digest(openAITokenizer(name).encodeText(text))).toBe(
          digest(Int32Array.from(peers[name](text))),
        );
  }, 60_000);

  it.each(names)("give the ids of tiktoken on odd texts and on books: %s", (name) => {
    const tokenizer = openAITokenizer(name);
    const { ids, books: digests } = recorded.openai[name];
    recorded.texts.forEach((text, i) => {
      expect([text, Array.from(tokenizer.encodeOrdinary(text))]).toEqual([text, ids[i]]);
    });
    expect(digests).toEqual(
      [mobyDick(), chineseVerse()].map((b) => digest(tokenizer.encodeText(b))),
    );
  });

  it("know their special tokens, and cut the map's sentence as published", () => {
    const sentence = "自然语言处理是计算机科学和人工智能领域的一个重要研究方向。";
    expect(names.map((name) => openAITokenizer(name).encode(sentence).length)).toEqual([
      63, 33, 17,
    ]);
    expect(names.map((name) => openAITokenizer(name).encode("<|endoftext|>"))).toEqual([
      [50256],
      [100257],
      [199999],
    ]);
    expect(names.map((name) => openAITokenizer(name).vocabSize)).toEqual([50257, 100277, 200019]);
    expect(openAITokenizer("gpt2").encode("Hello, world")).toEqual([15496, 11, 995]);
    expect(() => openAITokenizer("cl100k").decode([100270])).toThrow(
      "which this vocabulary leaves out",
    );
    expect(() => openAITokenizer("gpt5" as "gpt2")).toThrow("expected gpt2, cl100k, o200k, got");
  });

  it("survive being written to JSON", () => {
    const again = BpeTokenizer.fromJSON(JSON.parse(JSON.stringify(openAITokenizer("gpt2"))));
    expect(digest(again.encodeText(mobyDick()))).toBe(recorded.openai.gpt2.books[0]);
  });

  it.each([
    ["IQ==0\n", "line 1: expected a token in base 64 and its id"],
    ["IQ== 0\nIg== x\n", 'line 2: expected a token in base 64 and its id, got "Ig== x"'],
    ["IQ== 0\nIg=", "line 2"],
    ["IQ== -1", "line 1"],
  ])("refuse a damaged file of ranks: %j", (text, message) => {
    expect(() => readRanks(text)).toThrow(message);
  });
});

describe("the patterns", () => {
  it.each(Object.keys(recorded.pieces) as (PatternName & keyof typeof recorded.pieces)[])(
    "cut as Hugging Face's tokenizers do: %s",
    (name) => {
      recorded.texts.forEach((text, i) => {
        expect(splitPieces(text, name)).toEqual(recorded.pieces[name][i]);
      });
    },
  );

  it("SmolLM2's is digits cut out first, and GPT-2's for the rest", () => {
    const steps = [{ regex: "\\p{N}" }, { regex: splitSource }];
    fc.assert(
      fc.property(texts, (text) => {
        expect(splitPieces(text, "smollm")).toEqual(splitPieces(text, steps));
      }),
      { numRuns: 2000 },
    );
  });

  it("says so where one piece is longer than a regular expression can match", () => {
    expect(() => splitPieces("猫".repeat(8_000_000), "gpt2")).toThrow(
      "expected pieces of at most a few million characters, got a longer one at 0",
    );
  });

  it("a pattern that leaves gaps makes pieces of them", () => {
    expect(splitPieces("ab12cd3", { regex: "\\d+" })).toEqual(["ab", "12", "cd", "3"]);
    expect(splitPieces("ab1", { regex: "x*" })).toEqual(["ab1"]);
  });
});
const splitSource = String.raw`'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

describe("training", () => {
  it.each(recorded.trained)(
    "learns what Hugging Face's trainer learns: $book, $pattern",
    (theirs) => {
      const book = books[theirs.book as keyof typeof books]();
      const ours = BpeTokenizer.train(book, {
        vocabSize: 2048,
        pattern: theirs.pattern as PatternName,
        special: ["<|endoftext|>"],
      });
      const { merges } = ours.toJSON();
      expect(merges.slice(0, 300)).toEqual(theirs.merges);
      const all = (merges as string[]).join("\n");
      expect(createHash("sha256").update(all).digest("hex")).toBe(theirs.all);
      expect(recorded.texts.map((text) => ours.encode(text))).toEqual(theirs.odd);
      expect(digest(ours.encodeText(book))).toBe(theirs.ids);
    },
    60_000,
  );
});
