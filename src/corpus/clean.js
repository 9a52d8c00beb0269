"use strict";
// The first half of a build: from files to cleaned documents in the staging folder. It is the chain
// of the pipeline's steps, collect → normalise → filter → deduplicate, with a memory of how far it
// has come. When the last step asks for another document, all before have gone through: at such a
// moment everything is written down, and there a build that was killed goes on.
Object.defineProperty(exports, "__esModule", { value: true });
exports.clean = exports.cleanText = exports.SIGNATURE = void 0;
const collect_1 = require("./collect");
const deduplicate_1 = require("./deduplicate");
const document_1 = require("./document");
const filter_1 = require("./filter");
const lsh_1 = require("./lsh");
const normalise_1 = require("./normalise");
/** Numbers in a document's signature. */
exports.SIGNATURE = lsh_1.BANDS.bands * lsh_1.BANDS.rows;
const EXAMPLES = 3;
const PROBLEMS = 100;
/** The steps that change one text, in order. */
const cleanText = (text, { form, sentencesOnly }) => {
    const clean = (0, normalise_1.withoutGutenberg)((0, normalise_1.normalise)(text, { form }));
    return sentencesOnly ? (0, normalise_1.c4Lines)(clean) : clean;
};
exports.cleanText = cleanText;
/**
 * Cleans what is left to clean.
 *
 * @param progress where to go on; it is kept up to date
 * @param save writes progress down; called about every `checkpointBytes` of text
 */
async function clean(progress, staging, { save, checkpointBytes }) {
    const { settings, report } = progress;
    const { form: _, rules, languages, duplicates, threshold } = settings;
    const deduplicator = new deduplicate_1.Deduplicator({ threshold, textOf: (number) => staging.text(number) });
    for (let document = 0; document < staging.documents; document++)
        deduplicator.add(document, {
            digest: staging.digest(document),
            signature: staging.signature(document),
        });
    const onDrop = ({ source, record, text }, rule, why) => {
        report.dropped[rule] ??= { documents: 0, characters: 0, examples: [] };
        const dropped = report.dropped[rule];
        dropped.documents++;
        dropped.characters += text.length;
        if (dropped.examples.length < EXAMPLES)
            dropped.examples.push({ document: `${source}#${record}`, why, text: beginning(text) });
    };
    const read = reading(progress, checkpointBytes, () => {
        progress.lengths = staging.sync();
        save();
    });
    const normal = (0, document_1.mapped)(read, (text) => (0, exports.cleanText)(text, settings));
    const chosen = (0, filter_1.filtered)(normal, [
        ...(languages.length > 0 ? [(0, filter_1.inLanguages)(languages)] : []),
        ...rules.flatMap((name) => [...filter_1.ruleSets[name]]),
        {
            name: "empty",
            source: "this course",
            drops: (text) => (text === "" ? "no text" : undefined),
        },
    ], onDrop);
    const next = staging.documents;
    for await (const document of (0, deduplicate_1.deduplicated)(chosen, {
        deduplicator,
        mode: duplicates,
        next,
        onDrop,
    })) {
        const { digest, signature, exact, near } = document.examined;
        const number = staging.add(document.text, digest, signature);
        report.kept.documents++;
        report.kept.characters += document.text.length;
        const others = exact === undefined ? near.map((one) => one.document) : [exact];
        // parts of one text: each is tied to the first of them that was kept
        const isPart = document.record !== document.first;
        if (!isPart)
            progress.firstPart = null;
        if (isPart && progress.firstPart !== null)
            others.push(progress.firstPart);
        progress.firstPart ??= number;
        for (const other of others)
            staging.link(other, number);
        report.links += others.length;
    }
    progress.stage = "pack";
    progress.lengths = staging.sync();
}
exports.clean = clean;
/** How a text begins, on one line. */
const beginning = (text) => [...text.slice(0, 160).replace(/\s+/g, " ")].slice(0, 80).join("");
/** The documents that are still to be read, and the moments at which the work is safe. */
async function* reading(progress, checkpointBytes, checkpoint) {
    const { settings, inputs, report } = progress;
    let since = 0;
    for (; progress.file < inputs.length; progress.file++) {
        const { path, bytes } = inputs[progress.file];
        const bytesBefore = inputs.slice(0, progress.file).reduce((sum, input) => sum + input.bytes, 0);
        const skip = progress.record; // documents of this file that have gone through before
        let replaying = skip > 0;
        const documents = (0, collect_1.collectFile)(path, {
            ...settings,
            format: settings.format ?? undefined,
            onProblem: (problem) => {
                if (replaying)
                    return; // it was told before
                report.problems++;
                if (report.firstProblems.length < PROBLEMS)
                    report.firstProblems.push(problem);
            },
        });
        for await (const document of documents) {
            if (document.record < skip) {
                replaying = document.record + 1 < skip;
                continue;
            }
            if (document.record === 0 || document.first === document.record)
                progress.firstPart = null;
            report.read.documents++;
            report.read.characters += document.text.length;
            yield document;
            progress.record = document.record + 1;
            const textBytes = Buffer.byteLength(document.text);
            progress.bytes = Math.min(bytesBefore + bytes, progress.bytes + textBytes);
            since += textBytes;
            if (since >= checkpointBytes) {
                since = 0;
                checkpoint();
            }
        }
        progress.record = 0;
        progress.bytes = bytesBefore + bytes;
        progress.firstPart = null;
    }
}
