// What three memories show of a conversation, what a search by words finds, and plans.
import {
  byWords,
  filledStep,
  inTurn,
  keepStatements,
  lastNumber,
  modelPlanner,
  recallMemory,
  runPlan,
  scriptedModel,
  summaryMemory,
  type Turn,
  windowMemory,
} from "llm/agents";
import type { TextRequest } from "llm/languageModel";
import { expect, test } from "vitest";

const turns: Turn[] = [
  { user: "My dog is called Rex.", assistant: "A fine name." },
  { user: "What is the weather like?", assistant: "I cannot see it." },
  { user: "I live in Rome. Is that far?", assistant: "From where?" },
  { user: "Tell me something.", assistant: "A week has seven days." },
];
const after = async (memory: ReturnType<typeof windowMemory>) => {
  for (const turn of turns) await memory.add(turn);
  return async (question: string) =>
    (await memory.recall(question)).map(({ role, content }) => `${role}: ${content}`);
};

test("a window shows the last turns, whatever is asked", async () => {
  const recall = await after(windowMemory(2));
  const last = await recall("What is my dog called?");
  expect(last).toEqual([
    "user: I live in Rome. Is that far?",
    "assistant: From where?",
    "user: Tell me something.",
    "assistant: A week has seven days.",
  ]);
  expect(await (await after(windowMemory(9)))("?")).toHaveLength(8);
  expect(await (await after(windowMemory(0)))("?")).toEqual([]);
});

test("a summary holds what has left the window", async () => {
  const recall = await after(summaryMemory(1, keepStatements()));
  expect((await recall("?"))[0]).toBe(
    "system: Earlier in this conversation: My dog is called Rex. I live in Rome.",
  );
  expect(await (await after(summaryMemory(4, keepStatements())))("?")).toHaveLength(8);
});

test("a summary that is too long loses its beginning", () => {
  const short = keepStatements(30);
  expect(short("I like tea. I like bread.", { user: "I like fish.", assistant: "" })).toBe(
    "I like bread. I like fish.",
  );
});

test("retrieval shows what fits the question, in its order, and the last turn", async () => {
  const recall = await after(recallMemory(1));
  expect(await recall("What is my dog called?")).toEqual([
    "user: My dog is called Rex.",
    "assistant: A fine name.",
    "user: Tell me something.",
    "assistant: A week has seven days.",
  ]);
  expect((await recall("Xylophones?")).length).toBe(2);
  expect(await recallMemory(2).recall("?")).toEqual([]);
});

test("texts are found by their words: rare ones count more, short texts before long ones", () => {
  const texts = ["the red house", "the house", "the red red boat"];
  expect(byWords(texts, "red boat", 3)).toEqual([2, 0]);
  expect(byWords(texts, "The HOUSE!", 1)).toEqual([1]);
  expect(byWords(texts, "the", 3)).toEqual([1, 0, 2]);
  expect(byWords(texts, "xylophone", 3)).toEqual([]);
});

test("answers take the places of their numbers", () => {
  expect(filledStep("What is #1 + #2 + #1?", ["3", "4"])).toBe("What is 3 + 4 + 3?");
  expect(() => filledStep("#2?", ["3"])).toThrow('from 1 to 1 in "#2?", got #2');
  expect([lastNumber("12 euros, not -3.5"), lastNumber("none")]).toEqual(["-3.5", "none"]);
});

test("a plan is carried out step by step, each with what came before", async () => {
  const asked: string[] = [];
  const model = scriptedModel((messages) => {
    const question = String(messages.at(-1)?.content);
    asked.push(question);
    return question === "c 12?" ? "done" : "It is 12.";
  });
  const planner = () => ["a?", "b #1?", "c #2?"];
  const options = { model, tools: [], planner, shorten: lastNumber };
  const { answer, runs } = await runPlan("?", options);
  expect([asked, answer, runs.length]).toEqual([["a?", "b 12?", "c 12?"], "done", 3]);
  const stuck = { ...options, budget: { steps: 0 } };
  expect(await runPlan("?", stuck)).toMatchObject({ answer: null, runs: [{ ending: "steps" }] });
});

test("a model's plan is asked for as a JSON list", async () => {
  const requests: TextRequest[] = [];
  const inner = scriptedModel(inTurn(['["one?", "two?"]']));
  const write = (request: TextRequest) => {
    requests.push(request);
    return inner.write(request);
  };
  const model = { ...inner, write };
  expect(await modelPlanner(model)("Both?")).toEqual(["one?", "two?"]);
  expect(requests[0].form).toMatchObject({ schema: { type: "array", maxItems: 5 } });
});
