// `npm run check`: the learner's answers of one lesson, or of all.

import { watch } from "node:fs";
import { dirname } from "node:path";
import { checkQuietly, hintCommand } from "../course/check";
import { answersFile, CourseError, findLesson, lessonIds } from "../course/paths";
import { toText } from "../course/report";
import { command } from "../course/terminal";
import { check } from "./commands";
import { commandLine } from "./options.cjs";

async function checkAll(ids: string[], only?: string[]): Promise<boolean> {
  let all = true;
  for (const id of ids) {
    try {
      const result = await checkQuietly(id, { only });
      console.log(`${toText(result, hintCommand(id))}\n`);
      all &&= result.passed;
    } catch (error) {
      // A lesson whose file is missing does not keep the others from being checked.
      if (!(error instanceof CourseError) || ids.length === 1) throw error;
      console.error(`  ${id}: ${error.message}\n`);
      all = false;
    }
  }
  return all;
}

/** Checks again whenever an answer is saved, until Ctrl-C. */
async function checkForever(ids: string[], only?: string[]): Promise<never> {
  const files = new Map(ids.map((id) => [`${id}.ts`, id]));
  const changed = new Set<string>(ids);
  let wake = () => {};
  // Editors save in several steps: a folder is watched, and a short pause lets them finish.
  for (const folder of new Set(ids.map((id) => dirname(answersFile(id)))))
    watch(folder, (_, name) => {
      const id = files.get(String(name));
      if (id) changed.add(id);
      wake();
    });
  for (;;) {
    const now = ids.filter((id) => changed.delete(id));
    if (now.length > 0) {
      await checkAll(now, only).catch((error) =>
        console.error(error instanceof CourseError ? error.message : error),
      );
      console.log("\nwaiting for the next save (Ctrl-C ends)…\n");
    }
    if (changed.size === 0)
      await new Promise<void>((done) => {
        wake = done;
      });
    await new Promise((done) => setTimeout(done, 150));
  }
}

function isLesson(word: string): boolean {
  try {
    return findLesson(word) !== "";
  } catch {
    return false;
  }
}

const { values, words } = commandLine(check);
command(async () => {
  // As for `hint`: what follows one lesson and is none itself names its exercises.
  const named = words.length > 1 && !words.slice(1).some(isLesson);
  const lessons = named ? words.slice(0, 1) : words;
  const only = named ? words.slice(1) : undefined;
  const ids = lessons.length > 0 ? lessons.map(findLesson) : lessonIds();
  if (ids.length === 0) throw new CourseError("There are no lessons with exercises yet.");
  if (values.watch) return checkForever(ids, only);
  return (await checkAll(ids, only)) ? 0 : 1;
});
