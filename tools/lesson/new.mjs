// `npm run lesson -- new 07`: the skeleton of a lesson of the register, whose one example exercise
// already passes every test of test/exercises, so that a new lesson starts from green. Once its
// notebook has run, `npm test -- lesson 07` fails only where "TODO" asks for its author. What a
// lesson should be is in CONTRIBUTING.md.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root, SetupError, venvPython } from "../kit.mjs";
import { findLesson, lessonPaths, lessons, mentionOf } from "../register.mjs";
import { write as writeCalls } from "./calls.mjs";
import { headingOf } from "./links.mjs";
import { notebookOf } from "./newNotebook.mjs";
import { notesOf, quizOf } from "./newNotes.mjs";
import { sync } from "./sync.mjs";

/** The lesson's files, all but its notebook, by path. */
const filesOf = (lesson, paths, name) => ({
  ...codeOf(lesson, paths, name),
  [paths.teach]: notesOf(lesson),
  [paths.quiz]: quizOf(lesson),
});

/** Its files of code, and the hints. */
const codeOf = ({ id }, paths, name) => ({
  [paths.exercises]: `// Exercises of ${name}.
// Write your answers here; \`await check("${id}")\` in the notebook scores them.
import { notDoneYet } from "llm/course/exercise";

/**
 * The mean of the numbers: mean(x) = (x₁ + … + xₙ) / n.
 *
 * @param x at least one number
 * @returns their mean; \`mean([1, 2, 6])\` is 3
 * @points 1 @minutes 5 @difficulty 1
 */
export function mean(x: number[]): number {
  return notDoneYet("mean", x);
}
`,
  [paths.hints]: `# Hints for ${name}

## mean

### Idea
Add everything up, then share it out equally.

### Pseudocode
    sum ← 0
    for each value: sum ← sum + value
    return sum / how many

### Answer
\`x.reduce((sum, value) => sum + value, 0)\` is the sum; divide it by \`x.length\`.
`,
  [paths.solutions]: `// Reference answers of ${name}, each with why it is so.

/**
 * The mean of the numbers: mean(x) = (x₁ + … + xₙ) / n.
 *
 * @param x at least one number
 * @returns their mean; \`mean([1, 2, 6])\` is 3
 * @points 1 @minutes 5 @difficulty 1
 */
export function mean(x: number[]): number {
  // The 0 matters: reduce without a first value throws on an empty list instead of giving NaN.
  return x.reduce((sum, value) => sum + value, 0) / x.length;
}
`,
  [paths.test]: `import { expectClose, lesson } from "llm/course/kit";
import { mutants } from "../mutants/${id}";

lesson<typeof import("../../solutions/${id}")>("${id}", mutants, (exercise) => {
  exercise("mean", (mean) => {
    expectClose(mean([7]), 7, {
      message:
        "the mean of one number is that number: is the sum divided by how many there are, " +
        "and by nothing else?",
    });
    expectClose(mean([1, 2, 6]), 3, {
      message:
        "mean([1, 2, 6]) is (1 + 2 + 6) / 3: is every number added, and the sum divided?",
    });
  }, {
    // Every kind of input that the stub allows; the kit compares with the reference, and asks the
    // rest by itself.
    cases: {
      "one number": (d) => [d.list(1)],
      "several numbers": (d) => [d.list(d.integer(5, 9))],
      "zeros": () => [[0, 0, 0]],
      "large numbers": (d) => [d.list(7, 1e6)],
    },
  });
});
`,
  [paths.mutants]: `// Plausible wrong answers of ${name}, each with the sentence it must be told.
import type { Mutants } from "llm/course/kit";

export const mutants: Mutants<typeof import("../../solutions/${id}")> = {
  mean: [
    {
      name: "sum, not divided",
      told: /and the sum divided/,
      answer: (x) => x.reduce((sum, value) => sum + value, 0),
    },
    {
      name: "divides by n − 1",
      told: /by how many there are/,
      answer: (x) => x.reduce((sum, value) => sum + value, 0) / (x.length - 1),
    },
  ],
};
`,
});

const run = (command, args) => spawnSync(command, args, { cwd: root, stdio: "inherit" }).status;

/** @param args the lesson's number, name or id, as the register has it */
export function newLesson([query]) {
  const lesson = findLesson(query);
  if (!lesson)
    throw new SetupError(
      "npm run lesson: expected the number or the name of a lesson of the register, got " +
        `${query ?? "nothing"}`,
      "For example: npm run lesson -- new 07. All lessons: npm run lesson -- list.\n" +
        "A lesson that is not in the list is first put into src/course/register.json.",
    );
  const paths = lessonPaths(lesson.id);
  const files = filesOf(lesson, paths, mentionOf(lesson));
  const taken = [...Object.keys(files), paths.notebook].filter((path) =>
    existsSync(join(root, path)),
  );
  if (taken.length)
    throw new SetupError(
      `${taken.join(", ")} ${taken.length > 1 ? "exist" : "exists"} already: nothing was written.`,
      "Go on with that lesson, or delete its files first.",
    );
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const needed = lessons().filter(({ name }) => lesson.needs.includes(name));
  const needs = needed.map(mentionOf).join(" and ") || "nothing yet";
  writeCalls(lesson.id, { [lesson.id]: { code: "", calls: [] } }); // until the notebook has run
  const draft = join(root, `${lesson.id}.draft.txt`);
  writeFileSync(draft, notebookOf(lesson, needs, headingOf(lesson)));
  const made = run(venvPython, ["tools/lesson/notebook.py", "write", lesson.id, draft]);
  rmSync(draft);
  if (made !== 0)
    throw new SetupError(
      `${paths.notebook} could not be made.`,
      "The course's Python makes it: npm run setup",
    );
  const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
  const code = Object.keys(files).filter((path) => path.endsWith(".ts"));
  run(process.execPath, [biome, "check", "--write", "--log-level=error", ...code]);
  const others = sync().filter((path) => path !== paths.notebook);
  const id = lesson.id;
  console.log(`Made ${Object.keys(files).join(", ")} and ${paths.notebook}.
Links to it are in ${others.join(", ")}.
Next: npm run notebook -- text ${id} > draft.txt, write the lesson there,
npm run notebook -- write ${id} draft.txt, npm run notebook -- run ${id}.
What its page still lacks: npm run lesson -- rules ${id}.
What its notes and its quiz still lack: npm run lesson -- notes ${id}.
Everything about it: npm test -- lesson ${id}.`);
}
