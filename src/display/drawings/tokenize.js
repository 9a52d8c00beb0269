"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.mergeTree = exports.tokenPipeline = void 0;
// From a text to the numbers that a model reads, and how byte-pair encoding joins its pieces.
const diagram_1 = require("../diagram");
/** The way of a text into a model, by byte-level BPE. */
function tokenPipeline() {
    return (0, diagram_1.diagram)({
        alt: "A text is cut into pieces, each a word with the space before it, or a mark. Each piece becomes " +
            "the bytes of its UTF-8. The merges that were learned join bytes to tokens. Each token is one " +
            "id, a row of the table of embeddings. Decoding goes back from ids to bytes to text.",
        grid: [150, 92],
        nodes: [
            { id: "text", at: [0, 0], text: "They're 猫s", note: "text", tone: "words" },
            { id: "pieces", at: [1.25, 0], text: "They · 're · ␣猫s", note: "pieces", tone: "words" },
            { id: "bytes", at: [2.75, 0], text: "20 E7 8C AB 73", note: "bytes of ␣猫s", tone: "data" },
            { id: "tokens", at: [2.75, 1.15], text: "20 · E7 8C AB · 73", note: "tokens", tone: "data" },
            { id: "ids", at: [1.25, 1.15], text: "[32, 300, 115]", note: "ids", tone: "data" },
            {
                id: "model",
                at: [0, 1.15],
                text: "embeddings",
                note: "row 32, row 300, …",
                tone: "weights",
            },
        ],
        edges: [
            { from: "text", to: "pieces", label: "split" },
            { from: "pieces", to: "bytes", label: "UTF-8" },
            { from: "bytes", to: "tokens", label: "merges, in order" },
            { from: "tokens", to: "ids" },
            { from: "ids", to: "model" },
        ],
    });
}
exports.tokenPipeline = tokenPipeline;
/** How "lower" becomes two tokens, merge by merge. */
function mergeTree() {
    const letters = ["l", "o", "w", "e", "r"];
    return (0, diagram_1.diagram)({
        alt: "The letters l, o, w, e, r in a row. Merge 1 joins l and o, merge 2 joins that with w to low, " +
            "merge 3 joins e and r. Two tokens are left: low and er.",
        grid: [92, 76],
        nodes: [
            ...letters.map((letter, i) => ({
                id: letter,
                at: [i, 3],
                text: letter,
                tone: "words",
            })),
            { id: "lo", at: [0.5, 2], text: "lo", note: "merge 1", tone: "data" },
            { id: "low", at: [1.2, 1], text: "low", note: "merge 2", tone: "data" },
            { id: "er", at: [3.5, 1], text: "er", note: "merge 3", tone: "data" },
        ],
        edges: [
            { from: "l", to: "lo" },
            { from: "o", to: "lo" },
            { from: "lo", to: "low" },
            { from: "w", to: "low" },
            { from: "e", to: "er" },
            { from: "r", to: "er" },
        ],
    });
}
exports.mergeTree = mergeTree;
