import fc from "fast-check";
import { CharTokenizer } from "llm/tokenizer/char";
import { describe, expect, it } from "vitest";

describe("CharTokenizer", () => {
  it("gives each character its place among the sorted characters", () => {
    const tokenizer = CharTokenizer.train("banana");
    expect(tokenizer.vocabSize).toBe(3);
    expect(tokenizer.encode("nab")).toEqual([2, 0, 1]);
    expect(tokenizer.decode([1, 0, 2])).toBe("ban");
    expect(tokenizer.encode("")).toEqual([]);
    expect(tokenizer.decode([])).toBe("");
  });

  it("decodes typed arrays", () => {
    expect(CharTokenizer.train("ab").decode(new Int32Array([1, 0]))).toBe("ba");
  });

  it("counts code points, not UTF-16 units, and sorts by them", () => {
    const tokenizer = CharTokenizer.train("猫🐈a\uff5e");
    expect(tokenizer.vocabSize).toBe(4);
    expect(tokenizer.encode("a猫\uff5e🐈")).toEqual([0, 1, 2, 3]); // by UTF-16 units 🐈 would come before ～
  });

  it("loses nothing: decode(encode(text)) is text, and survives JSON", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        const tokenizer = CharTokenizer.train(text);
        const again = CharTokenizer.fromJSON(JSON.parse(JSON.stringify(tokenizer)));
        const ids = tokenizer.encode(text);
        expect(tokenizer.decode(ids)).toBe(text);
        expect(again.encode(text)).toEqual(ids);
        expect(Math.max(...ids)).toBe(tokenizer.vocabSize - 1);
      }),
    );
  });

  it("names a character it does not know", () => {
    expect(() => CharTokenizer.train("abc").encode("ab€")).toThrow(
      'unknown character "€" (U+20AC) after 2 characters; this vocabulary has 3 characters: "abc"',
    );
  });

  it("says what is wrong with empty text, ids and JSON", () => {
    expect(() => CharTokenizer.train("")).toThrow("expected some text");
    for (const id of [3, -1, 0.5, Number.NaN]) {
      expect(() => CharTokenizer.train("abc").decode([id])).toThrow(
        `expected ids from 0 to 2, got ${id}`,
      );
    }
    expect(() => CharTokenizer.fromJSON(null)).toThrow('expected { type: "char"');
    expect(() => CharTokenizer.fromJSON({ type: "bpe", vocabulary: ["a"] })).toThrow(
      'expected { type: "char"',
    );
    for (const vocabulary of [[], ["ab"], [""], ["a", "a"], [1]]) {
      expect(() => CharTokenizer.fromJSON({ type: "char", vocabulary })).toThrow(
        "different single characters",
      );
    }
  });

  it("encodes a text that is too long for a plain array of numbers", () => {
    const length = 115_000_000; // a plain array of so many numbers ends the process
    const text = "ab".repeat(length / 2);
    const ids = CharTokenizer.train("ab").encodeText(text);
    expect([ids.length, ids[0], ids[length - 1]]).toEqual([length, 0, 1]);
  }, 60_000);
});
