"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.unrolledRnn = void 0;
// Recurrent networks: one unrolled in time, and what happens in a cell of an LSTM and of a GRU.
const diagram_1 = require("../diagram");
/** A recurrent network unrolled over three steps: the same weights at each. */
function unrolledRnn() {
    const steps = ["1", "2", "3"];
    const nodes = steps.flatMap((t, i) => [
        { id: `y${t}`, at: [1.3 * i + 1, 0], text: `y_${t}`, tone: "data", size: [56, 0] },
        { id: `c${t}`, at: [1.3 * i + 1, 1], text: "cell", note: "W, U, b", tone: "weights" },
        { id: `x${t}`, at: [1.3 * i + 1, 2], text: `x_${t}`, tone: "data", size: [56, 0] },
    ]);
    const edges = steps.flatMap((t, i) => [
        { from: `x${t}`, to: `c${t}`, ...(i === 0 ? { label: "(B, I)" } : {}) },
        { from: `c${t}`, to: `y${t}`, ...(i === 0 ? { label: "(B, O)" } : {}) },
        {
            from: i === 0 ? "h0" : `c${steps[i - 1]}`,
            to: `c${t}`,
            label: i === 0 ? "(B, H)" : `h_${steps[i - 1]}`,
            tone: "state",
        },
    ]);
    return (0, diagram_1.diagram)({
        alt: "Three copies of one cell in a row, one for each step. Cell t takes the input x_t from below " +
            "and the state h_{t−1} from its left neighbour, gives the output y_t above and hands the " +
            "state h_t to the right. The first state is zero. All copies share the weights W, U and b.",
        grid: [120, 84],
        nodes: [
            { id: "h0", at: [-0.2, 1], text: "h_0 = 0", tone: "state" },
            ...nodes,
            { id: "h3", at: [4.8, 1], text: "h_3", tone: "state" },
        ],
        edges: [...edges, { from: "c3", to: "h3", label: "(B, H)", tone: "state" }],
        legend: true,
    });
}
exports.unrolledRnn = unrolledRnn;
