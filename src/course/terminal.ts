// What the four commands share: arguments, errors without stacks; and the course map as text.

import { answersFile, CourseError, lessonIds, pathInCourse } from "./paths";
import { isWritten, parts } from "./register";
import { type LessonProgress, lessonProgress } from "./standing";

/** Runs a command; a CourseError is a sentence, not a crash. Its number is the exit code. */
export function command(work: (args: string[]) => Promise<number> | number): void {
  // Ended by exit and not by the signal, so that a check in its own process group is taken along.
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
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
      const head = `  ${number}  ${name.padEnd(40)}`;
      if (!withExercises.has(id)) {
        lines.push(isWritten(id) ? `${head} (no exercises)` : `${head} (not written yet)`);
        continue;
      }
      const progress = standingOf(id);
      if (typeof progress === "string") {
        lines.push(`${head} (${progress})`);
        continue;
      }
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
        next = `Next: ${exercise} in ${pathInCourse(answersFile(id))} (${why}, about ${minutes} minutes). Check it with: npm run check ${number}`;
      }
    }
  }
  const total = `\n${sum.points} of ${sum.total} points.`;
  return `${lines.join("\n").trimStart()}\n${total} ${next || "Everything that is there is done."}`;
}
