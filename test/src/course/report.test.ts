// A check's results as they are read: what comes first, what a pass is worth, and that nothing an
// answer prints reaches the terminal raw.

import { expect, test } from "vitest";
import { CheckResult, toHtml, toText } from "../../../src/course/report";
import { columns } from "../../../src/display/wrap.cjs";

const facts = { points: 1, minutes: 5, difficulty: 1 };
const long = "The sum of a row is not one: ".repeat(6).trim();
const result = (next?: string) =>
  new CheckResult(
    "97-sums",
    [
      { name: "twice", state: "passed", ...facts },
      {
        name: "half",
        state: "failed",
        message: `half returned nothing (undefined): is there a \`return\`?\n${long}\n  code`,
        types: ["line 9: Property 'lenght' does not exist on type 'number[]'.\n  x.lenght"],
        printed: "\u001b[2Jhello\u0007\u009b",
        ...facts,
      },
    ],
    1.25,
    {
      id: "97-sums",
      done: 1,
      count: 4,
      points: 1,
      total: 6,
      ...(next === undefined ? {} : { next: { name: next, minutes: 5, state: "todo" as const } }),
    },
  );
const hint = (name: string) => `npm run hint 97 ${name}`;

test("a type error comes before what it may have caused", () => {
  for (const text of [toText(result(), hint), toHtml(result(), hint)]) {
    expect(text.indexOf("lenght")).toBeGreaterThan(0);
    expect(text.indexOf("lenght")).toBeLessThan(text.indexOf("returned nothing"));
  }
});

test("a pass is worth a line, in the terminal and in the notebook", () => {
  for (const text of [toText(result("reflect"), hint), toHtml(result("reflect"), hint)])
    expect(text).toContain("97-sums: 1 of 4 done · 1 of 6 points · next: reflect");
  expect(`${result()}`).toContain("everything passes");
});

test("sentences fit 80 columns, and control characters are shown as pictures", () => {
  const text = toText(result("reflect"), hint);
  for (const line of text.split("\n")) expect(columns(line), line).toBeLessThanOrEqual(80);
  expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  expect(text).toContain("␛[2Jhello␇");
});
