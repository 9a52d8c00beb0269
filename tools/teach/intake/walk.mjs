// All that lies in an inbox, as single files: folders are walked, zips are opened in memory (also
// zips inside zips, as Canvas packs them), git clones are recognised. No link is followed, nothing
// is unpacked to the disk, and what is too large or too deep is told instead of read.
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { llm } from "../../kit.mjs";
import { openClone } from "./clone.mjs";

const { readZip } = llm("llm/zip");

/** A file of answers has a few kilobytes; a class's download has a few megabytes. */
export const MOST_BYTES = 1_000_000;
const MOST_ZIP = 256 * 2 ** 20;
const DEEPEST = 8;
const ZIPS = 3;
/** What systems leave in folders and archives: reported once, as one row. */
const DEBRIS = /(^|\/)(__MACOSX(\/|$)|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\.gitkeep$)/;

/**
 * @param folder the inbox of one lesson
 * @returns { files: [{ path, bytes, mtime?, wallTime?, zipTime?, clone? }], skipped: [{ path,
 *   reason }], close }; `path` is from the inbox, a zip is like a folder in it
 */
export function walk(folder) {
  const files = [];
  const skipped = [];
  const clones = [];
  const skip = (path, reason) => skipped.push({ path, reason });

  function offer(path, size, isLink, more, read) {
    // A clone of the course has hundreds of files that nobody meant to hand in.
    const meant = !more.clone || /(^|\/)exercises\//.test(path);
    if (!meant && (isLink || size > MOST_BYTES || DEBRIS.test(path))) return undefined;
    if (DEBRIS.test(path)) return skip(path, "a file of the operating system, not read");
    if (isLink) return skip(path, "a link, which is not followed: hand in the file itself");
    const isZip = /\.zip$/i.test(path);
    if (size > (isZip ? MOST_ZIP : MOST_BYTES))
      return skip(
        path,
        `is larger than ${isZip ? "256 MB" : "1 MB, as no file of answers is"}; not read`,
      );
    let bytes;
    try {
      bytes = read();
    } catch (error) {
      return skip(path, `cannot be read: ${error.message.replace(/^readZip: /, "")}`);
    }
    if (isZip) return unzip(path, bytes, more);
    files.push({ path, bytes, ...more });
  }

  function unzip(path, bytes, more) {
    if ((more.zips ?? 0) >= ZIPS) return skip(path, "a zip in a zip in a zip; not opened");
    let entries;
    try {
      entries = readZip(bytes, { mostBytes: MOST_ZIP });
    } catch (error) {
      return skip(path, error.message.replace(/^readZip: /, ""));
    }
    let left = 4 * MOST_ZIP;
    for (const entry of entries.filter(({ isFolder }) => !isFolder)) {
      left -= entry.size;
      if (left < 0) return skip(path, "unpacks to more than a gigabyte; the rest is not read");
      const times = { zipTime: entry.modified?.toISOString(), wallTime: entry.wallTime };
      const inside = { mtime: more.mtime, ...times, zips: (more.zips ?? 0) + 1 };
      offer(`${path}/${entry.path}`, entry.size, entry.isLink, inside, entry.bytes);
    }
  }

  function enter(at, path, depth, clone) {
    if (depth > DEEPEST) return skip(path, "folders too deep; not read");
    const names = readdirSync(at).sort();
    const here = names.includes(".git") && depth > 0 ? openClone(at) : undefined;
    if (here) clones.push(here);
    const inside = here ? { ...here, at: path } : clone;
    for (const name of names) {
      const file = join(at, name);
      const shown = path ? `${path}/${name}` : name;
      const found = lstatSync(file);
      if (name === ".git" || (inside && name === "node_modules")) continue;
      if (found.isDirectory()) enter(file, shown, depth + 1, inside);
      else if (found.isFile() || found.isSymbolicLink())
        offer(
          shown,
          found.size,
          found.isSymbolicLink(),
          { mtime: found.mtime.toISOString(), clone: inside },
          () => readFileSync(file),
        );
      else skip(shown, "neither a file nor a folder");
    }
  }

  enter(folder, "", 0, undefined);
  const close = () => {
    for (const clone of clones) clone.close();
  };
  return { files, skipped, close };
}
