"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.mobyDickHeldOut = exports.documentsOf = void 0;
// The held-out documents on which the course's models are compared: the last tenth of Moby-Dick,
// which no model of the course has trained on, in passages of whole paragraphs. They are dealt out
// in turn, so that the three sets are of the same kind: one to choose by, and two to report on, one
// of which lesson 13 (evaluation) lets a model see.
const data_1 = require("../data");
/**
 * A text in documents of whole paragraphs, each of at least `least` characters; what is left at the
 * end is dropped.
 * @param text with a blank line between paragraphs
 */
function documentsOf(text, least) {
    if (!(least >= 1))
        throw new Error(`documentsOf: expected least of 1 or more, got ${least}`);
    const documents = [];
    let open = "";
    for (const paragraph of text.split(/\n\n+/)) {
        open += (open === "" ? "" : "\n\n") + paragraph.trim();
        if (open.length < least)
            continue;
        documents.push(open);
        open = "";
    }
    return documents;
}
exports.documentsOf = documentsOf;
/** @param least characters of a document, at least; about 1,000 give some forty documents a set */
function mobyDickHeldOut({ least = 900 } = {}) {
    const text = (0, data_1.mobyDick)();
    const cut = Math.floor(text.length * 0.9);
    // The paragraph in which the cut falls is half in the training text.
    const rest = text.slice(text.indexOf("\n\n", cut) + 2);
    const all = documentsOf(rest, least);
    const every = (which) => all.filter((_, i) => i % 3 === which);
    return { train: text.slice(0, cut), validation: every(0), testA: every(1), testB: every(2) };
}
exports.mobyDickHeldOut = mobyDickHeldOut;
