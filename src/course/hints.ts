// Hints in three steps (idea, pseudocode, how the answer goes), and the reference answer itself.
// Which ones were shown is remembered in the learner's own file.

import { existsSync, readFileSync } from "node:fs";
import { inNotebook, printable, show } from "../display/output";
import { wrap } from "../display/wrap.cjs";
import { findExercise, readAnswers } from "./answers";
import { CourseError, findLesson, lessonFiles, lessonPaths } from "./paths";
import { readProgress, recordOf, recordsOf, updateProgress } from "./progress";
import { readManifest } from "./release";
import { readFunctions, readHints } from "./source";

/** The next hint as Markdown, remembered as shown; after the last one, all of them again. */
export function nextHint(lesson: string, exercise: string): string {
  const id = findLesson(lesson);
  const name = findExercise(readAnswers(id), exercise);
  const { hints: file } = lessonFiles(id);
  const hints = existsSync(file) ? (readHints(readFileSync(file, "utf8"))[name] ?? []) : [];
  if (hints.length === 0) throw new CourseError(`There are no hints for ${name} yet.`);
  const shown = recordsOf(readProgress(), id)[name]?.hints ?? 0;
  const title = (k: number) =>
    `**Hint ${k + 1} of ${hints.length} for \`${name}\`: ${hints[k].title}**`;
  if (shown >= hints.length) {
    const all = hints.map((hint, k) => `${title(k)}\n\n${hint.text}`).join("\n\n");
    return `${all}\n\nThat was all of them. The reference answer: npm run solution ${id.slice(0, 2)} ${name}`;
  }
  updateProgress((progress) => {
    recordOf(progress, id, name).hints = shown + 1;
  });
  const more =
    shown + 1 < hints.length ? "Run it again for the next hint." : "This was the last hint.";
  return `${title(shown)}\n\n${hints[shown].text}\n\n${more}`;
}

/** What is said where the reference answers are not given out yet: a release for a class. */
function keptBack(id: string, name: string): string {
  const from = readManifest(id)?.answersFrom;
  return (
    `The reference answer to ${name} is not in this copy of the course: your teacher gives the ` +
    `answers of lesson ${id.slice(0, 2)} out ${from ? `on ${from}` : "later"}. ` +
    `Until then: npm run hint ${id.slice(0, 2)} ${name}`
  );
}

/** The reference answer with its task and reasons; remembered as shown. */
export function solutionText(lesson: string, exercise: string): string {
  const id = findLesson(lesson);
  const name = findExercise(readAnswers(id), exercise);
  const task = readAnswers(id).exercises.find((e) => e.name === name)!;
  const { solutions } = lessonFiles(id);
  if (!existsSync(solutions)) throw new CourseError(keptBack(id, name));
  const text = readFileSync(solutions, "utf8");
  const answer = readFunctions(text).find((f) => f.name === name)!;
  updateProgress((progress) => {
    recordOf(progress, id, name).solution = true;
  });
  const why = answer.doc && answer.doc !== task.doc ? `\n\nWhy: ${answer.doc}` : "";
  return `${name}, lesson ${id}\n\n${task.doc}\n\n${answer.code}${why}\n\n${lessonPaths(id).solutions}, line ${answer.line}. That you looked is noted in your progress; the points stay yours to earn.`;
}

/** A hint, which is Markdown, for a terminal: titles and lines of text; code stays as it is. */
export function hintText(hint: string): string {
  let fenced = false;
  const lines = hint.split("\n").flatMap((line) => {
    if (/^\s*```/.test(line)) {
      fenced = !fenced;
      return [];
    }
    if (fenced) return [`    ${line}`.trimEnd()];
    if (/^ {4}|^$/.test(line)) return [line];
    const title = /^\*\*(Hint .*)\*\*$/.exec(line);
    if (title) return [title[1].replace(/`/g, "")];
    const text = line.replace(/(?<![\w`])([_*])(?=\S)([^_*`]+?)(?<=\S)\1(?!\w)/g, "$2");
    const bullet = /^(\s*(?:[-*]|\d+\.) )/.exec(text)?.[1] ?? "";
    const rest = " ".repeat(bullet.length);
    return [wrap(text.slice(bullet.length), { first: bullet, rest })];
  });
  return printable(lines.join("\n"));
}

/** Markdown whose text, outside of code, holds no HTML: `Array<number>` is none. */
export function withoutMarkup(text: string): string {
  return text
    .split(/(^```[\s\S]*?^```|^ {4}.*$|`[^`\n]+`)/m)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(/&/g, "&amp;").replace(/</g, "&lt;")))
    .join("");
}

/** `await hint("06-attention", "causalMask")` in a notebook: the next hint, shown in the cell. */
export async function hint(lesson: string, exercise: string): Promise<void> {
  let text: string;
  try {
    text = nextHint(lesson, exercise);
  } catch (error) {
    if (!(error instanceof CourseError)) throw error;
    text = error.message;
  }
  if (!inNotebook()) return console.log(hintText(text));
  // As Markdown and not as HTML: JupyterLab highlights the code in it.
  show({ "text/markdown": withoutMarkup(text), "text/plain": text });
}
