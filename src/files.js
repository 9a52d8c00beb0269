"use strict";
// Files that are whole or absent. A checkpoint that a power cut left half written is worse than
// none, so a file is written beside its place, forced to the disk, and then renamed over it: rename
// is atomic, and readers see the old file or the new one, never a mixture.
Object.defineProperty(exports, "__esModule", { value: true });
exports.writeError = exports.writeAll = exports.makeFolder = exports.writeAtomically = exports.WriteError = void 0;
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
/** A file could not be written; `code` is the system's word for it (ENOSPC: the disk is full). */
class WriteError extends Error {
    code;
    name = "WriteError";
    constructor(message, code) {
        super(message);
        this.code = code;
    }
}
exports.WriteError = WriteError;
/**
 * Writes a file so that it is either wholly the new one or still the old one.
 *
 * @param path where it goes
 * @param chunks its contents, in order; they may be made while they are written
 * @param options.keep path under which the file that stood there before is kept
 * @throws {WriteError} in words; the file that stood there before is untouched
 */
function writeAtomically(path, chunks, { keep } = {}) {
    const temporary = `${path}.tmp`;
    try {
        const file = (0, node_fs_1.openSync)(temporary, "w");
        try {
            for (const chunk of chunks)
                writeAll(file, typeof chunk === "string" ? Buffer.from(chunk) : chunk);
            (0, node_fs_1.fsyncSync)(file);
        }
        finally {
            (0, node_fs_1.closeSync)(file);
        }
        if (keep !== undefined && (0, node_fs_1.existsSync)(path))
            keepOld(path, keep);
        (0, node_fs_1.renameSync)(temporary, path);
        syncFolder((0, node_path_1.dirname)(path));
    }
    catch (error) {
        try {
            (0, node_fs_1.unlinkSync)(temporary);
        }
        catch { } // it was never made
        if (error.code === undefined)
            throw error; // of whoever makes chunks
        throw writeError(path, error);
    }
}
exports.writeAtomically = writeAtomically;
/**
 * Makes a folder and those above it. One by one, because Node's recursive mkdir hangs where a
 * system folder takes no folders (/proc).
 * @throws {WriteError} in words
 */
function makeFolder(path) {
    if ((0, node_fs_1.existsSync)(path)) {
        if (!(0, node_fs_1.statSync)(path).isDirectory())
            throw new WriteError(`cannot make ${path}: it is a file`, "ENOTDIR");
        return;
    }
    const above = (0, node_path_1.dirname)(path);
    if (above !== path)
        makeFolder(above);
    try {
        (0, node_fs_1.mkdirSync)(path);
    }
    catch (error) {
        if (error.code !== "EEXIST")
            throw writeError(path, error);
    }
}
exports.makeFolder = makeFolder;
/** Writes every byte: on a disk that is nearly full writeSync may write a part and say how much. */
function writeAll(file, bytes) {
    for (let at = 0; at < bytes.length;)
        at += (0, node_fs_1.writeSync)(file, bytes, at, bytes.length - at);
}
exports.writeAll = writeAll;
/** The system's error in words, with the path. */
function writeError(path, error) {
    if (error instanceof WriteError)
        return error;
    const { code, message } = error;
    const why = code === "ENOSPC" || code === "EDQUOT"
        ? "the disk is full"
        : code === "EACCES" || code === "EPERM" || code === "EROFS"
            ? "no permission to write there"
            : message;
    return new WriteError(`cannot write ${path}: ${why}`, code);
}
exports.writeError = writeError;
/**
 * A second name for the file that is about to be replaced, so that at every moment a whole file
 * stands at `path`.
 */
function keepOld(path, keep) {
    const temporary = `${keep}.tmp`;
    if ((0, node_fs_1.existsSync)(temporary))
        (0, node_fs_1.unlinkSync)(temporary);
    try {
        (0, node_fs_1.linkSync)(path, temporary);
    }
    catch {
        (0, node_fs_1.copyFileSync)(path, temporary); // file systems without hard links
    }
    (0, node_fs_1.renameSync)(temporary, keep);
}
/**
 * Makes the rename itself survive a power cut; not every system lets a folder be opened, and then
 * it stays a hope.
 */
function syncFolder(folder) {
    try {
        const file = (0, node_fs_1.openSync)(folder, "r");
        try {
            (0, node_fs_1.fsyncSync)(file);
        }
        finally {
            (0, node_fs_1.closeSync)(file);
        }
    }
    catch { }
}
