// The register of lessons: its own sense, that the course's files and texts are as it says, and the
// commands that make them so. The wrong mentions in it are on purpose: tools/lesson/mentions.mjs
// passes this folder over.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { lessonPaths as typedPaths } from "llm/course/paths";
import { parts as typedParts } from "llm/course/register";
import { afterAll, describe, expect, test } from "vitest";
import { makeSandbox, type Sandbox } from "../../sandbox";

const checkout = resolve(__dirname, "../../..");
const tool = (path: string) => import(pathToFileURL(join(checkout, "tools", path)).href);

interface Lesson {
  id: string;
  number: string;
  name: string;
  title: string;
  subjects: string[];
  needs: string[];
}
const { parts, lessons, lessonPaths, findLesson, mentionOf, isWritten } = (await tool(
  "register.mjs",
)) as {
  parts(): { title: string; lessons: Lesson[] }[];
  lessons(): Lesson[];
  lessonPaths(id: string): Record<string, string>;
  findLesson(text?: string): Lesson | undefined;
  mentionOf(lesson: Lesson): string;
  isWritten(lesson: Lesson): boolean;
};
const { wrongMentions, mendMentions } = (await tool("lesson/mentions.mjs")) as {
  wrongMentions(text: string, options?: { ids?: boolean }): { line: number; problem: string }[];
  mendMentions(text: string): string;
};
const { outOfDate } = (await tool("lesson/sync.mjs")) as { outOfDate(): string[] };

describe("the register", () => {
  const all = lessons();

  test("numbers count up from 00; names, titles and ids are each there once", () => {
    expect(all.map(({ number }) => number)).toEqual(all.map((_, i) => String(i).padStart(2, "0")));
    expect(all).toHaveLength(31);
    for (const key of ["id", "name", "title"] as const)
      expect(new Set(all.map((lesson) => lesson[key].toLowerCase())).size).toBe(all.length);
    for (const { id, name } of all) expect(id).toMatch(new RegExp(`^\\d\\d-${name}$`));
    for (const { name } of all) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  test("a lesson needs earlier ones only, and has subjects", () => {
    all.forEach(({ id, needs, subjects }, i) => {
      const earlier = all.slice(0, i).map(({ name }) => name);
      for (const name of needs) expect(earlier, `${id} needs ${name}`).toContain(name);
      expect(subjects.length, id).toBeGreaterThan(1);
    });
  });

  test("the tools and the module llm read the same lessons and the same paths", () => {
    expect(typedParts).toEqual(parts());
    for (const { id } of all) expect(typedPaths(id)).toEqual(lessonPaths(id));
    expect(lessonPaths("06-attention")).toMatchObject({
      notebook: "notebooks/06-attention.ipynb",
      hints: "exercises/06-attention.hints.md",
      mutants: "test/mutants/06-attention.ts",
    });
  });

  test("a lesson is found as somebody types it", () => {
    for (const text of ["06-attention", "06", "6", "attention", " Attention "])
      expect(findLesson(text)?.id, text).toBe("06-attention");
    for (const text of ["", "42", "atten", undefined]) expect(findLesson(text)).toBeUndefined();
  });

  test("every file of a lesson belongs to one that is written", () => {
    const known = new Set(
      all.filter(isWritten).flatMap(({ id }) => Object.values(lessonPaths(id))),
    );
    for (const folder of ["notebooks", "exercises", "solutions", "test/exercises", "test/mutants"])
      for (const file of readdirSync(join(checkout, folder)))
        if (/^\d\d-/.test(file)) expect(known, `${folder}/${file}`).toContain(`${folder}/${file}`);
  });

  test.each(all.filter(isWritten).map((lesson) => [lesson.id, lesson] as const))(
    "%s has its subjects by name",
    (id, { subjects }) => {
      const { cells } = JSON.parse(readFileSync(join(checkout, lessonPaths(id).notebook), "utf8"));
      const text = cells
        .map(({ source }: { source: string[] }) => [source].flat().join(""))
        .join("\n");
      for (const subject of subjects)
        expect(text.toLowerCase(), subject).toContain(subject.toLowerCase());
    },
  );
});

test("README's map, the links between notebooks and all mentions are as the register says", () => {
  expect(outOfDate(), "npm run lesson -- sync mends most of it").toEqual([]);
});

describe("mentions", () => {
  const problems = (text: string) =>
    wrongMentions(text).map(({ line, problem }) => `${line}: ${problem}`);

  test.each([
    "lesson 06 (attention)",
    "Lessons 07 (positions), 08 (the Transformer) and 11 (GPT)",
    "(lesson 11, GPT) and (lessons 07, positions; 11, GPT)",
    "lesson 02 (a neural network\n// by hand)",
    " * see lesson\n * 06 (attention).",
    "prove it alone: npm test -- lesson 07",
    "lesson 0.5 s, lesson 100, a lesson of 90 minutes",
    "lesson 06 (attention), 12 times",
    "[06 · Attention](../notebooks/06-attention.ipynb), exercises/06-attention.ts, lesson 06-attention",
  ])("right: %j", (text) => expect(problems(text)).toEqual([]));

  test.each([
    ["a\nb lesson 6", '2: expected the title with the number, perhaps "lesson 06 (attention)"'],
    ["lesson 20 (inference)", '1: "inference" is lesson 21, not 20'],
    ["lesson 6 (attention)", '1: "attention" is lesson 06, not 6'],
    ["(lesson 20, inference)", '1: "inference" is lesson 21, not 20'],
    ["lessons 06 (attention) and 20 (reasoning)", '1: "reasoning" is lesson 19, not 20'],
    ["lesson\n// 07 (attention)", '2: "attention" is lesson 06, not 07'],
    ["lesson 44 (attentions)", "1: no lesson has the number 44 or this title"],
    ["lesson 44", "1: no lesson has the number 44"],
    ["[07 · Attention](06-attention.ipynb)", "1: expected [06 · Attention](06-attention.ipynb)"],
    ["[06 · Heads](06-heads.ipynb)", '1: the register has no lesson "06-heads" (06 · Heads)'],
    ["solutions/07-attention.ts", '1: the register has no lesson "07-attention", but 06-attention'],
  ])("wrong: %j", (text, problem) => expect(problems(text)).toEqual([problem]));

  test("where the title says which lesson was meant, the number is put right", () => {
    const others = "(attention) and 11 (GPT); lesson 44";
    expect(
      mendMentions(
        `// Lessons 20 (inference),\n// 6 ${others} [07 · attention](06-attention.ipynb)`,
      ),
    ).toBe(`// Lessons 21 (inference),\n// 06 ${others} [06 · Attention](06-attention.ipynb)`);
  });

  test("the form that the tools write is one that they accept", () => {
    for (const each of lessons()) expect(problems(mentionOf(each))).toEqual([]);
  });
});

describe("npm run lesson, in a copy of the checkout", () => {
  let sandbox: Sandbox;
  const possible = existsSync(join(checkout, ".venv"));
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["tools/lesson/lesson.mjs", ...args],
      {
        cwd: sandbox.root,
        encoding: "utf8",
      },
    );
    return { status, output: stdout + stderr };
  };
  const read = (path: string) => readFileSync(join(sandbox.root, path), "utf8");
  const sourceOf = (id: string, cell: string): string => {
    const { cells } = JSON.parse(read(lessonPaths(id).notebook));
    return [cells.find((c: { id: string }) => c.id === cell).source].flat().join("");
  };
  afterAll(() => sandbox?.remove());

  test.skipIf(!possible)(
    "new: a lesson that starts from green, and links to it without editing another by hand",
    { timeout: 400_000 },
    () => {
      sandbox = makeSandbox(checkout);
      const paths = lessonPaths("06-attention");
      for (const path of Object.values(paths)) rmSync(join(sandbox.root, path), { force: true });
      expect(run("sync").output).toMatch(/^Written: notebooks\/.*, README.md$/m);
      const onward = () => sourceOf("05-embeddings", "next-lesson"); // the one before 06
      expect(onward()).not.toContain("06-attention.ipynb");
      expect(read("README.md")).not.toContain("06-attention.ipynb");

      expect(run("new", "6")).toMatchObject({ status: 0 });
      expect(onward()).toContain("[06 · Attention](06-attention.ipynb)");
      const written = lessons()
        .filter(isWritten)
        .map(({ id }) => id);
      const behind = written[written.indexOf("06-attention") + 1]; // the one after 06
      expect(sourceOf(behind, "lessons-around")).toContain("[06 · Attention](06-attention.ipynb)");
      expect(sourceOf("06-attention", "lessons-around")).toMatch(
        /^Previous lesson: .*Next lesson: /,
      );
      expect(read("README.md")).toContain("**[06 Attention](notebooks/06-attention.ipynb)**");
      expect(run("sync", "--check")).toEqual({
        status: 0,
        output: "Everything is as the register has it.\n",
      });
      // Before it has run, a skeleton lacks what only outputs can show, and what its author writes.
      const lacks = run("rules", "6").output.match(/(?<=^ {2})\w+(?=:)/gm);
      expect(new Set(lacks)).toEqual(
        new Set(["alive", "drawing", "movingFigure", "placeholders", "fresh", "runningTime"]),
      );
      const notes = run("notes", "6").output.trim().split("\n").slice(1);
      expect(notes.length).toBeGreaterThan(20);
      for (const line of notes)
        expect(line).toMatch(/(teach|quiz)\.md:\d+: expected what "TODO" stands for/);

      const again = run("new", "attention");
      expect(again.status).toBe(1);
      expect(again.output).toMatch(
        /exercises\/06-attention\.ts.* exist already: nothing was written/,
      );
      expect(run("new", "42").output).toMatch(
        /expected the number or the name of a lesson .* got 42/,
      );
      expect(run("nwe").output).toMatch(
        /expected one of list, new, sync, .*, got "nwe"; did you mean new\?/,
      );

      const vitest = join(sandbox.root, "node_modules", "vitest", "vitest.mjs");
      const tests = spawnSync(process.execPath, [vitest, "run", paths.test], {
        cwd: sandbox.root,
        encoding: "utf8",
        env: { ...process.env, NO_COLOR: "1" },
      });
      expect(tests.status, tests.stdout + tests.stderr).toBe(0);
    },
  );

  test.skipIf(!possible)(
    "sync: when lessons move, every number follows its title",
    { timeout: 400_000 },
    () => {
      sandbox?.remove();
      sandbox = makeSandbox(checkout);
      const file = join(sandbox.root, "src/course/register.json");
      const register = JSON.parse(readFileSync(file, "utf8"));
      // Lessons that are written have files under their numbers: the last four are taken away and move.
      for (const lesson of register.parts.flatMap((part: { lessons: Lesson[] }) => part.lessons)) {
        if (Number(lesson.number) < 27) continue;
        for (const path of Object.values(lessonPaths(`${lesson.number}-${lesson.name}`)))
          rmSync(join(sandbox.root, path), { force: true });
        lesson.number = String(Number(lesson.number) + 1);
      }
      writeFileSync(file, JSON.stringify(register));
      const source = "src/chat/chat.ts";
      const mention = /lesson 27, safety/;
      expect(read(source)).toMatch(mention);

      expect(run("sync", "--check").output).toMatch(
        /src\/chat\/chat\.ts:\d+: "safety" is lesson 28, not 27/,
      );
      expect(run("sync")).toMatchObject({ status: 0 });
      expect(read(source)).toMatch(/lesson 28, safety/);
      expect(read(source)).not.toMatch(mention);
      expect(read("notebooks/23-prompting.ipynb")).toContain("28 (safety)");
      expect(sourceOf("12-training", "next-lesson")).toContain("13 · Evaluation");
      expect(run("sync", "--check").status).toBe(0);
    },
  );
});
