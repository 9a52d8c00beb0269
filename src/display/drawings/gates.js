"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.gruCell = exports.lstmCell = void 0;
// What happens in a cell with gates: of an LSTM (Hochreiter and Schmidhuber, 1997; the forget gate
// is of Gers and others, 2000), and of a GRU (Cho and others, 2014).
const diagram_1 = require("../diagram");
/** One step of an LSTM: three gates and a candidate. */
function lstmCell() {
    const gates = [
        { id: "f", at: 1, text: "f_t", note: "σ", what: "forget" },
        { id: "i", at: 2.1, text: "i_t", note: "σ", what: "write" },
        { id: "g", at: 3.3, text: "g_t", note: "tanh", what: "candidate" },
        { id: "o", at: 4.4, text: "o_t", note: "σ", what: "read" },
    ];
    const trunk = gates.map(({ id, at }) => {
        const via = [
            [2.7, 2.76],
            [at, 2.76],
        ];
        return { from: "in.top", to: `${id}.bottom`, via };
    });
    return (0, diagram_1.diagram)({
        alt: "The input x_t and the last state h_{t−1} together feed four small layers: the forget gate " +
            "f, the input gate i, the candidate g and the output gate o. The memory c_{t−1} is multiplied " +
            "by f, then i times g is added, which gives c_t. The new state h_t is o times tanh of c_t.",
        grid: [100, 76],
        nodes: [
            { id: "c0", at: [-0.2, 0], text: "c_{t−1}", tone: "state" },
            { id: "h0", at: [-0.2, 3.5], text: "h_{t−1}", tone: "state" },
            { id: "x", at: [5.4, 3.5], text: "x_t", tone: "data", size: [50, 0] },
            { id: "in", at: [2.7, 3.5], text: "[x_t, h_{t−1}]" },
            ...gates.map(({ id, at, text, note, what }) => ({
                id,
                at: [at, 2],
                text: `${text} = ${note}`,
                note: what,
                tone: "weights",
            })),
            { id: "keep", at: [1, 0], text: "×", kind: "circle" },
            { id: "new", at: [2.7, 1], text: "×", kind: "circle" },
            { id: "add", at: [2.7, 0], text: "+", kind: "circle" },
            { id: "tanh", at: [5.4, 1], text: "tanh", kind: "circle" },
            { id: "out", at: [5.4, 2], text: "×", kind: "circle" },
            { id: "c1", at: [6.5, 0], text: "c_t", tone: "state", size: [50, 0] },
            { id: "h1", at: [6.5, 2], text: "h_t", tone: "state", size: [50, 0] },
        ],
        edges: [
            { from: "c0", to: "keep", label: "(B, H)", tone: "state" },
            { from: "keep", to: "add", tone: "state" },
            { from: "add", to: "c1", tone: "state" },
            { from: "f.top", to: "keep.bottom" },
            { from: "i.top", to: "new.left", route: "elbow" },
            { from: "g.top", to: "new.right", route: "elbow" },
            { from: "new", to: "add" },
            { from: "add.right", to: "tanh.top", via: [[5.4, 0]], tone: "state" },
            { from: "tanh", to: "out" },
            { from: "o", to: "out" },
            { from: "out", to: "h1", tone: "state" },
            { from: "h0", to: "in", label: "(B, H)", tone: "state" },
            { from: "x", to: "in", label: "(B, I)", tone: "data" },
            ...trunk,
        ],
        legend: true,
    });
}
exports.lstmCell = lstmCell;
/** One step of a GRU as PyTorch has it: the reset gate acts after the matrix product. */
function gruCell() {
    return (0, diagram_1.diagram)({
        alt: "The input x_t and the last state h_{t−1} together feed the reset gate r and the update gate " +
            "z. The candidate n is made of x_t and of r times a product of h_{t−1} with a matrix U. The " +
            "new state h_t is z times h_{t−1} plus one minus z times n.",
        grid: [92, 76],
        nodes: [
            { id: "h0", at: [-0.5, 0], text: "h_{t−1}", tone: "state" },
            { id: "x", at: [-0.5, 3.2], text: "x_t", tone: "data", size: [50, 0] },
            { id: "in", at: [-0.5, 2], text: "[x_t, h_{t−1}]" },
            { id: "r", at: [0.95, 2], text: "r_t = σ", note: "reset", tone: "weights" },
            { id: "u", at: [2, 0.95], text: "U h_{t−1}", tone: "weights" },
            { id: "cut", at: [2, 2], text: "×", kind: "circle" },
            { id: "n", at: [3.1, 2], text: "n_t = tanh", note: "candidate", tone: "weights" },
            { id: "one", at: [4.12, 2], text: "1 −", kind: "circle" },
            { id: "new", at: [4.12, 0.95], text: "×", kind: "circle" },
            { id: "z", at: [5.1, 2], text: "z_t = σ", note: "update", tone: "weights" },
            { id: "keep", at: [5.1, 0], text: "×", kind: "circle" },
            { id: "add", at: [5.8, 0], text: "+", kind: "circle" },
            { id: "h1", at: [6.6, 0], text: "h_t", tone: "state", size: [50, 0] },
        ],
        edges: [
            { from: "h0", to: "keep", label: "(B, H)", labelAt: 0.15, tone: "state" },
            { from: "keep", to: "add", tone: "state" },
            { from: "add", to: "h1", tone: "state" },
            { from: "h0.right", to: "u.top", via: [[2, 0]], tone: "state" },
            { from: "h0", to: "in", tone: "state" },
            { from: "x", to: "in", label: "(B, I)", labelSide: "left", tone: "data" },
            { from: "in", to: "r" },
            { from: "r", to: "cut" },
            { from: "u", to: "cut" },
            { from: "cut", to: "n" },
            { from: "x.right", to: "n.bottom", route: "elbow", tone: "data" },
            {
                from: "in.right",
                to: "z.bottom",
                via: [
                    [0.28, 2],
                    [0.28, 3.7],
                    [5.1, 3.7],
                ],
            },
            { from: "n.top", to: "new.left", route: "elbow" },
            { from: "z", to: "one" },
            { from: "one", to: "new" },
            { from: "z", to: "keep" },
            { from: "new.right", to: "add.bottom", route: "elbow" },
        ],
        legend: true,
    });
}
exports.gruCell = gruCell;
