// The learner's state: one readable file which belongs to the learner (git ignores it), in
// my-course/ or, where there is no such folder, in exercises/. It is replaced atomically (temporary
// file, fsync, rename), guarded by a lock file because a notebook's kernel and a terminal may write
// at once, and merged: what this version of the course does not know is kept as it is. Whatever
// else is found in its place is told in a sentence, kept beside it as progress.json.broken-…, and
// stops nobody.

import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, join } from "node:path";
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
const empty = (): Progress => ({ about: ABOUT, lessons: {} });

export const progressFile = () =>
  join(learnersRoot() ?? join(courseRoot(), "exercises"), "progress.json");

const isRecord = (x: unknown): x is Record<string, unknown> =>
  typeof x === "object" && x !== null && !Array.isArray(x);
const isText = (x: unknown) => typeof x === "string";

/** What each field that we know must be; other fields are somebody else's. */
const fits: Record<keyof ExerciseProgress, (x: unknown) => boolean> = {
  state: (x) => x === "passed" || x === "failed" || x === "todo",
  content: isText,
  points: (x) => Number.isFinite(x),
  checked: isText,
  hints: (x) => Number.isSafeInteger(x) && Number(x) >= 0,
  solution: (x) => typeof x === "boolean",
};

interface Parsed {
  progress: Progress;
  /** What is wrong: with the whole file, or with some records, which are left out. */
  odd?: string;
  whole?: boolean;
}

/** The records that make sense, and what does not. */
function parse(text: string): Parsed {
  let found: unknown;
  try {
    found = JSON.parse(text);
    JSON.stringify(found); // what is nested too deeply can be read, and not written
  } catch {
    return { progress: empty(), odd: "it is not JSON, or only a part of it", whole: true };
  }
  if (!isRecord(found) || !isRecord(found.lessons))
    return { progress: empty(), odd: "it has no lessons", whole: true };
  let odd: string | undefined;
  const kept = (x: unknown, where: string, inside: (x: [string, unknown][]) => unknown[][]) => {
    if (isRecord(x)) return [inside(Object.entries(x))];
    odd ??= `${where} is no record`;
    return [];
  };
  const fields = (entries: [string, unknown][], where: string) =>
    entries.filter(([name, value]) => {
      if (!Object.hasOwn(fits, name) || fits[name as keyof ExerciseProgress](value)) return true;
      odd ??= `the ${name} of ${where} is ${JSON.stringify(value)?.slice(0, 40)}`;
      return false;
    });
  const lessons = Object.entries(found.lessons).flatMap(([id, exercises]) =>
    kept(exercises, id, (all) =>
      all.flatMap(([name, record]) =>
        kept(record, name, (entries) => fields(entries, name)).map((entries) => [
          name,
          Object.fromEntries(entries as [string, unknown][]),
        ]),
      ),
    ).map((entries) => [id, Object.fromEntries(entries as [string, unknown][])] as const),
  );
  const progress = { ...found, about: ABOUT, lessons: Object.fromEntries(lessons) } as Progress;
  return { progress, odd };
}

/** A name beside the file that nothing has yet. */
function besideName(file: string): string {
  const stem = `${file}.broken-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}`;
  let name = stem;
  for (let n = 2; existsSync(name); n++) name = `${stem}-${n}`;
  return name;
}

/** Keeps what stands in the place of the file, and says so. */
function keepAside(file: string, why: string, keep: (from: string, to: string) => void): void {
  const aside = besideName(file);
  try {
    keep(file, aside);
    console.warn(`Your progress file is odd (${why}). It is kept as ${basename(aside)}.`);
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`the progress file is odd (${why}), and cannot be kept: ${message}`);
  }
}

/** A learner's records are a few kilobytes. */
const MOST_BYTES = 20_000_000;

/** What is in the file. What is not one at all has been moved aside. @throws where it may not be */
function readFile(): Parsed {
  const file = progressFile();
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return { progress: empty() };
  let odd: string | undefined;
  if (found.isDirectory()) odd = "it is a folder";
  else if (!found.isFile()) odd = "it is no file";
  else if (found.size > MOST_BYTES) odd = "it is too large";
  const parsed: Parsed =
    odd === undefined
      ? parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""))
      : { progress: empty(), odd, whole: true };
  if (parsed.whole) keepAside(file, parsed.odd!, renameSync);
  return parsed;
}

/** The state as it is on disk; empty where there is none, or none that can be read. */
export function readProgress(): Progress {
  try {
    return readFile().progress;
  } catch (error) {
    console.warn(`Your progress could not be read (${(error as Error).message}).`);
    return empty();
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** A lock older than this belongs to a process that died. */
const STALE_MS = 5000;

/** Whether a lock is left over. One from the future is, too: a clock was set back. */
function isStale(lock: string): boolean {
  const found = statSync(lock, { throwIfNoEntry: false });
  if (found === undefined) return false; // the other process has just released it
  if (!found.isFile()) throw new Error(`${lock} is in the way`);
  return Math.abs(Date.now() - found.mtimeMs) > STALE_MS;
}

/** Holds the lock while `work` runs. */
function locked<T>(work: () => T): T {
  const lock = `${progressFile()}.lock`;
  for (let tries = 0; ; tries++) {
    try {
      closeSync(openSync(lock, "wx"));
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      if (isStale(lock)) rmSync(lock, { force: true });
      if (tries > 600) throw new Error(`${lock} is in the way; delete it if no check is running`);
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
      const { progress, odd, whole } = readFile();
      if (odd !== undefined && !whole) keepAside(progressFile(), odd, copyFileSync);
      change(progress);
      writeAtomically(progressFile(), [`${JSON.stringify(progress, null, 2)}\n`]);
      return progress;
    });
  } catch (error) {
    console.warn(`Your progress could not be saved (${(error as Error).message}).`);
    const progress = empty();
    change(progress);
    return progress;
  }
}

/** The records of a lesson's exercises; none of a name that an object has by itself. */
export function recordsOf(progress: Progress, lesson: string): Record<string, ExerciseProgress> {
  const records = Object.hasOwn(progress.lessons, lesson) ? progress.lessons[lesson] : {};
  return Object.assign(Object.create(null), records);
}

/** The record of one exercise, made if it is missing. */
export function recordOf(progress: Progress, lesson: string, exercise: string): ExerciseProgress {
  if (!Object.hasOwn(progress.lessons, lesson)) progress.lessons[lesson] = {};
  const records = progress.lessons[lesson];
  if (!Object.hasOwn(records, exercise)) records[exercise] = {};
  return records[exercise];
}
