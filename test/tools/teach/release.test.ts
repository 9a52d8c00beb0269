// A release for a class: nothing of the reference answers can be read in it, and a learner's
// commands work there all the same.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { readZip } from "llm/zip";
import { beforeAll, describe, expect, test } from "vitest";
import { load, printed, root, said, scratch, teachIn, tool } from "./tools";

const LESSON = "06";

const { release } = await tool("release/release");
const { fixturesOf, releaseFiles, withoutAnswers } = await tool("release/files");
const { leaks, piecesOf, WINDOW } = await tool("release/leaks");
const { answers } = await load("test/class/answers.mjs");
const { findLesson } = await load("tools/register.mjs");
const lesson = findLesson("06");

interface File {
  path: string;
  contents: string | Buffer;
}
const outer = scratch();
let files: File[];
const text = (path: string) => String(files.find((file) => file.path === path)?.contents);

beforeAll(async () => {
  const answersFrom = { [lesson.id]: "Mon 14 Dec 2026" };
  files = await releaseFiles([lesson], {
    courseVersion: "0.1.0+test",
    answersFrom,
    title: "Class",
  });
});

describe("what is in it", () => {
  test("as a repository it keeps the learner's work, and is checked with every push", () => {
    const ignored = text(".gitignore").split("\n");
    expect(ignored).toContain("node_modules");
    expect(ignored).not.toContain("/my-course/");
    expect(text(".github/workflows/check.yml")).toContain("npm run -s check");
    expect(JSON.parse(text("package.json")).scripts).toHaveProperty("check");
  });

  test("all that the test of a lesson reads beside it", () => {
    expect(fixturesOf("03-recurrent-networks")).toEqual(["test/fixtures/rnn.json"]);
    expect(fixturesOf("12-training")).toEqual(["test/fixtures/optim.json"]);
    for (const name of readdirSync(join(root, "test/exercises"))) {
      const id = name.replace(".test.ts", "");
      const code = readFileSync(join(root, "test/exercises", name), "utf8");
      const near = [...code.matchAll(/"\.\.\/([^"]+)"/g)].map(([, path]) => path);
      const known = [`../solutions/${id}`, `mutants/${id}`, `calls/${id}.json`];
      const others = near.filter((path) => !known.includes(path)).map((path) => `test/${path}`);
      expect([id, fixturesOf(id)]).toEqual([id, others]);
      expect(others.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    }
  });

  test("no answers, no mutants, nothing of the teacher's or the authors'", () => {
    const paths = files.map(({ path }) => path);
    const not =
      /^(\.git(?!ignore$|hub\/workflows\/check\.yml$)|drafts|docs\/log|test\/(?!exercises|mutants|calls)|tools\/(teach|bench))|teach\.md$|quiz\.md$/;
    expect(paths.filter((path) => not.test(path))).toEqual([]);
    expect(
      paths.filter((path) => /^(solutions|notebooks|exercises)\//.test(path) && /06/.test(path)),
    ).toEqual([
      ...["exercises/06-attention.hints.md", "exercises/06-attention.ts"],
      ...["notebooks/06-attention.ipynb", "solutions/06-attention.cjs"],
      ...["solutions/06-attention.d.ts", "solutions/06-attention.json"],
    ]);
    expect(paths.filter((path) => /^solutions\/.*(?<!\.d)\.ts$/.test(path))).toEqual([]);
    expect(paths.filter((path) => /^exercises\/(?!06)/.test(path))).toEqual([]);
    expect(text("test/mutants/06-attention.ts")).not.toContain("told");
  });

  test("an assistant is asked to be a tutor", () => {
    expect(text("AGENTS.md")).toMatch(/Do not write the body of an exercise/);
    expect(text("AGENTS.md")).toMatch(/npm run hint/);
  });

  test("no run of a reference's code stands in any file, of any lesson", () => {
    const ids = readdirSync(join(root, "solutions")).flatMap(
      (name) => /^(\d\d-.*)\.ts$/.exec(name)?.[1] ?? [],
    );
    expect(leaks(files, ids)).toEqual([]);
  });

  test("an answer that somebody quotes is found, also with comments and other line ends", () => {
    const reference = readFileSync(join(root, "solutions/06-attention.ts"), "utf8");
    const asked = (contents: string, path = "docs/page.md") =>
      leaks([{ path, contents }], [lesson.id]);
    expect(asked(reference).length).toBe(6);
    expect(asked(reference.replaceAll("\n", "\r\n\t")).length).toBe(6);
    expect(asked(JSON.stringify({ source: reference })).length).toBeGreaterThan(3);
    expect(asked("return tf.softmax(scores);")).toEqual([]);
    expect(
      piecesOf(lesson.id).every(({ piece }: { piece: string }) => piece.length === WINDOW),
    ).toBe(true);
  });

  test("hints lose their answers only", () => {
    const hints = text("exercises/06-attention.hints.md");
    expect(hints.match(/^## /gm)?.length).toBe(6);
    expect(hints.match(/^### Pseudocode/gm)?.length).toBe(6);
    expect(hints).not.toContain("### Answer");
    expect(
      withoutAnswers("## a\n\n### Idea\n\nx\n\n### Answer\n\n```ts\n## no\n```\n"),
    ).not.toContain("### Answer");
  });

  test("the manifest has names, signatures and points, and no code", () => {
    const manifest = JSON.parse(text("solutions/06-attention.json"));
    expect(manifest).toMatchObject({ lesson: lesson.id, courseVersion: "0.1.0+test" });
    const facts = manifest.exercises.map((e: { name: string; points: number }) => [
      e.name,
      e.points,
    ]);
    expect(facts).toEqual([
      ["attentionByLoops", 3],
      ["scaledScores", 2],
      ["causalMask", 2],
      ["maskedSoftmax", 3],
      ["splitHeads", 2],
      ["multiHead", 4],
    ]);
    expect(manifest.exercises.every((e: { code: string }) => e.code === "")).toBe(true);
  });

  test("package.json has no command whose tool is missing", () => {
    const { scripts } = JSON.parse(text("package.json"));
    const paths = new Set(files.map(({ path }) => path));
    for (const command of Object.values(scripts) as string[])
      for (const [file] of command.matchAll(/tools\/\S+\.mjs/g)) expect(paths).toContain(file);
    expect(Object.keys(scripts)).toEqual(
      expect.arrayContaining(["start", "check", "hint", "submit"]),
    );
    expect(scripts.teach).toBeUndefined();
  });
});

describe("a learner in it", () => {
  const folder = join(outer, "class copy");
  const run = (...args: string[]) =>
    spawnSync(process.execPath, args, {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, LLM_ORIGINALS: "", LLM_ROOT: "" },
    });
  const command = (name: string, ...args: string[]) => {
    const { stdout, stderr } = run(join(folder, "dist/cli", `${name}.js`), ...args);
    return stdout + stderr;
  };
  beforeAll(() => {
    for (const { path, contents } of files) {
      if (path.startsWith("datasets/")) continue;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), contents);
    }
    mkdirSync(join(folder, "node_modules"));
    for (const entry of readdirSync(join(root, "node_modules")))
      if (entry !== "llm")
        symlinkSync(join(root, "node_modules", entry), join(folder, "node_modules", entry));
    symlinkSync(join(folder, "dist"), join(folder, "node_modules/llm"), "junction");
    const built = run(join(folder, "tools/build.mjs"));
    if (built.status !== 0) throw new Error(built.stdout + built.stderr);
  }, 240_000);

  test("`check` judges right and wrong answers; points come from the manifest", () => {
    const own = answers.eve.replace(
      "export function causalMask",
      "/** @points 300 */\nexport function causalMask",
    );
    writeFileSync(join(folder, "exercises/06-attention.ts"), own);
    const said = command("check", "06");
    expect(said).toContain("4 of 6 done · 9 of 16 points");
    expect(said).toContain("the mask came after the softmax");
  }, 240_000);

  test("`learner` has the reference, also of a lesson that is not in the release", () => {
    const code = `const { learner } = require("llm/course");
      learner("05-embeddings").then((mine) => console.log(Object.keys(mine).length > 2));`;
    const { stdout, stderr } = run("-e", code);
    expect(stdout + stderr).toContain(
      "Until yours pass, lesson 05 (embeddings) uses the reference",
    );
    expect(stdout).toContain("true");
  }, 240_000);

  test("`solution` says from when, `submit` makes the zip, `doctor` misses nothing", () => {
    expect(command("solution", "06", "causalMask", "--yes")).toContain(
      `your teacher gives the answers of lesson ${LESSON} out on Mon 14 Dec 2026`,
    );
    expect(command("submit", "06", "Ada", "Lovelace")).toContain("6 of 6 exercises have an answer");
    const zip = readZip(readFileSync(join(folder, "06-attention_Ada-Lovelace.zip")));
    expect(zip.map(({ path }) => path)).toEqual(["06-attention.ts", "submission.json"]);
    expect(JSON.parse(zip[1].bytes().toString())).toMatchObject({
      student: "Ada Lovelace",
      courseVersion: "0.1.0+test",
    });
    expect(run(join(folder, "tools/setup/doctor.mjs")).stdout).toContain(
      "1 of 31 are written, and all",
    );
  }, 240_000);

  test("the answers, unzipped over it, can be read", async () => {
    teachIn(outer);
    const out = join(outer, "answers.zip");
    await printed(() => release({ values: { out, solutions: true }, words: ["06"] }));
    for (const one of readZip(readFileSync(out)))
      writeFileSync(join(folder, one.path), one.bytes());
    expect(command("solution", "06", "causalMask", "--yes")).toContain("tf.lessEqual(key, query)");
    expect(command("hint", "06", "causalMask")).toContain("Hint 1 of 3");
  }, 240_000);
});

test("wrong input is told, and nothing is written", async () => {
  teachIn(outer);
  const make = (words: string[], out: string) => said(() => release({ values: { out }, words }));
  expect(await make(["77"], join(outer, "a.zip"))).toContain(
    'expected the number or name of a lesson that is written, got "77"',
  );
  expect(await make([], join(outer, "a.zip"))).toContain("expected a lesson, got none");
  expect(existsSync(join(outer, "a.zip"))).toBe(false);
  mkdirSync(join(outer, "taken"));
  expect(await make(["06"], join(outer, "taken"))).toContain("expected a new folder");
});
