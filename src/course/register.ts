// The lessons of the course, whether they are written yet or not: register.json, typed. That file
// is the only place where a lesson's number, name, title and the paths of its files stand;
// everything else that names a lesson is made from it or checked against it (`npm run lesson --
// sync`, tools/lesson/).

import { existsSync } from "node:fs";
import { lessonFiles } from "./paths";
import register from "./register.json";

export interface Lesson {
  /** Number and name: "06-attention". It names the lesson's files. */
  id: string;
  /** Two digits: "06". */
  number: string;
  /** Its name in file names: "attention". */
  name: string;
  title: string;
  /** What must be found in the lesson by name. */
  subjects: string[];
  /** The names of the lessons it builds on. */
  needs: string[];
}

export interface Part {
  title: string;
  lessons: Lesson[];
}

export const parts: readonly Part[] = register.parts.map(({ title, lessons }) => ({
  title,
  lessons: lessons.map((lesson) => ({ id: `${lesson.number}-${lesson.name}`, ...lesson })),
}));

/** Whether a lesson is written: whether its notebook is there. */
export function isWritten(id: string): boolean {
  return existsSync(lessonFiles(id).notebook);
}
