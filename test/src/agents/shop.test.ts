// The shop's tasks: every answer follows from its calls, held-out numbers are in no training, the rules
// know all known sentences and no others; what is taught; how runs are judged.
import {
  askAll,
  drawFollowUp,
  drawPrices,
  drawTask,
  factDialogue,
  figuresOf,
  holdDialogue,
  inTurn,
  isRight,
  judged,
  knownItems,
  newItems,
  runPlan,
  scriptedModel,
  shopDialogue,
  shopDistances,
  shopKinds,
  shopQuestions,
  shopRules,
  shopTools,
  taskMessages,
  taughtConversations,
  taughtFormat,
  togetherPlan,
  togetherTasks,
} from "llm/agents";
import { Random } from "llm/random";
import { runTool } from "llm/tools";
import { expect, test } from "vitest";

const prices = drawPrices(new Random(1));
const tools = shopTools(prices);
const rules = { model: scriptedModel(shopRules), tools, format: taughtFormat, tell: false };

test("the same seed gives the same task, and all kinds come", () => {
  const drawn = Array.from({ length: 60 }, (_, i) =>
    drawTask({ rng: new Random(i), prices, part: "train" }),
  );
  expect(drawTask({ rng: new Random(3), prices, part: "train" })).toEqual(drawn[3]);
  expect(new Set(drawn.map(({ kind }) => kind))).toEqual(new Set(shopKinds));
  expect([...prices.values()].every((price) => price >= 2 && price <= 99)).toBe(true);
});

test("the last result of a task's calls is its answer", async () => {
  for (const distance of shopDistances)
    for (const task of shopQuestions(distance, { each: 10, seed: 2, prices })) {
      const messages = await taskMessages(task, tools);
      const last = messages.at(-2)?.content ?? "";
      if (task.kind === "missing") expect(last).toMatch(/^Error: the shop has no \w+$/);
      else if (task.kind !== "talk") expect(task.answer.replace(/( euros)?\.$/, "")).toBe(last);
      // every number of the last call is in the question or in a result
      for (const n of JSON.stringify(task.calls.at(-1) ?? "").match(/\d+/g) ?? [])
        expect(
          messages
            .slice(0, -2)
            .map(({ content }) => content)
            .join(" "),
        ).toContain(n);
    }
});

test("numbers that are asked were in no training", () => {
  const pair = (question: string) => (question.match(/\d+/g) ?? []).join(" ");
  const draw = (part: "train" | "held out", i: number) =>
    pair(drawTask({ rng: new Random(i), prices, kinds: ["calculate"], part }).question);
  const trained = new Set(Array.from({ length: 3000 }, (_, i) => draw("train", i)));
  expect(
    Array.from({ length: 200 }, (_, i) => draw("held out", i)).some((p) => trained.has(p)),
  ).toBe(false);
  expect(newItems.some((item) => knownItems.includes(item))).toBe(false);
});

test("the rules know the known sentences and no others", async () => {
  const share = async (distance: (typeof shopDistances)[number]) =>
    figuresOf(await askAll(shopQuestions(distance, { each: 12, seed: 4, prices }), rules)).right;
  expect(await share("known sentences")).toBe(1);
  expect(await share("new things")).toBe(1);
  expect(await share("new sentences")).toBe(0);
});

test("a follow-up speaks of the thing before", async () => {
  const tasks = shopDialogue(6, 1, prices);
  const turns = await holdDialogue(tasks, rules);
  expect(turns.map(({ right }) => right)).toEqual(Array(6).fill(true));
  const alone = await holdDialogue(tasks, rules, () => []);
  expect(alone.map(({ right }) => right)).toEqual([true, false, true, false, true, false]);
  const talk = drawTask({ rng: new Random(1), prices, kinds: ["talk"], part: "train" });
  expect(() => drawFollowUp(talk, { rng: new Random(1), prices, part: "train" })).toThrow(
    "expected a task about a thing",
  );
});

test("answers are right by their last number, or by their words", () => {
  const task = { answer: "84 euros." };
  const answers = ["84 euros.", "7 * 12 = 84", "84", "It is 84.0", "840", "12", "", null];
  expect(answers.map((answer) => isRight(task, answer))).toEqual([
    ...[true, true, true, false, false, false, false, false],
  ]);
  const words = { answer: "We have no piano." };
  expect([isRight(words, " we have no piano."), isRight(words, "We have no horse.")]).toEqual([
    ...[true, false],
  ]);
  expect(isRight({ answer: "-7." }, "7.")).toBe(false);
});

test("what is wrong with a run is said by the first difference", async () => {
  const task = drawTask({ rng: new Random(5), prices, kinds: ["total"], part: "train" });
  const [price, total] = task.calls.map((call) => taughtFormat.write([call]));
  const verdict = async (texts: string[]) => {
    const model = scriptedModel(inTurn(texts));
    const [{ verdict }] = await askAll([task], { ...rules, model });
    return verdict;
  };
  expect(await verdict([price, total, task.answer])).toBe("right");
  expect(await verdict([task.answer])).toBe("right");
  expect(await verdict(["I think 5."])).toBe("format");
  expect(await verdict([total, "5"])).toBe("tool");
  expect(await verdict([price.replace(/"item": "/, '"item": "x'), "5"])).toBe("arguments");
  expect(await verdict([price, total, "5 euros."])).toBe("use");
  expect(await verdict([price, "5 euros."])).toBe("use");
  const talk = { ...task, calls: [], answer: "Hello!" };
  const run = { answer: "5", steps: [] };
  expect(judged(talk, run)).toBe("use");
});

test("taught conversations fit, and hold what the tools say", async () => {
  const options = { prices, seed: 1, count: 200 };
  const shown = await taughtConversations({ ...options, withTools: true });
  const direct = await taughtConversations({ ...options, withTools: false });
  expect(shown).toHaveLength(200);
  expect(shown.map(({ messages }) => messages.at(-1))).toEqual(
    direct.map(({ messages }) => messages.at(-1)),
  );
  expect(JSON.stringify(direct)).not.toContain("output");
  // what was answered without its steps is never learnt
  const isLearnt = shown.map(({ messages, from }) => messages.slice(from)[1].content);
  expect(isLearnt.some((text) => / euros/.test(text))).toBe(false);
  expect(shown.filter(({ from }) => from > 0)).toHaveLength(40);
  for (const { messages } of shown)
    for (const [i, { role }] of messages.entries())
      expect(role).toBe(i % 2 === 0 ? "user" : "assistant");
  const invented = await taughtConversations({ ...options, withTools: true, invented: 1 });
  const result = JSON.stringify(invented).match(/the shop has no (\w+)/g) ?? [];
  expect(
    result.every((text) =>
      "piano horse whale ship house garden tree river".includes(text.slice(16)),
    ),
  ).toBe(true);
});

test("two things together: the plan leads to the sum", async () => {
  const tasks = togetherTasks(5, 1, prices);
  for (const { question, answer, items } of tasks) {
    const options = {
      ...rules,
      planner: togetherPlan,
      shorten: (text: string) => text.replace(/\D+$/, ""),
    };
    const run = await runPlan(question, options);
    expect(isRight({ answer }, run.answer)).toBe(true);
    const [a, b] = await Promise.all(
      items.map((item) => runTool(tools, { name: "price", arguments: { item } })),
    );
    expect(answer).toBe(`${Number(a.text) + Number(b.text)} euros.`);
  }
});

test("facts are told once, and asked for at the end", () => {
  const { turns, questions } = factDialogue(20, 3);
  expect([turns.length, questions.length]).toEqual([20, 6]);
  for (const { answer, turnsAgo } of questions)
    expect(turns[20 - turnsAgo].user).toContain(`${answer}.`);
});
