"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.headSplit = exports.attentionFlow = void 0;
// Attention: from queries, keys and values to the output, and the cut into heads.
const diagram_1 = require("../diagram");
/** Scaled dot-product attention with a causal mask, with an example of three words. */
function attentionFlow() {
    return (0, diagram_1.diagram)({
        alt: "Queries times transposed keys give scores of shape T by T. They are divided by the square " +
            "root of D, the upper triangle is set to minus infinity, and softmax makes each row sum to " +
            "one. These weights times the values give the output of shape T by D.",
        grid: [120, 76],
        nodes: [
            { id: "q", at: [0, 0], text: "Q", tone: "data", size: [50, 0] },
            { id: "k", at: [1, 0], text: "K", tone: "data", size: [50, 0] },
            { id: "v", at: [2, 0], text: "V", tone: "data", size: [50, 0] },
            { id: "qk", at: [0.5, 1], text: "Q K^T", size: [176, 0] },
            { id: "scale", at: [0.5, 1.9], text: "÷ √D" },
            { id: "mask", at: [0.5, 2.8], text: "causal mask" },
            { id: "soft", at: [0.5, 3.7], text: "softmax", note: "over each row" },
            { id: "wv", at: [2, 3.7], text: "weights · V" },
            { id: "out", at: [2, 4.7], text: "output", tone: "data" },
            { ...masked, at: [-1.3, 2.3] },
            { ...weights, at: [-1.3, 4] },
        ],
        edges: [
            { from: "q", to: "qk", label: "(T, D)", labelSide: "left" },
            { from: "k", to: "qk", label: "(T, D)" },
            { from: "qk", to: "scale", label: "(T, T)" },
            { from: "scale", to: "mask", label: "(T, T)" },
            { from: "mask", to: "soft", label: "(T, T)" },
            { from: "soft", to: "wv", label: "(T, T)" },
            { from: "v", to: "wv", label: "(T, D)", labelAt: 0.12 },
            { from: "wv", to: "out", label: "(T, D)" },
            { from: "mask.left", to: "masked.right", dashed: true, arrow: false },
            { from: "soft.left", to: "weights.right", dashed: true, arrow: false },
        ],
    });
}
exports.attentionFlow = attentionFlow;
const words = { kind: "matrix", tone: "plain" };
const masked = {
    ...words,
    id: "masked",
    text: "after the mask",
    values: [
        ["0.2", "−∞", "−∞"],
        ["1.1", "0.4", "−∞"],
        ["0.3", "0.9", "0.3"],
    ],
};
const weights = {
    ...words,
    id: "weights",
    text: "weights",
    note: "rows sum to 1",
    values: [
        ["1", "0", "0"],
        [".67", ".33", "0"],
        [".26", ".48", ".26"],
    ],
    shades: [
        [1, 0, 0],
        [0.67, 0.33, 0],
        [0.26, 0.48, 0.26],
    ],
};
/** How C channels become H heads and one again. */
function headSplit() {
    const heads = ["0", "1", "2"];
    const nodes = heads.map((n, i) => ({
        id: `head${n}`,
        at: [2.2, i],
        text: `head ${n}: attention`,
        note: "(B, T, D)",
    }));
    const edges = heads.flatMap((n, i) => {
        const place = 0.25 * (i + 1);
        return [
            { from: `split.right:${place}`, to: `head${n}.left`, route: "curve" },
            { from: `head${n}.right`, to: `join.left:${place}`, route: "curve" },
        ];
    });
    return (0, diagram_1.diagram)({
        alt: "A tensor of shape B, T, C is cut along its channels into H pieces of D = C / H channels, one " +
            "for each head. The heads attend side by side, each in its own piece. Their outputs are put " +
            "next to each other again, to shape B, T, C, and mixed by the matrix W_O.",
        grid: [128, 76],
        nodes: [
            { id: "x", at: [-0.25, 1], text: "x", tone: "data", size: [40, 0] },
            { id: "split", at: [0.92, 1], text: "split", note: "C = H · D", size: [0, 90] },
            ...nodes,
            { id: "join", at: [3.48, 1], text: "join", note: "H · D = C", size: [0, 90] },
            { id: "w", at: [4.7, 1], text: "W_O", tone: "weights" },
        ],
        edges: [
            { from: "x", to: "split", label: "(B, T, C)" },
            ...edges,
            { from: "join", to: "w", label: "(B, T, C)" },
        ],
    });
}
exports.headSplit = headSplit;
