// `await check("06-attention")` in a notebook.

import { escapeHtml, inNotebook, show } from "../display/output";
import { CourseError, findLesson } from "./paths";
import { CheckResult, toHtml, toText } from "./report";
import { type RunOptions, runLesson } from "./run";
import { lessonProgress } from "./standing";

/** The command for the next hint: a call in a notebook, a command in a terminal. */
export const hintCommand = (lesson: string) => (exercise: string) =>
  inNotebook()
    ? `await hint("${lesson}", "${exercise}")`
    : `npm run hint ${lesson.slice(0, 2)} ${exercise}`;

/** Runs and measures, shows nothing. */
export async function checkQuietly(lesson: string, options: RunOptions = {}): Promise<CheckResult> {
  const id = findLesson(lesson);
  const begin = performance.now();
  const results = await runLesson(id, options);
  return new CheckResult(id, results, (performance.now() - begin) / 1000, lessonProgress(id));
}

/**
 * Checks your answers in exercises/ and shows, per exercise: points, ✓, ✗ or "not done yet", the
 * first failure in words and how to get a hint.
 * @param lesson id, number or beginning of a name: "06-attention", "06", "att"
 */
export async function check(lesson: string, options: RunOptions = {}): Promise<CheckResult> {
  const place = inNotebook()
    ? show({ "text/html": "<i>checking…</i>", "text/plain": "checking…" })
    : undefined;
  const put = (html: string, text: string) => {
    const bundle = { "text/html": html, "text/plain": text };
    if (place) place.update(bundle);
    else show(bundle);
  };
  try {
    const result = await checkQuietly(lesson, options);
    const next = hintCommand(result.lesson);
    put(toHtml(result, next), toText(result, next));
    return result;
  } catch (error) {
    if (!(error instanceof CourseError)) throw error;
    put(`<p>${escapeHtml(error.message)}</p>`, error.message);
    return new CheckResult(lesson, [], 0);
  }
}
