// The worked example: what the check lets through, what is drawn, and the committed model in its parts.
import { type AgentRun, drawPrices, toolModelPath } from "llm/agents";
import {
  agentPart,
  cascade,
  drawShopQuestions,
  evaluateApplication,
  isGrounded,
  namesPart,
  outcomeShares,
  personPart,
  readQuestions,
  rulesPart,
  shopMix,
  shopPrompt,
} from "llm/capstone";
import { courseFile } from "llm/data";
import { useEngine } from "llm/engine";
import { openRun } from "llm/languageModel";
import { Random } from "llm/random";
import { expect, test } from "vitest";

const written = readQuestions(courseFile("capstone/customer-service/questions.jsonl"));
const prices = drawPrices(new Random(1));

type Call = [name: string, argument: string, result: string];
const run = (answer: string, ...calls: Call[]): Pick<AgentRun, "steps" | "answer"> => ({
  answer,
  steps: calls.map(([name, argument, text]) => ({
    ...{ written: "", text: "", errors: [], isIdle: false },
    calls: [{ name, arguments: name === "price" ? { item: argument } : { expression: argument } }],
    results: [{ name, text, isError: text.startsWith("Error") }],
    usage: { promptTokens: 0, completionTokens: 0, cachedTokens: 0 },
  })),
});

test("names: one thing, at most one number, and a word for a price", async () => {
  const part = namesPart(prices, ["lantern", "pen"]);
  const says = async (question: string) => (await part.say(question)).text;
  const [lantern, pen] = [prices.get("lantern")!, prices.get("pen")!];
  expect(await says("I want 3 lanterns. What do they cost?")).toBe(`${3 * lantern} euros.`);
  expect(await says("Please tell me the price of a pen.")).toBe(`${pen} euros.`);
  expect(await says("And 4 pens?")).toBe(`${4 * pen} euros.`);
  for (const other of [
    ...["What does a lamp cost?", "What do a pen and a lantern cost?", "My lantern caught fire."],
    ...["Do 2 pens cost less than 3?", "What does a pencil cost?", "And 4 cards?"],
  ])
    expect(await says(other)).toBeUndefined();
  expect((await namesPart(prices).say("How much is a lamp?")).text).toMatch(/euros/);
});

test("what an agent said to its tools has to stand in the question or in a result", () => {
  const ask = "What do 7 lamps cost?";
  const good = run("84 euros.", ["price", "lamp", "12"], ["calculator", "7 * 12", "84"]);
  expect(isGrounded(ask, good)).toBe(true);
  const otherThing = run("21 euros.", ["price", "book", "3"], ["calculator", "7 * 3", "21"]);
  expect(isGrounded(ask, otherThing)).toBe(false);
  const otherNumber = run("96 euros.", ["price", "lamp", "12"], ["calculator", "8 * 12", "96"]);
  expect(isGrounded(ask, otherNumber)).toBe(false);
  const otherAnswer = run("85 euros.", ["price", "lamp", "12"], ["calculator", "7 * 12", "84"]);
  expect(isGrounded(ask, otherAnswer)).toBe(false);
  const none = run("We have no piano.", ["price", "piano", "Error: the shop has no piano"]);
  expect(isGrounded("What does a piano cost?", none)).toBe(true);
  expect(isGrounded("Hello!", run("Hello! What do you need?"))).toBe(true);
  expect(isGrounded("What is 3 + 4?", run("7."))).toBe(false);
});

test("questions are drawn as often as the mix says, the same for the same seed, from one split", () => {
  const draw = (seed: number) =>
    drawShopQuestions({ count: 2000, seed, prices, split: "test", written });
  const all = draw(5);
  expect(draw(5)).toEqual(all);
  expect(draw(6)).not.toEqual(all);
  for (const [topic, share] of Object.entries(shopMix)) {
    const found = all.filter((one) => one.topic === topic).length / all.length;
    expect(Math.abs(found - share)).toBeLessThan(0.03);
  }
  const choose = new Set(written.filter(({ split }) => split === "choose").map((q) => q.question));
  expect(all.some(({ question }) => choose.has(question))).toBe(false);
});

test("whoever hands over has words, and questions it has seen", async () => {
  const says = (question: string) => personPart().say(question);
  expect(await says("The lamp caught fire.")).toEqual({ isForPerson: true });
  expect(await says("What does a lamp cost?")).toEqual({});
  const known = personPart([
    { split: "choose", topic: "advice", question: "Should I buy the shares?", handOver: true },
    { split: "choose", topic: "debt", question: "When is the debt due?", accept: ["June"] },
  ]);
  expect(await known.say("When is it due, the debt?")).toEqual({});
});

test("rules answer what they know, and nothing else", async () => {
  const rules = rulesPart(prices);
  expect((await rules.say("What do 7 lamps cost?")).text).toBe(
    `${7 * Number(prices.get("lamp"))} euros.`,
  );
  expect(await rules.say("Please tell me the price of a lamp.")).toEqual({});
});

test("a chat model is told the rules first, so that they are read once, and the prices it needs", () => {
  const prompt = shopPrompt("What do 7 lamps cost?", "RULES", prices);
  expect(prompt.indexOf("RULES")).toBeLessThan(prompt.indexOf("lamp"));
  expect(prompt).toContain(`One lamp costs ${prices.get("lamp")} euros.`);
  expect(shopPrompt("A piano?", "RULES", prices)).toContain("Nothing that the question names");
});

test("the check takes wrong answers away and leaves right ones", { timeout: 60_000 }, async () => {
  await useEngine({ quiet: true, prefer: "wasm" });
  const model = await openRun(toolModelPath(), { name: "shop" });
  const questions = drawShopQuestions({ count: 60, seed: 11, prices, split: "test", written });
  const of = async (checked: boolean) => {
    const application = cascade("agent", [agentPart(model, prices, { checked })]);
    return outcomeShares((await evaluateApplication(application, questions)).asked);
  };
  const [raw, checked] = [await of(false), await of(true)];
  expect(raw.wrong + raw.missed).toBeGreaterThan(0.2);
  expect(checked.wrong).toBeLessThan(0.05);
  expect(raw.right - checked.right).toBeLessThan(0.05);
});
