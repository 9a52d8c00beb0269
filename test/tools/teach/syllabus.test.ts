// The syllabus: no day over its hours, the course's order, nothing lost in silence.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { load, printed, said, scratch, teachIn, tool } from "./tools";

const { plan, spread, syllabus, timeOf } = await tool("syllabus");
const { findLesson, isWritten, lessons } = await load("tools/register.mjs");
type Item = { number: string; minutes: number };
const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);

test("lists are spread so that the longest day is as short as can be", () => {
  const slow = (list: number[], n: number): number => {
    if (n === 1) return sum(list);
    const cuts = Array.from({ length: list.length + 1 }, (_, i) =>
      Math.max(sum(list.slice(0, i)), slow(list.slice(i), n - 1)),
    );
    return Math.min(...cuts);
  };
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 7 }),
      fc.integer({ min: 1, max: 4 }),
      (list, n) => {
        const counts: number[] = spread(list, n);
        let at = 0;
        const days = counts.map((size) => {
          at += size;
          return sum(list.slice(at - size, at));
        });
        expect(sum(counts)).toBe(list.length);
        expect(counts.length).toBeLessThanOrEqual(n);
        expect(Math.max(...days)).toBe(slow(list, n));
      },
    ),
    { numRuns: 200, seed: 14 },
  );
});

describe("the real lessons", () => {
  const items: Item[] = lessons()
    .filter(isWritten)
    .map((lesson: object) => ({ ...lesson, minutes: timeOf(lesson).all }));
  test.each([
    [14, 6],
    [14, 4],
    [7, 6],
    [5, 6],
    [3, 8],
    [1, 6],
    [1, 3],
  ])("%i days of %i hours: no day is over its hours", (n, hours) => {
    const days: Item[][] = plan(items, n, 60 * hours);
    expect(days.length).toBeLessThanOrEqual(n);
    for (const day of days)
      expect(sum(day.map(({ minutes }) => minutes))).toBeLessThanOrEqual(60 * hours);
    const numbers = days.flat().map(({ number }) => number);
    expect(numbers).toEqual([...numbers].sort());
    expect(numbers).toContain("06");
  });
  test("fourteen weeks of six hours hold every lesson", () => {
    expect(plan(items, 14, 360).flat().length).toBe(items.length);
  });
  test("a lesson's time is that of its words and of its exercises", () => {
    const { reading, exercises, all } = timeOf(findLesson("06"));
    expect(exercises).toBeGreaterThan(30);
    expect(reading).toBeGreaterThan(15);
    expect(all).toBe(reading + exercises + 10);
  });
});

test("the page says what was left out, and what that takes from the rest", async () => {
  const folder = scratch();
  teachIn(folder);
  await printed(() => syllabus({ words: ["1d"], values: { start: "2027-01-08" } }));
  const text = readFileSync(join(folder, "syllabus-1d.md"), "utf8");
  expect(text).toContain("| 1 (2027-01-08) |");
  expect(text).toMatch(/Left out: .*01 Predicting text/);
  expect(text).toMatch(/06 \(Attention\) builds on .*03 \(Recurrent networks\)/);
});

test("days skip weekends, weeks do not", async () => {
  const folder = scratch();
  teachIn(folder);
  await printed(() => syllabus({ words: ["3d"], values: { start: "2027-01-08" } }));
  expect(readFileSync(join(folder, "syllabus-3d.md"), "utf8")).toMatch(
    /2027-01-08[\s\S]*2027-01-11[\s\S]*2027-01-12/,
  );
});

test("what is no number of weeks or days is refused", async () => {
  for (const form of ["0w", "five days", "14", "d5"])
    expect(await said(() => syllabus({ words: [form], values: {} }))).toMatch(
      /expected weeks or days/,
    );
  expect(await said(() => plan([{ number: "00", minutes: 90 }], 1, 60))).toMatch(
    /a lesson fits, got 1/,
  );
});
