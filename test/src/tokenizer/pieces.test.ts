import fc from "fast-check";
import { mobyDick } from "llm/data";
import { bertWords } from "llm/tokenizer/bertText";
import { UnigramTokenizer, unigramWords } from "llm/tokenizer/unigram";
import { addExpected, viterbi } from "llm/tokenizer/unigramLattice";
import { digamma, emStep, trainUnigram } from "llm/tokenizer/unigramTrain";
import { WordTokenizer } from "llm/tokenizer/word";
import { WordPieceTokenizer, wordPieces } from "llm/tokenizer/wordpiece";
import { trainWordPiece } from "llm/tokenizer/wordpieceTrain";
import { cutByIntl, cutCharacters, cutWords, loadJieba } from "llm/tokenizer/words";
import { describe, expect, it } from "vitest";
import text from "../../fixtures/tokenizer-text.json";
import unigram from "../../fixtures/unigram.json";
import wordpiece from "../../fixtures/wordpiece.json";

const countOf = (words: string[]) => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
};

describe("WordTokenizer", () => {
  it("keeps the most frequent words, and the rest is [UNK]", () => {
    const tokenizer = WordTokenizer.train("the cat and the dog and the end", { vocabSize: 3 });
    expect(tokenizer.vocabulary).toEqual(["[UNK]", "the", "and"]);
    expect(tokenizer.encode("the end and 猫")).toEqual([1, 0, 2, 0]);
    expect(tokenizer.decode([1, 0, 2, 0])).toBe("the [UNK] and [UNK]");
    const again = WordTokenizer.fromJSON(JSON.parse(JSON.stringify(tokenizer)));
    expect(again.encodeText("and the")).toEqual(Int32Array.of(2, 1));
  });

  it("is right about known words and single spaces, and loses everything else", () => {
    const tokenizer = WordTokenizer.train(mobyDick());
    expect(tokenizer.decode(tokenizer.encode("Call me Ishmael"))).toBe("Call me Ishmael");
    expect(tokenizer.decode(tokenizer.encode("Call  me\nIshmael."))).toBe("Call me Ishmael .");
  });

  it("says what is wrong", () => {
    expect(() => WordTokenizer.train(" ")).toThrow("expected some words");
    expect(() => WordTokenizer.train("a", { vocabSize: 1 })).toThrow("2 or more, got 1");
    expect(() => WordTokenizer.train("a").decode([2])).toThrow("from 0 to 1, got 2");
    for (const bad of [null, { type: "word" }, { type: "word", vocabulary: ["a"] }])
      expect(() => WordTokenizer.fromJSON(bad)).toThrow("WordTokenizer.fromJSON: expected");
  });
});

describe("words", () => {
  const sentence = "自然语言处理是计算机科学和人工智能领域的一个重要研究方向。";
  it("cuts English at spaces and marks, and keeps what is inside a word", () => {
    expect(cutWords("Don't ask, said 猫。")).toEqual(["Don't", "ask", ",", "said", "猫", "。"]);
    expect(cutWords(sentence)).toHaveLength(2); // a whole sentence, and the full stop
  });

  it("cuts Chinese by characters, by ICU and by jieba, and loses nothing", async () => {
    const jieba = await loadJieba();
    for (const cut of [cutCharacters, cutByIntl, jieba])
      expect(cut(sentence).join("")).toBe(sentence);
    expect(cutCharacters(sentence)).toHaveLength(29);
    expect(cutByIntl(sentence).slice(0, 3)).toEqual(["自然", "语言", "处理"]);
    expect(jieba(sentence)).toEqual(
      "自然语言 处理 是 计算机科学 和 人工智能 领域 的 一个 重要 研究 方向 。".split(" "),
    );
  });
});

describe("WordPiece", () => {
  const tokenizer = WordPieceTokenizer.fromJSON({
    type: "wordpiece",
    ...wordpiece,
    lowercase: true,
  });
  const cased = WordPieceTokenizer.fromJSON({ type: "wordpiece", ...wordpiece, lowercase: false });

  it("takes the longest piece first, which need not be the best cut", () => {
    const has = (piece: string) => ["un", "##want", "##ed", "a", "ab", "##cd"].includes(piece);
    expect(wordPieces("unwanted", has)).toEqual(["un", "##want", "##ed"]);
    expect(wordPieces("abcd", has)).toEqual(["ab", "##cd"]);
    expect(wordPieces("abcx", has)).toBeUndefined();
  });

  it.each(wordpiece.texts)("gives the ids of BertWordPieceTokenizer: $text", (recorded) => {
    expect(tokenizer.encode(recorded.text)).toEqual(recorded.ids);
    expect(cased.encode(recorded.text)).toEqual(recorded.cased);
  });

  it("learns the vocabulary of BertWordPieceTokenizer, given its order of ## characters", () => {
    const counts = countOf(text.lines.flatMap((line) => bertWords(line)));
    const continuations = wordpiece.vocabulary.filter((p) => /^##.$/u.test(p));
    expect(trainWordPiece(counts, { vocabSize: 800, continuations })).toEqual(wordpiece.vocabulary);
  });

  it("has every pair of the text counted right, however many joins there were", () => {
    // A slow trainer that counts all pairs anew before each join.
    const slow = (counts: Map<string, number>, vocabSize: number) => {
      const spelled = [...counts].map(([word, count]) => ({
        pieces: [...word].map((c, i) => (i === 0 ? c : `##${c}`)),
        count,
      }));
      const vocabulary = trainWordPiece(counts, { vocabSize: 0 });
      while (vocabulary.length < vocabSize) {
        const pairs = new Map<string, number>();
        for (const { pieces, count } of spelled)
          for (let i = 0; i + 1 < pieces.length; i++) {
            const pair = `${vocabulary.indexOf(pieces[i])} ${vocabulary.indexOf(pieces[i + 1])}`;
            pairs.set(pair, (pairs.get(pair) ?? 0) + count);
          }
        const rank = ([pair, count]: [string, number]) => {
          const [a, b] = pair.split(" ").map(Number);
          return [-count, a, b];
        };
        const best = [...pairs].sort((x, y) => {
          const [p, q] = [rank(x), rank(y)];
          return p[0] - q[0] || p[1] - q[1] || p[2] - q[2];
        })[0];
        if (best === undefined || best[1] < 2) break;
        const [a, b] = best[0].split(" ").map((id) => vocabulary[Number(id)]);
        const joined = a + b.slice(2);
        if (!vocabulary.includes(joined)) vocabulary.push(joined);
        for (const word of spelled)
          for (let i = 0; i + 1 < word.pieces.length; i++)
            if (word.pieces[i] === a && word.pieces[i + 1] === b) word.pieces.splice(i, 2, joined);
      }
      return vocabulary;
    };
    const word = fc.string({ unit: fc.constantFrom(..."ab🐈c"), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.dictionary(word, fc.integer({ min: 1, max: 9 }), { minKeys: 1 }), (words) => {
        const counts = new Map(Object.entries(words));
        expect(trainWordPiece(counts, { vocabSize: 30 })).toEqual(slow(counts, 30));
      }),
    );
  });

  it("puts words together again, with a space before every mark", () => {
    const ids = tokenizer.encode("Whales, whaling!");
    expect(tokenizer.decode(ids)).toBe("whales , whaling !");
    const again = WordPieceTokenizer.fromJSON(JSON.parse(JSON.stringify(tokenizer)));
    expect(again.encode("Whales, whaling!")).toEqual(ids);
    expect(again.encodeText("whale")).toEqual(Int32Array.from(tokenizer.encode("whale")));
    expect(() => tokenizer.decode([9999])).toThrow("from 0 to 799, got 9999");
  });

  it("says what is wrong with a file", () => {
    const vocabularies = [["a"], ["[UNK]", "a", "a"], ["[UNK]", ""], ["[UNK]", 3]];
    for (const vocabulary of vocabularies)
      expect(() =>
        WordPieceTokenizer.fromJSON({ type: "wordpiece", vocabulary, lowercase: true }),
      ).toThrow("expected a vocabulary of different pieces with [UNK]");
    expect(() => WordPieceTokenizer.fromJSON({ type: "bpe" })).toThrow("WordPieceTokenizer.from");
    expect(() => WordPieceTokenizer.train("  ", { vocabSize: 9 })).toThrow("expected some words");
  });
});

/** All cuts of a word, the slow way. */
function cutsOf(word: string): string[][] {
  const characters = [...word];
  if (characters.length === 0) return [[]];
  return characters.flatMap((_, i) =>
    cutsOf(characters.slice(i + 1).join("")).map((rest) => [
      characters.slice(0, i + 1).join(""),
      ...rest,
    ]),
  );
}
const anyWord = fc.string({ unit: fc.constantFrom(..."abc猫"), minLength: 1, maxLength: 7 });
/** Characters always have a score; other pieces may. */
const anyScores = fc
  .tuple(
    fc.array(fc.double({ min: -9, max: -0.1, noNaN: true }), { minLength: 4, maxLength: 4 }),
    fc.dictionary(anyWord, fc.double({ min: -9, max: -0.1, noNaN: true }), { maxKeys: 30 }),
  )
  .map(
    ([single, others]) =>
      new Map([...Object.entries(others), ...[..."abc猫"].map((c, i) => [c, single[i]] as const)]),
  );

describe("Unigram", () => {
  const tokenizer = UnigramTokenizer.fromJSON({
    type: "unigram",
    vocabulary: unigram.vocabulary,
    unknown: unigram.unk,
  });

  it.each(unigram.texts)("gives the ids of SentencePieceUnigramTokenizer: $text", (recorded) => {
    expect(tokenizer.encode(recorded.text)).toEqual(recorded.ids);
  });

  it("finds the best of all cuts", () => {
    fc.assert(
      fc.property(anyWord, anyScores, (word, scores) => {
        const all = cutsOf(word)
          .filter((cut) => cut.every((piece) => scores.has(piece)))
          .map((cut) => cut.reduce((sum, piece) => sum + (scores.get(piece) as number), 0));
        const { pieces, score } = viterbi(word, scores);
        expect(score).toBeCloseTo(Math.max(...all), 9);
        expect(pieces.join("")).toBe(word);
      }),
    );
  });

  it("expects pieces as often as all cuts together use them", () => {
    fc.assert(
      fc.property(anyWord, anyScores, (word, scores) => {
        const cuts = cutsOf(word).filter((cut) => cut.every((piece) => scores.has(piece)));
        const p = cuts.map((cut) => Math.exp(cut.reduce((s, x) => s + (scores.get(x) ?? 0), 0)));
        const whole = p.reduce((a, b) => a + b, 0);
        const expected = new Map<string, number>();
        expect(addExpected(expected, word, 3, scores)).toBeCloseTo(Math.log(whole), 9);
        for (const [piece, count] of expected) {
          const slow = cuts.map(
            (cut, i) => (3 * p[i] * cut.filter((x) => x === piece).length) / whole,
          );
          expect(count).toBeCloseTo(
            slow.reduce((a, b) => a + b, 0),
            9,
          );
        }
      }),
    );
  });

  it("never makes the text less probable in an EM step", () => {
    const words = fc.array(fc.tuple(anyWord, fc.integer({ min: 1, max: 9 })), { minLength: 1 });
    fc.assert(
      fc.property(words, anyScores, (list, start) => {
        let scores: Map<string, number> = start;
        let before = Number.NEGATIVE_INFINITY;
        for (let step = 0; step < 5; step++) {
          const { next, logLikelihood } = emStep(list, scores, { digamma: false });
          // The first scores do not sum to 1 yet: their likelihood is no probability.
          if (step > 1) expect(logLikelihood).toBeGreaterThanOrEqual(before - 1e-9);
          [scores, before] = [next, logLikelihood];
          const total = [...next.values()].reduce((sum, s) => sum + Math.exp(s), 0);
          expect(total).toBeCloseTo(1, 9);
        }
      }),
    );
  });

  it("knows the digamma function", () => {
    const euler = 0.5772156649015329;
    expect(digamma(1)).toBeCloseTo(-euler, 9);
    expect(digamma(0.5)).toBeCloseTo(-euler - 2 * Math.LN2, 9);
    expect(digamma(100)).toBeCloseTo(4.600161852738087, 9);
  });

  it("learns a vocabulary of the size that was asked for, with all characters", () => {
    const sizes: number[] = [];
    const onStep = (pieces: number) => sizes.push(pieces);
    const counts = countOf(unigramWords(text.lines.slice(0, 80).join(" ")));
    const pieces = trainUnigram(counts, { vocabSize: 400, onStep });
    expect(pieces.size).toBe(400);
    for (const [word] of counts) for (const c of word) expect(pieces.has(c)).toBe(true);
    expect(sizes[0]).toBeGreaterThan(1000);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(pieces.has("▁the")).toBe(true);
    const values = [...pieces.values()];
    expect(values).toEqual([...values].sort((a, b) => b - a));
  });

  it("cuts a text into about as few tokens as the vocabulary that was recorded", () => {
    const english = text.lines.slice(0, 80).join(" ");
    const ours = UnigramTokenizer.train(text.lines.join(" "), { vocabSize: 1000 });
    const theirs = tokenizer.encode(english).length;
    expect(ours.encode(english).length / theirs).toBeGreaterThan(0.9);
    expect(ours.encode(english).length / theirs).toBeLessThan(1.05);
    expect(ours.decode(ours.encode(english))).toBe(
      unigramWords(english).join("").slice(1).replaceAll("▁", " "),
    );
  });

  it("says what is wrong", () => {
    expect(() => UnigramTokenizer.train("", { vocabSize: 9 })).toThrow("expected some words");
    expect(() => UnigramTokenizer.train("abcdef", { vocabSize: 4 })).toThrow("vocabSize of 7");
    expect(() => tokenizer.decode([-1])).toThrow("from 0 to 999, got -1");
    const file = { type: "unigram", vocabulary: [["a", -1]], unknown: 0 };
    for (const bad of [
      { ...file, type: "bpe" },
      { ...file, unknown: 3 },
      { ...file, vocabulary: [["a", Number.NaN]] },
      {
        ...file,
        vocabulary: [
          ["a", -1],
          ["a", -2],
        ],
      },
    ])
      expect(() => UnigramTokenizer.fromJSON(bad)).toThrow("UnigramTokenizer.fromJSON: expected");
  });
});
