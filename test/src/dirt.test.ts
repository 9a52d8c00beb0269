// What lesson 10 (data) measures: planted dirt and what cleaning makes of it, a small GPT on one
// budget, and what stemming costs.
import {
  c4Lines,
  deduplicated,
  filtered,
  garble,
  inLanguages,
  mapped,
  normalise,
  ruleSets,
} from "llm/corpus";
import {
  bitsPerCharacter,
  commonTokenizer,
  disposeSmall,
  idsOf,
  passages,
  plantDirt,
  stemmingCosts,
  trainSmall,
} from "llm/dirt";
import { tf, useEngine } from "llm/engine";
import { Random } from "llm/random";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await useEngine({ quiet: true });
});

describe("plantDirt", () => {
  const clean = passages();

  it("passages are the book, whole paragraphs each", () => {
    expect(clean.length).toBeGreaterThan(500);
    expect(Math.min(...clean.map((text) => text.length))).toBeGreaterThanOrEqual(1500);
  });

  it("notes what it has done to each document", () => {
    const planted = plantDirt(clean, { rng: new Random(3) });
    const count = (dirt: string) => planted.filter((one) => one.dirt === dirt).length;
    for (const { text, dirt, passage } of planted) {
      if (dirt === "clean") expect(text).toBe(clean[passage]);
      if (dirt === "mojibake") expect(text).toBe(garble(clean[passage]));
      if (dirt === "furniture") expect(text).toContain(clean[passage]);
    }
    expect(count("clean") + count("mojibake") + count("furniture")).toBe(clean.length);
    expect(count("junk")).toBe(Math.round(0.25 * clean.length));
    expect(plantDirt(clean, { rng: new Random(3) })).toEqual(planted);
    expect(plantDirt(clean, { rng: new Random(4) })).not.toEqual(planted);
  });

  it("cleaning takes junk, menus and the other language out, and gives nearly all passages back", async () => {
    const planted = plantDirt(clean, { rng: new Random(5) });
    const documents = planted.map(({ text }, i) => ({
      ...{ source: "planted", record: i, first: i },
      text,
    }));
    const rules = [inLanguages(["en"]), ...ruleSets.basic, ...ruleSets.gopher];
    const chosen = filtered(
      mapped(documents, (text) => c4Lines(normalise(text))),
      rules,
    );
    const kept = [];
    for await (const document of deduplicated(chosen)) kept.push(document);
    const dirt = new Set(kept.map(({ record }) => planted[record].dirt));
    for (const gone of ["junk", "menu", "other language"] as const)
      expect(dirt.has(gone)).toBe(false);
    const found = new Set(kept.map(({ record }) => planted[record].passage));
    expect(found.size).toBeGreaterThan(0.98 * clean.length);
    expect(kept.length).toBeLessThan(1.1 * clean.length);
  });
});

describe("a small GPT", () => {
  it("learns, is judged in bits per character, and leaves no tensor", async () => {
    const texts = passages().slice(0, 40);
    const tokenizer = commonTokenizer(texts, 300);
    const end = tokenizer.special.get("<|endoftext|>");
    expect([...idsOf(tokenizer, ["a", "b"])]).toEqual([
      ...tokenizer.encode("a"),
      end,
      ...tokenizer.encode("b"),
      end,
    ]);
    const before = tf.memory().numTensors;
    const scores = [];
    for (const steps of [1, 60]) {
      const model = await trainSmall(texts, tokenizer, { steps, seed: 1, nLayer: 1, nEmbd: 32 });
      scores.push(bitsPerCharacter(model, texts.slice(0, 5)));
      disposeSmall(model);
    }
    expect(scores[1]).toBeLessThan(scores[0] - 0.5);
    // without training every token is about equally likely
    const characters = texts.slice(0, 5).join("").length;
    const uniform =
      (idsOf(tokenizer, texts.slice(0, 5)).length * Math.log2(tokenizer.vocabSize)) / characters;
    expect(Math.abs(scores[0] - uniform)).toBeLessThan(0.15 * uniform);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("stemmingCosts", () => {
  const all = passages();
  const [train, test] = [all.slice(0, 60), all.slice(60, 75)];

  it("with stems that are the words, all three are equal", () => {
    const costs = stemmingCosts(train, test, 2, (word) => word);
    expect(costs.stemByWords).toBeCloseTo(costs.word, 10);
    expect(costs.stemByStems).toBeCloseTo(costs.word, 10);
    expect(costs.words).toBe(costs.stems);
  });

  it("with a single stem for all words, the stem costs nothing", () => {
    const costs = stemmingCosts(train, test, 2, () => "x");
    expect(costs.stemByWords).toBeCloseTo(0, 6);
    expect(costs.stemByStems).toBeCloseTo(0, 6);
    expect(costs.stems).toBe(1);
  });

  it("the endings of words say something", () => {
    const costs = stemmingCosts(train, test, 2);
    expect(costs.word).toBeGreaterThan(costs.stemByWords);
    expect(costs.stems).toBeLessThan(costs.words);
  });
});
