"use strict";
// Where runs live: runs/<date-time-preset>/ in the course's folder, whichever folder the command
// was started from.
Object.defineProperty(exports, "__esModule", { value: true });
exports.shownPath = exports.latestRun = exports.hasCheckpoint = exports.newRunFolder = exports.runsFolder = void 0;
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
const checkpoint_1 = require("./checkpoint");
/** The folder of all runs. */
exports.runsFolder = (0, node_path_1.resolve)(__dirname, "../../runs");
/**
 * A name for a new run: `2026-03-01-14.05.09-laptop`; sorts by time, and every file system takes
 * it.
 */
function newRunFolder(preset, now = new Date()) {
    const two = (n) => String(n).padStart(2, "0");
    const date = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(two).join("-");
    const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(".");
    const name = (0, node_path_1.join)(exports.runsFolder, `${date}-${time}-${preset}`);
    for (let i = 1;; i++)
        if (!(0, node_fs_1.existsSync)(i === 1 ? name : `${name}-${i}`))
            return i === 1 ? name : `${name}-${i}`;
}
exports.newRunFolder = newRunFolder;
/** Whether a folder has a checkpoint to go on from. */
const hasCheckpoint = (dir) => [checkpoint_1.checkpointFile, checkpoint_1.previousFile].some((file) => (0, node_fs_1.existsSync)((0, node_path_1.join)(dir, file)));
exports.hasCheckpoint = hasCheckpoint;
/** The run whose checkpoint is the newest. @throws when there is none */
function latestRun(folder = exports.runsFolder) {
    const runs = (0, node_fs_1.existsSync)(folder) ? (0, node_fs_1.readdirSync)(folder).map((name) => (0, node_path_1.join)(folder, name)) : [];
    const time = (dir) => Math.max(...[checkpoint_1.checkpointFile, checkpoint_1.previousFile].map((f) => modified((0, node_path_1.join)(dir, f))));
    const newest = runs.filter(exports.hasCheckpoint).sort((a, b) => time(b) - time(a))[0];
    if (newest === undefined)
        throw new Error(`no run with a checkpoint in ${folder} yet: start one with npm run train`);
    return newest;
}
exports.latestRun = latestRun;
const modified = (file) => ((0, node_fs_1.existsSync)(file) ? (0, node_fs_1.statSync)(file).mtimeMs : 0);
/** A folder's path as one would type it: relative where it lies below the current folder. */
function shownPath(path) {
    const short = (0, node_path_1.relative)(process.cwd(), (0, node_path_1.resolve)(path));
    return short === "" || short.startsWith("..") ? path : short;
}
exports.shownPath = shownPath;
