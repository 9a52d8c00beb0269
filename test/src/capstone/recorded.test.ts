// What is recorded of lesson 30 (in practice): three seeds of every run, and figures that fit together.
import {
  isGood,
  type Outcome,
  outcomes,
  type RecordedSystem,
  recordedPractice,
  rivalNames,
  systemNames,
} from "llm/capstone";
import { expect, test } from "vitest";

const seedsOf = (runs: readonly object[]) =>
  runs.map((run) => (run as { seed: number }).seed).sort();

/** Shares, topics and the list of good outcomes tell the same. */
function isWhole(system: RecordedSystem): void {
  const { n, shares, topics, good } = system;
  const counts = Object.values(topics);
  for (const outcome of outcomes) {
    const all = counts.reduce((sum, some) => sum + some[outcome as Outcome], 0);
    expect(Math.abs(all / n - shares[outcome])).toBeLessThan(1e-3);
  }
  expect(good).toMatch(new RegExp(`^[01]{${n}}$`));
  const goodShare = outcomes.filter(isGood).reduce((sum, one) => sum + shares[one], 0);
  expect(Math.abs([...good].filter((c) => c === "1").length / n - goodShare)).toBeLessThan(1e-3);
  expect(system.cpu).toBeGreaterThan(0);
}

test("applications and adapting, with three seeds", () => {
  const systems = recordedPractice("systems");
  expect(seedsOf(systems)).toEqual([1, 2, 3]);
  for (const run of systems) for (const name of systemNames) isWhole(run[name]);
  const adapt = recordedPractice("adapt");
  expect(seedsOf(adapt)).toEqual([1, 2, 3]);
  for (const { before, adapted } of adapt) for (const run of [before, adapted]) isWhole(run);
  const controls = recordedPractice("alone");
  expect(seedsOf(controls)).toEqual([1, 2, 3]);
  for (const run of controls) isWhole(run);
  const rivals = recordedPractice("rivals");
  expect(seedsOf(rivals)).toEqual([1, 2, 3]);
  for (const run of rivals) for (const name of rivalNames) isWhole(run[name]);
  const prompts = recordedPractice("prompts");
  expect(seedsOf(prompts)).toEqual([1, 2, 3]);
  for (const run of prompts)
    for (const name of ["first", "last", "examples"] as const) isWhole(run[name]);
  const chat = recordedPractice("chat");
  expect(seedsOf(chat)).toEqual([1, 2, 3]);
  for (const run of chat) isWhole(run);
});

test("the unchecked agent does the same in both runs of a seed", () => {
  for (const { seed, before } of recordedPractice("adapt")) {
    const run = recordedPractice("systems").find((one) => one.seed === seed);
    expect(run?.["agent, unchecked"].good).toBe(before.good);
  }
});

test("looks, windows and speeds", () => {
  for (const { byLooks, peek } of recordedPractice("peeking")) {
    expect(byLooks).toHaveLength(20);
    expect(byLooks.at(-1)).toBe(peek);
    expect([...byLooks].sort((a, b) => a - b)).toEqual(byLooks);
  }
  for (const run of recordedPractice("drift"))
    expect(Object.values(run.topics).reduce((a, b) => a + b, 0)).toBe(400);
  for (const { bandwidth, models } of recordedPractice("speed")) {
    expect(bandwidth).toBeGreaterThan(1e9);
    expect(models).toHaveLength(6);
  }
  expect(recordedPractice("power").length).toBeGreaterThan(0);
});
