// Files that are whole or absent. A checkpoint that a power cut left half written is worse than
// none, so a file is written beside its place, forced to the disk, and then renamed over it: rename
// is atomic, and readers see the old file or the new one, never a mixture.

import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/** A file could not be written; `code` is the system's word for it (ENOSPC: the disk is full). */
export class WriteError extends Error {
  override name = "WriteError";
  constructor(
    message: string,
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

/**
 * Writes a file so that it is either wholly the new one or still the old one.
 *
 * @param path where it goes
 * @param chunks its contents, in order; they may be made while they are written
 * @param options.keep path under which the file that stood there before is kept
 * @throws {WriteError} in words; the file that stood there before is untouched
 */
export function writeAtomically(
  path: string,
  chunks: Iterable<string | Uint8Array>,
  { keep }: { keep?: string } = {},
): void {
  const temporary = `${path}.tmp`;
  try {
    const file = openSync(temporary, "w");
    try {
      for (const chunk of chunks)
        writeAll(file, typeof chunk === "string" ? Buffer.from(chunk) : chunk);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (keep !== undefined && existsSync(path)) keepOld(path, keep);
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    try {
      unlinkSync(temporary);
    } catch {} // it was never made
    if ((error as NodeJS.ErrnoException).code === undefined) throw error; // of whoever makes chunks
    throw writeError(path, error);
  }
}

/**
 * Makes a folder and those above it. One by one, because Node's recursive mkdir hangs where a
 * system folder takes no folders (/proc).
 * @throws {WriteError} in words
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory())
      throw new WriteError(`cannot make ${path}: it is a file`, "ENOTDIR");
    return;
  }
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw writeError(path, error);
  }
}

/** Writes every byte: on a disk that is nearly full writeSync may write a part and say how much. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
}

/** The system's error in words, with the path. */
export function writeError(path: string, error: unknown): WriteError {
  if (error instanceof WriteError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const why =
    code === "ENOSPC" || code === "EDQUOT"
      ? "the disk is full"
      : code === "EACCES" || code === "EPERM" || code === "EROFS"
        ? "no permission to write there"
        : message;
  return new WriteError(`cannot write ${path}: ${why}`, code);
}

/**
 * A second name for the file that is about to be replaced, so that at every moment a whole file
 * stands at `path`.
 */
function keepOld(path: string, keep: string): void {
  const temporary = `${keep}.tmp`;
  if (existsSync(temporary)) unlinkSync(temporary);
  try {
    linkSync(path, temporary);
  } catch {
    copyFileSync(path, temporary); // file systems without hard links
  }
  renameSync(temporary, keep);
}

/**
 * Makes the rename itself survive a power cut; not every system lets a folder be opened, and then
 * it stays a hope.
 */
function syncFolder(folder: string): void {
  try {
    const file = openSync(folder, "r");
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch {}
}
