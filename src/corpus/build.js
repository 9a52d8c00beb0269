"use strict";
// From a folder of files to shards of token ids: what `npm run data -- build` does. The work has two
// halves, clean.ts and pack.ts. A build can be killed at any moment and started again with the same
// settings: it goes on near where it was, and writes the same files, byte for byte, as one that was
// never disturbed. That holds because each step's result depends on its input and the seed alone,
// and because progress is written down only when everything before it is on the disk.
Object.defineProperty(exports, "__esModule", { value: true });
exports.buildCorpus = void 0;
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
const files_1 = require("../files");
const clean_1 = require("./clean");
const collect_1 = require("./collect");
const pack_1 = require("./pack");
const progress_1 = require("./progress");
const shards_1 = require("./shards");
const staging_1 = require("./staging");
const tokensOf = ({ shards }) => [...shards.train, ...shards.val].reduce((sum, { tokens }) => sum + tokens, 0);
/**
 * Builds a corpus, or goes on with one.
 *
 * @returns what index.json says
 * @throws if the folder holds another build, if nothing can be read, or if a file cannot be written
 */
async function buildCorpus({ paths, out, settings: given = {}, onStanding = () => { }, checkpointBytes = 1 << 24, }) {
    const files = (0, collect_1.corpusFiles)(paths);
    if (files.length === 0)
        throw new Error("buildCorpus: expected .txt, .md, .html or .jsonl files, got none");
    const fresh = (0, progress_1.newProgress)({ ...progress_1.buildDefaults, ...given }, files);
    (0, files_1.makeFolder)(out);
    const folder = (0, node_path_1.join)(out, "build");
    const path = (0, node_path_1.join)(folder, "progress.json");
    const done = (0, staging_1.readJson)((0, node_path_1.join)(out, "index.json"));
    if (done !== undefined) {
        refuseOther(out, sizesOf(done.settings, done.sources), sizesOf(fresh.settings, fresh.inputs));
        (0, node_fs_1.rmSync)(folder, { recursive: true, force: true });
        return done;
    }
    const begun = (0, staging_1.readJson)(path);
    if (begun !== undefined)
        refuseOther(out, begun, fresh);
    else
        (0, node_fs_1.rmSync)((0, node_path_1.join)(out, "tokenizer.json"), { force: true }); // of a build that never began
    const progress = begun ?? fresh;
    const staging = new staging_1.Staging(folder, clean_1.SIGNATURE, progress.lengths);
    try {
        const save = () => {
            (0, staging_1.writeJson)(path, progress);
            onStanding(standingOf(progress));
        };
        if (begun === undefined)
            save();
        if (progress.stage === "clean") {
            await (0, clean_1.clean)(progress, staging, { save, checkpointBytes });
            save();
        }
        const sides = (0, pack_1.sidesOf)(staging, progress.settings);
        const tokenizer = (0, pack_1.tokenizerOf)(out, progress.settings, staging, sides.train);
        const encoder = new pack_1.DocumentEncoder(tokenizer);
        (0, pack_1.pack)(progress, staging, { out, encoder, sides, save });
        const { settings, inputs, report, shards } = progress;
        const corpus = {
            format: "llm-shards-1",
            dtype: (0, shards_1.widthOf)(tokenizer.vocabSize) === 2 ? "uint16" : "uint32",
            vocabSize: tokenizer.vocabSize,
            endOfText: encoder.endOfText,
            splits: { ...shards },
            settings,
            sources: inputs.map(({ path: source, bytes }) => ({ path: source, bytes })),
            report,
        };
        (0, staging_1.writeJson)((0, node_path_1.join)(out, "index.json"), corpus);
        staging.remove();
        return corpus;
    }
    catch (error) {
        staging.close();
        throw error;
    }
}
exports.buildCorpus = buildCorpus;
const standingOf = (progress) => ({
    stage: progress.stage,
    bytes: progress.bytes,
    allBytes: progress.inputs.reduce((sum, { bytes }) => sum + bytes, 0),
    report: progress.report,
    tokens: tokensOf(progress),
});
/** Of a finished build only the sizes of its sources are known. */
const sizesOf = (settings, sources) => ({
    settings,
    inputs: sources.map(({ path, bytes }) => ({ path, bytes, modified: 0 })),
});
function refuseOther(out, was, is) {
    const differs = (0, progress_1.difference)(was, is);
    if (differs !== undefined)
        throw new Error(`buildCorpus: ${out} holds another build: ${differs}. Choose another folder, or remove that one`);
}
