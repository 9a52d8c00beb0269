"use strict";
// The run's diary, log.jsonl: one line of JSON per step, so that any tool can read it and a killed
// run loses at most the line it was writing. On resume the lines after the checkpoint's step go:
// those steps will be done again.
Object.defineProperty(exports, "__esModule", { value: true });
exports.readLog = exports.RunLog = void 0;
const node_fs_1 = require("node:fs");
const files_1 = require("../files");
/** A log.jsonl that is open for appending. */
class RunLog {
    path;
    file;
    /**
     * @param options.fresh begins an empty file: a run that was killed before its first checkpoint
     * left lines there
     */
    constructor(path, { fresh }) {
        this.path = path;
        try {
            this.file = (0, node_fs_1.openSync)(path, fresh ? "w" : "a");
        }
        catch (error) {
            throw (0, files_1.writeError)(path, error);
        }
    }
    append(record) {
        if (this.file === undefined)
            throw new Error(`RunLog: ${this.path} is closed`);
        try {
            (0, files_1.writeAll)(this.file, Buffer.from(JSON.stringify(record) + "\n"));
        }
        catch (error) {
            throw (0, files_1.writeError)(this.path, error);
        }
        if ((0, node_fs_1.fstatSync)(this.file).nlink === 0)
            throw new files_1.WriteError(`cannot write ${this.path}: it was deleted while the run went on`, "ENOENT");
    }
    /**
     * Forces the lines to the disk: done before each checkpoint, so that the log is never behind it.
     */
    sync() {
        if (this.file === undefined)
            return;
        try {
            (0, node_fs_1.fsyncSync)(this.file);
        }
        catch (error) {
            if (error.code !== "EINVAL")
                throw (0, files_1.writeError)(this.path, error); // EINVAL: not a disk file
        }
    }
    close() {
        if (this.file !== undefined)
            (0, node_fs_1.closeSync)(this.file);
        this.file = undefined;
    }
}
exports.RunLog = RunLog;
/**
 * Reads a log back. A last line that was cut off is left out.
 *
 * @param untilStep lines of later steps are left out, and if there are any the file is rewritten
 *   without them
 */
function readLog(path, untilStep = Number.POSITIVE_INFINITY) {
    const history = { steps: [], evals: [] };
    if (!(0, node_fs_1.existsSync)(path))
        return history;
    const text = (0, node_fs_1.readFileSync)(path, "utf8");
    let kept = "";
    for (const line of text.split("\n")) {
        if (line === "")
            continue;
        const record = readRecord(line);
        if (record === undefined || record.step > untilStep)
            continue;
        if ("metrics" in record)
            history.evals.push(record);
        else
            history.steps.push(record);
        kept += line + "\n";
    }
    if (Number.isFinite(untilStep) && kept !== text)
        (0, files_1.writeAtomically)(path, [kept]);
    return history;
}
exports.readLog = readLog;
/** A line's record, or undefined for a line that was cut off by a kill or is no record of ours. */
function readRecord(line) {
    let record;
    try {
        record = today(JSON.parse(line));
    }
    catch {
        return undefined;
    }
    const numbers = "metrics" in record
        ? [record.step, ...Object.values(record.metrics)]
        : [record.step, record.loss, record.lr, record.norm, record.ms];
    return numbers.every((x) => typeof x === "number") ? record : undefined;
}
/**
 * A record in today's form: the first logs, all of GPTs, wrote the two metrics of an evaluation
 * side by side.
 */
function today(record) {
    if (!("val" in record))
        return record;
    const { val, windows, ...rest } = record;
    return { ...rest, metrics: { val, windows } };
}
