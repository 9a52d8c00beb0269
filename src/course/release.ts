// A release for a class (tools/teach/release) holds no reference answers in a form to be read. In
// their place stands a manifest, the facts of the exercises; here both are read alike.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { courseRoot, lessonFiles, manifestFile } from "./paths";
import { type ExerciseSource, readFunctions } from "./source";

/** The facts of a lesson's exercises in a release. */
export interface ReleaseManifest {
  schema: "llm-course/manifest/v1";
  lesson: string;
  courseVersion: string;
  /** The day from which the reference answers are given out, in words, where it is known. */
  answersFrom?: string;
  /** Without the functions' own text. */
  exercises: ExerciseSource[];
}

/** A lesson's manifest, or undefined where this is no release. */
export function readManifest(id: string): ReleaseManifest | undefined {
  const file = manifestFile(id);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as ReleaseManifest) : undefined;
}

/**
 * The lesson's exercises in order: from the reference answers, or from the manifest where those
 * are kept back. Only the manifest knows their points.
 */
export function exercisesOf(id: string): ExerciseSource[] {
  const manifest = readManifest(id);
  if (manifest) return manifest.exercises;
  const { solutions } = lessonFiles(id);
  return existsSync(solutions) ? readFunctions(readFileSync(solutions, "utf8"), solutions) : [];
}

/** The course's version as a release says it, or undefined where this is none. */
export function releasedVersion(): string | undefined {
  const file = join(courseRoot(), "release.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).courseVersion : undefined;
}
