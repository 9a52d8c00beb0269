// What a machine can check of a lesson's page ("The notebook" in CONTRIBUTING.md). Each rule is a
// small function from the page to sentences that say what to do; none when the rule holds.
//
//   npm run lesson -- rules 06      prints each broken rule of a lesson
//   npm run lesson -- rules         of all lessons
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { lessonFiles, lessonPaths, writtenLessons } from "../../register.mjs";
import { stubsOf } from "../exerciselinks.mjs";
import { headingOf } from "../links.mjs";
import { runningLineOf } from "../running.mjs";
import * as cells from "./cells.mjs";
import * as exercises from "./exercises.mjs";
import { pageOf } from "./page.mjs";
import * as run from "./run.mjs";
import * as story from "./story.mjs";
import * as words from "./words.mjs";

/**
 * The lessons that are not rewritten yet and may break rules. Take yours out as soon as it holds
 * them all: `npm test` asks for it.
 * @type {string[]}
 */
export const notYet = [];

/** All rules, by name. */
export const rules = { ...cells, ...story, ...exercises, ...words, ...run };

/**
 * What a page breaks.
 * @returns a list of { rule, problem }
 */
export const brokenRules = (page) =>
  Object.entries(rules).flatMap(([rule, look]) => look(page).map((problem) => ({ rule, problem })));

/** The page of a lesson that is written. */
export function readPage(lesson) {
  const { notebook: file } = lessonFiles(lesson.id);
  const notebook = JSON.parse(readFileSync(file, "utf8"));
  return pageOf(notebook, {
    lesson,
    exercises: (stubsOf(lesson) ?? []).map(({ name }) => name),
    exerciseFile: `../${lessonPaths(lesson.id).exercises}`,
    bytes: statSync(file).size,
    heading: headingOf(lesson),
    running: runningLineOf(lesson, notebook),
    exists: (path) => existsSync(join(dirname(file), path)),
  });
}

/** `npm run lesson -- rules [06]` */
export function printRules([query]) {
  for (const lesson of writtenLessons(query, "npm run lesson")) {
    const broken = brokenRules(readPage(lesson));
    const count = new Set(broken.map(({ rule }) => rule)).size;
    const excused = notYet.includes(lesson.id) ? " (it is in the list notYet)" : "";
    console.log(
      count === 0
        ? `✓ ${lesson.id} holds all ${Object.keys(rules).length} rules`
        : `✗ ${lesson.id} breaks ${count} of ${Object.keys(rules).length} rules${excused}`,
    );
    for (const { rule, problem } of broken) console.log(`  ${rule}: ${problem}`);
    if (count > 0 && (query !== undefined || !excused)) process.exitCode = 1;
  }
}
