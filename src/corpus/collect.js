"use strict";
// From files to documents: plain text, Markdown, HTML and JSON lines, also packed with gzip. Text
// and JSON lines may be larger than memory; a web page is one document and is read whole. A file
// that is not what its name says is reported and left out, and so is a bad line of JSON; the rest
// goes on.
Object.defineProperty(exports, "__esModule", { value: true });
exports.collectFile = exports.collect = exports.corpusFiles = exports.formatOf = void 0;
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
const node_zlib_1 = require("node:zlib");
const html_1 = require("./html");
const lines_1 = require("./lines");
const markdown_1 = require("./markdown");
const FORMATS = {
    ...{ txt: "text", text: "text", md: "markdown", markdown: "markdown" },
    ...{ html: "html", htm: "html", xhtml: "html", jsonl: "jsonl", ndjson: "jsonl" },
};
/** The format that a file's name says, `.gz` aside; undefined where it says none. */
const formatOf = (file) => FORMATS[/\.([a-z]+)(?:\.gz)?$/i.exec(file)?.[1].toLowerCase() ?? ""];
exports.formatOf = formatOf;
/**
 * Files and the files in folders, at any depth, that collect can read. Those of a folder are in the
 * order of their names, which is the same on every machine.
 * @throws for a path that does not exist
 */
function corpusFiles(paths) {
    return paths.flatMap((path) => {
        const about = (0, node_fs_1.statSync)(path, { throwIfNoEntry: false });
        if (about === undefined)
            throw new Error(`corpusFiles: ${path}: no such file or folder`);
        if (!about.isDirectory())
            return [path];
        const within = (0, node_fs_1.readdirSync)(path)
            .filter((name) => !name.startsWith("."))
            .sort()
            .map((name) => (0, node_path_1.join)(path, name));
        return within.flatMap((name) => (0, node_fs_1.statSync)(name).isDirectory()
            ? corpusFiles([name])
            : (0, exports.formatOf)(name) === undefined
                ? []
                : [name]);
    });
}
exports.corpusFiles = corpusFiles;
/** The documents of files, one file after the other. */
async function* collect(files, options = {}) {
    for (const file of files)
        yield* collectFile(file, options);
}
exports.collect = collect;
/** The documents of one file. What cannot be read is told to `onProblem`, never thrown. */
async function* collectFile(file, options = {}) {
    const { onProblem = () => { } } = options;
    let record = 0;
    try {
        const format = options.format ?? (0, exports.formatOf)(file);
        if (format === undefined)
            throw new Error("expected .txt, .md, .html or .jsonl, also with .gz, got another name");
        for await (const { text, first = record } of textsOf(file, format, options)) {
            yield { source: file, record, first, text };
            record++;
        }
    }
    catch (error) {
        onProblem({ source: file, why: inWords(error) });
    }
}
exports.collectFile = collectFile;
function inWords({ code, message }) {
    if (code === "ENOENT")
        return "no such file";
    if (code === "EISDIR")
        return "it is a folder";
    if (code === "EACCES" || code === "EPERM")
        return "no permission to read it";
    if (code?.startsWith("Z_"))
        return `the gzip data are damaged (${message})`;
    return message;
}
function textsOf(file, format, options) {
    if (format === "jsonl")
        return jsonTexts(file, options);
    if (format === "text")
        return options.perLine === true ? lineTexts(file, options) : longText(file, options);
    return page(file, format === "html" ? html_1.htmlToText : markdown_1.markdownToText, options);
}
/** The bytes of a file, unpacked, a chunk at a time. */
function bytesOf(file) {
    const stream = (0, node_fs_1.createReadStream)(file, { highWaterMark: 1 << 18 });
    if (!file.endsWith(".gz"))
        return stream;
    const unpacked = (0, node_zlib_1.createGunzip)();
    stream.on("error", (error) => unpacked.destroy(error));
    return stream.pipe(unpacked);
}
/** The text of a UTF-8 file, a chunk at a time; no chunk ends within a character. */
async function* decoded(file) {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let bytes = 0;
    try {
        for await (const chunk of bytesOf(file)) {
            bytes += chunk.length;
            if (chunk.includes(0))
                throw new Error("expected text, got zero bytes");
            yield decoder.decode(chunk, { stream: true });
        }
        yield decoder.decode();
    }
    catch (error) {
        if (error.code !== "ERR_ENCODING_INVALID_ENCODED_DATA")
            throw error;
        throw new Error(`expected text in UTF-8, got other bytes before byte ${bytes}`);
    }
}
/** A page: one document. */
async function* page(file, read, { mostBytes = 1 << 25 }) {
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
async function* longText(file, { partCharacters = 100000 }) {
    for await (const _ of decoded(file))
        ;
    let open = "";
    for await (const chunk of decoded(file)) {
        open += chunk;
        let from = 0;
        while (open.length - from > partCharacters + 2) {
            const to = from + cutOf(open.slice(from, from + partCharacters + 2), partCharacters);
            if (/\S/.test(open.slice(from, to)))
                yield { text: open.slice(from, to), first: 0 };
            from = to;
        }
        open = open.slice(from);
    }
    if (/\S/.test(open))
        yield { text: open, first: 0 };
}
/**
 * Where to cut a text that is longer than `most`: behind a paragraph, else a line, else a word, in
 * the second half, else at `most`; never within a character.
 */
function cutOf(text, most) {
    for (const mark of ["\n\n", "\n", " "]) {
        const at = text.lastIndexOf(mark, most - mark.length);
        if (at >= most / 2)
            return at + mark.length;
    }
    const splits = text.charCodeAt(most) >= 0xdc00 && text.charCodeAt(most) < 0xe000 && most > 1;
    return splits ? most - 1 : most;
}
async function* lineTexts(file, options) {
    const { onProblem = () => { }, mostBytes = 1 << 25 } = options;
    for await (const { line, number, why } of (0, lines_1.lines)(bytesOf(file), mostBytes))
        if (why !== undefined)
            onProblem({ source: file, where: `line ${number}`, why });
        else if (line.trim() !== "")
            yield { text: line };
}
async function* jsonTexts(file, options) {
    const { onProblem = () => { }, field = "text", mostBytes = 1 << 25 } = options;
    for await (const { line, number, why } of (0, lines_1.lines)(bytesOf(file), mostBytes)) {
        const text = why === undefined ? textOf(line, field) : { why };
        if (text === undefined)
            continue;
        if (typeof text === "string")
            yield { text };
        else
            onProblem({ source: file, where: `line ${number}`, why: text.why });
    }
}
/** The text of a JSON line, undefined for an empty line, or what is wrong with it. */
function textOf(line, field) {
    if (line.trim() === "")
        return undefined;
    let value;
    try {
        value = JSON.parse(line);
    }
    catch {
        return { why: "expected JSON, got something else" };
    }
    const text = value?.[field];
    if (typeof text === "string")
        return text;
    return {
        why: `expected a text in the field "${field}", got ${text === undefined ? "none" : typeof text}`,
    };
}
