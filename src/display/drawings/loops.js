"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.nextTokenLoop = exports.trainingLoop = void 0;
// What goes round: a training step, and writing token by token.
const diagram_1 = require("../diagram");
/** One training step, over and over. */
function trainingLoop() {
    return (0, diagram_1.diagram)({
        alt: "A batch of texts goes through the model, which gives logits. The loss compares them with " +
            "the next tokens of the same texts. The gradients of the loss with respect to all weights " +
            "go to the optimizer, which changes the weights a little. Then the next batch follows.",
        grid: [150, 84],
        nodes: [
            { id: "batch", at: [0, 0], text: "batch", note: "x: (B, T)", tone: "words" },
            { id: "model", at: [1.4, 0], text: "model", note: "forward", tone: "data" },
            { id: "loss", at: [3.3, 0], text: "loss", note: "one number", tone: "loss" },
            { id: "y", at: [3.3, -1], text: "next tokens", note: "y: (B, T)", tone: "words" },
            { id: "grad", at: [3.3, 1.2], text: "gradients", note: "backward", tone: "loss" },
            { id: "adam", at: [1.4, 2.4], text: "optimizer", note: "w ← w − η · step" },
            { id: "w", at: [1.4, 1.2], text: "weights w", tone: "weights" },
        ],
        edges: [
            { from: "batch", to: "model" },
            { from: "model", to: "loss", label: "logits (B, T, V)" },
            { from: "y", to: "loss" },
            { from: "loss", to: "grad", tone: "loss" },
            {
                from: "grad.bottom",
                to: "adam.right",
                route: "elbow",
                label: "one for each weight",
                labelAt: 0.7,
                tone: "loss",
            },
            { from: "adam", to: "w", label: "new values", tone: "weights" },
            { from: "w", to: "model", label: "for the next batch", tone: "weights" },
        ],
        legend: true,
    });
}
exports.trainingLoop = trainingLoop;
/** How a language model writes. */
function nextTokenLoop() {
    return (0, diagram_1.diagram)({
        alt: "The text so far is cut into tokens. The model gives a probability for each token of the " +
            "vocabulary to come next. One is drawn, appended to the text, and all begins again.",
        grid: [146, 96],
        nodes: [
            { id: "text", at: [0, 0], text: "Call me", note: "text so far", tone: "words" },
            { id: "ids", at: [1.15, 0], text: "[7, 42]", note: "token ids", tone: "words" },
            { id: "model", at: [2.3, 0], text: "model", tone: "weights" },
            { id: "p", at: [3.9, 0], text: "Ishmael 62 %\nAhab 21 %\na 17 %", tone: "data" },
            { id: "draw", at: [3.9, 1.1], text: "draw one", note: "temperature, top-k" },
            { id: "add", at: [0, 1.1], text: "append", note: "Ishmael" },
        ],
        edges: [
            { from: "text", to: "ids" },
            { from: "ids", to: "model" },
            { from: "model", to: "p", label: "probabilities" },
            { from: "p", to: "draw" },
            { from: "draw", to: "add", label: "the next token" },
            { from: "add", to: "text", label: "and again" },
        ],
    });
}
exports.nextTokenLoop = nextTokenLoop;
