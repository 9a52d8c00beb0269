// The small model of lesson 06 (attention): its sentences, its recorded weights, its cut links.

import { causalMask, multiHead } from "llm/attention";
import { tf, useEngine } from "llm/engine";
import {
  animals,
  createLookBack,
  encodeWords,
  type LookBack,
  loadLookBack,
  longest,
  lookBack,
  measureLinks,
  readSentence,
  recordedRuns,
  saveLookBack,
  sounds,
  trainLookBack,
  vocabulary,
  writeSentence,
} from "llm/lookBack";
import { Random } from "llm/random";
import { beforeAll, describe, expect, test } from "vitest";

beforeAll(() => useEngine({ prefer: "wasm" }));
const dispose = (model: LookBack) => tf.dispose(Object.values(model));

describe("sentences", () => {
  const some = (kind: "told" | "asked") => {
    const rng = new Random(3);
    return Array.from({ length: 200 }, () => writeSentence(rng, kind));
  };

  test("of the kind asked end in what the subject does", () => {
    for (const { words, at } of some("asked")) {
      expect(words[at.noun + 1]).toBe(sounds[animals.indexOf(words[at.subject])]);
      expect(at.is).toBeUndefined();
    }
  });

  test("of the kind told are over after the last noun, and every role is where it says", () => {
    for (const { words, at } of some("told")) {
      expect(words[at.noun + 1]).toBe(".");
      expect([words[at.the!], words[at.is!], words[at.the2!]]).toEqual(["the", "is", "the"]);
      expect(["on", "by", "under"]).toContain(words[at.preposition!]);
      expect(animals).toContain(words[at.subject]);
    }
  });

  test("fit the model, and vary in length", () => {
    const lengths = [...some("told"), ...some("asked")].map(({ words }) => words.length);
    expect(Math.max(...lengths)).toBe(longest + 1);
    expect(new Set(lengths).size).toBeGreaterThan(4);
  });

  test("become ids that are filled up with full stops", () => {
    expect(encodeWords(["the", "cat"], 4).map((id) => vocabulary[id])).toEqual(
      ["the", "cat", ".", "."], // biome-ignore format: one line
    );
    expect(() => encodeWords(["the", "whale"])).toThrow(/expected words out of .*got "whale"/);
    expect(() => encodeWords(["the", "cat"], 1)).toThrow("expected at most 1 words, got 2");
  });
});

describe("the recorded model", () => {
  test("says what each animal does, whatever stands in between", () => {
    const model = loadLookBack();
    for (const [i, animal] of animals.entries())
      for (const text of [`the ${animal} on the mat`, `the old ${animal} by the black cat`]) {
        const { words, weights, next } = readSentence(model, text);
        expect(next[0].word, text).toBe(sounds[i]);
        expect(next[0].probability).toBeGreaterThan(0.5);
        for (const row of weights.flat()) {
          expect(row.length).toBe(words.length);
          expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
        }
      }
    dispose(model);
  });

  test("is written as it was read", () => {
    const model = loadLookBack();
    const bytes = Buffer.from(saveLookBack(model));
    expect(bytes.length).toBeGreaterThan(4 * 6000);
    expect(bytes.includes("positions")).toBe(true);
    dispose(model);
  });

  test("is the last snapshot of the recorded runs", () => {
    const { sentence, snapshots, links, about } = recordedRuns();
    const model = loadLookBack();
    const { weights } = readSentence(model, sentence);
    const last = snapshots[snapshots.length - 1];
    expect(last.step).toBe(about.steps);
    for (const [h, head] of weights.entries())
      for (const [i, row] of head.entries())
        for (const [j, weight] of row.entries())
          expect(weight).toBeCloseTo(last.weights[h][i][j], 2);
    expect(links.length).toBe(24);
    dispose(model);
  });

  test("refuses an empty sentence and one that is too long", () => {
    const model = createLookBack(1);
    expect(() => readSentence(model, " ")).toThrow('expected 1 to 10 words, got " "');
    expect(() => readSentence(model, "the ".repeat(11))).toThrow("expected 1 to 10 words");
    dispose(model);
  });
});

describe("the model", () => {
  test("predicts a word from those before it, not from those that follow", () => {
    const model = createLookBack(1);
    const first = (last: string) => {
      const ids = tf.tensor2d([encodeWords(["the", "cat", last], 3)], [1, 3], "int32");
      return lookBack(model, ids).logits.slice([0, 0, 0], [1, 2, -1]).dataSync();
    };
    expect(first("is")).toEqual(first("on"));
    dispose(model);
  });

  test("attends with the function that it is given", () => {
    const model = createLookBack(1);
    const ids = tf.tensor2d([encodeWords(["the", "cat"], 2)], [1, 2], "int32");
    const parts = {
      multiHead: (...[q, k, v, options]: Parameters<typeof multiHead>) => {
        expect(options.nHead).toBe(2);
        expect(options.mask?.dataSync()).toEqual(causalMask(2).dataSync());
        return multiHead(q, k, tf.zerosLike(v), options);
      },
    };
    const blind = lookBack(model, ids, parts).logits.dataSync();
    expect(blind).not.toEqual(lookBack(model, ids).logits.dataSync());
    dispose(model);
  });

  test("learns: the loss falls, and the weights are the caller's to keep", async () => {
    const model = createLookBack(1);
    const losses: number[] = [];
    const onStep = (_: number, loss: number) => losses.push(loss);
    await trainLookBack(model, { seed: 1, steps: 12, onStep });
    expect(losses.length).toBe(12);
    expect(losses[11]).toBeLessThan(losses[0] - 0.3);
    expect(model.words.isDisposed).toBe(false);
    dispose(model);
  });
});

describe("links", () => {
  test("of the subject: the recorded model needs it where it is asked, not the first article", () => {
    const model = loadLookBack();
    const { accuracy, links } = measureLinks(model, { kind: "asked", seed: 5, count: 60 });
    expect(links.map(({ role }) => role)).toEqual([
      ...["the", "subject", "preposition", "the2", "noun"],
    ]);
    const [the, subject] = links;
    expect(accuracy).toBeGreaterThan(0.95);
    expect(the.accuracy).toBeGreaterThan(0.9);
    expect(subject.accuracy).toBeLessThan(0.4);
    expect(subject.weight).toBeGreaterThan(0.7);
    dispose(model);
  });

  test("before training have nearly the uniform weight, and leave no tensors behind", () => {
    const model = createLookBack(2);
    const before = tf.memory().numTensors;
    const { accuracy, links } = measureLinks(model, { kind: "told", seed: 5, count: 20 });
    expect(tf.memory().numTensors).toBe(before);
    expect(links.length).toBe(6);
    for (const { weight, uniform } of links) expect(Math.abs(weight - uniform)).toBeLessThan(0.05);
    expect(accuracy).toBeLessThan(0.3);
    dispose(model);
  });
});
