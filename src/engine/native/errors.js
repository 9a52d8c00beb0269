"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.TRACE_DEPTH = exports.Place = exports.CompileError = void 0;
// Errors of `compile`: what cannot be compiled, the user's own line, and how to write it instead.
const node_path_1 = require("node:path");
/** Something that a trace cannot capture. */
class CompileError extends Error {
    what;
    instead;
    line;
    constructor(what, place, instead) {
        const line = place?.line();
        super(text(what, line && `at ${line}`, instead));
        this.what = what;
        this.instead = instead;
        this.line = line;
        this.name = "CompileError";
    }
    /** Says which function it was, where no line of its own is known. */
    of(name, compiled) {
        const line = compiled.line();
        if (!this.line)
            this.message = text(this.what, `in "${name}"${line ? `, compiled at ${line}` : ""}`, this.instead);
        return this;
    }
}
exports.CompileError = CompileError;
const text = (what, where, instead) => `compile: ${what}${where ? `\n  ${where}` : ""}\n  ${instead}`;
const engine = (0, node_path_1.dirname)(__dirname); // …/engine: frames in it say nothing to the user
const library = (0, node_path_1.dirname)(engine); // llm itself: named only where there is no frame outside it
/** A place in the code. Remembering one is cheap: its text is made only when it is asked for. */
class Place {
    stack;
    constructor() {
        Error.captureStackTrace(this, Place);
    }
    /** Whether a function of this name is among the callers. */
    isIn(name) {
        return name.test(this.stack ?? "");
    }
    /**
     * The user's innermost line: outside the engine and node_modules, and outside llm if there is
     * such a line.
     */
    line() {
        const frames = (this.stack ?? "")
            .split("\n")
            .filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line) && !/node_modules|node:internal/.test(line))
            .map((line) => line.trim().slice(3).replace("file://", ""))
            .filter((line) => !line.includes(engine + node_path_1.sep));
        const frame = frames.find((line) => !line.includes(library + node_path_1.sep)) ?? frames[0];
        return (asTyped(frame) ??
            frame?.replace(/\(?(\/[^()]*?)(:\d+:\d+)\)?$/, (_, file, at) => `${shortest(file)}${at}`));
    }
}
exports.Place = Place;
/**
 * A line as it was typed, where the text that runs has other lines. For a notebook's cell the
 * course's kernel (jupyter/kernels) knows it, for a learner's file llm/course does.
 */
function asTyped(frame) {
    const [, file, line, column] = /(?:^|\(| )([^()\s][^()]*):(\d+):(\d+)\)?$/.exec(frame ?? "") ?? [];
    for (const name of ["llm.cellLine", "llm.ownLine"]) {
        const find = globalThis[Symbol.for(name)];
        const found = file && find?.(file, Number(line), Number(column));
        if (found)
            return found;
    }
    return undefined;
}
function shortest(file) {
    const path = (0, node_path_1.relative)(process.cwd(), file);
    return path.startsWith("..") ? file : path;
}
/**
 * How many frames of a stack are kept while a function is traced: tfjs puts many between an
 * operation and the user's line.
 */
exports.TRACE_DEPTH = 60;
