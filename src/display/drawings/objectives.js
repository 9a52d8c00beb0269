"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.objectiveFlow = void 0;
// What a pretraining objective is: what it makes of a text for one and the same model.
const diagram_1 = require("../diagram");
/** The four things an objective decides, and where they meet the model. */
function objectiveFlow() {
    return (0, diagram_1.diagram)({
        alt: "A text of T tokens goes into the objective, which makes four things of it: the ids that are " +
            "read, with their positions; the mask, which says who sees whom; the targets, which say what is " +
            "to be predicted at each position; and weights, which say what each prediction counts for. Ids " +
            "and mask go into the Transformer, which is the same for all objectives and gives logits. " +
            "Logits, targets and weights give the loss.",
        grid: [150, 82],
        nodes: [
            { id: "text", at: [0, 1.5], text: "text", note: "(B, T)", tone: "words" },
            { id: "objective", at: [1.15, 1.5], text: "objective", tone: "plain" },
            { id: "ids", at: [2.4, 0], text: "what is read", note: "ids, positions", tone: "words" },
            { id: "mask", at: [2.4, 1], text: "who sees whom", note: "mask (T, T)", tone: "data" },
            { id: "targets", at: [2.4, 2], text: "what is predicted", note: "targets", tone: "words" },
            { id: "weights", at: [2.4, 3], text: "what counts", note: "weights", tone: "data" },
            {
                id: "model",
                at: [3.8, 0.5],
                text: "Transformer",
                note: "always the same",
                tone: "weights",
            },
            { id: "loss", at: [3.8, 2.5], text: "loss", tone: "loss" },
        ],
        edges: [
            { from: "text", to: "objective" },
            { from: "objective", to: "ids" },
            { from: "objective", to: "mask" },
            { from: "objective", to: "targets" },
            { from: "objective", to: "weights" },
            { from: "ids", to: "model" },
            { from: "mask", to: "model" },
            { from: "targets", to: "loss" },
            { from: "weights", to: "loss" },
            { from: "model", to: "loss", label: "logits (B, T, V)" },
        ],
    });
}
exports.objectiveFlow = objectiveFlow;
