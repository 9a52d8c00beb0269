"use strict";
// The recorded results of longer runs, in datasets/runs: JSON files, each made by a script beside it.
Object.defineProperty(exports, "__esModule", { value: true });
exports.courseFile = exports.recordedRun = void 0;
const node_fs_1 = require("node:fs");
const text_1 = require("./text");
/**
 * The contents of a recorded run. Notebooks read them in this way too, because a learner's copy of a
 * notebook lies in another folder.
 *
 * @param name folder and file in datasets/runs, such as "06-attention/runs.json"
 * @throws if there is no such file
 */
function recordedRun(name) {
    return JSON.parse((0, node_fs_1.readFileSync)(courseFile(`runs/${name}`), "utf8"));
}
exports.recordedRun = recordedRun;
/**
 * The path of a file that comes with the course, in `datasets/` or in the folder that LLM_DATASETS
 * names.
 * @throws if it is not there; the message says how to get it back
 */
function courseFile(name) {
    const path = (0, text_1.datasetPath)(name);
    if (path === null)
        throw new Error(`courseFile: expected ${name} in datasets/, got no such file; it comes with the course, and ` +
            "`git checkout -- datasets` restores it");
    return path;
}
exports.courseFile = courseFile;
