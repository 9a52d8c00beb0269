"use strict";
// What flows through the pipeline: one text at a time, with the place it comes from. A step is an
// async generator that takes documents and gives documents. The next one is only read when the last
// one has gone all the way, so memory holds one document, however large the files are.
Object.defineProperty(exports, "__esModule", { value: true });
exports.mapped = void 0;
/**
 * A step that changes texts one by one, such as `normalise`.
 *
 *     for await (const document of mapped(collect(files), (text) => normalise(text))) …
 */
async function* mapped(documents, change) {
    for await (const document of documents)
        yield { ...document, text: change(document.text) };
}
exports.mapped = mapped;
