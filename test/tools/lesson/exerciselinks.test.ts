// The links from notebooks to exercises: the functions of an exercise file are found as they stand,
// and `npm run lesson -- sync` writes and corrects the links.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";

const checkout = resolve(__dirname, "../../..");
const load = (path: string) => import(pathToFileURL(join(checkout, path)).href);

interface Stub {
  name: string;
  line: number;
  top: number;
}
const { functionsOf, functionNamed } = (await load(
  "jupyter/labextensions/course-lab/static/functions.js",
)) as {
  functionsOf(text: string): Stub[];
  functionNamed(text: string, functions: Stub[]): Stub | undefined;
};
const { checkedBy, withExerciseLinks } = (await load("tools/lesson/exerciselinks.mjs")) as {
  checkedBy(code: string): string[];
  withExerciseLinks(
    source: string,
    lesson: { id: string; name: string },
    stubs: Stub[],
    options?: { checked: string[] },
  ): string;
};

describe("the functions of an exercise file", () => {
  test("lines and doc comments, also in a file that does not parse", () => {
    const text = [
      "import { tf } from 'llm/engine';",
      "/** One line. */",
      "export function first(x: number) {",
      "  return (x",
      "}",
      "/**",
      " * More",
      " */",
      "export async function second() {}",
      "function helper() {}",
      "",
      "export function third() {}",
    ].join("\n");
    expect(functionsOf(text)).toEqual([
      { name: "first", line: 2, top: 1 },
      { name: "second", line: 8, top: 5 },
      { name: "third", line: 11, top: 11 },
    ]);
  });

  test("the name that comes first in a link's text, as a whole word", () => {
    const functions = functionsOf("export function mean() {}\nexport function median() {}");
    expect(functionNamed("Open the exercise median, after mean", functions)?.name).toBe("median");
    expect(functionNamed("meaning", functions)).toBeUndefined();
  });
});

describe("links in a notebook's text", () => {
  const lesson = { id: "06-attention", name: "attention" };
  const stubs = [
    { name: "causalMask", line: 65, top: 56 },
    { name: "maskedSoftmax", line: 84, top: 69 },
  ];
  const mask = "[Open the exercise `causalMask`](../exercises/06-attention.ts#L57)";
  const softmax = "[Open the exercise `maskedSoftmax`](../exercises/06-attention.ts#L70)";

  test("what a check asks for is linked in the text before it", () => {
    expect(
      checkedBy('await check("06-attention", { only: ["causalMask", "maskedSoftmax"] });\n'),
    ).toEqual(["causalMask", "maskedSoftmax"]);
    expect(checkedBy('await check("06-attention");')).toEqual([]);
    const text = withExerciseLinks("The triangle.\n", lesson, stubs, {
      checked: ["causalMask", "maskedSoftmax"],
    });
    expect(text).toBe(`The triangle.\n\n${mask} · ${softmax}`);
    const again = { checked: ["causalMask", "maskedSoftmax"] };
    expect(withExerciseLinks(text, lesson, stubs, again)).toBe(text);
  });

  test("a link that the author wrote is kept, and gets its line", () => {
    const text = "Write [your `causalMask`](../exercises/06-attention.ts#L3) first.";
    expect(withExerciseLinks(text, lesson, stubs, { checked: ["causalMask"] })).toBe(
      "Write [your `causalMask`](../exercises/06-attention.ts#L57) first.",
    );
  });

  test("after a lesson has moved, and where a link names no function", () => {
    expect(withExerciseLinks(mask.replace("06-", "07-"), lesson, stubs)).toBe(mask);
    expect(withExerciseLinks("[the file](../exercises/06-attention.ts#L9)", lesson, stubs)).toBe(
      "[the file](../exercises/06-attention.ts)",
    );
    const others = "[`causalMask`](../exercises/08-transformer.ts#L9)";
    expect(withExerciseLinks(others, lesson, stubs)).toBe(others);
  });

  test("the lessons' links lead to the doc comments of the stubs", () => {
    const { cells } = JSON.parse(
      readFileSync(join(checkout, "notebooks/06-attention.ipynb"), "utf8"),
    );
    const stubs = readFileSync(join(checkout, "exercises/06-attention.ts"), "utf8").split("\n");
    const links = cells.flatMap(({ source }: { source: string[] }) => [
      ...[source]
        .flat()
        .join("")
        .matchAll(/`(\w+)`\]\(\.\.\/exercises\/06-attention\.ts#L(\d+)\)/g),
    ]);
    expect(links.length).toBeGreaterThan(4);
    for (const [, name, line] of links) {
      expect(stubs[line - 1], name).toBe("/**");
      const rest = stubs.slice(line).find((row) => row.startsWith("export function"));
      expect(rest).toContain(`function ${name}(`);
    }
  });
});
