// The rules for a lesson's page: each fails on a notebook that breaks it and nothing else, and all
// hold for the good one. At the end, the lessons of the course themselves.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { allowed, type Change, faults } from "./faults";
import { digestOf, good, type Notebook, RUNNING } from "./goodNotebook";

const checkout = resolve(__dirname, "../../..");
const tool = (path: string) => import(pathToFileURL(`${checkout}/tools/${path}`).href);

interface Lesson {
  id: string;
}
interface Broken {
  rule: string;
  problem: string;
}

const { pageOf } = (await tool("lesson/rules/page.mjs")) as {
  pageOf(notebook: Notebook, around: object): object;
};
const { rules, brokenRules, notYet, readPage } = (await tool("lesson/rules/rules.mjs")) as {
  rules: Record<string, unknown>;
  brokenRules(page: object): Broken[];
  notYet: string[];
  readPage(lesson: Lesson): object;
};
const { lessons, isWritten } = (await tool("register.mjs")) as {
  lessons(): Lesson[];
  isWritten(lesson: Lesson): boolean;
};
/** What a changed good notebook breaks; its digest is made anew, as a run would. */
function broken(change: Change, around = {}) {
  const notebook = good();
  const cell = (id: string) => {
    const found = notebook.cells.find((one) => one.id === id);
    if (!found) throw new Error(`no cell ${id}`);
    return found;
  };
  if (notebook.metadata.llm.ran) notebook.metadata.llm.ran.digest = digestOf(notebook);
  const before = digestOf(notebook);
  change(notebook, cell);
  const { ran } = notebook.metadata.llm;
  if (ran?.digest === before) ran.digest = digestOf(notebook);
  return brokenRules(
    pageOf(notebook, {
      lesson: { id: "06-attention" },
      exercises: ["mean"],
      exerciseFile: "../exercises/06-attention.ts",
      bytes: 1000,
      heading: "# 06 · Attention",
      running: RUNNING,
      exists: (path: string) => path.endsWith("06-attention.ipynb") || path.includes("exercises/"),
      ...around,
    }),
  );
}

test("the good notebook holds all rules", () => expect(broken(() => {})).toEqual([]));

describe("each rule fails alone", () => {
  test.each(faults)("%s: %s", (rule, _, change, sentence, around) => {
    const found = broken(change, around);
    expect(found.map((one) => one.rule)).toEqual([rule]);
    expect(found[0].problem).toMatch(sentence);
  });

  test("no rule is left out above", () => {
    expect([...new Set(faults.map(([rule]) => rule))].sort()).toEqual(Object.keys(rules).sort());
  });
});

describe("what the rules allow", () => {
  test.each(allowed)("%s", (_, change) => expect(broken(change)).toEqual([]));
});

describe("the lessons of the course", () => {
  const written = lessons().filter(isWritten);

  test.each(written.map((lesson) => [lesson.id, lesson] as const))("%s", (id, lesson) => {
    const found = brokenRules(readPage(lesson)).map(({ rule, problem }) => `${rule}: ${problem}`);
    if (notYet.includes(id))
      expect(found, `${id} holds all rules: take it out of notYet in rules.mjs`).not.toEqual([]);
    else expect(found, `npm run lesson -- rules ${id}`).toEqual([]);
  });

  test("only lessons that are written are excused", () => {
    for (const id of notYet) expect(written.map((lesson) => lesson.id)).toContain(id);
  });
});
