// Byte-level BPE: the fast version against the clear one, the round trip, ties, special tokens,
// broken UTF-8, decoding as ids come.
import fc from "fast-check";
import {
  applyMerges,
  BpeTokenizer,
  CharTokenizer,
  learnMerges,
  mergePair,
  pairCounts,
  splitPieces,
  streamingDecoder,
  tokenizerFromJSON,
} from "llm/tokenizer";
import { describe, expect, it } from "vitest";

const bytesOf = (text: string) => [...new TextEncoder().encode(text)];
/** What UTF-8 can say of a text: half surrogates become �. */
const wellFormed = (text: string) =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));
/** Texts of few letters, in which pairs repeat and tie. */
const repetitive = fc.string({
  unit: fc.constantFrom("a", "b", "c", " ", "猫", "\n"),
  maxLength: 80,
});
const anything = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  repetitive,
);

/**
 * What bpeClear.ts makes of a text: tokens as text, because our bytes have other ids than theirs.
 */
function clearly(text: string, count: number) {
  // ids in the order of the alphabet, since ties are decided by ids
  const byteTokens = BpeTokenizer.train("a", { vocabSize: 256 });
  const idOf = new Map(Array.from({ length: 256 }, (_, id) => [byteTokens.tokenBytes(id)[0], id]));
  const ids = (piece: string) => bytesOf(piece).map((byte) => idOf.get(byte) as number);
  const merges = learnMerges(splitPieces(text, "gpt2").map(ids), count);
  return {
    merges,
    encode: (other: string) =>
      splitPieces(other, "gpt2").flatMap((piece) => applyMerges(ids(piece), merges)),
  };
}

describe("BPE on one screen", () => {
  it("counts and merges pairs as minbpe's example does", () => {
    expect([...pairCounts([1, 2, 3, 1, 2])]).toEqual([
      ["1,2", 2],
      ["2,3", 1],
      ["3,1", 1],
    ]);
    expect(mergePair([1, 2, 3, 1, 2], [1, 2], 4)).toEqual([4, 3, 4]);
    expect(mergePair([1, 1, 1], [1, 1], 4)).toEqual([4, 1]);
  });

  it("learns Wikipedia's example: aaabdaaabac becomes XdXac", () => {
    const merges = learnMerges([bytesOf("aaabdaaabac")], 3);
    // aa = Z (256), then ab and Za tie at 2, and the smaller pair of ids is ab
    expect(merges[0]).toEqual([97, 97]);
    expect(merges[1]).toEqual([97, 98]);
    expect(merges[2]).toEqual([256, 257]);
    expect(applyMerges(bytesOf("aaabdaaabac"), merges)).toEqual([258, 100, 258, 97, 99]);
  });
});

describe("the fast version", () => {
  it("learns the merges of the clear one, and encodes as it does", () => {
    fc.assert(
      fc.property(repetitive, repetitive, fc.integer({ min: 0, max: 12 }), (text, other, count) => {
        fc.pre(text !== "");
        const fast = BpeTokenizer.train(text, { vocabSize: 256 + count });
        const clear = clearly(text, count);
        const merges = fast.model.merges as number[][];
        expect(merges.map(([left, right]) => [left, right])).toEqual(clear.merges);
        expect(fast.encode(other)).toEqual(clear.encode(other));
        expect(fast.encode(other)).toEqual(clear.encode(other)); // remembered
      }),
      { numRuns: 1000 },
    );
  });

  it("gives the text back, whatever it is; half surrogates become �", () => {
    const tokenizer = BpeTokenizer.train("the whale, the white whale 白鯨 白鯨", {
      vocabSize: 280,
    });
    fc.assert(
      fc.property(anything, (text) => {
        const ids = tokenizer.encode(text);
        expect(tokenizer.decode(ids)).toBe(wellFormed(text));
        expect([...tokenizer.encodeText(text)]).toEqual(ids);
        const decoder = tokenizer.decoder();
        expect(ids.map((id) => decoder.push(id)).join("") + decoder.end()).toBe(wellFormed(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("reads a piece of 100,000 letters at once", () => {
    const tokenizer = BpeTokenizer.train("abababab ababab abc abcd", { vocabSize: 262 });
    const text = "ab".repeat(50_000);
    const ids = tokenizer.encode(text);
    expect(tokenizer.decode(ids)).toBe(text);
    expect(ids.length).toBeLessThan(50_000);
  });
});

describe("training", () => {
  it("numbers special tokens, then bytes by their characters, then merges", () => {
    const tokenizer = BpeTokenizer.train("aa aa aa", { vocabSize: 260, special: ["<a>", "<b>"] });
    expect(tokenizer.encode("<b><a>!")).toEqual([1, 0, 2]);
    expect(tokenizer.vocabSize).toBe(260);
    expect(tokenizer.decode([258, 259])).toBe("aa aa"); // aa came first: 3 times, Ġaa 2 times
  });

  it("stops where no pair is left, or only rare ones", () => {
    expect(BpeTokenizer.train("ab", { vocabSize: 300 }).vocabSize).toBe(257);
    expect(BpeTokenizer.train("abc", { vocabSize: 300, minFrequency: 2 }).vocabSize).toBe(256);
  });

  it("merges nothing across texts", () => {
    expect(BpeTokenizer.train(["a", "b"], { vocabSize: 300 }).vocabSize).toBe(256);
  });

  it.each([
    [() => BpeTokenizer.train("", { vocabSize: 300 }), "expected some text"],
    [() => BpeTokenizer.train("a", { vocabSize: 200 }), "expected a vocabSize from 256"],
    [() => BpeTokenizer.train("a", { vocabSize: 300.5 }), "got 300.5"],
    [() => BpeTokenizer.train("a", { vocabSize: 256, special: ["x"] }), "from 257"],
    [() => BpeTokenizer.train("a", { vocabSize: 300, special: ["x", "x"] }), "different special"],
    [() => BpeTokenizer.train("a", { vocabSize: 300, special: [""] }), "got an empty one"],
    [() => BpeTokenizer.train("a", { vocabSize: 300, pattern: "gpt5" as "gpt2" }), 'got "gpt5"'],
    [
      () => BpeTokenizer.train("a", { vocabSize: 300, pattern: { regex: "(" } }),
      "regular expression",
    ],
  ])("refuses what makes no sense: %#", (train, message) => {
    expect(train).toThrow(message);
  });
});

describe("special tokens", () => {
  const tokenizer = BpeTokenizer.train("x", {
    vocabSize: 260,
    special: ["<|im|>", "<|im|>_end", "|>", "a"],
  });

  it("takes the first, and of those the longest", () => {
    expect(tokenizer.encode("<|im|>_end<|im|>|>")).toEqual([1, 0, 2]);
    expect(tokenizer.encode("<|im|>_en").slice(0, 1)).toEqual([0]);
  });

  it("leaves them text like any other in encodeOrdinary", () => {
    expect(tokenizer.encodeOrdinary("<|im|>")).toHaveLength(6);
    expect(tokenizer.decode(tokenizer.encodeOrdinary("<|im|>"))).toBe("<|im|>");
  });

  it("cuts the text: what stands before it is at its end", () => {
    // two spaces at an end are one piece, before a word they are two
    const spaces = BpeTokenizer.train(["  ", "  "], { vocabSize: 258, special: ["<s>"] });
    expect(spaces.encode("  <s>")).toEqual([257, 0]);
    expect(spaces.encodeOrdinary("  <s>").length).toBe(5);
  });
});

describe("decoding", () => {
  const tokenizer = BpeTokenizer.train("a", { vocabSize: 256 });

  it("writes � for broken UTF-8, and waits for the rest of a character", () => {
    const ids = tokenizer.encode("猫!");
    expect(tokenizer.decode(ids.slice(0, 2))).toBe("�");
    expect(tokenizer.decode([ids[0], ids[3]])).toBe("�!");
    const decoder = streamingDecoder(tokenizer);
    expect(ids.map((id) => decoder.push(id))).toEqual(["", "", "猫", "!"]);
    decoder.push(ids[0]);
    expect(decoder.end()).toBe("�");
    const characters = streamingDecoder(CharTokenizer.train("ab"));
    expect(characters.push(1) + characters.end()).toBe("b");
  });

  it("keeps a byte order mark", () => {
    const decoder = tokenizer.decoder();
    const ids = tokenizer.encode("\ufeffa");
    expect(tokenizer.decode(ids)).toBe("\ufeffa");
    expect(ids.map((id) => decoder.push(id)).join("")).toBe("\ufeffa");
  });

  it.each([-1, 256, 0.5, Number.NaN])("refuses %s", (id) => {
    expect(() => tokenizer.decode([id])).toThrow(`expected ids from 0 to 255, got ${id}`);
  });
});

describe("as JSON", () => {
  it("comes back the same", () => {
    const tokenizer = BpeTokenizer.train("aaa bab 猫猫 the the the", {
      vocabSize: 264,
      special: ["<|end|>"],
      pattern: "cl100k",
    });
    const json = JSON.parse(JSON.stringify(tokenizer));
    const again = tokenizerFromJSON(json);
    expect(again.toJSON()).toEqual(tokenizer.toJSON());
    expect(again.vocabSize).toBe(tokenizer.vocabSize);
    const text = "the aaa<|end|> 猫bab";
    expect(again.encode(text)).toEqual(tokenizer.encode(text));
    expect(json.merges).toContain("h e");
  });

  const good = { type: "bpe", pattern: "gpt2", vocabulary: ["a", "b", "ab"], merges: ["a b"] };
  it.each([
    [{ ...good, vocabulary: 3 }, "expected { type:"],
    [{ ...good, pattern: "x" }, "expected a pattern among"],
    [{ ...good, vocabulary: ["a", 1] }, "expected text as entry 1, got 1"],
    [{ ...good, vocabulary: ["a", "a"] }, 'got "a" as 0 and 1'],
    [{ ...good, vocabulary: ["a", "b c"] }, 'got "b c" as entry 1'],
    [{ ...good, merges: ["a b", "a c"] }, 'merge 1, "a c", got "c", which is not in it'],
    [{ ...good, merges: ["b a"] }, 'got "ba", which is not in it'],
    [{ ...good, merges: ["ab"] }, "expected two pieces with a space between as merge 0"],
    [{ ...good, merges: [["a", ""]] }, '"a" would be made of itself, a cycle'],
    [{ ...good, merges: 1 }, "expected merges as a list, got number"],
    [{ ...good, special: { x: "1" } }, 'special token "x", got "1"'],
    [{ ...good, normalizer: "X" }, "expected the normalizer NFC"],
  ])("refuses what is not: %#", (json, message) => {
    expect(() => tokenizerFromJSON(json)).toThrow(message);
  });

  it("says which character a vocabulary without all bytes cannot write", () => {
    const small = BpeTokenizer.fromJSON(good);
    expect(small.encode("abba")).toEqual([2, 1, 0]);
    expect(() => small.encode("abc")).toThrow('got "abc", of which a byte has no token');
    expect(() => small.encode("abc")).toThrow('got "abc"'); // also the second time
    expect(small.encode("ab")).toEqual([2]);
  });
});

describe("from plain merges", () => {
  it("makes token 256 + k of the k-th", () => {
    const tokenizer = BpeTokenizer.fromMerges(
      [
        [97, 98],
        [256, 99],
      ],
      { special: ["<s>"] },
    );
    expect(tokenizer.encode("abcab<s>")).toEqual([257, 256, 258]);
    expect(tokenizer.vocabSize).toBe(259);
  });

  it.each([
    [[[97, 256]], "256 is made of 256 itself, a cycle"],
    [
      [
        [97, 257],
        [256, 98],
      ],
      "merge 0, which makes 256, got [97,257]: 257 is made of 256 itself, a cycle",
    ],
    [
      [
        [97, 257],
        [97, 98],
      ],
      "257 is made later",
    ],
    [[[97, 300]], "300 is unknown"],
    [[[97, -1]], "-1 is unknown"],
    [[[97]], "expected a pair of ids as merge 0"],
  ])("refuses %j", (merges, message) => {
    expect(() => BpeTokenizer.fromMerges(merges as [number, number][])).toThrow(message);
  });
});
