// From files to one clean string, and from one string to a training and a validation part.
// Files are read as UTF-8; what is not text is refused by name. Line ends become "\n" and a byte
// order mark goes, because a model would have to learn both; nothing else is touched (cleaning
// proper is lesson 10, data).

import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

/** Folder of the small data files that come with the course. */
const datasets = resolve(__dirname, "../../datasets");

/**
 * Finds a data set's file by name: in the folder named by LLM_DATASETS first, then in `datasets/`;
 * in both directly, or in a folder of the same name.
 *
 * @param name file name with or without `.txt`, for example `tinyshakespeare`
 * @returns the absolute path, or null where neither folder has it
 */
export function datasetPath(name: string): string | null {
  const folders = [process.env.LLM_DATASETS, datasets].filter(
    (folder) => folder !== undefined && folder !== "",
  );
  for (const folder of folders) {
    for (const file of [name, `${name}.txt`, join(name, `${name}.txt`)]) {
      const path = resolve(join(folder!, file));
      if (existsSync(path) && statSync(path).isFile()) return path;
    }
  }
  return null;
}

/**
 * Reads text files and joins them with a line break.
 *
 * @param files paths, or names that datasetPath knows
 * @param options.atMost refuse files that cannot be a text of so many characters, before they are
 *   opened: for names that come out of a file from elsewhere
 * @throws for a file that is missing, no ordinary file, empty, too long, or not UTF-8 text; the
 *   message names the file
 */
export function loadText(
  files: string[],
  { atMost = Number.POSITIVE_INFINITY }: { atMost?: number } = {},
): string {
  if (files.length === 0) throw new Error("loadText: expected at least one file, got none");
  return files.map((file) => readTextFile(file, atMost)).join("\n");
}

/** UTF-8 takes at most four bytes for a character; line ends of two characters become one. */
const LONGEST_CHARACTER = 5;

function readTextFile(file: string, atMost: number): string {
  const path = existsSync(file) ? file : datasetPath(file);
  if (path === null)
    throw new Error(`loadText: ${file}: no such file, and no data set of that name`);
  const about = statSync(path);
  if (about.isDirectory()) throw new Error(`loadText: ${file} is a folder; name the files in it`);
  if (!about.isFile())
    throw new Error(`loadText: ${file} is no ordinary file: expected a text file`);
  if (about.size > atMost * LONGEST_CHARACTER + LONGEST_CHARACTER)
    throw new Error(
      `loadText: ${file} is longer than a text of ${atMost} characters: it has changed`,
    );
  const text = decode(readFileSync(path), file).replace(/\r\n?/g, "\n");
  if (text.trim() === "")
    throw new Error(`loadText: ${file} is empty: there is nothing to learn from`);
  return text;
}

function decode(bytes: Buffer, file: string): string {
  const utf16 = [0xfeff, 0xfffe].includes(bytes.length < 2 ? 0 : bytes.readUInt16BE(0));
  if (utf16)
    throw new Error(
      `loadText: ${file} is UTF-16 text (as PowerShell's > writes it); save it as UTF-8, or convert it with ` +
        "iconv -f UTF-16 -t UTF-8",
    );
  if (bytes.includes(0))
    throw new Error(`loadText: ${file} is not a text file: it contains zero bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_ENCODING_INVALID_ENCODED_DATA")
      throw new Error(
        `loadText: ${file} is too long for one text: ${Math.round(bytes.length / 1e6)} MB, and JavaScript's strings ` +
          "end at about 530 MB; use a part of it; lesson 10 (data) reads texts of any length",
      );
    throw new Error(
      `loadText: ${file} is not UTF-8 text; convert it first (for example with iconv)`,
    );
  }
}

/**
 * A text in documents of whole paragraphs, each of at least `least` characters; what is left at the
 * end is dropped.
 * @param text with a blank line between paragraphs
 */
export function documentsOf(text: string, least: number): string[] {
  if (!(least >= 1)) throw new Error(`documentsOf: expected least of 1 or more, got ${least}`);
  const documents: string[] = [];
  let open = "";
  for (const paragraph of text.split(/\n\n+/)) {
    open += (open === "" ? "" : "\n\n") + paragraph.trim();
    if (open.length < least) continue;
    documents.push(open);
    open = "";
  }
  return documents;
}

/** A text cut in two: what the model learns from, and what it is measured on. */
export interface Split {
  train: Int32Array;
  val: Int32Array;
}

/**
 * Cuts token ids into a training part and a validation part: the *last* `valFraction` is held out.
 * Cutting at one place, not at random, keeps sentences whole: a random cut would put neighbours of
 * validation windows into training.
 *
 * @param ids token ids
 * @param valFraction share held out, between 0 and 1
 */
export function splitText(ids: ArrayLike<number>, valFraction = 0.1): Split {
  if (!(valFraction > 0 && valFraction < 1))
    throw new Error(`splitText: expected a valFraction between 0 and 1, got ${valFraction}`);
  const all = ids instanceof Int32Array ? ids : Int32Array.from(ids);
  const cut = Math.floor(all.length * (1 - valFraction));
  return { train: all.slice(0, cut), val: all.slice(cut) };
}
