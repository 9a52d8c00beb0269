// What the commands share: the exercise that is meant, errors without stacks; and the course map as
// text.

import { printable } from "../display/output";
import { wrap } from "../display/wrap.cjs";
import { findExercise, readAnswers } from "./answers";
import { answersFile, CourseError, findLesson, lessonIds, pathInCourse } from "./paths";
import { isWritten, parts } from "./register";
import { type LessonProgress, lessonProgress } from "./standing";

/** Runs a command; a CourseError is a sentence, not a crash. Its number is the exit code. */
export function command(work: () => Promise<number> | number): void {
  // Ended by exit and not by the signal, so that a check in its own process group is taken along.
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
  // Whoever reads our output may close it early (`… | head`): nobody is left to tell.
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(0);
    });
  const run = async () => work();
  run().then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      console.error(error instanceof CourseError ? printable(error.message) : error);
      process.exitCode = error instanceof CourseError ? 2 : 1;
    },
  );
}

/**
 * The exercise that "06 causalMask" means: the same names everywhere.
 * @throws CourseError that lists the lessons, or the lesson's exercises
 */
export function chosenExercise([lesson, exercise]: string[]): { id: string; name: string } {
  const id = findLesson(lesson);
  const answers = readAnswers(id);
  if (exercise === undefined) {
    const names = answers.exercises.map((e) => e.name);
    throw new CourseError(`Which exercise? Lesson ${id} has: ${names.join(", ")}.`);
  }
  return { id, name: findExercise(answers, exercise) };
}

/**
 * How far a lesson is; or, where its file cannot be read, why, so that the map shows the others.
 */
function standingOf(id: string): LessonProgress | string {
  try {
    return lessonProgress(id);
  } catch (error) {
    if (error instanceof CourseError) return error.message;
    throw error;
  }
}

/** The map of the course: what is there, what is done, and what to do next. */
export function progressText(): string {
  const withExercises = new Set(lessonIds());
  const lines: string[] = [];
  let next = "";
  const sum = { points: 0, total: 0 };
  for (const { title, lessons } of parts) {
    lines.push(`\nPart ${title}`);
    for (const { id, number, title: name } of lessons) {
      const head = `  ${number}  ${name.padEnd(34)}`;
      if (!withExercises.has(id)) {
        lines.push(isWritten(id) ? `${head}  no exercises` : `${head}  not written yet`);
        continue;
      }
      const progress = standingOf(id);
      if (typeof progress === "string") {
        lines.push(wrap(`${progress}`, { first: `${head}  `, rest: " ".repeat(8) }));
        continue;
      }
      sum.points += progress.points;
      sum.total += progress.total;
      const mark = progress.done === progress.count ? "  ✓" : "";
      lines.push(
        `${head}  ${progress.done}/${progress.count} exercises  ` +
          `${progress.points}/${progress.total} points${mark}`,
      );
      if (progress.next && !next) {
        const { name: exercise, minutes, state } = progress.next;
        const why = {
          failed: "does not pass yet",
          todo: "not done yet",
          edited: "edited since its last check",
        }[state];
        next = `Next: ${exercise} in ${pathInCourse(answersFile(id))} (${why}, about ${minutes} minutes).
Check it with: npm run check ${number}`;
      }
    }
  }
  const total = `\n${sum.points} of ${sum.total} points.`;
  return `${lines.join("\n").trimStart()}\n${total}\n${next || "Everything that is there is done."}`;
}
