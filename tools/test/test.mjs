// `npm test`: sets up what is missing, then proves the whole course. Independent parts run side by
// side, two at a time, because two cores are what CI has. The last line reads "N passed, N failed,
// N skipped".
// `npm test -- code tests notebooks browser` runs only the parts named, `npm test -- lesson 07`
// everything about one lesson.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { commandLine } from "../../src/cli/options.cjs";
import * as commands from "../commands.mjs";
import { reportAndExit, root } from "../kit.mjs";
import { cellsFolder, writeCells } from "../lesson/cells.mjs";
import { editedExercises, lintTargets, typeProject } from "../lesson/edited.mjs";
import { isRelease, isWritten, lessons, writtenLesson } from "../register.mjs";
import { setup } from "../setup/setup.mjs";
import { notebook, shortestFirst } from "./notebook.mjs";
import { oneLesson } from "./oneLesson.mjs";
import { bin, biome, exec, finish, node, report, sideBySide, tsc, vitest } from "./runs.mjs";

// What `npm ci` alone gives must do everything: the tests of another engine name it themselves.
process.env.LLM_ENGINE ??= "wasm";

async function code() {
  writeCells();
  const edited = editedExercises(root);
  if (edited.length)
    console.log(`your answers are left to \`npm run check\`: ${edited.join(", ")}`);
  const everything = lintTargets(root, edited);
  await biome("Biome: src, tools, exercises, solutions, tests", ["ci", ...everything]);
  const config = join(root, "test/notebooks/cells.biome.json");
  await biome("Biome: notebooks' cells", ["lint", "--config-path", config, cellsFolder]);
  await tsc("tsc --strict: src, exercises, solutions, tests", typeProject(root, edited));
  await tsc("tsc --strict: notebooks' cells", join(root, "test/notebooks"));
  await tsc("tsc --strict: the benchmark", join(root, "tools/bench"));
  await tsc("tsc --strict: the generator of operations", join(root, "tools/operations"));
  await consumer();
}

/**
 * What tslab's own compiler says about our declarations; what it says about tfjs's (browser types,
 * …) is not ours.
 */
async function consumer() {
  const start = performance.now();
  const compiler = bin("@tslab", "typescript-for-tslab", "bin", "tsc");
  const { output } = await exec(node, [
    compiler,
    "-p",
    join(root, "test/consumer"),
    "--pretty",
    "false",
  ]);
  const ours = output.split("\n").filter((line) => /^(dist|test|error)/.test(line));
  const name = "TypeScript 5.0.4, Node10: a consumer of llm";
  report(name, start, ours.length ? { failed: 1, output: ours.join("\n") } : { passed: 1 });
}

/** The tests of the tools but for teaching's, which are a part of their own: both are long. */
const toolTests = () =>
  readdirSync(join(root, "test/tools"))
    .filter((name) => name !== "teach")
    .map((name) => `test/tools/${name}`);

const tests = (what, folders, options) => () => vitest(what, folders, options);

/**
 * The parts in the order in which sideBySide takes them: the tests from the front, the browser and
 * the notebooks from the back, the long ones first. Where they meet are jobs that are short, or
 * that may run beside any other.
 */
function jobs(wanted) {
  // Where wasm lacks an operation, an answer is judged on the js engine: the checks must hold there
  // too.
  const env = { LLM_CHECK_ENGINE: "js" };
  const exercises = tests("tests of the exercises", ["test/exercises"]);
  const notebooks = () =>
    shortestFirst(lessons().filter(isWritten)).map((lesson) => () => notebook(lesson));
  // A release for a class holds what concerns its learners only.
  if (isRelease())
    return [...(wanted("tests") ? [exercises] : []), ...(wanted("notebooks") ? notebooks() : [])];
  const all = {
    code: [code],
    tests: [
      tests("tests of src", ["test/architecture.test.ts", "test/src"]),
      tests("tests of tools, kernel and pages", [...toolTests(), "test/kernel", "test/notebooks"]),
      tests("tests of teaching", ["test/tools/teach/"]),
      exercises,
      tests("checks of the exercises on the js engine", ["test/exercises"], { env }),
    ],
    notebooks: notebooks(),
    browser: [tests("JupyterLab in the browser", ["test/browser"])],
  };
  return Object.entries(all).flatMap(([part, list]) => (wanted(part) ? list : []));
}

async function main() {
  const { words: asked } = commandLine(commands.test);
  const start = performance.now();
  const lesson = asked[0] === "lesson" ? writtenLesson(asked[1], "npm test") : undefined;
  await setup({ again: "npm test" });
  if (lesson) await oneLesson(lesson);
  else await sideBySide(jobs((part) => asked.length === 0 || asked.includes(part)));
  finish(start);
}

main().catch(reportAndExit);
