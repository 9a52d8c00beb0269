// Where the course's files are. The root is found by walking up from this file, so that notebooks
// (whose working directory is notebooks/), terminals and tests agree, whatever the folder is
// called.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { files, learnersFolder } from "./register.json";

/** An error whose message is meant for the learner: shown without a stack. */
export class CourseError extends Error {
  override readonly name = "CourseError";
}

let found: string | undefined;

/**
 * The folder that holds exercises/, solutions/ and notebooks/; `LLM_ROOT` names another (tests do,
 * and tools/hub, where the course is read-only and each learner has a folder with links to it).
 */
export function courseRoot(): string {
  if (process.env.LLM_ROOT) return process.env.LLM_ROOT;
  if (found) return found;
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && readFileSync(manifest, "utf8").includes('"llm-from-scratch-ts"')) {
      found = folder;
      return folder;
    }
    if (dirname(folder) === folder)
      throw new CourseError(`course: expected the course's folder above ${__dirname}, found none.`);
  }
}

/**
 * What a lesson consists of. `compiled` is what the build makes of its solutions, for `learner()`.
 */
export type LessonFile =
  | "notebook"
  | "teach"
  | "quiz"
  | "exercises"
  | "hints"
  | "solutions"
  | "compiled"
  | "test"
  | "mutants"
  | "calls";

export type LessonFiles = Record<LessonFile, string>;

/**
 * The paths of a lesson's files from the course's folder, as register.json has them:
 * "exercises/06-attention.ts".
 */
export function lessonPaths(id: string): LessonFiles {
  const templates: Record<LessonFile, string> = files;
  const paths = Object.entries(templates).map(([kind, path]) => [kind, path.replace("{id}", id)]);
  return Object.fromEntries(paths) as LessonFiles;
}

/**
 * What stands in a release for learners (tools/teach/release) in place of a lesson's solutions: the
 * facts of its exercises. Where this file is, the solutions may be missing.
 */
export const manifestFile = (id: string): string => join(courseRoot(), "solutions", `${id}.json`);

/** The same as full paths. */
export function lessonFiles(id: string): LessonFiles {
  const root = courseRoot();
  const paths = Object.entries(lessonPaths(id)).map(([kind, path]) => [kind, join(root, path)]);
  return Object.fromEntries(paths) as LessonFiles;
}

/**
 * The learner's own folder, which `npm start` makes (tools/setup/copies.mjs), or undefined: an
 * author's fresh clone has none, and `LLM_ORIGINALS` passes it over.
 */
export function learnersRoot(): string | undefined {
  const folder = join(courseRoot(), learnersFolder);
  if (process.env.LLM_ORIGINALS) return undefined;
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? folder : undefined;
}

/** The file with a learner's answers: their own copy where it exists, the course's stubs else. */
export function answersFile(id: string): string {
  const { exercises } = lessonPaths(id);
  const own = learnersRoot();
  const copy = own && join(own, exercises);
  return copy && existsSync(copy) ? copy : join(courseRoot(), exercises);
}

/** A file's path as messages name it: from the course's folder, "my-course/exercises/…". */
export function pathInCourse(file: string): string {
  const path = relative(courseRoot(), file).replaceAll("\\", "/");
  // An answer of a trial lies outside, in a temporary folder.
  return path.startsWith("..") ? `exercises/${path.replace(/.*\//, "")}` : path;
}

/** The lessons that have exercises, in order: ["00-start-here", …]. */
export function lessonIds(): string[] {
  const folder = dirname(lessonFiles("").solutions);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const ids = names.flatMap((name) => /^(\d\d-[\w-]+)\.(ts|json)$/.exec(name)?.[1] ?? []);
  return [...new Set(ids)].sort();
}

/**
 * A lesson by its id, its number, the beginning of its name, or the path of one of its files, in
 * any case: "06-attention", "06", "6", "Att", "exercises/06-attention.ts".
 * @throws CourseError that lists the lessons
 */
export function findLesson(query: string): string {
  const ids = lessonIds();
  const wanted = query
    .trim()
    .toLowerCase()
    .replace(/^.*[\\/](?=.)/, "")
    .replace(/\.(ts|ipynb|md)$/, "")
    .replace(/\.(hints|test)$/, "");
  const number = /^\d$/.test(wanted) ? `0${wanted}` : wanted;
  const matches = ids.includes(wanted)
    ? [wanted]
    : ids.filter((id) => id.startsWith(number) || id.slice(3).startsWith(wanted));
  if (wanted && matches.length === 1) return matches[0];
  const what =
    matches.length > 1
      ? `"${query}" could be ${matches.join(" or ")}`
      : `there is no lesson "${query}"`;
  throw new CourseError(`${what}. Lessons with exercises: ${ids.join(", ") || "none yet"}.`);
}
