"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.printable = exports.throttle = exports.show = exports.inNotebook = exports.cellWriter = exports.escapeHtml = void 0;
// Where displays go: in a notebook kernel to the running cell, as a MIME bundle, else to the
// terminal. tslab keeps the writer of the current cell in a property of a module, and replaces it
// before each cell. The module is looked up in Node's module cache and never imported: outside the
// kernel that would load a whole TypeScript compiler.
const node_module_1 = require("node:module");
const node_path_1 = require("node:path");
// Not the global timers: the kernel silences those when a cell is stopped by force, and the last
// frame must still be shown.
const node_timers_1 = require("node:timers");
const label_1 = require("./label");
var xml_1 = require("./xml");
Object.defineProperty(exports, "escapeHtml", { enumerable: true, get: function () { return xml_1.escapeHtml; } });
const { cache } = (0, node_module_1.createRequire)((0, node_path_1.resolve)("display.js"));
let kernelModule;
/** @returns the current cell's writer, or null outside of a notebook */
function cellWriter() {
    if (kernelModule === undefined) {
        const file = Object.keys(cache).find((name) => /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(name));
        if (file === undefined)
            return null;
        kernelModule = cache[file]?.exports;
    }
    return kernelModule.lastWriteDisplayData;
}
exports.cellWriter = cellWriter;
function inNotebook() {
    return cellWriter() !== null;
}
exports.inNotebook = inNotebook;
let counter = 0;
/** Shows a bundle in the running cell, or prints its text in a terminal. */
function show(content) {
    const bundle = sendable(content);
    const id = `llm-${process.pid}-${++counter}`;
    const write = cellWriter();
    if (write === null) {
        console.log(bundle["text/plain"]);
        return { update: () => { } };
    }
    write({ data: bundle, metadata: {}, transient: { display_id: id } }, false);
    // The writer is kept: an update belongs to the cell that made the display, even while a later
    // cell runs.
    return {
        update: (next) => write({ data: sendable(next), metadata: {}, transient: { display_id: id } }, true),
    };
}
exports.show = show;
/** A text with half a character would be refused when the notebook is saved. */
const sendable = (bundle) => ({
    ...bundle,
    "text/plain": (0, label_1.wellFormed)(bundle["text/plain"]),
});
/** Frames that wait for their time. The kernel draws them before it reports a cell as done. */
const WAITING = Symbol.for("llm.waitingFrames");
const shared = globalThis;
/**
 * Calls `draw` with the newest value at most once per `everyMs`; the last value is always drawn.
 * Training loops may update at every step: a browser cannot redraw a figure 200 times a second.
 */
function throttle(draw, everyMs) {
    let pending = null;
    let timer = null;
    let drawnAt = Number.NEGATIVE_INFINITY;
    const flush = () => {
        if (timer !== null)
            (0, node_timers_1.clearTimeout)(timer);
        timer = null;
        shared[WAITING]?.delete(flush);
        if (pending === null)
            return;
        const { value } = pending;
        pending = null;
        drawnAt = performance.now();
        draw(value);
    };
    return {
        set(value) {
            pending = { value };
            const wait = drawnAt + everyMs - performance.now();
            if (wait <= 0)
                flush();
            else if (timer === null) {
                timer = (0, node_timers_1.setTimeout)(flush, wait);
                shared[WAITING] ??= new Set();
                shared[WAITING].add(flush);
            }
        },
        flush,
    };
}
exports.throttle = throttle;
/**
 * Text of a model or a file for the terminal: control characters, which could move the cursor or
 * redraw what is there, are shown as pictures (␛ for escape); line breaks and tabs stay.
 */
function printable(text) {
    return text.replace(/[\p{Cc}]/gu, (character) => {
        if (character === "\n" || character === "\t")
            return character;
        const code = character.charCodeAt(0);
        return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "␡" : "�";
    });
}
exports.printable = printable;
