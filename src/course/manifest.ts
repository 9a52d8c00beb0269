// What a release for learners (tools/teach/release) has in place of the reference answers: the
// exercises' names, signatures, tasks and points, and the version of the course. Where the answers
// themselves are there, as in the public repository, the same facts are read from them.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { courseRoot, lessonFiles, manifestFile } from "./paths";
import { type ExerciseSource, readFunctions } from "./source";

export interface Manifest {
  schema: "llm-course/manifest/v1";
  lesson: string;
  courseVersion: string;
  /** The day from which the reference answers are given out, in words, where it is known. */
  answersFrom?: string;
  /** Without the functions' own text. */
  exercises: ExerciseSource[];
}

/** A lesson's manifest, or undefined where this is no release. */
export function readManifest(id: string): Manifest | undefined {
  const file = manifestFile(id);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Manifest) : undefined;
}

/**
 * The lesson's exercises in order: from the reference answers, or from the manifest where those
 * are kept back.
 */
export function exercisesOf(id: string): ExerciseSource[] {
  const { solutions } = lessonFiles(id);
  if (existsSync(solutions)) return readFunctions(readFileSync(solutions, "utf8"), solutions);
  return readManifest(id)?.exercises ?? [];
}

/**
 * Which course this is: the package's version, and the commit in a clone or what the release
 * says. "0.1.0+6c6f5db"; "-edited" where exercises, tests or the module are not as committed.
 */
export function courseVersion(): string {
  const { version } = JSON.parse(readFileSync(join(courseRoot(), "package.json"), "utf8"));
  const release = join(courseRoot(), "release.json");
  if (existsSync(release)) return JSON.parse(readFileSync(release, "utf8")).courseVersion;
  const git = (...args: string[]) => {
    const run = spawnSync("git", args, { cwd: courseRoot(), encoding: "utf8", timeout: 5000 });
    return run.status === 0 ? run.stdout.trim() : undefined;
  };
  const commit = git("rev-parse", "--short=7", "HEAD");
  if (commit === undefined) return `${version}+${packageDigest()}`;
  const parts = ["src", "solutions", "test/exercises", "test/mutants", "test/calls"];
  return `${version}+${commit}${git("diff", "--quiet", "HEAD", "--", ...parts) === undefined ? "-edited" : ""}`;
}

/** A downloaded copy without git has at least its register. */
function packageDigest(): string {
  const register = join(__dirname, "register.json");
  return createHash("sha256").update(readFileSync(register)).digest("hex").slice(0, 7);
}
