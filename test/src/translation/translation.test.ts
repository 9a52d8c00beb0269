// Numbers and dates against other ways of computing them, what is held out, texts as ids, and a
// model that is small enough to learn something in seconds.
import fc from "fast-check";
import { tf, useEngine } from "llm/engine";
import { Random } from "llm/random";
import { Trainer } from "llm/train";
import {
  alignment,
  dates,
  isHeldOut,
  LARGEST_NUMBER,
  names,
  numberInChinese,
  numberInEnglish,
  numbers,
  type Pair,
  type PairSource,
  PairVocabulary,
  splitPair,
  translate,
  translateByBeam,
  translationTask,
} from "llm/translation";
import { beforeAll, describe, expect, it } from "vitest";

/** Reads Chinese numbers by another rule than the one that writes them: digit by digit. */
function readChinese(text: string): number {
  let [total, section, digit] = [0, 0, 0];
  for (const character of text.replace(/零/g, "")) {
    const value = "零一二三四五六七八九".indexOf(character);
    if (value >= 0) digit = value;
    else if (character === "万") [total, section, digit] = [(section + digit) * 10_000, 0, 0];
    else {
      section += (digit || 1) * { 十: 10, 百: 100, 千: 1000 }[character]!;
      digit = 0;
    }
  }
  return total + section + digit;
}

/** Reads English numbers: words of one to nineteen and of tens add, hundred and thousand multiply. */
function readEnglish(text: string): number {
  const words = Object.fromEntries(
    Array.from({ length: 100 }, (_, n) => [numberInEnglish(n), n] as const),
  );
  let [total, current] = [0, 0];
  for (const word of text.split(/ and | /)) {
    if (word === "hundred") current *= 100;
    else if (word === "thousand" || word === "million") {
      total += current * { thousand: 1000, million: 1e6 }[word];
      current = 0;
    } else current += words[word];
  }
  return total + current;
}

describe("numbers in words", () => {
  it.each([
    [0, "zero", "零"],
    [10, "ten", "十"],
    [12, "twelve", "十二"],
    [40, "forty", "四十"],
    [110, "one hundred and ten", "一百一十"],
    [205, "two hundred and five", "二百零五"],
    [1005, "one thousand and five", "一千零五"],
    [1050, "one thousand and fifty", "一千零五十"],
    [10_005, "ten thousand and five", "一万零五"],
    [12_345, "twelve thousand three hundred and forty-five", "一万二千三百四十五"],
    [100_000, "one hundred thousand", "十万"],
    [10_500_000, "ten million five hundred thousand", "一千零五十万"],
  ])("%i", (n, english, chinese) => {
    expect(numberInEnglish(n)).toBe(english);
    expect(numberInChinese(n)).toBe(chinese);
  });
  it("can be read back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: LARGEST_NUMBER }), (n) => {
        expect(readChinese(numberInChinese(n))).toBe(n);
        expect(readEnglish(numberInEnglish(n))).toBe(n);
      }),
    );
  });
  it.each([-1, 1.5, 100_000_000, Number.NaN])("refuses %d", (n) => {
    expect(() => numberInEnglish(n)).toThrow("expected a whole number from 0 to 99999999");
    expect(() => numberInChinese(n)).toThrow("expected a whole number from 0 to 99999999");
  });
});

describe("pairs", () => {
  const draw = (source: PairSource, part: "train" | "held out", count = 500): Pair[] => {
    const rng = new Random(1);
    return Array.from({ length: count }, () => source.draw(rng, part));
  };
  it("dates are right, in every form", () => {
    for (const { source, target } of draw(dates, "train")) {
      expect(target).toMatch(/^(19|20)\d\d-\d\d-\d\d$/);
      const text = source.replace(/^(\d+)年(\d+)月(\d+)日$/, "$1-$2-$3").replace(/^\w+day, /, "");
      const read = new Date(`${text} UTC`);
      expect(read.toISOString().slice(0, 10)).toBe(target);
      const day = /^(\w+day),/.exec(source)?.[1];
      if (day)
        expect(read.toLocaleDateString("en", { weekday: "long", timeZone: "UTC" })).toBe(day);
    }
  });
  it("no form of a held-out thing occurs in training", () => {
    for (const source of [dates, numbers("Chinese"), numbers("English")]) {
      const key = (pair: Pair) =>
        source === dates ? pair.target : [pair.source, pair.target].sort().join();
      const seen = new Set(draw(source, "train").map(key));
      const held = draw(source, "held out");
      expect(held.filter((pair) => seen.has(key(pair)))).toEqual([]);
      expect(new Set(held.map(key)).size).toBeGreaterThan(20);
    }
    // The two directions hold out the same numbers.
    const chinese = new Set(draw(numbers("Chinese"), "held out").map(({ target }) => target));
    expect(draw(numbers("English"), "train").filter(({ source }) => chinese.has(source))).toEqual(
      [],
    );
  });
  it("holds out about one in ten, always the same", () => {
    const held = Array.from({ length: 5000 }, (_, n) => isHeldOut(`${n}`));
    expect(held.filter(Boolean).length / 5000).toBeGreaterThan(0.08);
    expect(held.filter(Boolean).length / 5000).toBeLessThan(0.12);
    expect(held).toEqual(Array.from({ length: 5000 }, (_, n) => isHeldOut(`${n}`)));
  });
  it.each(["region", "language"] as const)("names of a %s", (type) => {
    const { train, heldOut } = names(type);
    expect(train.length).toBeGreaterThan(140);
    expect(heldOut.length).toBeGreaterThan(10);
    const all = [...train, ...heldOut].map(({ source }) => source);
    expect(new Set(all).size).toBe(all.length);
    const known = { region: ["Finland", "芬兰"], language: ["French", "法语"] }[type];
    expect([...train, ...heldOut]).toContainEqual({ source: known[0], target: known[1] });
  });
});

describe("splitPair", () => {
  it("cuts into words with their spaces, and single other characters", () => {
    expect(splitPair("two hundred and twenty-five", "words")).toEqual([
      ...["two", " hundred", " and", " twenty", "-", "five"],
    ]);
    expect(splitPair("Tuesday, 3 March", "words")).toEqual(["Tuesday", ",", " ", "3", " March"]);
    expect(splitPair("二百零五", "words")).toEqual([..."二百零五"]);
    expect(splitPair("five", "characters")).toEqual([..."five"]);
  });
  it("loses nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        for (const split of ["words", "characters"] as const)
          expect(splitPair(text, split).join("")).toBe(text);
      }),
    );
  });
});

describe("PairVocabulary", () => {
  const vocabulary = new PairVocabulary(["abc 一二"], "characters");
  it("encodes and decodes, with three special ids", () => {
    expect(vocabulary.vocabSize).toBe(9);
    expect(vocabulary.decode([1, ...vocabulary.encode("ab一"), 2, 5, 0])).toBe("ab一");
  });
  it("names the piece that it does not know", () => {
    const words = new PairVocabulary(["two hundred"]);
    expect(words.tokens.slice(3)).toEqual([" hundred", "two"]);
    expect(() => words.encode("two thousand")).toThrow('known words, got " thousand"');
  });
  it("knows every word of every source", () => {
    const sources = [dates, numbers("Chinese", 9_999_999), numbers("English", 9_999_999)];
    const rng = new Random(3);
    for (const split of ["words", "characters"] as const)
      for (const source of sources) {
        const known = new PairVocabulary(source.texts, split);
        for (const pair of Array.from({ length: 400 }, () => source.draw(rng, "train")))
          for (const text of [pair.source, pair.target])
            expect(known.decode(known.encode(text))).toBe(text);
      }
  });
  it("fills rows up and refuses what is too long", async () => {
    await useEngine({ prefer: "js", quiet: true });
    const batch = vocabulary.batch([
      { source: "a", target: "一二" },
      { source: "abc", target: "一" },
    ]);
    expect(batch.source.shape).toEqual([2, 3]);
    expect(batch.target.arraySync()[1].slice(-1)).toEqual([0]);
    expect(batch.target.arraySync().map((row) => row[0])).toEqual([1, 1]);
    tf.dispose(batch);
    expect(() => vocabulary.rows([[4, 5, 6]], 2)).toThrow("at most 2 numbers, got one of 3");
  });
});

describe("translation", () => {
  beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));
  /** Turns digits into Chinese characters: small enough to be learnt in seconds. */
  const digits: PairSource = {
    name: "digits",
    draw(rng, part) {
      for (;;) {
        const text = Array.from({ length: 1 + rng.integer(4) }, () => rng.integer(5)).join("");
        if (isHeldOut(text) !== (part === "held out")) continue;
        return { source: text, target: [...text].map((d) => "零一二三四"[Number(d)]).join("") };
      }
    },
    texts: ["01234零一二三四"],
  };

  it("learns what a rule derives, shows where it looks, and a beam agrees", async () => {
    const model = {
      blockSize: 8,
      nEncoder: 1,
      nDecoder: 1,
      nHead: 2,
      nEmbd: 32,
      dropout: 0,
      bias: true,
    };
    const task = translationTask({ sources: [digits], model, batchSize: 32, seed: 1 });
    const before = task.exactMatch(task.heldOut("digits", 100));
    const settings = { steps: 300, maxLr: 5e-3, clip: 1, evalEvery: 300, compile: false };
    const trainer = new Trainer({ task, settings });
    const tensors = tf.memory().numTensors;
    await trainer.run();
    const held = task.heldOut("digits", 100);
    expect(before).toBeLessThan(0.1);
    expect(task.exactMatch(held)).toBeGreaterThan(0.9);
    const { params, config, vocabulary } = task;
    const translator = { params, config, vocabulary };
    expect(translate(translator, ["1203"])).toEqual(["一二零三"]);
    const [best, ...others] = await translateByBeam(translator, "1203", { width: 3 });
    expect(best.text).toBe("一二零三");
    expect(others.every(({ score }) => score <= best.score)).toBe(true);
    const [[...heads]] = alignment(translator, "1203", "一二零三");
    expect([heads.length, heads[0].length, heads[0][0].length]).toEqual([2, 5, 4]);
    for (const row of heads.flat()) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
    expect(tf.memory().numTensors).toBeLessThanOrEqual(
      tensors + 2 * Object.keys(params).length + 2,
    );
    expect(() => task.heldOut("dates", 1)).toThrow("expected one of digits, got dates");
    trainer.dispose();
  });
});
