// What is recorded of lesson 26 (agents), and the committed model, which still does what its record says.
import {
  askAll,
  drawPrices,
  figuresOf,
  recordedAgents,
  recordedSmol,
  shopDistances,
  shopQuestions,
  shopTools,
  taughtFormat,
  toolModelPath,
} from "llm/agents";
import { useEngine } from "llm/engine";
import { openRun } from "llm/languageModel";
import { Random } from "llm/random";
import { expect, test } from "vitest";

test("three seeds of every run, and shares that are shares", () => {
  const recorded = recordedAgents();
  for (const run of [
    "asked",
    "controls",
    "dialogues",
    "loops",
    "plans",
    "memory",
    "copying",
  ] as const)
    expect(recorded.of(run as "asked").map(({ seed }) => seed)).toEqual([1, 2, 3]);
  for (const asked of recorded.of("asked"))
    for (const way of ["rules", "direct", "tools"] as const)
      for (const distance of shopDistances) {
        const { n, right, verdicts, byKind } = asked[way][distance];
        const sum = Object.values(verdicts).reduce((a, b) => a + b, 0);
        expect(Math.abs(sum - 1)).toBeLessThan(0.01);
        const counts = Object.values(byKind);
        const all = counts.reduce((total, [, some]) => total + some, 0);
        const good = counts.reduce((total, [some]) => total + some, 0);
        expect([all, Math.abs(right - good / n) < 0.001]).toEqual([n, true]);
      }
  expect(recordedSmol().map(({ run }) => run)).toContain("grammar");
});

test("the committed model answers as often as its record says", async () => {
  await useEngine({ quiet: true });
  const prices = drawPrices(new Random(1));
  const model = await openRun(toolModelPath());
  const options = { model, tools: shopTools(prices), format: taughtFormat, tell: false };
  const tasks = shopQuestions("known sentences", { each: 4, seed: 1, prices });
  const asked = await askAll(tasks, { ...options, decoding: { maxTokens: 48 } });
  const { "known sentences": known } = recordedAgents().of("asked")[0].tools;
  expect(Math.abs(figuresOf(asked).right - known.right)).toBeLessThan(0.25);
  const none = await askAll(tasks, { ...options, tools: [], decoding: { maxTokens: 48 } });
  expect(figuresOf(none).right).toBeLessThan(figuresOf(asked).right - 0.2);
}, 120_000);
