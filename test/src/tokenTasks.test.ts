import { useEngine } from "llm/engine";
import { Random } from "llm/random";
import {
  accuracy,
  answer,
  answerScores,
  countOf,
  createAnswering,
  cutNumber,
  disposeAnswering,
  drawSum,
  type Example,
  guessByLength,
  isHeldOut,
  LetterQuestions,
  letterNotation,
  letterNotations,
  sizeOf,
  sumNotation,
  sumNotations,
  tokenFigures,
  trainAnswering,
  wordsOf,
} from "llm/tokenTasks";
import { beforeAll, describe, expect, it } from "vitest";

describe("letters", () => {
  it("takes whole lower-case words of 4 to 12 letters", () => {
    expect(wordsOf("The whale’s whale-boat, whales Ahab and sea-birds; don't banana")).toEqual([
      "banana",
      "whales",
    ]);
  });

  it("asks for every count equally often, and counts right", () => {
    const questions = new LetterQuestions(["banana", "strawberry", "whale", "assess"]);
    const rng = new Random(1);
    const tally = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) {
      const { word, letter, count } = questions.draw(rng);
      expect([...word].filter((l) => l === letter)).toHaveLength(count);
      tally[count]++;
    }
    for (const n of tally) expect(Math.abs(n - 1000)).toBeLessThan(120);
  });

  it("writes one question in four ways", () => {
    const cut = (word: string) => [word.slice(0, 4), word.slice(4)];
    const question = { word: "strawberry", letter: "r", count: 3 };
    const written = letterNotations.map((name) => letterNotation(name, cut, ["stra", "wberry"]));
    const spelled = [..."strawberry"].map((l) => `'${l}`);
    expect(written.map(({ write }) => write(question))).toEqual([
      { question: [...spelled, "'r"], answer: ["3"] },
      { question: ["stra", "wberry", "'r"], answer: ["3"] },
      { question: ["stra", "wberry", "'r"], answer: [...spelled, "'r", "3"] },
      { question: ["stra", "wberry", "'r"], answer: [...spelled.map(() => "."), "'r", "3"] },
    ]);
  });

  it("guesses the count that is most frequent for a letter and a length", () => {
    const words = ["aaab", "aaac", "bbcc"];
    const guess = guessByLength(new LetterQuestions(words), new Random(1), 4000);
    expect(guess({ word: "xxxx", letter: "z" })).toBe(0);
    expect(guess({ word: "xxxx", letter: "a" })).toBe(3);
  });
});

describe("sums", () => {
  it("groups digits as people and as tokenizers do", () => {
    const cuts = sumNotations.map((name) => cutNumber(1234567, name).join(" "));
    expect(cuts).toEqual(["1 2 3 4 5 6 7", "123 456 7", "1 234 567"]);
    expect(cutNumber(123, "groups from the right")).toEqual(["123"]);
  });

  it("holds a tenth of the sums out, in both orders", () => {
    const rng = new Random(2);
    let held = 0;
    for (let i = 0; i < 2000; i++) {
      const sum = { a: rng.integer(1000), b: rng.integer(1000) };
      expect(isHeldOut(sum)).toBe(isHeldOut({ a: sum.b, b: sum.a }));
      if (isHeldOut(sum)) held++;
      expect(isHeldOut(drawSum(rng, { digits: 3, heldOut: true }))).toBe(true);
      const other = drawSum(rng, { digits: 2, heldOut: false });
      expect(isHeldOut(other)).toBe(false);
      expect(`${other.a}`).toHaveLength(2);
    }
    expect(Math.abs(held - 200)).toBeLessThan(60);
  });

  it.each(sumNotations)("has a symbol for everything it writes: %s", (name) => {
    const { notation, write } = sumNotation(name, 3);
    const { question, answer: written } = write({ a: 999, b: 999 });
    expect(question.length).toBeLessThanOrEqual(notation.places.question);
    expect(written.length).toBeLessThanOrEqual(notation.places.answer);
    for (const symbol of [...question, ...written, ...write({ a: 100, b: 907 }).answer])
      expect(notation.symbols).toContain(symbol);
  });
});

describe("a model that answers", () => {
  beforeAll(() => useEngine({ prefer: "wasm" }));

  const notation = {
    name: "copy",
    symbols: ["a", "b", "c"],
    places: { question: 3, answer: 2 },
  };
  const draw = (rng: Random): Example => {
    const question = Array.from({ length: 1 + rng.integer(2) }, () => "abc"[rng.integer(3)]);
    return { question, answer: question };
  };

  it("learns to repeat what it read, and looks on the way", async () => {
    const model = createAnswering(notation, { seed: 1, nEmbd: 32, nLayer: 1, nHead: 2 });
    expect(sizeOf(model)).toBeGreaterThan(10_000);
    const rng = new Random(9);
    const examples = Array.from({ length: 50 }, () => draw(rng));
    const before = accuracy(model, examples);
    const looks: number[] = [];
    const onLook = (step: number) => looks.push(step);
    await trainAnswering(model, {
      ...{ seed: 1, steps: 150, draw, batchSize: 24, maxLr: 1e-2 },
      look: { every: 100, onLook },
    });
    expect(looks).toEqual([100, 150]);
    expect(before).toBeLessThan(0.5);
    expect(accuracy(model, examples)).toBeGreaterThan(0.9);
    expect(answer(model, [["b"], ["c", "a"]])).toEqual([["b"], ["c", "a"]]);
    expect(accuracy(model, examples, 1)).toBeGreaterThan(0.9);
    expect(answerScores(model, examples)).toMatchObject({ exact: accuracy(model, examples) });
    disposeAnswering(model);
  });

  it("is scored by all or nothing, by symbols, and by probabilities", () => {
    const model = createAnswering(notation, { seed: 2, nEmbd: 16, nLayer: 1, nHead: 2 });
    const rng = new Random(9);
    const examples = Array.from({ length: 80 }, () => draw(rng));
    const scores = answerScores(model, examples);
    expect(scores.exact).toBeCloseTo(accuracy(model, examples), 12);
    expect(scores.nats).toBeGreaterThan(1.2); // nearly uniform over 4 symbols: ln 4 = 1.39
    expect(scores.nats).toBeLessThan(1.6);
    expect(scores.symbols).toBeGreaterThanOrEqual(scores.exact);
    // A question of one symbol, answered symbol by symbol: the first and the end, by hand.
    const one: Example = { question: ["a"], answer: ["b"] };
    const { symbols } = answerScores(model, [one]);
    const [first, second] = [answer(model, [["a"]])[0][0] === "b", symbols];
    expect(first ? [0.5, 1] : [0, 0.5]).toContain(second);
    disposeAnswering(model);
  });

  it("says which symbol or length it cannot write", () => {
    const model = createAnswering(notation, { seed: 1 });
    expect(() => answer(model, [["x"]])).toThrow('expected a symbol of copy, got "x"');
    expect(() => answer(model, [["a", "a", "a", "a"]])).toThrow("at most 3 and 2 symbols in copy");
    disposeAnswering(model);
  });
});

it("counts letters", () => {
  expect(countOf("strawberry", "r")).toBe(3);
});

describe("tokenFigures", () => {
  it("knows which tokens are words, also where a token ends within a character", () => {
    const text = "The cat, 猫!"; // 3+1+3+1+1+3+1 = 13 bytes
    const figures = tokenFigures(text, [3, 4, 1, 3, 1, 1]);
    expect(figures).toEqual({
      tokens: 6,
      charactersPerToken: 11 / 6,
      bytesPerToken: 13 / 6,
      tokensThatAreWords: 2 / 6, // The, ␣cat; 猫 is cut
      wordsInOneToken: 2 / 3,
      tokensPerWord: 4 / 3, // The, ␣cat, and two for 猫
    });
    expect(() => tokenFigures("abc", [1, 1])).toThrow("of 3 bytes together, got 2");
  });
});
