// The register of lessons (src/course/register.json) for the tools: the same data as
// src/course/register.ts and src/course/paths.ts, read when it is asked for, because set-up must be
// able to speak in a checkout that lacks files.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, SetupError } from "./kit.mjs";

let loaded;
function register() {
  loaded ??= JSON.parse(readFileSync(join(root, "src", "course", "register.json"), "utf8"));
  return loaded;
}

/**
 * All parts with their lessons, written or not; a lesson's id is its number and name:
 * "06-attention".
 */
export const parts = () =>
  register().parts.map((part) => ({
    ...part,
    lessons: part.lessons.map((lesson) => ({ id: `${lesson.number}-${lesson.name}`, ...lesson })),
  }));

/** All lessons in order. */
export const lessons = () => parts().flatMap((part) => part.lessons);

/** The folder of the learner's own copies, which git ignores. */
export const learnersFolder = () => register().learnersFolder;

/** The paths of a lesson's files from the root: { notebook: "notebooks/06-attention.ipynb", … }. */
export function lessonPaths(id) {
  const entries = Object.entries(register().files);
  return Object.fromEntries(entries.map(([kind, path]) => [kind, path.replace("{id}", id)]));
}

/** The same as full paths. */
export function lessonFiles(id) {
  const entries = Object.entries(lessonPaths(id));
  return Object.fromEntries(entries.map(([kind, path]) => [kind, join(root, path)]));
}

/** Whether this is a release for a class, without reference answers (tools/teach/release). */
export const isRelease = () => existsSync(join(root, "release.json"));

/** Whether a lesson is written: whether its notebook is there. */
export const isWritten = ({ id }) => existsSync(lessonFiles(id).notebook);

/**
 * A lesson by id, number or name, as somebody types it: "06-attention", "06", "6", "attention"; or
 * undefined.
 */
export function findLesson(text = "") {
  const wanted = text.trim().toLowerCase();
  const number = /^\d$/.test(wanted) ? `0${wanted}` : wanted;
  return lessons().find(({ id, number: n, name }) => [id, name].includes(wanted) || n === number);
}

/**
 * A lesson that is written, as somebody types it.
 * @param command who asks, such as "npm test": it begins the message
 */
export function writtenLesson(query, command) {
  const lesson = findLesson(query);
  if (!lesson || !isWritten(lesson))
    throw new SetupError(
      `${command}: expected the number, name or id of a lesson that is written, got ` +
        (query ?? "nothing") +
        (lesson ? ` (there is no ${lessonPaths(lesson.id).notebook})` : ""),
      "All lessons: npm run lesson -- list",
    );
  return lesson;
}

/**
 * What a command with one lesson, or none, is about: that lesson, or all that are written.
 * @param query what was typed; undefined where nothing was
 */
export const writtenLessons = (query, command) =>
  query === undefined ? lessons().filter(isWritten) : [writtenLesson(query, command)];

/**
 * The form in which every text names a lesson, so that a test can check it: "lesson 21
 * (inference)".
 */
export const mentionOf = ({ number, title }) => `lesson ${number} (${inSentence(title)})`;

/**
 * A title within a sentence: "Recurrent networks" → "recurrent networks"; "RLHF" and "GPT" stay.
 */
const inSentence = (title) =>
  /^[A-Z][^A-Z]/.test(title) ? title[0].toLowerCase() + title.slice(1) : title;
