// Measures of variety against counts by hand, and self-BLEU against bleu itself.
import { bleu, distinctNgrams, repeatedShare, selfBleu } from "llm/evaluate";
import { describe, expect, it } from "vitest";

describe("distinctNgrams", () => {
  it("counts different n-grams over all texts", () => {
    // bigrams: ab, ba, ab | ab, bc: three different ones of five
    const texts = [
      ["a", "b", "a", "b"],
      ["a", "b", "c"],
    ];
    expect(distinctNgrams(texts, 2)).toBeCloseTo(3 / 5, 12);
    expect(distinctNgrams(texts, 1)).toBeCloseTo(3 / 7, 12);
  });

  it("does not confuse 1 · 23 with 12 · 3", () => {
    expect(
      distinctNgrams(
        [
          [1, 23],
          [12, 3],
        ],
        2,
      ),
    ).toBe(1);
  });

  it("refuses texts that are too short", () => {
    expect(() => distinctNgrams([["a"]], 2)).toThrow(/at least 2 tokens/);
  });
});

describe("repeatedShare", () => {
  it("is what a text repeats of itself", () => {
    // 1234 2341 3412 4123 1234: one of five has been there
    expect(repeatedShare([1, 2, 3, 4, 1, 2, 3, 4], 4)).toBeCloseTo(1 / 5, 12);
    expect(repeatedShare([7, 7, 7, 7, 7, 7], 2)).toBeCloseTo(4 / 5, 12);
    expect(repeatedShare([1, 2, 3], 4)).toBe(0);
  });
});

describe("selfBleu", () => {
  it("is 100 for equal texts and low for texts that share nothing", () => {
    const same = "the whale was seen at dawn";
    expect(selfBleu([same, same, same])).toBeCloseTo(100, 8);
    expect(selfBleu(["a b c d e", "f g h i j"])).toBe(0);
  });

  it("is the mean of each text's BLEU with all others", () => {
    const texts = [
      "the whale swam away at night",
      "the whale swam home",
      "a ship at night swam away",
    ];
    const options = { effectiveOrder: true };
    const expected =
      (bleu([texts[0]], [[texts[1], texts[2]]], options).score +
        bleu([texts[1]], [[texts[0], texts[2]]], options).score +
        bleu([texts[2]], [[texts[0], texts[1]]], options).score) /
      3;
    expect(selfBleu(texts)).toBeCloseTo(expected, 10);
    expect(() => selfBleu(["one"])).toThrow(/at least two/);
  });
});
