// The quiz for Moodle and to print.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { load, root, tool } from "./tools";

const { giftOf, orderedBy, questionsOf, sheetOf } = await tool("quiz");
const { findLesson, isWritten, lessons } = await load("tools/register.mjs");
type Choice = { isRight: boolean; text: string };
type Question = { id: string; text: string; choices: Choice[] };

/** GIFT as Moodle reads it: questions between blank lines, answers between braces, signs escaped. */
function readGift(text: string) {
  const blocks = text
    .split(/\n\n+/)
    .filter((block) => block.trim() && !block.startsWith("$CATEGORY"));
  const unescaped = (part: string) => part.replace(/\\n/g, "\n").replace(/\\([~=#{}:])/g, "$1");
  return blocks.map((block) => {
    const [, title, asked, answers] =
      /^::(.*?)::\[html\]([\s\S]*?) (?<!\\)\{\n([\s\S]*)\n\}\n?$/.exec(block)!;
    const choices = answers.split("\n").map((line) => {
      const [, sign, said, why] = /^([=~])((?:\\.|[^#\\])*)#(.*)$/.exec(line)!;
      expect(why.replace(/\\[~=#{}:n]/g, "")).not.toMatch(/[~=#{}]/);
      return { isRight: sign === "=", text: unescaped(said) };
    });
    return { title, asked: unescaped(asked), choices };
  });
}

test.each<string>(
  lessons()
    .filter(isWritten)
    .map(({ id }: { id: string }) => id),
)("%s: every question arrives in GIFT as it was written", (id) => {
  const lesson = findLesson(id);
  const questions: Question[] = questionsOf(lesson);
  const read = readGift(giftOf(lesson, questions));
  expect(questions.length).toBeGreaterThanOrEqual(5);
  expect(read.map(({ title }) => title)).toEqual(
    questions.map(({ id }) => `${lesson.number} ${id}`),
  );
  const rights = (list: { choices: Choice[] }[]) =>
    list.map(({ choices }) => choices.findIndex((c) => c.isRight));
  expect(rights(read)).toEqual(rights(questions));
  for (const { choices } of read)
    expect(new Set(choices.map(({ text }) => text)).size).toBe(choices.length);
});

describe("GIFT", () => {
  const one = (text: string, choice = "yes") => {
    const choices = [
      { isRight: true, text: choice, why: "so" },
      { isRight: false, text: "no", why: "not so" },
    ];
    return giftOf({ number: "06", title: "T" }, [{ id: "an-id", text, choices }]);
  };
  test("its own signs are escaped, in texts and in code", () => {
    expect(one("What is {a: 1} = b # ~?")).toContain("What is \\{a\\: 1\\} \\= b \\# \\~?");
    expect(one("Code:\n\n```ts\nif (a) {\n  b;\n}\n```")).toMatch(/\\\{\\n {2}b;\\n\\\}/);
  });
  test("formulas are left to the platform's MathJax", () => {
    expect(one("Is $\\sqrt{D}$ it?")).toContain("\\(\\sqrt\\{D\\}\\)");
  });
});

test("the order of choices hangs on the term's secret, and on nothing else", () => {
  const list = ["a", "b", "c", "d"];
  expect(orderedBy(list, "term 1")).toEqual(orderedBy(list, "term 1"));
  const orders = new Set(
    Array.from({ length: 40 }, (_, i) => orderedBy(list, `term ${i}`).join("")),
  );
  expect(orders.size).toBeGreaterThan(10);
  for (const order of orders) expect([...order].sort().join("")).toBe("abcd");
});

test("on the sheet the answers stand behind all questions", () => {
  const lesson = findLesson("06");
  const html: string = sheetOf(lesson, questionsOf(lesson));
  const quiz = readFileSync(`${root}/notebooks/06-attention.quiz.md`, "utf8");
  const why = /- \[x\].*\n {2}(The keys only decide.*)/.exec(quiz)![1];
  expect(html.indexOf(why.slice(0, 20))).toBeGreaterThan(html.indexOf('class="answers"'));
  expect(html).not.toContain("<script");
});
