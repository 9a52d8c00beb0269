"use strict";
// What a build is asked for, and how far it has come: build/progress.json in the corpus's folder.
Object.defineProperty(exports, "__esModule", { value: true });
exports.difference = exports.newProgress = exports.buildDefaults = void 0;
const node_fs_1 = require("node:fs");
/** What a build does unless told otherwise. */
exports.buildDefaults = {
    format: null,
    field: "text",
    perLine: false,
    partCharacters: 100000,
    form: "NFC",
    sentencesOnly: false,
    rules: ["basic"],
    languages: [],
    duplicates: "near",
    threshold: 0.8,
    val: 0.05,
    seed: 1,
    tokenizer: null,
    vocabSize: 1024,
    shardTokens: 2 ** 24,
};
/** A build that has not done anything. */
function newProgress(settings, files) {
    return {
        settings,
        inputs: files.map((path) => {
            const { size, mtimeMs } = (0, node_fs_1.statSync)(path);
            return { path, bytes: size, modified: mtimeMs };
        }),
        stage: "clean",
        file: 0,
        record: 0,
        firstPart: null,
        bytes: 0,
        lengths: { documents: 0, bytes: 0, links: 0 },
        report: {
            read: { documents: 0, characters: 0 },
            dropped: {},
            kept: { documents: 0, characters: 0 },
            links: 0,
            problems: 0,
            firstProblems: [],
        },
        shards: { train: [], val: [] },
        packed: { train: 0, val: 0 },
    };
}
exports.newProgress = newProgress;
/** What differs between two builds, in words; undefined if nothing does. */
function difference(was, is) {
    for (const [name, value] of Object.entries(is.settings)) {
        const before = was.settings[name];
        if (JSON.stringify(before) !== JSON.stringify(value))
            return `${name} was ${JSON.stringify(before)} and is ${JSON.stringify(value)}`;
    }
    if (was.inputs.length !== is.inputs.length)
        return `there were ${was.inputs.length} files and are ${is.inputs.length}`;
    for (const [i, { path, bytes, modified }] of is.inputs.entries()) {
        const before = was.inputs[i];
        if (before.path !== path)
            return `a file was ${before.path} and is ${path}`;
        if (before.bytes !== bytes || before.modified !== modified)
            return `${path} has changed`;
    }
    return undefined;
}
exports.difference = difference;
