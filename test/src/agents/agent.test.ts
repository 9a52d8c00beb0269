// The loop with a model that follows a script: answers, several calls, errors that are told, budgets,
// loops, a full context, and answering under a grammar.
import {
  type AgentOptions,
  ANSWER_TOOL,
  calculatorTool,
  callKey,
  countMessages,
  exhausted,
  inTurn,
  LoopDetector,
  runAgent,
  scriptedModel,
} from "llm/agents";
import { type Tool, toolFormats } from "llm/tools";
import { describe, expect, test } from "vitest";

const write = (name: string, args: Record<string, unknown>) =>
  toolFormats.smollm2.write([{ name, arguments: args }]);
const sum = (expression: string) => write("calculator", { expression });
let clock = 0;
const clockTool: Tool = {
  name: "clock",
  description: "",
  parameters: { type: "object", properties: {} },
  run: () => String(clock++),
};
const run = (texts: string[], more: Partial<AgentOptions> = {}) =>
  runAgent("Go.", {
    model: scriptedModel(inTurn(texts)),
    tools: [calculatorTool, clockTool],
    ...more,
  });

test("calls are made one after the other until there is an answer", async () => {
  const result = await run([sum("2 * 3"), sum("6 + 1"), "It is 7."]);
  expect(result).toMatchObject({ ending: "answer", answer: "It is 7." });
  expect(result.messages).toEqual([
    { role: "user", content: "Go." },
    { role: "assistant", content: sum("2 * 3") },
    { role: "tool", content: "6" },
    { role: "assistant", content: sum("6 + 1") },
    { role: "tool", content: "7" },
    { role: "assistant", content: "It is 7." },
  ]);
  expect(result.usage.completionTokens).toBe(
    result.steps.reduce((total, { usage }) => total + usage.completionTokens, 0),
  );
});

test("an answer at once takes one step, and the given conversation stays as it is", async () => {
  const given = [{ role: "user" as const, content: "Hello" }];
  const model = scriptedModel(inTurn(["Hello!"]));
  const { steps, answer } = await runAgent(given, { model, tools: [] });
  expect([steps.length, answer, given.length]).toEqual([1, "Hello!", 1]);
});

test("several calls in one step have several results, in their order", async () => {
  const both = toolFormats.smollm2.write(
    ["1 + 1", "2 + 2"].map((expression) => ({ name: "calculator", arguments: { expression } })),
  );
  const { steps } = await run([both, "Done."]);
  expect(steps[0].results.map(({ text }) => text)).toEqual(["2", "4"]);
});

test("the model is told what was wrong", async () => {
  const texts = ["<tool_call>{</tool_call>", sum("1 +"), write("delete", {}), "Sorry."];
  const { messages, ending, steps } = await run(texts);
  const told = messages.filter(({ role }) => role === "tool").map(({ content }) => content);
  expect(told[0]).toMatch(/^Error: expected JSON such as/);
  expect(told[1]).toMatch(/^Error: calculate: expected a number/);
  expect(told[2]).toMatch(/^Error: there is no tool "delete"; there are: calculator, clock/);
  expect([ending, steps[0].errors.length, steps[1].results[0].isError]).toEqual([
    "answer",
    1,
    true,
  ]);
});

describe("bounds", () => {
  const busy = Array.from({ length: 20 }, (_, i) => sum(`${i} + 1`));
  test("the budget of steps, of tokens", async () => {
    expect(await run(busy, { budget: { steps: 3 } })).toMatchObject({ ending: "steps" });
    expect((await run(busy, { budget: { steps: 3 } })).steps).toHaveLength(3);
    expect((await run(busy)).steps).toHaveLength(8);
    const short = await run(busy, { budget: { tokens: 400, steps: 20 } });
    expect(short.ending).toBe("tokens");
    const spent = short.steps.map(({ usage }) => usage.promptTokens + usage.completionTokens);
    const all = spent.reduce((a, b) => a + b);
    expect(all).toBeGreaterThanOrEqual(400);
    expect(all - (spent.at(-1) as number)).toBeLessThan(400);
    expect(exhausted({ tokens: 10 }, { steps: 0, tokens: 9 })).toBeUndefined();
  });

  test("the same call again and again is a loop; the model is told once", async () => {
    const result = await run([sum("1 + 1")]);
    expect([result.ending, result.answer, result.steps.length]).toEqual(["loop", null, 3]);
    expect(result.messages.map(({ content }) => content)[4]).toMatch(/^2\nYou have made this call/);
    expect((await run([sum("1 + 1")], { patience: false })).ending).toBe("steps");
    const told = await run([sum("1 + 1"), sum("1 + 1"), "It is 2."]);
    expect(told.answer).toBe("It is 2.");
  });

  test("two calls in turn are a loop, new results are none, other arguments are none", async () => {
    const pair = [sum("1 + 1"), sum("2 + 2"), sum("1 + 1"), sum("2 + 2"), sum("1 + 1")];
    expect((await run(pair)).steps).toHaveLength(4);
    expect((await run([write("clock", {})])).ending).toBe("steps");
    expect((await run(busy)).ending).toBe("steps");
  });

  test("a context that is full is an ending, other errors are errors", async () => {
    const model = scriptedModel(inTurn(busy), { contextLength: 500 });
    const result = await runAgent("Go.", { model, tools: [calculatorTool] });
    expect(result.ending).toBe("context");
    const broken = scriptedModel(() => {
      throw new Error("no power");
    });
    await expect(runAgent("Go.", { model: broken, tools: [] })).rejects.toThrow("no power");
  });

  test("what makes the conversation shorter is asked before every step", async () => {
    const seen: number[] = [];
    const model = scriptedModel((messages) => {
      seen.push(messages.length);
      return sum(`${seen.length} + 1`);
    });
    const compact = <T>(messages: readonly T[]) => messages.slice(0, 1);
    await runAgent("Go.", { model, tools: [calculatorTool], compact, budget: { steps: 3 } });
    expect(seen).toEqual([2, 2, 2]); // the tools' part of the system message, and the question
  });
});

test("under a grammar the answer is a call, too, and every request has a form", async () => {
  const forms: unknown[] = [];
  const texts = [sum("1 + 1"), write(ANSWER_TOOL, { answer: "2" })];
  const inner = scriptedModel(inTurn(texts));
  const model = {
    ...inner,
    write: (request: Parameters<typeof inner.write>[0]) => {
      forms.push(request.form);
      return inner.write(request);
    },
  };
  const options = { model, tools: [calculatorTool], form: "grammar" as const };
  const result = await runAgent("Go.", options);
  expect([result.answer, forms.length, JSON.stringify(forms[0])]).toEqual([
    "2",
    2,
    expect.stringContaining(ANSWER_TOOL),
  ]);
});

test("calls are the same whatever the order of their arguments", () => {
  const call = (args: Record<string, unknown>) => ({ name: "f", arguments: args });
  expect(callKey(call({ a: 1, b: { c: 2, d: 3 } }))).toBe(
    callKey(call({ b: { d: 3, c: 2 }, a: 1 })),
  );
  expect(callKey(call({ a: 1 }))).not.toBe(callKey(call({ a: "1" })));
  expect(callKey(call({ a: [1, 2] }))).not.toBe(callKey(call({ a: [2, 1] })));
});

test("a detector of one step has no patience", () => {
  const result = { text: "2", isError: false };
  const detector = new LoopDetector(1);
  const add = (text: string) => detector.add([{ name: "f", arguments: {} }], [{ ...result, text }]);
  expect([add("2"), detector.isLooping]).toEqual([false, false]);
  expect([add("3"), detector.isLooping]).toEqual([false, false]);
  expect([add("2"), detector.isLooping]).toEqual([true, true]);
  expect(() => new LoopDetector(0)).toThrow("a patience of 1 or more");
});

test("tokens of messages", () => {
  expect(countMessages([{ role: "user", content: "It's 12 + 3." }])).toBe(7 + 4);
});
