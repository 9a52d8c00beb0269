"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.normPlaces = exports.encoderDecoder = void 0;
// The encoder–decoder Transformer (Vaswani and others, 2017).
const diagram_1 = require("../diagram");
/** Source and target through encoder and decoder, with cross-attention between them. */
function encoderDecoder() {
    const seen = { note: "sees all tokens", tone: "weights" };
    const past = { note: "sees the past", tone: "weights" };
    const cross = { note: "asks the source", tone: "weights" };
    return (0, diagram_1.diagram)({
        alt: "Above, the encoder: source tokens of shape B, S become embeddings with positions, pass " +
            "through N blocks of self-attention and feed-forward networks, and end as context vectors of " +
            "shape B, S, C. Below, the decoder: the target behind a begin token, shape B, T, becomes " +
            "embeddings, passes through N blocks of causal self-attention, cross-attention and " +
            "feed-forward networks, and gives logits of shape B, T, V. An arrow leads from the context " +
            "vectors to the cross-attention, as keys and values.",
        grid: [112, 84],
        nodes: [
            { id: "source", at: [0, 0], text: "source\ntokens", note: "(B, S)", tone: "words" },
            { id: "e0", at: [0.97, 0], text: "embeddings\n+ positions", tone: "weights" },
            { id: "e1", at: [2.13, 0], text: "self-attention", ...seen },
            { id: "e2", at: [3.3, 0], text: "feed-forward", tone: "weights" },
            { id: "context", at: [4.75, 0], text: "context\nvectors", note: "(B, S, C)", tone: "data" },
            { id: "target", at: [0, 2.2], text: "begin +\ntarget", note: "(B, T)", tone: "words" },
            { id: "d0", at: [0.97, 2.2], text: "embeddings\n+ positions", tone: "weights" },
            { id: "d1", at: [2.13, 2.2], text: "self-attention", ...past },
            { id: "d2", at: [3.3, 2.2], text: "cross-attention", ...cross },
            { id: "d3", at: [4.5, 2.2], text: "feed-forward", tone: "weights" },
            { id: "logits", at: [5.75, 2.2], text: "logits", note: "(B, T, V)", tone: "data" },
        ],
        edges: [
            { from: "source", to: "e0" },
            { from: "e0", to: "e1" },
            { from: "e1", to: "e2" },
            { from: "e2", to: "context" },
            { from: "target", to: "d0" },
            { from: "d0", to: "d1" },
            { from: "d1", to: "d2" },
            { from: "d2", to: "d3" },
            { from: "d3", to: "logits" },
            {
                ...{ from: "context.bottom", to: "d2.top", label: "keys, values", labelAt: 0.5 },
                via: [
                    [4.75, 1.05],
                    [3.3, 1.05],
                ],
            },
        ],
        groups: [
            { nodes: ["e1", "e2"], title: "encoder block", times: "× N" },
            { nodes: ["d1", "d2", "d3"], title: "decoder block", times: "× N" },
        ],
        legend: true,
    });
}
exports.encoderDecoder = encoderDecoder;
/** Where the norm stands: inside the branch (pre-norm), or after the sum (post-norm). */
function normPlaces() {
    return (0, diagram_1.diagram)({
        alt: "Two rows. Above, pre-norm: x runs straight to a sum; a branch leaves it, passes a norm and " +
            "a layer f, and is added. Below, post-norm: the branch passes f alone, and the norm stands " +
            "behind the sum, so that the straight path is interrupted by it.",
        grid: [110, 84],
        nodes: [
            { id: "a", at: [0, 0], text: "x", tone: "data", size: [44, 0] },
            { id: "an", at: [1.1, 0.9], text: "norm", tone: "weights" },
            { id: "af", at: [2.4, 0.9], text: "f", note: "attention, feed-forward", tone: "weights" },
            { id: "as", at: [3.6, 0], text: "+", kind: "circle" },
            { id: "ay", at: [5.2, 0], text: "x + f(norm(x))", tone: "data" },
            { id: "b", at: [0, 2.2], text: "x", tone: "data", size: [44, 0] },
            { id: "bf", at: [2.4, 3.1], text: "f", note: "attention, feed-forward", tone: "weights" },
            { id: "bs", at: [3.6, 2.2], text: "+", kind: "circle" },
            { id: "bn", at: [4.3, 2.2], text: "norm", tone: "weights" },
            { id: "by", at: [5.6, 2.2], text: "norm(x + f(x))", tone: "data" },
        ],
        edges: [
            { from: "a", to: "as", label: "pre-norm: (B, T, C)" },
            { from: "as", to: "ay" },
            {
                from: "a.right",
                to: "an.left",
                via: [
                    [0.5, 0],
                    [0.5, 0.9],
                ],
            },
            { from: "an", to: "af" },
            { from: "af.right", to: "as.bottom", via: [[3.6, 0.9]] },
            { from: "b", to: "bs", label: "post-norm: (B, T, C)" },
            { from: "bs", to: "bn" },
            { from: "bn", to: "by" },
            {
                from: "b.right",
                to: "bf.left",
                via: [
                    [0.5, 2.2],
                    [0.5, 3.1],
                ],
            },
            { from: "bf.right", to: "bs.bottom", via: [[3.6, 3.1]] },
        ],
    });
}
exports.normPlaces = normPlaces;
