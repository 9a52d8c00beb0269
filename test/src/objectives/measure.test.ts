// The text in 27 symbols, and the questions on which objectives are compared.

import { useEngine } from "llm/engine";
import {
  answerCloze,
  blankTokens,
  clozeQuestions,
  continuations,
  createObjectiveModel,
  fillBlanks,
  frequentByLength,
  idsWithBlanks,
  lettersOnly,
  letterTokenizer,
  loadObjectiveModels,
  objectiveNames,
  recordedLong,
  recordedObjectives,
  shareRight,
  textWithBlanks,
  withWord,
} from "llm/objectives";
import { disposeParams } from "llm/params";
import { Random } from "llm/random";
import { beforeAll, expect, test } from "vitest";

beforeAll(async () => {
  await useEngine({ prefer: "wasm", quiet: true });
});

test("letters only: no capitals, accents, marks or double spaces", () => {
  expect(lettersOnly("  Où est le “Café”?\n\nLà—bas, No. 7! ")).toBe("ou est le cafe la bas no");
  expect(letterTokenizer().encode(" az")).toEqual([0, 1, 26]);
});

test("a text with blanks goes to ids and back", () => {
  const { mask } = blankTokens(27);
  const ids = idsWithBlanks("The wh__e!", mask);
  expect(ids).toEqual([20, 8, 5, 0, 23, 8, mask, mask, 5]);
  expect(textWithBlanks(ids)).toBe("the wh__e");
  expect(() => idsWithBlanks("a".repeat(65), mask)).toThrow(/1 to 64/);
  expect(() => idsWithBlanks("123", mask)).toThrow(/got 0/);
});

test("questions: a word of the list stands in every gap, with spaces around it", () => {
  const words = "that with whale this from water".split(" ");
  const rng = new Random(3);
  const text = Array.from({ length: 3000 }, () => words[rng.integer(6)]).join(" ");
  const encode = (part: string) => letterTokenizer().encode(part);
  const candidates = frequentByLength(text, [4, 5], 3);
  expect(candidates.get(5)?.toSorted()).toEqual(["water", "whale"]);
  expect(candidates.get(4)).toHaveLength(3);
  const questions = clozeQuestions(text, candidates, encode, { count: 20, rng });
  expect(questions).toHaveLength(20);
  for (const question of questions) {
    const [[start, end]] = question.spans;
    const decoded = letterTokenizer().decode(question.text);
    expect(decoded).toHaveLength(64);
    expect(decoded.slice(start - 1, end + 1)).toBe(` ${question.candidates[question.right]} `);
    const other = withWord(question, question.candidates[0], encode);
    expect(other.text).toHaveLength(64);
    expect(other.text.slice(end)).toEqual(question.text.slice(end));
  }
  const model = createObjectiveModel("spans", 27, { nLayer: 1, nHead: 1, nEmbd: 8, seed: 1 });
  const answers = answerCloze(model, questions.slice(0, 4), encode);
  expect(answers).toHaveLength(4);
  for (const { logOfRight } of answers) expect(logOfRight).toBeLessThan(-4);
  disposeParams(model.params);
  const right = questions.map(({ right: answer }) => ({ answer }));
  expect(shareRight(questions, right)).toBe(1);
  const [{ spans }] = continuations(Int32Array.from({ length: 200 }), 1, rng);
  expect(spans).toEqual([[48, 64]]);
});

test("the recorded runs are whole, and their models write letters", () => {
  const [runs, long] = [recordedObjectives().runs, recordedLong().runs];
  for (const name of objectiveNames) {
    expect(runs.filter(({ objective }) => objective === name).length).toBeGreaterThanOrEqual(3);
    expect(long.filter(({ objective }) => objective === name)).toHaveLength(1);
  }
  const models = loadObjectiveModels();
  for (const model of Object.values(models)) {
    const texts = fillBlanks(model, idsWithBlanks("the wh_le swam", model.tokens.mask));
    expect(textWithBlanks(texts[texts.length - 1])).toMatch(/^the wh[a-z ]le swam$/);
    disposeParams(model.params);
  }
});
