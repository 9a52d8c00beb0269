// After set-up, `git diff` shows a notebook's cells as text; without it, or without the script, it
// shows the file.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const checkout = resolve(__dirname, "../../..");
const outer = mkdtempSync(join(tmpdir(), "llm-git-"));
const root = join(outer, "a repository", "my course"); // the course may lie in a folder of a larger repository
const notebook = "notebooks/06-attention.ipynb";
afterAll(() => rmSync(outer, { recursive: true, force: true }));

const git = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout;
};
const scripts = () => import(pathToFileURL(join(root, "tools/setup/git.mjs")).href);

beforeAll(() => {
  for (const path of [
    ".gitattributes",
    "tools/kit.mjs",
    "tools/setup/git.mjs",
    "tools/lesson/textconv.mjs",
    notebook,
  ]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(join(checkout, path), join(root, path));
  }
  spawnSync("git", ["init", "-q"], { cwd: dirname(root) });
});

test("a folder that is not part of the repository around it changes none of its settings", async () => {
  expect((await scripts()).readableDiffs()).toBe(false);
  expect(
    spawnSync("git", ["config", "--local", "--get-regexp", "diff"], { cwd: root }).status,
  ).toBe(1);
});

test("as committed, then with the setting, then without the script", async () => {
  git("add", ".");
  git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x");
  const file = join(root, notebook);
  const raw = JSON.parse(readFileSync(file, "utf8"));
  raw.cells[0].source = "# 06 · Something else";
  const figure = raw.cells.find((cell: { outputs?: { data?: object }[] }) =>
    cell.outputs?.some(({ data }) => data),
  );
  figure.outputs[0].data = { "image/svg+xml": "<svg>another picture</svg>" };
  writeFileSync(file, JSON.stringify(raw, null, 1));

  expect(git("diff")).toMatch(/^\+ *"source": "# 06 · Something else"/m);

  expect((await scripts()).readableDiffs()).toBe(true);
  expect((await scripts()).readableDiffs()).toBe(false); // nothing to do a second time
  const text = git("diff");
  expect(text).toMatch(/^-# 06 · Attention$/m);
  expect(text).toMatch(/^\+# 06 · Something else$/m);
  expect(text).toMatch(/^@@.*@@ %% (md|ts) [a-z-]+( folded)?( output-folded)?$/m); // the cell in a hunk's heading
  expect(text).toMatch(/^\+ {4}\[image\/svg\+xml, 0\.0 kB, [0-9a-f]{8}\]$/m);
  expect(text).not.toMatch(/"source"|<svg/);
  expect(text.length).toBeLessThan(5000);

  rmSync(join(root, "tools"), { recursive: true });
  expect(git("diff", "--", notebook)).toMatch(/"source": "# 06 · Something else"/);
});

test("what is no notebook, such as half a merge, is shown as it is", () => {
  const file = join(outer, "half.ipynb");
  writeFileSync(file, "<<<<<<< HEAD\n{}");
  const script = join(checkout, "tools/lesson/textconv.mjs");
  const { stdout } = spawnSync(process.execPath, [script, file], { encoding: "utf8" });
  expect(stdout).toBe("<<<<<<< HEAD\n{}");
});
