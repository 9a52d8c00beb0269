// What becomes of a group of weights when it is rounded (lesson 22, compression).
import { type Diagram, diagram } from "../diagram";

/** A group of weights, its scale, its levels, and what is multiplied later. */
export function quantizeFlow(): Diagram {
  return diagram({
    alt:
      "A row of weights is cut into groups of G neighbours. From one group the largest distance from " +
      "zero is taken; divided by 7 it is the scale, one float16 number for the group. The weights " +
      "divided by the scale and rounded are the levels, whole numbers of 4 bits. Scale and levels are " +
      "kept. Multiplied with each other they give the rounded weights that the model computes with.",
    grid: [118, 86],
    nodes: [
      { id: "row", at: [0, 0.5], text: "row of W", note: "(C), float32", tone: "weights" },
      { id: "group", at: [1.15, 0.5], text: "group", note: "(G), float32", tone: "weights" },
      { id: "max", at: [2.25, -0.35], text: "max |x| / 7" },
      { id: "scale", at: [3.4, -0.35], text: "scale", note: "1 float16", tone: "state" },
      { id: "round", at: [2.25, 1.35], text: "round(x / scale)" },
      { id: "levels", at: [3.4, 1.35], text: "levels", note: "(G), 4 bits", tone: "state" },
      { id: "times", at: [4.35, 0.5], text: "×", kind: "circle" },
      { id: "back", at: [5.25, 0.5], text: "rounded", note: "(G), float32", tone: "weights" },
    ],
    edges: [
      { from: "row", to: "group", label: "C / G" },
      { from: "group.top", to: "max.left", route: "elbow" },
      { from: "group.bottom", to: "round.left", route: "elbow" },
      { from: "max", to: "scale" },
      { from: "round", to: "levels" },
      {
        from: "scale.bottom",
        to: "round.top",
        via: [
          [3.4, 0.5],
          [2.25, 0.5],
        ],
      },
      { from: "scale.right", to: "times.top", route: "elbow" },
      { from: "levels.right", to: "times.bottom", route: "elbow" },
      { from: "times", to: "back" },
    ],
    legend: false,
  });
}

/** Distillation: two models read one text, and the student learns from the teacher's probabilities. */
export function distillFlow(): Diagram {
  return diagram({
    alt:
      "The ids of a text go into two models. The teacher is frozen; its logits, divided by the " +
      "temperature, become soft targets. The student's logits are divided by the same temperature. " +
      "The divergence of the two is the loss, and its gradient goes to the student alone.",
    grid: [138, 84],
    nodes: [
      { id: "ids", at: [0, 0.5], text: "ids", note: "(B, T)", tone: "words" },
      { id: "teacher", at: [1.2, -0.3], text: "teacher", note: "frozen" },
      { id: "student", at: [1.2, 1.3], text: "student", note: "trained", tone: "weights" },
      { id: "soft", at: [2.75, -0.3], text: "softmax(· / T)", note: "p (N, V)", tone: "data" },
      { id: "own", at: [2.75, 1.3], text: "softmax(· / T)", note: "q (N, V)", tone: "data" },
      { id: "loss", at: [4.2, 0.5], text: "T² · KL(p ‖ q)", tone: "loss" },
    ],
    edges: [
      { from: "ids.top", to: "teacher.left", route: "elbow" },
      { from: "ids.bottom", to: "student.left", route: "elbow" },
      { from: "teacher", to: "soft", label: "logits" },
      { from: "student", to: "own", label: "logits" },
      { from: "soft.right", to: "loss.top", route: "elbow" },
      { from: "own.right", to: "loss.bottom", route: "elbow" },
    ],
    legend: true,
  });
}
