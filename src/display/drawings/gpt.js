"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.gptModel = exports.gptBlock = void 0;
// A GPT: one block, and the whole model (as GPT-2, Radford and others, 2019).
const diagram_1 = require("../diagram");
/** One block: two branches, each added to what passes by. */
function gptBlock() {
    return (0, diagram_1.diagram)({
        alt: "The input x of shape B, T, C runs straight through the block. A first branch leaves it, " +
            "passes a layer norm and attention, and is added to it; a second branch passes a layer norm " +
            "and a feed-forward network, C to 4 C and back to C, and is added too.",
        grid: [96, 92],
        nodes: [
            { id: "x", at: [0, 0], text: "x", tone: "data", size: [44, 0] },
            { id: "a", at: [3.1, 0], text: "+", kind: "circle" },
            { id: "b", at: [6, 0], text: "+", kind: "circle" },
            { id: "y", at: [7, 0], text: "y", tone: "data", size: [44, 0] },
            { id: "n1", at: [1.25, 1], text: "layer\nnorm", tone: "weights" },
            { id: "att", at: [2.35, 1], text: "attention", note: "mixes positions", tone: "weights" },
            { id: "n2", at: [4.15, 1], text: "layer\nnorm", tone: "weights" },
            { id: "mlp", at: [5.25, 1], text: "feed-forward", note: "C → 4C → C", tone: "weights" },
        ],
        edges: [
            { from: "x", to: "a", label: "(B, T, C)", tone: "data" },
            { from: "a", to: "b", label: "(B, T, C)", tone: "data" },
            { from: "b", to: "y", tone: "data" },
            {
                from: "x.right",
                to: "n1.left",
                via: [
                    [0.62, 0],
                    [0.62, 1],
                ],
            },
            { from: "n1", to: "att" },
            { from: "att.right", to: "a.bottom", via: [[3.1, 1]] },
            {
                from: "a.right",
                to: "n2.left",
                via: [
                    [3.56, 0],
                    [3.56, 1],
                ],
            },
            { from: "n2", to: "mlp" },
            { from: "mlp.right", to: "b.bottom", via: [[6, 1]] },
        ],
    });
}
exports.gptBlock = gptBlock;
/** From token ids to the probabilities of the next token. */
function gptModel() {
    return (0, diagram_1.diagram)({
        alt: "Token ids of shape B, T are looked up in a table of token embeddings; the embeddings of the " +
            "positions are added, which gives B, T, C. L blocks of attention and feed-forward follow, a " +
            "last layer norm, and a product with the table of token embeddings that gives logits of shape B, T, V. " +
            "Softmax turns them into probabilities of the next token.",
        grid: [128, 84],
        nodes: [
            { id: "ids", at: [0, 0], text: "token ids", tone: "words" },
            { id: "wte", at: [1.4, 0], text: "token\nembeddings", tone: "weights" },
            { id: "wpe", at: [1.4, 1], text: "position\nembeddings", tone: "weights" },
            { id: "pos", at: [0, 1], text: "0 … T − 1" },
            { id: "add", at: [2.4, 0], text: "+", kind: "circle" },
            { id: "att", at: [3.6, 0], text: "attention", tone: "weights" },
            { id: "mlp", at: [4.7, 0], text: "feed-forward", tone: "weights" },
            { id: "ln", at: [4.7, 1.25], text: "layer norm", tone: "weights" },
            {
                id: "head",
                at: [3.4, 1.25],
                text: "output matrix",
                note: "= token embeddings",
                tone: "weights",
            },
            { id: "soft", at: [3.4, 2.25], text: "softmax" },
            { id: "p", at: [1.4, 2.25], text: "probabilities of\nthe next token", tone: "words" },
        ],
        edges: [
            { from: "ids", to: "wte", label: "(B, T)" },
            { from: "pos", to: "wpe", label: "(T)" },
            { from: "wte", to: "add" },
            { from: "wpe.right", to: "add.bottom", via: [[2.4, 1]] },
            { from: "add", to: "att", label: "(B, T, C)", labelAt: 0.3 },
            { from: "att", to: "mlp" },
            { from: "mlp", to: "ln", label: "(B, T, C)", labelAt: 0.62 },
            { from: "ln", to: "head" },
            { from: "head", to: "soft", label: "logits (B, T, V)" },
            { from: "soft", to: "p", label: "(B, T, V)" },
        ],
        groups: [{ nodes: ["att", "mlp"], title: "block", times: "× L" }],
        legend: true,
    });
}
exports.gptModel = gptModel;
