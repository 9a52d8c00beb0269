// Likelihood by kind and language, the next answer of a conversation, and the data of the study.
import { baseTokens } from "llm/baseModel";
import { useEngine } from "llm/engine";
import { initGPT } from "llm/gpt";
import {
  answerAll,
  answerDialogues,
  answerSurprises,
  chatIds,
  distances,
  englishOnly,
  heldOutKinds,
  learnInstructions,
  learningEverything,
  likelihoodByKind,
  otherOrders,
  studyData,
  studyDialogues,
  trainedKinds,
  unpackedRows,
} from "llm/instruct";
import {
  drawInstructions,
  isHeldOutQuestion,
  isRightAnswer,
  leakedKinds,
  questionKey,
  toMessages,
} from "llm/instructions";
import { disposeParams } from "llm/params";
import { Random } from "llm/random";
import { BpeTokenizer } from "llm/tokenizer";
import { afterAll, describe, expect, test } from "vitest";

await useEngine({ prefer: "wasm", quiet: true });
const { train, tests } = studyData({ train: 300, each: 2, seed: 5 });
const tokenizer = BpeTokenizer.train(
  train.map(({ instruction, input, output }) => `${instruction}\n${input}\n${output}`),
  { vocabSize: 500, pattern: "smollm", special: baseTokens },
);
const config = {
  ...{ family: "llama" as const, vocabSize: tokenizer.vocabSize, blockSize: 128, nLayer: 1 },
  ...{ nHead: 2, nEmbd: 16, nInner: 32, dropout: 0, bias: false, qkNorm: true },
};
const model = { params: initGPT(config, { seed: 1 }), config, tokenizer };
afterAll(() => disposeParams(model.params));

describe("the data of the study", () => {
  test("has no held-out kind, language or question in training", () => {
    expect(train).toHaveLength(300);
    for (const example of train) {
      expect(trainedKinds).toContain(example.kind);
      expect(heldOutKinds).not.toContain(example.kind);
      expect(isHeldOutQuestion(example.kind, example)).toBe(false);
      if (englishOnly.includes(example.kind)) expect(example.language).toBe("en");
    }
    const seen = new Set(train.map(questionKey));
    for (const distance of distances)
      for (const example of tests[distance]) expect(seen.has(questionKey(example))).toBe(false);
  });

  test("asks each kind and language equally often, at three distances", () => {
    // 11 kinds in two languages, but for the three that are trained in English alone
    expect(tests["new questions"]).toHaveLength((2 * 11 - 3) * 2);
    expect(tests["other language"].map(({ language }) => language)).toEqual(Array(12).fill("zh"));
    // reverse and count in two languages, capitals in one
    expect(tests["new kinds"]).toHaveLength(5 * 4);
    expect(studyData({ train: 300, each: 2, seed: 5 })).toEqual({ train, tests });
  });
});

test("the conversations of the longer run keep to the kinds and languages of the study", () => {
  const fits = (messages: readonly unknown[]) => messages.length === 6;
  const dialogues = studyDialogues({ count: 200, seed: 1, fits });
  expect(dialogues).toHaveLength(200);
  expect(dialogues.every(fits)).toBe(true);
  expect(dialogues.some(([{ content }]) => /\p{Script=Han}/u.test(content))).toBe(true);
  const { tests } = studyData({ train: 10, each: 4, seed: 1 });
  const kept = [...tests["other language"], ...tests["new kinds"]];
  expect(leakedKinds(dialogues, kept)).toEqual([]);
  expect(studyDialogues({ count: 200, seed: 1, fits })).toEqual(dialogues);
});

test("the words of an answer in all other orders", () => {
  const three = { output: "a, b, c", language: "en" as const };
  expect(otherOrders(three).sort()).toEqual([
    ...["a, c, b", "b, a, c", "b, c, a", "c, a, b", "c, b, a"],
  ]);
  expect(otherOrders({ output: "猫、狗", language: "zh" })).toEqual(["狗、猫"]);
  expect(otherOrders({ output: "a", language: "en" })).toEqual([]);
});

test("wrong answers can be made from the right one: luck is then one in four", async () => {
  const asked = drawInstructions(4, { kinds: ["reverse"], languages: ["en"], rng: new Random(2) });
  for (const example of asked)
    for (const other of otherOrders(example)) expect(isRightAnswer(example, other)).toBe(false);
  const [score] = await likelihoodByKind(model, asked, { wrong: otherOrders });
  expect([score.asked, score.byLuck]).toEqual([4, 1]);
});

test("surprise is the mean over the answer and the mark that ends it", async () => {
  const [example] = train;
  const [right, same] = await answerSurprises(model, example, [example.output, example.output]);
  expect(right).toBeCloseTo(same, 5);
  // An untrained model finds all tokens about equally likely.
  expect(right).toBeCloseTo(Math.log(tokenizer.vocabSize), 0);
  // The answer's own conversation alone, in a row of its own length: the same number.
  const [alone] = await answerSurprises(model, example, [example.output]);
  expect(alone).toBeCloseTo(right, 4);
});

test("choices are made within kind and language, and luck is counted", async () => {
  const examples = drawInstructions(40, { kinds: ["contains", "larger"], rng: new Random(1) });
  const scores = await likelihoodByKind(model, examples);
  const key = ({ kind, language }: { kind: string; language: string }) => `${kind} ${language}`;
  expect(new Set(scores.map(key))).toEqual(new Set(examples.map(key)));
  for (const score of scores) {
    expect(score.asked).toBe(examples.filter((one) => key(one) === key(score)).length);
    // yes or no: one wrong answer; numbers: three
    expect(score.byLuck / score.asked).toBeCloseTo(score.kind === "contains" ? 0.5 : 0.25, 5);
    expect(score.right).toBeLessThanOrEqual(score.asked);
  }
});

test("a question is answered alike alone and as the last turn of a conversation of one", async () => {
  const questions = train.slice(0, 3);
  const options = { maxNewTokens: 5, rows: 2 };
  const asked = questions.map((example) => toMessages(example).slice(0, 1));
  expect(await answerDialogues(model, asked, options)).toEqual(
    await answerAll(model, questions, options),
  );
});

test("as many conversations per step without packing, and training is heard of", async () => {
  const conversations = train.map((example) => chatIds(toMessages(example), tokenizer));
  const rows = unpackedRows(conversations, { batchSize: 2, length: 128 });
  expect(rows.batchSize).toBeGreaterThan(4);
  expect(rows.length).toBe(Math.max(...conversations.map(({ ids }) => ids.length)));
  expect(learningEverything(conversations[0]).learnt.slice(0, 3)).toEqual([0, 1, 1]);
  const evals: number[] = [];
  const tuned = await learnInstructions(model, {
    ...{ examples: train, dialogues: [toMessages(train[0])], heldOut: tests["new questions"] },
    ...{ steps: 8, seed: 1, batchSize: 2, length: 128, maxLr: 1e-2, everything: true },
    onEval: (_, loss) => evals.push(loss),
  });
  expect(evals.at(-1)).toBeLessThan(evals[0]);
  disposeParams(tuned.params);
});
