"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.embeddingLookup = void 0;
// Lesson 05 (embeddings): how a word gets its vector.
const diagram_1 = require("../diagram");
/** From a word to its vector: an id, which chooses a row of a table. */
function embeddingLookup() {
    return (0, diagram_1.diagram)({
        alt: "A word gets an id from the vocabulary. The id becomes a one-hot vector of V numbers, all 0 " +
            "but one. Multiplied by the table E with V rows and D columns, it gives the vector of the " +
            "word, D numbers: the row of the table at the place of the id. A dashed arrow leads from the " +
            "id straight to the row.",
        grid: [138, 86],
        nodes: [
            { id: "word", at: [0, 0], text: "word", note: "语言", tone: "words" },
            { id: "id", at: [1, 0], text: "id", note: "1", tone: "words" },
            { id: "hot", at: [2, 0], text: "one-hot", note: "0 1 0 0 … 0", tone: "data" },
            { id: "times", at: [3, 0], kind: "circle", text: "×" },
            { id: "vector", at: [4.1, 0], text: "vector", note: "0.9 0.2 0.1", tone: "data" },
            { id: "table", at: [3, 1], text: "table E", note: "learned", tone: "weights" },
        ],
        edges: [
            { from: "word", to: "id" },
            { from: "id", to: "hot" },
            { from: "hot", to: "times", label: "(V)" },
            { from: "times", to: "vector", label: "(D)" },
            { from: "table", to: "times", label: "(V, D)" },
            { from: "id.bottom", to: "table.left", route: "elbow", label: "row 1", dashed: true },
        ],
        caption: "Multiplying by a one-hot vector picks out one row, so programs just look the row up.",
        legend: true,
    });
}
exports.embeddingLookup = embeddingLookup;
