"use strict";
// The learner's state: one readable file which belongs to the learner (git ignores it), in
// my-course/ or, where there is no such folder, in exercises/. It is replaced atomically (temporary file, fsync, rename), guarded by a lock
// file because a notebook's kernel and a terminal may write at once, and merged: what this version
// of the course does not know is kept as it is. Whatever else is found in its place is told in a
// sentence, kept beside it as progress.json.broken-…, and stops nobody.
Object.defineProperty(exports, "__esModule", { value: true });
exports.recordOf = exports.recordsOf = exports.updateProgress = exports.readProgress = exports.progressFile = void 0;
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
const files_1 = require("../files");
const paths_1 = require("./paths");
const ABOUT = "Your progress in the course, written by check, hint and solution. Delete the file to begin anew.";
const empty = () => ({ about: ABOUT, lessons: {} });
const progressFile = () => (0, node_path_1.join)((0, paths_1.learnersRoot)() ?? (0, node_path_1.join)((0, paths_1.courseRoot)(), "exercises"), "progress.json");
exports.progressFile = progressFile;
const isRecord = (x) => typeof x === "object" && x !== null && !Array.isArray(x);
const isText = (x) => typeof x === "string";
/** What each field that we know must be; other fields are somebody else's. */
const fits = {
    state: (x) => x === "passed" || x === "failed" || x === "todo",
    content: isText,
    points: (x) => Number.isFinite(x),
    checked: isText,
    hints: (x) => Number.isSafeInteger(x) && Number(x) >= 0,
    solution: (x) => typeof x === "boolean",
};
/** The records that make sense, and what does not. */
function parse(text) {
    let found;
    try {
        found = JSON.parse(text);
        JSON.stringify(found); // what is nested too deeply can be read, and not written
    }
    catch {
        return { progress: empty(), odd: "it is not JSON, or only a part of it", whole: true };
    }
    if (!isRecord(found) || !isRecord(found.lessons))
        return { progress: empty(), odd: "it has no lessons", whole: true };
    let odd;
    const kept = (x, where, inside) => {
        if (isRecord(x))
            return [inside(Object.entries(x))];
        odd ??= `${where} is no record`;
        return [];
    };
    const fields = (entries, where) => entries.filter(([name, value]) => {
        if (!Object.hasOwn(fits, name) || fits[name](value))
            return true;
        odd ??= `the ${name} of ${where} is ${JSON.stringify(value)?.slice(0, 40)}`;
        return false;
    });
    const lessons = Object.entries(found.lessons).flatMap(([id, exercises]) => kept(exercises, id, (all) => all.flatMap(([name, record]) => kept(record, name, (entries) => fields(entries, name)).map((entries) => [
        name,
        Object.fromEntries(entries),
    ]))).map((entries) => [id, Object.fromEntries(entries)]));
    const progress = { ...found, about: ABOUT, lessons: Object.fromEntries(lessons) };
    return { progress, odd };
}
/** A name beside the file that nothing has yet. */
function besideName(file) {
    const stem = `${file}.broken-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}`;
    let name = stem;
    for (let n = 2; (0, node_fs_1.existsSync)(name); n++)
        name = `${stem}-${n}`;
    return name;
}
/** Keeps what stands in the place of the file, and says so. */
function keepAside(file, why, keep) {
    const aside = besideName(file);
    try {
        keep(file, aside);
        console.warn(`Your progress file is odd (${why}). It is kept as ${(0, node_path_1.basename)(aside)}.`);
    }
    catch (error) {
        const { message } = error;
        throw new Error(`the progress file is odd (${why}), and cannot be kept: ${message}`);
    }
}
/** A learner's records are a few kilobytes. */
const MOST_BYTES = 20000000;
/** What is in the file. What is not one at all has been moved aside. @throws where it may not be */
function readFile() {
    const file = (0, exports.progressFile)();
    const found = (0, node_fs_1.statSync)(file, { throwIfNoEntry: false });
    if (found === undefined)
        return { progress: empty() };
    let odd;
    if (found.isDirectory())
        odd = "it is a folder";
    else if (!found.isFile())
        odd = "it is no file";
    else if (found.size > MOST_BYTES)
        odd = "it is too large";
    const parsed = odd === undefined
        ? parse((0, node_fs_1.readFileSync)(file, "utf8").replace(/^\uFEFF/, ""))
        : { progress: empty(), odd, whole: true };
    if (parsed.whole)
        keepAside(file, parsed.odd, node_fs_1.renameSync);
    return parsed;
}
/** The state as it is on disk; empty where there is none, or none that can be read. */
function readProgress() {
    try {
        return readFile().progress;
    }
    catch (error) {
        console.warn(`Your progress could not be read (${error.message}).`);
        return empty();
    }
}
exports.readProgress = readProgress;
function sleep(ms) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
/** A lock older than this belongs to a process that died. */
const STALE_MS = 5000;
/** Whether a lock is left over. One from the future is, too: a clock was set back. */
function isStale(lock) {
    const found = (0, node_fs_1.statSync)(lock, { throwIfNoEntry: false });
    if (found === undefined)
        return false; // the other process has just released it
    if (!found.isFile())
        throw new Error(`${lock} is in the way`);
    return Math.abs(Date.now() - found.mtimeMs) > STALE_MS;
}
/** Holds the lock while `work` runs. */
function locked(work) {
    const lock = `${(0, exports.progressFile)()}.lock`;
    for (let tries = 0;; tries++) {
        try {
            (0, node_fs_1.closeSync)((0, node_fs_1.openSync)(lock, "wx"));
            break;
        }
        catch (error) {
            if (error.code !== "EEXIST")
                throw error;
            if (isStale(lock))
                (0, node_fs_1.rmSync)(lock, { force: true });
            if (tries > 600)
                throw new Error(`${lock} is in the way; delete it if no check is running`);
            sleep(10);
        }
    }
    try {
        return work();
    }
    finally {
        (0, node_fs_1.rmSync)(lock, { force: true });
    }
}
/**
 * Reads, changes and writes the state in one step. A disk that refuses is said, and costs nothing
 * but the record.
 */
function updateProgress(change) {
    try {
        return locked(() => {
            const { progress, odd, whole } = readFile();
            if (odd !== undefined && !whole)
                keepAside((0, exports.progressFile)(), odd, node_fs_1.copyFileSync);
            change(progress);
            (0, files_1.writeAtomically)((0, exports.progressFile)(), [`${JSON.stringify(progress, null, 2)}\n`]);
            return progress;
        });
    }
    catch (error) {
        console.warn(`Your progress could not be saved (${error.message}).`);
        const progress = empty();
        change(progress);
        return progress;
    }
}
exports.updateProgress = updateProgress;
/** The records of a lesson's exercises; none of a name that an object has by itself. */
function recordsOf(progress, lesson) {
    const records = Object.hasOwn(progress.lessons, lesson) ? progress.lessons[lesson] : {};
    return Object.assign(Object.create(null), records);
}
exports.recordsOf = recordsOf;
/** The record of one exercise, made if it is missing. */
function recordOf(progress, lesson, exercise) {
    if (!Object.hasOwn(progress.lessons, lesson))
        progress.lessons[lesson] = {};
    const records = progress.lessons[lesson];
    if (!Object.hasOwn(records, exercise))
        records[exercise] = {};
    return records[exercise];
}
exports.recordOf = recordOf;
