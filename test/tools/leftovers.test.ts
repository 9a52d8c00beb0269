// Nothing was committed by accident. Both have happened: the marks that git leaves where a merge was
// not finished, in a notebook, and 292 compiled files among the sources.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const TEXT = /\.(ts|mts|cts|mjs|cjs|js|json|md|py|ipynb|html|css|svg|txt|yml)$|^README$/;
const MARK = /^(<{7} |>{7} )/m;

/** The files that git knows; none where this is no checkout (a downloaded archive). */
function trackedFiles(): string[] {
  const { status, stdout } = spawnSync("git", ["ls-files", "-z"], { encoding: "utf8" });
  return status === 0
    ? stdout.split("\0").filter((path) => TEXT.test(path) && existsSync(path))
    : [];
}

test("a mark is found", () => {
  expect(MARK.test(`const a = 1;\n${"<".repeat(7)} HEAD\n`)).toBe(true);
});

test("no file has the marks of an unfinished merge", () => {
  const marked = trackedFiles().filter((path) => MARK.test(readFileSync(path, "utf8")));
  expect(marked).toEqual([]);
});

test("no compiled file stands among the sources", () => {
  // jupyter/ and tools/ have hand-written JavaScript; what is compiled from TypeScript is in dist/.
  const isCompiled = (path: string) =>
    /^(src|test|exercises|solutions)\/.*\.(js|d\.ts)$/.test(path);
  expect(isCompiled("src/gpt/model.js")).toBe(true);
  expect(trackedFiles().filter(isCompiled)).toEqual([]);
});
