"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.expertsFlow = void 0;
// A mixture of experts in place of one feed-forward network.
const diagram_1 = require("../diagram");
/** One token on its way through the two experts that the router has chosen out of four. */
function expertsFlow() {
    const chosen = { 1: "× 0.62", 3: "× 0.38" };
    const experts = [0, 1, 2, 3].map((e) => ({
        ...{ id: `expert${e}`, at: [2.6, e * 0.9], text: `expert ${e}` },
        ...(e in chosen ? { tone: "weights" } : { note: "not computed" }),
    }));
    const edges = Object.entries(chosen).flatMap(([e, weight]) => [
        { from: "x.right", to: `expert${e}.left`, via: [[0.55, Number(e) * 0.9]] },
        { from: `expert${e}.right`, to: "sum", route: "elbow", label: weight },
    ]);
    return (0, diagram_1.diagram)({
        alt: "The vector x of one token, C numbers, goes to the router, which gives each of four experts a " +
            "probability and keeps the largest two, experts 1 and 3. Only these two compute x. Their " +
            "outputs are multiplied by 0.62 and 0.38, the two probabilities divided by their sum, and " +
            "added to one vector y of C numbers.",
        grid: [132, 80],
        nodes: [
            { id: "x", at: [0, 1.35], text: "x", note: "(C)", tone: "data" },
            { id: "router", at: [0, 3.6], text: "router", note: "E × C", tone: "weights" },
            { id: "top", at: [1.3, 3.6], text: "softmax,\nthe 2 largest" },
            ...experts,
            { id: "sum", at: [4, 1.8], text: "+", kind: "circle" },
            { id: "y", at: [4.9, 1.8], text: "y", note: "(C)", tone: "data" },
        ],
        edges: [
            { from: "x", to: "router" },
            { from: "router", to: "top" },
            {
                ...{ from: "top", to: "expert3.bottom", via: [[2.6, 3.6]], dashed: true },
                label: "chooses 1 and 3",
            },
            ...edges,
            { from: "sum", to: "y" },
        ],
    });
}
exports.expertsFlow = expertsFlow;
