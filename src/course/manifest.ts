// What a lesson asks, as the course has it: the exercises' names, signatures and points. A
// submission is graded by this and never by its own comments, and a release has it in place of the
// solutions (tools/teach).

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { committedText } from "./answers";
import { CourseError, courseRoot, lessonFiles, lessonPaths } from "./paths";
import { releasedVersion } from "./release";
import { type ExerciseSource, readFunctions } from "./source";

/** An exercise without its code. */
export type ManifestExercise = Omit<ExerciseSource, "code" | "line">;

export interface Manifest {
  /** The lesson's id. */
  lesson: string;
  courseVersion: string;
  exercises: ManifestExercise[];
}

/** "0.1.0+6c6f5db": the version in package.json, and the commit where there is git. */
export function courseVersion(): string {
  const released = releasedVersion();
  if (released) return released;
  const { version } = JSON.parse(readFileSync(join(courseRoot(), "package.json"), "utf8"));
  try {
    const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], {
      cwd: courseRoot(),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    return `${version}+${commit}`;
  } catch {
    return version;
  }
}

/**
 * The stubs as they were committed, or as they lie there where there is no git or they are not
 * committed yet: somebody may have written answers into them.
 */
function stubsOf(id: string, names: readonly string[]): Map<string, ExerciseSource> {
  for (const text of [committedText(id), readFileSync(lessonFiles(id).exercises, "utf8")]) {
    const stubs = new Map(readFunctions(text).map((f) => [f.name, f]));
    if (names.every((name) => Number.isFinite(stubs.get(name)?.points))) return stubs;
  }
  throw new CourseError(
    `manifest: expected ${lessonPaths(id).exercises} to have @points for ${names.join(", ")}`,
  );
}

/**
 * A lesson's exercises in order: signatures as the solutions have them, tasks and points from the
 * stubs.
 * @throws CourseError where a stub has no points
 */
export function manifestOf(id: string): Manifest {
  const solutions = readFunctions(readFileSync(lessonFiles(id).solutions, "utf8"));
  const stubs = stubsOf(
    id,
    solutions.map(({ name }) => name),
  );
  const exercises = solutions.map(({ code: _, line: __, ...solution }) => {
    const { doc, points, minutes, difficulty } = stubs.get(solution.name)!;
    return { ...solution, doc, points, minutes, difficulty };
  });
  return { lesson: id, courseVersion: courseVersion(), exercises };
}
