// One trainer per run folder. Two that write the same log and checkpoint would mix their lines, and
// one of them would die of the other's renames. The lock is a file with the process's number; that
// of a process which no longer lives is taken over, so a killed run can be resumed at once.

import { closeSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { writeError } from "../files";

/** Folders that this process has locked: a second trainer here is refused as one elsewhere is. */
const held = new Set<string>();

/**
 * Locks a run's folder for this process.
 *
 * @returns a function that unlocks it
 * @throws when a trainer that lives holds it, or the lock cannot be written
 */
export function lockRun(dir: string): () => void {
  const path = join(dir, "run.lock");
  if (held.has(path)) throw taken(dir, process.pid);
  for (let attempt = 0; ; attempt++) {
    try {
      const file = openSync(path, "wx"); // fails where the file exists: nobody can come between
      writeSync(file, `${process.pid}\n`);
      closeSync(file);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw writeError(path, error);
      const owner = ownerOf(path);
      if (owner !== undefined && owner !== process.pid && lives(owner)) throw taken(dir, owner);
      if (attempt > 2) throw taken(dir, owner);
      remove(path);
    }
  }
  held.add(path);
  return () => {
    if (held.delete(path) && ownerOf(path) === process.pid) remove(path);
  };
}

const taken = (dir: string, owner: number | undefined): Error =>
  new Error(
    `Trainer: another trainer is at work in ${dir} (process ${owner ?? "unknown"}): wait until it has ended, ` +
      "stop it, or choose another folder",
  );

function ownerOf(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, "utf8"), 10);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // somebody else's process
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {} // another one was faster
}
