// From files to one clean string, and from one string to a training and a validation part.
// Files are read as UTF-8; what is not text is refused by name. Line ends become "\n" and a byte order mark
// goes, because a model would have to learn both; nothing else is touched (cleaning proper is lesson 10, data).

import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

/** Folder of the small data files that come with the course. */
const datasets = resolve(__dirname, "../../datasets");

/**
 * Finds a data set's file by name: in the folder named by LLM_DATASETS first, then in `datasets/`.
 *
 * @param name file name with or without `.txt`, for example `tinyshakespeare`
 * @returns the absolute path, or null where neither folder has it
 */
export function datasetPath(name: string): string | null {
  const folders = [process.env.LLM_DATASETS, datasets].filter(
    (folder) => folder !== undefined && folder !== "",
  );
  for (const folder of folders) {
    for (const file of [name, `${name}.txt`]) {
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
 * @throws for a file that is missing, a folder, empty, or not UTF-8 text; the message names the file
 */
export function loadText(files: string[]): string {
  if (files.length === 0) throw new Error("loadText: expected at least one file, got none");
  return files.map(readTextFile).join("\n");
}

function readTextFile(file: string): string {
  const path = existsSync(file) ? file : datasetPath(file);
  if (path === null) throw new Error(`loadText: ${file}: no such file, and no data set of that name`);
  if (statSync(path).isDirectory()) throw new Error(`loadText: ${file} is a folder; name the files in it`);
  const bytes = readFileSync(path);
  if (bytes.includes(0)) throw new Error(`loadText: ${file} is not a text file: it contains zero bytes`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`loadText: ${file} is not UTF-8 text; convert it first (for example with iconv)`);
  }
  text = text.replace(/\r\n?/g, "\n");
  if (text.trim() === "") throw new Error(`loadText: ${file} is empty: there is nothing to learn from`);
  return text;
}

/** A text cut in two: what the model learns from, and what it is measured on. */
export interface Split {
  train: Int32Array;
  val: Int32Array;
}

/**
 * Cuts token ids into a training part and a validation part: the *last* `valFraction` is held out. Cutting at one
 * place, not at random, keeps sentences whole: a random cut would put neighbours of validation windows into training.
 *
 * @param ids token ids
 * @param valFraction share held out, between 0 and 1
 */
export function splitText(ids: ArrayLike<number>, valFraction = 0.1): Split {
  if (!(valFraction > 0 && valFraction < 1))
    throw new Error(`splitText: expected a valFraction between 0 and 1, got ${valFraction}`);
  const all = Int32Array.from(ids);
  const cut = Math.floor(all.length * (1 - valFraction));
  return { train: all.slice(0, cut), val: all.slice(cut) };
}
