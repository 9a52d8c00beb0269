// The scheduler's steps, against what was worked out by hand.
import { traceSchedule } from "llm/inference";
import { expect, it } from "vitest";

it("shares a prefix, cuts a prompt, and gives blocks back", () => {
  // Blocks of 2. A has 4 tokens and writes 2; B begins alike, comes at step 1, and has 6.
  const steps = traceSchedule(
    [
      { name: "A", ids: [1, 2, 3, 4], maxNewTokens: 2 },
      { name: "B", ids: [1, 2, 3, 4, 5, 6], maxNewTokens: 1, step: 1 },
    ],
    { blocks: 8, blockTokens: 2, tokenBudget: 4, maxRunning: 4 },
  );
  expect(steps[0].reads).toEqual([{ name: "A", count: 4, writes: true }]);
  expect(steps[1].reads).toEqual([
    { name: "A", count: 1, writes: true },
    { name: "B", count: 2, writes: true },
  ]);
  expect(steps[1].owners.filter((names) => names.length === 2)).toHaveLength(2);
  expect(steps[1].ended).toEqual(["A", "B"]);
  expect(steps).toHaveLength(2);
});

it("the youngest gives its blocks back, and is written later", () => {
  // Four blocks of 2: A and B have one block each of prompt and want 3 more tokens' rows.
  const text = { ids: [1, 2], maxNewTokens: 5 };
  const steps = traceSchedule(
    [
      { name: "A", ...text },
      { name: "B", ...text, ids: [7, 8] },
    ],
    { blocks: 4, blockTokens: 2, tokenBudget: 8, maxRunning: 4 },
  );
  const preempted = steps.findIndex((step) => step.preempted.includes("B"));
  expect(preempted).toBeGreaterThan(0);
  expect(steps[preempted].waiting).toEqual(["B"]);
  expect(steps.flatMap(({ ended }) => ended)).toEqual(["A", "B"]);
  const written = steps.flatMap(({ reads }) => reads.filter(({ writes }) => writes));
  for (const name of ["A", "B"])
    expect(written.filter((read) => read.name === name)).toHaveLength(5);
  for (const { owners } of steps) expect(owners.every((names) => names.length < 2)).toBe(true);
});

it("refuses a text that can never fit", () => {
  const options = { blocks: 2, blockTokens: 2, tokenBudget: 4, maxRunning: 2 };
  const text = { name: "A", ids: [1, 2, 3], maxNewTokens: 3 };
  expect(() => traceSchedule([text], options)).toThrow("texts of 2 blocks at most, got A");
});
