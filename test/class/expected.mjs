// What the made-up class gets: status and points of every exercise, and each learner's state and
// points in the end. Sentences and times are left out: they may change, marks may not. expected.csv
// is the reviewed truth, and this is the one command that records it anew:
//
//   node test/class/expected.mjs              grades all thirty, and shows what would change
//   node test/class/expected.mjs --write      the same, and writes it; then read `git diff`
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMain, root } from "../../tools/kit.mjs";
import { findLesson } from "../../tools/register.mjs";
import { readCourse } from "../../tools/teach/course.mjs";
import { writeCsv } from "../../tools/teach/csv.mjs";
import { marksOf } from "../../tools/teach/marks.mjs";
import { readRoster } from "../../tools/teach/roster.mjs";
import { makeClass } from "./make.mjs";

export const expectedFile = join(dirname(fileURLToPath(import.meta.url)), "06", "expected.csv");

/** Grades some of the class, or all, as a teacher does. @returns what the command printed */
export function gradeClass(folder, students = []) {
  const args = ["tools/teach/teach.mjs", "grade", "06", ...students];
  const env = { ...process.env, LLM_TEACHING: folder };
  const run = spawnSync(process.execPath, args, { cwd: root, env, encoding: "utf8" });
  return run.stdout + run.stderr;
}

/** The lines of expected.csv, of a class in a folder: [student, exercise or *, status, points]. */
export function linesOf(folder) {
  process.env.LLM_TEACHING = folder;
  const marks = marksOf(findLesson("06"), { course: readCourse(), roster: readRoster() });
  return marks.flatMap(({ row, exercises, state, final, result }) => [
    ...exercises.map(({ name, status, points }) => [row.student, name, status, points]),
    [
      row.student,
      "*",
      [state, ...new Set((result?.flags ?? []).map(({ kind }) => kind))].join(" "),
      final ?? "",
    ],
  ]);
}

const HEADS = ["student", "exercise", "status", "points"];

function main() {
  const outer = mkdtempSync(join(tmpdir(), "llm-class-"));
  try {
    const folder = join(outer, "class");
    makeClass(folder);
    console.log(gradeClass(folder));
    const text = writeCsv([HEADS, ...linesOf(folder)]);
    const before = existsSync(expectedFile) ? readFileSync(expectedFile, "utf8") : "";
    const [old, now] = [before.split("\n"), text.split("\n")];
    for (const line of old.filter((one) => !now.includes(one))) console.log(`- ${line}`);
    for (const line of now.filter((one) => !old.includes(one))) console.log(`+ ${line}`);
    if (text === before) console.log("Everything is as expected.csv says.");
    else if (process.argv.includes("--write")) writeFileSync(expectedFile, text);
    else process.exitCode = 1;
  } finally {
    rmSync(outer, { recursive: true, force: true });
  }
}

if (isMain(import.meta.url)) main();
