"use strict";
// One trainer per run folder. Two that write the same log and checkpoint would mix their lines, and
// one of them would die of the other's renames. The lock is a file with the process's number; that
// of a process which no longer lives is taken over, so a killed run can be resumed at once.
Object.defineProperty(exports, "__esModule", { value: true });
exports.lockRun = void 0;
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
const files_1 = require("../files");
/** Folders that this process has locked: a second trainer here is refused as one elsewhere is. */
const held = new Set();
/**
 * Locks a run's folder for this process.
 *
 * @returns a function that unlocks it
 * @throws when a trainer that lives holds it, or the lock cannot be written
 */
function lockRun(dir) {
    const path = (0, node_path_1.join)(dir, "run.lock");
    if (held.has(path))
        throw taken(dir, process.pid);
    for (let attempt = 0;; attempt++) {
        try {
            const file = (0, node_fs_1.openSync)(path, "wx"); // fails where the file exists: nobody can come between
            (0, node_fs_1.writeSync)(file, `${process.pid}\n`);
            (0, node_fs_1.closeSync)(file);
            break;
        }
        catch (error) {
            if (error.code !== "EEXIST")
                throw (0, files_1.writeError)(path, error);
            const owner = ownerOf(path);
            if (owner !== undefined && owner !== process.pid && lives(owner))
                throw taken(dir, owner);
            if (attempt > 2)
                throw taken(dir, owner);
            remove(path);
        }
    }
    held.add(path);
    return () => {
        if (held.delete(path) && ownerOf(path) === process.pid)
            remove(path);
    };
}
exports.lockRun = lockRun;
const taken = (dir, owner) => new Error(`Trainer: another trainer is at work in ${dir} (process ${owner ?? "unknown"}): wait until it has ended, ` +
    "stop it, or choose another folder");
function ownerOf(path) {
    try {
        const pid = Number.parseInt((0, node_fs_1.readFileSync)(path, "utf8"), 10);
        return pid > 0 ? pid : undefined;
    }
    catch {
        return undefined;
    }
}
function lives(pid) {
    try {
        process.kill(pid, 0);
        return true;
    }
    catch (error) {
        return error.code === "EPERM"; // somebody else's process
    }
}
function remove(path) {
    try {
        (0, node_fs_1.unlinkSync)(path);
    }
    catch { } // another one was faster
}
