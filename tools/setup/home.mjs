// What JupyterLab's page "Course home" shows of the course, written beside the extension that draws
// it: the register's lessons, which of them are written, and the exercises with the points and
// minutes of their stubs. It is made anew at each start and is not kept in the repository.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../kit.mjs";
import { isWritten, lessonPaths, parts } from "../register.mjs";

/** The exercises of a file of stubs, as { name, points, minutes }, in order. */
export function tasksIn(text) {
  const tag = (comment, name) =>
    Number(new RegExp(`@${name}\\s+([\\d.]+)`).exec(comment)?.[1] ?? 1);
  const functions = text.matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export\s+(?:async\s+)?function\s*\*?\s*([\w$]+)/g,
  );
  return [...functions].map(([, comment, name]) => ({
    name,
    points: tag(comment, "points"),
    minutes: tag(comment, "minutes"),
  }));
}

/** The parts of the course with their lessons. */
export const lessonsForHome = () =>
  parts().map(({ title, lessons }) => ({
    title,
    lessons: lessons.map((lesson) => {
      const { notebook, exercises } = lessonPaths(lesson.id);
      const written = isWritten(lesson);
      const stubs = join(root, exercises);
      const tasks = written && existsSync(stubs) ? tasksIn(readFileSync(stubs, "utf8")) : [];
      const { id, number, title, subjects } = lesson;
      return { id, number, title, subjects, written, notebook, exercises, tasks };
    }),
  }));

/** Writes them where the page finds them; a folder that takes no files keeps what it has. */
export function writeHome() {
  const folder = join(root, "jupyter", "labextensions", "course-lab", "static");
  const file = join(folder, "lessons.json");
  const text = `${JSON.stringify({ parts: lessonsForHome() })}\n`;
  try {
    if (existsSync(file) && readFileSync(file, "utf8") === text) return;
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  } catch (error) {
    console.log(`The page "Course home" could not be brought up to date (${error.message}).`);
  }
}
