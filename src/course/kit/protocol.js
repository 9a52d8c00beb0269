"use strict";
// What passes between a check (../run.ts) and the child process that runs a lesson's tests on the
// learner's file: settings on the way in, notes on the way out. Both are files in a folder of the
// check's own; the child learns their place from one environment variable.
Object.defineProperty(exports, "__esModule", { value: true });
exports.readSettings = exports.readNotes = exports.noteLine = exports.SETTINGS = exports.FILE = void 0;
const node_fs_1 = require("node:fs");
/** Names the learner's file where a note is about no single exercise: its loading. */
exports.FILE = "(the file)";
/** The environment variable that holds the path of the settings. */
exports.SETTINGS = "LLM_CHECK";
const noteLine = (note) => `${JSON.stringify(note)}\n`;
exports.noteLine = noteLine;
/** The notes written so far; a line that is not finished, or is no note, is left out. */
function readNotes(text) {
    return text.split("\n").flatMap((line) => {
        try {
            const note = JSON.parse(line);
            return note !== null && typeof note === "object" && typeof note.type === "string"
                ? [note]
                : [];
        }
        catch {
            return [];
        }
    });
}
exports.readNotes = readNotes;
/** The settings of this process, or undefined where it is no check of a learner's file. */
function readSettings() {
    const path = process.env[exports.SETTINGS];
    return path ? JSON.parse((0, node_fs_1.readFileSync)(path, "utf8")) : undefined;
}
exports.readSettings = readSettings;
