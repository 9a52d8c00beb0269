// What the four commands share: arguments, errors without stacks, and the course map as text.

import { fingerprint, readAnswers } from "./answers";
import { courseMap, lessonExists } from "./map";
import { CourseError, lessonIds } from "./paths";
import { readProgress } from "./progress";

/** Runs a command; a CourseError is a sentence, not a crash. Its number is the exit code. */
export function command(work: (args: string[]) => Promise<number> | number): void {
  const run = async () => work(process.argv.slice(2));
  run().then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      console.error(error instanceof CourseError ? error.message : error);
      process.exitCode = error instanceof CourseError ? 2 : 1;
    },
  );
}

export interface LessonProgress {
  id: string;
  done: number;
  count: number;
  points: number;
  total: number;
  /** The next exercise that is not done. */
  next?: { name: string; minutes: number; state: "failed" | "todo" | "edited" };
}

/** How far a lesson is, from the records; an answer edited since its check does not count until it is checked again. */
export function lessonProgress(id: string): LessonProgress {
  const records = readProgress().lessons[id] ?? {};
  const answers = readAnswers(id);
  const result: LessonProgress = { id, done: 0, count: answers.exercises.length, points: 0, total: 0 };
  for (const { name, points, minutes } of answers.exercises) {
    result.total += points;
    const record = records[name];
    const current = record?.content === fingerprint(answers, name);
    if (record?.state === "passed" && current) {
      result.done++;
      result.points += points;
    } else if (!result.next) {
      const state = record?.state === undefined ? "todo" : current ? "failed" : "edited";
      result.next = { name, minutes, state: record?.state === "todo" && current ? "todo" : state };
    }
  }
  return result;
}

/** The map of the course: what is there, what is done, and what to do next. */
export function progressText(): string {
  const withExercises = new Set(lessonIds());
  const lines: string[] = [];
  let next = "";
  const sum = { points: 0, total: 0 };
  for (const { title, lessons } of courseMap) {
    lines.push(`\nPart ${title}`);
    for (const { id, title: name } of lessons) {
      const head = `  ${id.slice(0, 2)}  ${name.padEnd(40)}`;
      if (!withExercises.has(id)) {
        lines.push(lessonExists(id) ? `${head} (no exercises)` : `${head} (not written yet)`);
        continue;
      }
      const progress = lessonProgress(id);
      sum.points += progress.points;
      sum.total += progress.total;
      const mark = progress.done === progress.count ? "  ✓" : "";
      lines.push(
        `${head} ${progress.done}/${progress.count} exercises  ${progress.points}/${progress.total} points${mark}`,
      );
      if (progress.next && !next) {
        const { name: exercise, minutes, state } = progress.next;
        const why = {
          failed: "does not pass yet",
          todo: "not done yet",
          edited: "edited since its last check",
        }[state];
        next = `Next: ${exercise} in exercises/${id}.ts (${why}, about ${minutes} minutes). Check it with: npm run check ${id.slice(0, 2)}`;
      }
    }
  }
  const total = `\n${sum.points} of ${sum.total} points.`;
  return `${lines.join("\n").trimStart()}\n${total} ${next || "Everything that is there is done."}`;
}
