// The learner's state: one readable file which belongs to the learner (git ignores it), in
// my-course/ or, where there is no such folder, in exercises/. It is replaced atomically (temporary file, fsync, rename), guarded by a lock
// file because a notebook's kernel and a terminal may write at once, and merged: what this version
// of the course does not know is kept as it is.

import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../files";
import { courseRoot, learnersRoot } from "./paths";

export interface ExerciseProgress {
  state?: "passed" | "failed" | "todo";
  /** Fingerprint of the answer that was checked: after an edit the result no longer counts. */
  content?: string;
  /** The points it had when it was checked. */
  points?: number;
  /** When it was checked, ISO 8601. */
  checked?: string;
  /** How many hints were shown, 0 to 3. */
  hints?: number;
  /** The reference answer was shown. */
  solution?: boolean;
}

export interface Progress {
  about: string;
  lessons: Record<string, Record<string, ExerciseProgress>>;
}

const ABOUT =
  "Your progress in the course, written by check, hint and solution. Delete the file to begin anew.";

export const progressFile = () =>
  join(learnersRoot() ?? join(courseRoot(), "exercises"), "progress.json");

const isRecord = (x: unknown): x is Record<string, unknown> =>
  typeof x === "object" && x !== null && !Array.isArray(x);

function isProgress(x: unknown): x is Progress {
  return (
    isRecord(x) &&
    isRecord(x.lessons) &&
    Object.values(x.lessons).every((l) => isRecord(l) && Object.values(l).every(isRecord))
  );
}

/** A file that cannot be read is kept aside, never overwritten: it may be mended by hand. */
function setAside(file: string): void {
  let aside = `${file}.bad`;
  for (let n = 2; existsSync(aside); n++) aside = `${file}.bad${n}`;
  renameSync(file, aside);
  console.warn(
    `Your progress file could not be read. It is kept as ${aside}, and a new one begins.`,
  );
}

/** The state as it is on disk; empty where there is none. */
export function readProgress(): Progress {
  const file = progressFile();
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { about: ABOUT, lessons: {} };
    throw error;
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (isProgress(parsed)) return { ...parsed, about: ABOUT };
  } catch {}
  setAside(file);
  return { about: ABOUT, lessons: {} };
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/**
 * Holds the lock while `work` runs. A lock older than five seconds belongs to a process that died.
 */
function locked<T>(work: () => T): T {
  const lock = `${progressFile()}.lock`;
  for (let tries = 0; ; tries++) {
    try {
      closeSync(openSync(lock, "wx"));
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      try {
        if (Date.now() - statSync(lock).mtimeMs > 5000) rmSync(lock, { force: true });
      } catch {} // the other process has just released it
      if (tries > 600)
        throw new Error(`progress: ${lock} is in the way; delete it if no check is running.`);
      sleep(10);
    }
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/**
 * Reads, changes and writes the state in one step. A disk that refuses is said, and costs nothing
 * but the record.
 */
export function updateProgress(change: (progress: Progress) => void): Progress {
  try {
    return locked(() => {
      const progress = readProgress();
      change(progress);
      writeAtomically(progressFile(), [`${JSON.stringify(progress, null, 2)}\n`]);
      return progress;
    });
  } catch (error) {
    console.warn(`Your progress could not be saved (${(error as Error).message}).`);
    const progress = { about: ABOUT, lessons: {} };
    change(progress);
    return progress;
  }
}

/** The record of one exercise, made if it is missing. */
export function recordOf(progress: Progress, lesson: string, exercise: string): ExerciseProgress {
  progress.lessons[lesson] ??= {};
  progress.lessons[lesson][exercise] ??= {};
  return progress.lessons[lesson][exercise];
}
