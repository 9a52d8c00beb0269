// The made-up class through intake, sandbox and late rule: status and points are those of
// test/class/06/expected.csv. All thirty take more than a minute of processor time, so `npm test`
// grades a few of them; LLM_TEACH_ALL=1 grades all.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { load, scratch, tool } from "./tools";

const { sandboxTrouble } = await tool("grade/box");
const { parseCsv } = await tool("csv");
const { makeClass } = await load("test/class/make.mjs");
const { expectedFile, gradeClass, linesOf } = await load("test/class/expected.mjs");
const trouble = sandboxTrouble() as { why: string } | undefined;
if (trouble) console.log(`the class of thirty is skipped: ${trouble.why}`);

/** A follow-on, a syntax error, a re-exported reference, an override with lateness, a hostile text. */
const SOME = ["gia", "jon", "umar", "zoe", "dee"];
const all = Boolean(process.env.LLM_TEACH_ALL);

const expected: string[][] = parseCsv(readFileSync(expectedFile, "utf8"))
  .rows.slice(1)
  .map((row: { cells: { text: string }[] }) => row.cells.map(({ text }) => text));

test("expected.csv has all thirty, and no fault of a machine", () => {
  expect(new Set(expected.map(([student]) => student)).size).toBe(30);
  expect(expected.filter(([, , status]) => /^error/.test(status))).toEqual([]);
});

describe.skipIf(trouble)("the class of thirty", () => {
  const folder = join(scratch(), "class");
  const students = all ? [] : SOME;
  beforeAll(() => {
    makeClass(folder);
    gradeClass(folder, students);
  }, 900_000);

  test("status and points are the expected ones", () => {
    const wanted = (line: string[]) => all || SOME.includes(line[0]);
    const lines = linesOf(folder).map((line: unknown[]) => line.map(String));
    expect(lines.filter(wanted)).toEqual(expected.filter(wanted));
  }, 60_000);

  test("nothing of what they tried is left behind", () => {
    expect(existsSync("/tmp/llm-class-was-here")).toBe(false);
  });

  test("graded again, nothing is run and every byte stays", () => {
    const file = join(folder, "graded/06/gia.json");
    const before = [readFileSync(file, "utf8"), statSync(file).size];
    const said = gradeClass(folder, students);
    expect(said.match(/as before/g)?.length).toBe(all ? 29 : SOME.length);
    expect([readFileSync(file, "utf8"), statSync(file).size]).toEqual(before);
  }, 120_000);
});
