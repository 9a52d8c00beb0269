// The recorded runs of the lesson: complete, with shares that are what their counts say, and a model
// that answers.
import { statSync } from "node:fs";
import { courseFile } from "llm/data";
import { useEngine } from "llm/engine";
import { answerAll, distances, loadInstructModel, recordedInstructions } from "llm/instruct";
import { disposeParams } from "llm/params";
import { expect, test } from "vitest";

await useEngine({ prefer: "wasm", quiet: true });

test("each seed has all runs that are compared, and shares are what the counts say", () => {
  const { base, tuned, shuffled, everything, long, about } = recordedInstructions();
  expect(about.train).toBe(6000);
  const seeds = tuned.map(({ seed }) => seed);
  expect(seeds).toEqual([1, 2, 3]);
  for (const runs of [base, shuffled, everything])
    expect(runs.map(({ seed }) => seed)).toEqual(seeds);
  for (const run of [...base, ...tuned, ...shuffled, ...everything, ...long])
    for (const distance of distances) {
      const counts = Object.values(run[distance].byKind);
      const sum = (at: 0 | 1) => counts.reduce((total, pair) => total + pair[at], 0);
      expect(run[distance].exact).toBeCloseTo(sum(0) / sum(1), 3);
    }
});

test("the controls that were added later say what their counts say", () => {
  const { long, leak, everythingFaster, everythingLonger, tunedLonger, baseMore } =
    recordedInstructions();
  expect(baseMore.map(({ seed }) => seed)).toEqual([1, 2, 3]);
  for (const runs of [long, leak, everythingFaster, everythingLonger, tunedLonger])
    expect(runs.length).toBeGreaterThan(0);
  for (const run of [...everythingFaster, ...everythingLonger, ...tunedLonger, ...leak])
    for (const distance of distances) {
      const counts = Object.values(run[distance].byKind);
      const sum = (at: 0 | 1) => counts.reduce((total, pair) => total + pair[at], 0);
      expect(run[distance].exact).toBeCloseTo(sum(0) / sum(1), 3);
    }
  for (const { orders } of [...baseMore, ...tunedLonger, ...everythingLonger, ...long])
    for (const [, right, asked, byLuck] of orders ?? []) {
      expect(right).toBeLessThanOrEqual(asked);
      expect(byLuck / asked).toBeCloseTo(1 / 4, 6); // one right order among four
    }
  for (const { followUps } of long) {
    const counts = Object.values(followUps.byKind);
    const sum = (at: 0 | 1) => counts.reduce((total, pair) => total + pair[at], 0);
    expect(Math.abs(followUps.own - sum(0) / sum(1))).toBeLessThan(0.0006); // three digits
  }
});

test("the model of the longer run is small, and answers in both languages", async () => {
  const file = courseFile("runs/16-instruction-tuning/checkpoint.safetensors");
  expect(statSync(file).size).toBeLessThan(4e6);
  const model = loadInstructModel();
  const asked = [
    { instruction: "What is this in Chinese?", input: "red hat" },
    { instruction: "这用英文怎么说？", input: "白猫" },
    { instruction: "Write the number in digits.", input: "forty-two" },
  ];
  expect(await answerAll(model, asked, { maxNewTokens: 12 })).toEqual([
    "红帽子",
    "white cat",
    "42",
  ]);
  disposeParams(model.params);
});
