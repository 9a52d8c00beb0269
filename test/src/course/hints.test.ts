// Hints as they are read: in a terminal of 80 columns, and as a notebook's Markdown.

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { hintText, withoutMarkup } from "../../../src/course/hints";
import { readHints } from "../../../src/course/source";
import { columns } from "../../../src/display/wrap.cjs";

const folder = resolve(__dirname, "../../../exercises");
const files = readdirSync(folder).filter((name) => name.endsWith(".hints.md"));

describe("in a terminal", () => {
  test.each(files)("%s fits 80 columns, whole words, code as it is", (file) => {
    const hints = readHints(readFileSync(join(folder, file), "utf8"));
    const texts = Object.values(hints).flatMap((list) => list.map(({ text }) => text));
    expect(texts.length).toBeGreaterThan(2);
    for (const text of texts) {
      const shown = hintText(text);
      for (const line of shown.split("\n"))
        if (!line.startsWith("    ")) expect(columns(line), line).toBeLessThanOrEqual(80);
      expect(shown).not.toContain("```");
      const plain = (all: string) => all.replace(/```\w*|[_*\s]/g, "");
      expect(plain(shown)).toBe(plain(text));
    }
  });

  test("titles, emphasis, lists, fenced and indented code", () => {
    const long = "word ".repeat(30).trim();
    const hint = `**Hint 1 of 3 for \`f\`: Idea**\n\n_its_ \`a_b_c\` x_1 2 * 3 * 4\n\n- ${long}\n\n\`\`\`ts\nconst x = ${"1 + ".repeat(40)}1;\n\`\`\`\n\n    a  ←  1`;
    const lines = hintText(hint).split("\n");
    expect(lines[0]).toBe("Hint 1 of 3 for f: Idea");
    expect(lines[2]).toBe("its `a_b_c` x_1 2 * 3 * 4");
    expect(lines[4].startsWith("- word")).toBe(true);
    expect(lines[5].startsWith("  word")).toBe(true);
    expect(lines).toContain(`    const x = ${"1 + ".repeat(40)}1;`);
    expect(lines.at(-1)).toBe("    a  ←  1");
  });
});

test.each(files)("%s: no two exercises have the same answer", (file) => {
  const hints = Object.values(readHints(readFileSync(join(folder, file), "utf8")));
  const answers = hints.map((list) => list[list.length - 1].text.replace(/^.*$/m, ""));
  expect(new Set(answers).size).toBe(answers.length);
});

test("in a notebook, what looks like HTML outside of code is text", () => {
  const code =
    "`Array<number>` and\n\n```ts\nconst a: Array<number> = [];\n```\n\n    if a<b: a & b\n";
  expect(withoutMarkup(`A list<T> & more, ${code}<b>`)).toBe(
    `A list&lt;T> &amp; more, ${code}&lt;b>`,
  );
});
