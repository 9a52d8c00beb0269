// From files to documents: plain text, Markdown, HTML and JSON lines, also packed with gzip. Text
// and JSON lines may be larger than memory; a web page is one document and is read whole. A file
// that is not what its name says is reported and left out, and so is a bad line of JSON; the rest
// goes on.

import { createReadStream, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import type { Document, OnProblem } from "./document";
import { htmlToText } from "./html";
import { lines } from "./lines";
import { markdownToText } from "./markdown";

/** What a file is read as. */
export type Format = "text" | "markdown" | "html" | "jsonl";

const FORMATS: Record<string, Format> = {
  ...{ txt: "text", text: "text", md: "markdown", markdown: "markdown" },
  ...{ html: "html", htm: "html", xhtml: "html", jsonl: "jsonl", ndjson: "jsonl" },
};

/** Options of collect. */
export interface CollectOptions {
  onProblem?: OnProblem;
  /** A plain text is cut into parts of at most this many characters; default 100,000. */
  partCharacters?: number;
  /** Whether each line of a plain text is a document, as in a file of poems; default false. */
  perLine?: boolean;
  /** Which field of a JSON line is the text; default "text". */
  field?: string;
  /** What all files are, whatever their names end in. */
  format?: Format;
  /** A page or a line that takes more bytes is reported and left out; default 32 MiB. */
  mostBytes?: number;
}

/** The format that a file's name says, `.gz` aside; undefined where it says none. */
export const formatOf = (file: string): Format | undefined =>
  FORMATS[/\.([a-z]+)(?:\.gz)?$/i.exec(file)?.[1].toLowerCase() ?? ""];

/**
 * Files and the files in folders, at any depth, that collect can read. Those of a folder are in the
 * order of their names, which is the same on every machine.
 * @throws for a path that does not exist
 */
export function corpusFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const about = statSync(path, { throwIfNoEntry: false });
    if (about === undefined) throw new Error(`corpusFiles: ${path}: no such file or folder`);
    if (!about.isDirectory()) return [path];
    const within = readdirSync(path)
      .filter((name) => !name.startsWith("."))
      .sort()
      .map((name) => join(path, name));
    return within.flatMap((name) =>
      statSync(name).isDirectory()
        ? corpusFiles([name])
        : formatOf(name) === undefined
          ? []
          : [name],
    );
  });
}

/** The documents of files, one file after the other. */
export async function* collect(
  files: readonly string[],
  options: CollectOptions = {},
): AsyncGenerator<Document, void, void> {
  for (const file of files) yield* collectFile(file, options);
}

/** The documents of one file. What cannot be read is told to `onProblem`, never thrown. */
export async function* collectFile(
  file: string,
  options: CollectOptions = {},
): AsyncGenerator<Document, void, void> {
  const { onProblem = () => {} } = options;
  let record = 0;
  try {
    const format = options.format ?? formatOf(file);
    if (format === undefined)
      throw new Error("expected .txt, .md, .html or .jsonl, also with .gz, got another name");
    for await (const { text, first = record } of textsOf(file, format, options)) {
      yield { source: file, record, first, text };
      record++;
    }
  } catch (error) {
    onProblem({ source: file, why: inWords(error as NodeJS.ErrnoException) });
  }
}

function inWords({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT") return "no such file";
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES" || code === "EPERM") return "no permission to read it";
  if (code?.startsWith("Z_")) return `the gzip data are damaged (${message})`;
  return message;
}

type Found = { text: string; first?: number };

function textsOf(file: string, format: Format, options: CollectOptions): AsyncIterable<Found> {
  if (format === "jsonl") return jsonTexts(file, options);
  if (format === "text")
    return options.perLine === true ? lineTexts(file, options) : longText(file, options);
  return page(file, format === "html" ? htmlToText : markdownToText, options);
}

/** The bytes of a file, unpacked, a chunk at a time. */
function bytesOf(file: string): AsyncIterable<Buffer> {
  const stream = createReadStream(file, { highWaterMark: 1 << 18 });
  if (!file.endsWith(".gz")) return stream;
  const unpacked = createGunzip();
  stream.on("error", (error) => unpacked.destroy(error));
  return stream.pipe(unpacked);
}

/** The text of a UTF-8 file, a chunk at a time; no chunk ends within a character. */
async function* decoded(file: string): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let bytes = 0;
  try {
    for await (const chunk of bytesOf(file)) {
      bytes += chunk.length;
      if (chunk.includes(0)) throw new Error("expected text, got zero bytes");
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_ENCODING_INVALID_ENCODED_DATA") throw error;
    throw new Error(`expected text in UTF-8, got other bytes before byte ${bytes}`);
  }
}

/** A page: one document. */
async function* page(
  file: string,
  read: (source: string) => string,
  { mostBytes = 1 << 25 }: CollectOptions,
): AsyncGenerator<Found, void, void> {
  let source = "";
  for await (const chunk of decoded(file)) {
    source += chunk;
    if (source.length > mostBytes)
      throw new Error(`expected a page of at most ${mostBytes} bytes, got a longer one`);
  }
  yield { text: read(source) };
}

/**
 * A text in parts, cut between paragraphs where it can be. The file is read twice: documents of a
 * text that turns out to be damaged near its end would otherwise be in the corpus already.
 */
async function* longText(
  file: string,
  { partCharacters = 100_000 }: CollectOptions,
): AsyncGenerator<Found, void, void> {
  for await (const _ of decoded(file));
  let open = "";
  for await (const chunk of decoded(file)) {
    open += chunk;
    let from = 0;
    while (open.length - from > partCharacters + 2) {
      const to = from + cutOf(open.slice(from, from + partCharacters + 2), partCharacters);
      if (/\S/.test(open.slice(from, to))) yield { text: open.slice(from, to), first: 0 };
      from = to;
    }
    open = open.slice(from);
  }
  if (/\S/.test(open)) yield { text: open, first: 0 };
}

/**
 * Where to cut a text that is longer than `most`: behind a paragraph, else a line, else a word, in
 * the second half, else at `most`; never within a character.
 */
function cutOf(text: string, most: number): number {
  for (const mark of ["\n\n", "\n", " "]) {
    const at = text.lastIndexOf(mark, most - mark.length);
    if (at >= most / 2) return at + mark.length;
  }
  const splits = text.charCodeAt(most) >= 0xdc00 && text.charCodeAt(most) < 0xe000 && most > 1;
  return splits ? most - 1 : most;
}

async function* lineTexts(file: string, options: CollectOptions) {
  const { onProblem = () => {}, mostBytes = 1 << 25 } = options;
  for await (const { line, number, why } of lines(bytesOf(file), mostBytes))
    if (why !== undefined) onProblem({ source: file, where: `line ${number}`, why });
    else if (line.trim() !== "") yield { text: line };
}

async function* jsonTexts(file: string, options: CollectOptions) {
  const { onProblem = () => {}, field = "text", mostBytes = 1 << 25 } = options;
  for await (const { line, number, why } of lines(bytesOf(file), mostBytes)) {
    const text = why === undefined ? textOf(line, field) : { why };
    if (text === undefined) continue;
    if (typeof text === "string") yield { text };
    else onProblem({ source: file, where: `line ${number}`, why: text.why });
  }
}

/** The text of a JSON line, undefined for an empty line, or what is wrong with it. */
function textOf(line: string, field: string): string | { why: string } | undefined {
  if (line.trim() === "") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { why: "expected JSON, got something else" };
  }
  const text = (value as Record<string, unknown> | null)?.[field];
  if (typeof text === "string") return text;
  return {
    why: `expected a text in the field "${field}", got ${text === undefined ? "none" : typeof text}`,
  };
}
