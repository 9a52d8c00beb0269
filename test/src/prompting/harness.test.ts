// The harness against a model that answers by a rule, the spread test against all worlds counted out,
// choices against the log-probabilities of the whole text.
import { datasetPath } from "llm/data";
import { useEngine } from "llm/engine";
import { CachedModel, type LanguageModel, openRun, type Written } from "llm/languageModel";
import {
  byQuestion,
  calibrated,
  calibratedRight,
  comparePrompts,
  neutralLogProbs,
  type PromptTask,
  runPrompts,
  scoreChoices,
  spreadTest,
  summarise,
} from "llm/prompting";
import { beforeAll, expect, test } from "vitest";

beforeAll(() => useEngine({ quiet: true }));

/** Answers the last word of the prompt, in capitals where the prompt says "shout". */
const echo: LanguageModel = {
  ...{ name: "echo", contextLength: 100 },
  countTokens: (text) => text.split(" ").length,
  write(request) {
    const prompt = "prompt" in request ? `${request.prompt}` : request.messages[0].content;
    const last = prompt.split(" ").at(-1) ?? "";
    const text = prompt.startsWith("shout") ? `${last.toUpperCase()}!` : `It is ${last}`;
    const usage = { promptTokens: 10, completionTokens: 3, cachedTokens: 4 };
    const written: Written = { text, reason: "stop", tokens: [], promptTokens: [], usage };
    return [
      { done: Promise.resolve(written), cancel: () => {}, async *[Symbol.asyncIterator]() {} },
    ];
  },
};
const task: PromptTask = {
  ...{ name: "say", instruction: "", inputName: "", outputName: "", question: "{input}" },
  ...{ train: [], test: ["a", "b", "c", "d"].map((input) => ({ input, output: input })) },
};

test("runPrompts judges each answer; summarise counts questions, tokens and money", async () => {
  const model = new CachedModel(echo);
  const options = {
    ...{ tasks: [task], seeds: [1, 2], questions: 3 },
    prompts: {
      shout: (_: PromptTask, { input }: { input: string }) => ({ prompt: `shout ${input}` }),
      chat: (_: PromptTask, { input }: { input: string }) => ({
        messages: [{ role: "user" as const, content: `say ${input}` }],
      }),
    },
  };
  const asked = await runPrompts(model, options);
  expect(asked).toHaveLength(12);
  expect(asked.map(({ right }) => right)).toEqual([
    ...Array(6).fill(true),
    ...Array(6).fill(false),
  ]);
  expect(asked[4]).toMatchObject({ task: "say", prompt: "shout", seed: 2, item: 1, text: "B!" });
  const [shout, chat] = summarise(asked, { prices: { prompt: 1, completion: 10, cached: 0.5 } });
  expect(shout.accuracy).toEqual({ value: 1, low: 1, high: 1 });
  expect(chat).toMatchObject({ prompt: "chat", promptTokens: 10, completionTokens: 3 });
  // 6 · 1 + 4 · 0.5 + 3 · 10 = 38 millionths for a question
  expect(chat.costPerThousand).toBeCloseTo(0.038, 12);
  await runPrompts(model, options);
  expect(model.counts).toEqual({ hits: 12, misses: 12 });
  const lenient = await runPrompts(echo, {
    ...options,
    judge: (text, one) => text.endsWith(one.output),
  });
  expect(lenient.map(({ right }) => right)).toEqual(asked.map(({ right }) => !right));
});

test("byQuestion is the mean over the seeds; comparePrompts is paired", () => {
  const usage = { promptTokens: 0, completionTokens: 0, cachedTokens: 0 };
  const row = (item: number, seed: number, right: boolean) => ({
    ...{ task: "t", prompt: "p", text: "", usage, item, seed, right },
  });
  expect(
    byQuestion([row(1, 1, true), row(0, 1, false), row(1, 2, false), row(0, 2, false)]),
  ).toEqual([0, 0.5]);
  const { difference, p } = comparePrompts([1, 1, 1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0, 0, 1]);
  expect(difference.value).toBeCloseTo(7 / 8, 12);
  // 2 of 2⁷ ways to choose the signs give a sum as far from 0
  expect(p).toBeCloseTo(2 / 128, 2);
  expect(comparePrompts([1, 0], [1, 0]).p).toBe(1);
  expect(() => comparePrompts([1], [1, 0])).toThrow("the same questions");
});

test("spreadTest agrees with all exchanges counted out", () => {
  // Two prompts, five questions, which differ in four of them: 2⁴ worlds, of which 2 have all four on
  // one side, and 8 have three.
  const rows = [
    [1, 1, 1, 1, 1],
    [0, 0, 0, 0, 1],
  ];
  const all = spreadTest(rows, { draws: 8000 });
  expect(all.spread).toBeCloseTo(0.8, 12);
  expect(all.p).toBeCloseTo(2 / 16, 1);
  // mean spread: (2 · 4 + 8 · 2 + 6 · 0) / 16 of 5 questions
  expect(all.chance).toBeCloseTo(24 / 16 / 5, 1);
  const three = spreadTest(
    [
      [1, 1, 1, 0, 1],
      [0, 0, 0, 1, 1],
    ],
    { draws: 8000 },
  );
  expect(Math.abs(three.p - 10 / 16)).toBeLessThan(0.02);
  expect(
    spreadTest([
      [1, 0],
      [1, 0],
    ]).p,
  ).toBe(1);
});

test("calibrated: numbers worked out by hand, and no neutral preference changes nothing", () => {
  // 0.6 / 0.8 and 0.4 / 0.2, divided by their sum: 0.75 / 2.75 and 2 / 2.75
  const p = calibrated([Math.log(0.6), Math.log(0.4)], [Math.log(0.8), Math.log(0.2)]);
  expect(p[0]).toBeCloseTo(0.75 / 2.75, 12);
  expect(p[1]).toBeCloseTo(2 / 2.75, 12);
  const plain = calibrated([Math.log(0.6), Math.log(0.4)], [-7, -7]);
  expect(plain[0]).toBeCloseTo(0.6, 12);
  expect(calibrated([-800, -801], [-900, -900])[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
  expect(() => calibrated([0], [0, 0])).toThrow("1 neutral numbers, got 2");
});

test("neutral questions are averaged as probabilities; a recorded run is judged again", () => {
  // 0.9 and 0.5 of which the second row adds up to 0.2 only: the mean is 0.7
  const neutral = [
    [Math.log(0.9), Math.log(0.1)],
    [Math.log(0.1), Math.log(0.1)],
  ];
  expect(neutralLogProbs(neutral).map(Math.exp)[0]).toBeCloseTo(0.7, 12);
  const logProbs = [
    [Math.log(0.6), Math.log(0.4)],
    [Math.log(0.8), Math.log(0.2)],
  ];
  const test = [
    { input: "x", output: "b" },
    { input: "y", output: "b" },
  ];
  // 0.6 / 0.7 < 0.4 / 0.3, but 0.8 / 0.7 > 0.2 / 0.3
  const run = { right: [0, 0], logProbs, neutral };
  expect(calibratedRight(run, { choices: ["a", "b"], test })).toEqual([1, 0]);
  expect(calibratedRight({ right: [1, 0] }, { test })).toEqual([1, 0]);
});

test("scoreChoices gives what the whole text's log-probabilities add up to", async () => {
  const model = await openRun(datasetPath("base-gpt/checkpoint.safetensors") as string);
  const prompts = ["The captain looked at the", "seven is"];
  const choices = [" sea", " 7", " white whale"];
  const scored = await scoreChoices(model, prompts, choices);
  for (const [i, prompt] of prompts.entries())
    for (const [j, choice] of choices.entries()) {
      const whole = { prompt: prompt + choice, promptLogprobs: true, logprobs: 0, maxTokens: 1 };
      const { promptTokens } = await model.write(whole)[0].done;
      const own = promptTokens.slice(model.countTokens(prompt));
      const sum = own.reduce((total, { logprob = 0 }) => total + logprob, 0);
      expect(scored[i].logProbs[j], `${prompt}|${choice}`).toBeCloseTo(sum, 3);
    }
  await expect(scoreChoices(model, prompts, [])).rejects.toThrow("expected choices");
});
