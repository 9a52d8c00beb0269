"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.positionPlaces = void 0;
// Where positions can enter a layer of attention.
const diagram_1 = require("../diagram");
/** One layer of attention from tokens to outputs, and the places where a position can enter. */
function positionPlaces() {
    const flow = [
        { id: "tokens", text: "embeddings", note: "(T, C)", tone: "data" },
        { id: "add", text: "+", kind: "circle" },
        { id: "project", text: "W_q, W_k, W_v", tone: "weights" },
        { id: "turn", text: "turn each pair", note: "of Q and K" },
        { id: "scores", text: "Q K^T ÷ √D" },
        { id: "bias", text: "+", kind: "circle" },
        { id: "soft", text: "mask, softmax, · V" },
    ];
    const places = [
        ["add", 1, "a vector per position", "learned, sinusoidal"],
        ["turn", 3, "an angle per position", "RoPE"],
        ["bias", 5, "a number per distance", "T5, ALiBi"],
        ["soft", 6, "who is before whom", "the causal mask: all that NoPE has"],
    ];
    const labels = ["(T, C)", "(T, C)", "(T, D) each", "(T, D) each", "(T, T)", "(T, T)"];
    const nodes = flow.map((node, row) => ({ ...node, at: [0, row] }));
    const down = labels.map((label, i) => ({
        ...{ from: flow[i].id, to: flow[i + 1].id, label, labelSide: "left" },
    }));
    return (0, diagram_1.diagram)({
        alt: "Embeddings of shape T by C go through an addition, the matrices W q, W k and W v, a turn of " +
            "queries and keys, the scores Q K transposed over root D, a second addition, and mask, softmax " +
            "and values. A vector per position enters at the first addition, an angle per position at the " +
            "turn, a number per distance at the second addition, and the causal mask at the softmax.",
        grid: [290, 68],
        nodes: [
            ...nodes,
            ...places.map(([to, row, text, note]) => {
                return { id: `at-${to}`, at: [1, row], text, note, tone: "data" };
            }),
        ],
        edges: [
            ...down,
            ...places.map(([to]) => ({ from: `at-${to}.left`, to: `${to}.right` })),
        ],
    });
}
exports.positionPlaces = positionPlaces;
