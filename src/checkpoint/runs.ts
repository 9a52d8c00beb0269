// Where runs live: runs/<date-time-preset>/ in the course's folder, whichever folder the command
// was started from. On a hub (tools/hub) the course is read-only, and `LLM_ROOT` is the learner's.

import { existsSync, readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { checkpointFile, previousFile } from "./checkpoint";

/** The folder of all runs. */
export const runsFolder = resolve(process.env.LLM_ROOT || resolve(__dirname, "../.."), "runs");

/**
 * A name for a new run: `2026-03-01-14.05.09-laptop`; sorts by time, and every file system takes
 * it.
 */
export function newRunFolder(preset: string, now: Date = new Date()): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const date = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(two).join("-");
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(".");
  const name = join(runsFolder, `${date}-${time}-${preset}`);
  for (let i = 1; ; i++)
    if (!existsSync(i === 1 ? name : `${name}-${i}`)) return i === 1 ? name : `${name}-${i}`;
}

/** Whether a folder has a checkpoint to go on from. */
export const hasCheckpoint = (dir: string): boolean =>
  [checkpointFile, previousFile].some((file) => existsSync(join(dir, file)));

/** The run whose checkpoint is the newest. @throws when there is none */
export function latestRun(folder: string = runsFolder): string {
  const runs = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const time = (dir: string) =>
    Math.max(...[checkpointFile, previousFile].map((f) => modified(join(dir, f))));
  const newest = runs.filter(hasCheckpoint).sort((a, b) => time(b) - time(a))[0];
  if (newest === undefined)
    throw new Error(`no run with a checkpoint in ${folder} yet: start one with npm run train`);
  return newest;
}

const modified = (file: string): number => (existsSync(file) ? statSync(file).mtimeMs : 0);

/** A folder's path as one would type it: relative where it lies below the current folder. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), resolve(path));
  return short === "" || short.startsWith("..") ? path : short;
}
