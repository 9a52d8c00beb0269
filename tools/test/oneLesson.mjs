// `npm test -- lesson 07`: proves one lesson alone. In one lane its notebook runs; in the other its
// exercises are tested, its page and notes are held against their rules, its links against the
// register, and its own files are linted and type-checked. The rooms of src that the lesson
// explains have tests of their own, which `npm test -- tests` runs.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../kit.mjs";
import { cellsFolder, writeCells } from "../lesson/cells.mjs";
import { editedExercises, projectOf } from "../lesson/edited.mjs";
import { outOfDate } from "../lesson/sync.mjs";
import { lessonPaths } from "../register.mjs";
import { notebook } from "./notebook.mjs";
import { biome, report, sideBySide, tsc, vitest } from "./runs.mjs";

/** The lesson's own files of code: its style, its types, and those of its notebook's cells. */
async function code(lesson) {
  const edited = editedExercises(root);
  const { exercises, solutions, test, mutants } = lessonPaths(lesson.id);
  const files = [exercises, solutions, test, mutants].filter(
    (path) => existsSync(join(root, path)) && !edited.includes(path),
  );
  if (edited.includes(exercises))
    console.log(`your answers are left to \`npm run check\`: ${exercises}`);
  await biome(`Biome: ${files.join(", ")}`, ["ci", ...files]);
  writeCells([lesson]);
  const config = join(root, "test/notebooks/cells.biome.json");
  await biome("Biome: the notebook's cells", ["lint", "--config-path", config, cellsFolder]);
  await tsc("tsc --strict: the same files", projectOf(root, files));
  await tsc("tsc --strict: the notebook's cells", join(root, "test/notebooks"));
}

/** Whether links, titles and numbers are as the register has them, as `sync --check` says. */
function links() {
  const start = performance.now();
  const left = outOfDate();
  const output = [...left, "Most of it is mended by: npm run lesson -- sync"].join("\n");
  report("links to and from lessons", start, left.length ? { failed: 1, output } : { passed: 1 });
}

/** Every test of the whole course that is about this lesson, and says so by its id. */
const page = ({ id }) =>
  vitest(
    "its page, subjects, notes and quiz",
    [
      "test/notebooks/notebooks.test.ts",
      "test/tools/lesson/rules.test.ts",
      "test/tools/lesson/notes.test.ts",
      "test/tools/lesson/register.test.ts",
    ],
    { only: new RegExp(`\\b${id}\\b`) },
  );

export async function oneLesson(lesson) {
  const { test } = lessonPaths(lesson.id);
  await sideBySide([
    () => notebook(lesson),
    async () => {
      links();
      await vitest("its exercises: solutions, stubs, mutants", [test]);
      await page(lesson);
      await code(lesson);
      const env = { LLM_CHECK_ENGINE: "js" };
      await vitest("its exercises, checked on the js engine", [test], { env });
    },
  ]);
}
