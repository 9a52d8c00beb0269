"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.skipGramFlow = void 0;
// Words as vectors: what skip-gram with negative sampling compares.
const diagram_1 = require("../diagram");
/** One training pair of skip-gram with negative sampling. */
function skipGramFlow() {
    return (0, diagram_1.diagram)({
        alt: "The word whale selects its row in a table of word vectors with one row for each word and D " +
            "columns. The neighbour sperm and a few words drawn at random select rows of a second table. " +
            "The dot product with the neighbour is pushed up, the dot products with the random words are " +
            "pushed down.",
        grid: [144, 80],
        nodes: [
            { id: "centre", at: [0, 0], text: "whale", note: "the word", tone: "words" },
            { id: "near", at: [0, 1.15], text: "sperm", note: "a neighbour", tone: "words" },
            { id: "noise", at: [0, 2.3], text: "soup, of, …", note: "drawn at random", tone: "words" },
            { id: "W", at: [1.5, 0], text: "word vectors", note: "(V, D)", tone: "weights" },
            {
                id: "C",
                at: [1.5, 1.72],
                text: "context vectors",
                note: "(V, D)",
                tone: "weights",
                size: [0, 150],
            },
            { id: "up", at: [3.1, 1.15], text: "v · u", note: "should be large", tone: "data" },
            { id: "down", at: [3.1, 2.3], text: "v · n", note: "should be small", tone: "data" },
            { id: "loss", at: [4.3, 1.72], text: "loss", tone: "loss" },
        ],
        edges: [
            { from: "centre", to: "W" },
            { from: "near", to: "C" },
            { from: "noise", to: "C" },
            { from: "W.right", to: "up.top", route: "elbow", label: "v (D)" },
            { from: "C", to: "up", label: "u (D)" },
            { from: "C", to: "down", label: "n (D)" },
            { from: "up", to: "loss" },
            { from: "down", to: "loss" },
        ],
    });
}
exports.skipGramFlow = skipGramFlow;
