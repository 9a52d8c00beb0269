// From the logits of one step to the next token: what lesson 20 (decoding) does in between, in the
// order of llm/sampling.
import { type Diagram, diagram } from "../diagram";

/** One step of writing, with everything that may be done to the logits. */
export function decodingSteps(): Diagram {
  return diagram({
    alt:
      "The model reads the text so far and gives V logits. A grammar sets those of tokens that cannot " +
      "come next to minus infinity. The repetition penalty makes logits of tokens smaller that the " +
      "text already has. All logits are divided by the temperature. Top-k, top-p and min-p remove " +
      "unlikely tokens. A softmax makes probabilities of what is left, and one token is drawn. It is " +
      "appended to the text, and all begins again, unless a stop sequence has come.",
    grid: [150, 96],
    nodes: [
      { id: "text", at: [0, 0], text: "text so far", tone: "words" },
      { id: "model", at: [1.1, 0], text: "model", tone: "weights" },
      { id: "mask", at: [2.6, 0], text: "grammar", note: "forbidden: −∞" },
      { id: "penalty", at: [4, 0], text: "penalty", note: "for repetitions" },
      { id: "heat", at: [4, 1.15], text: "temperature", note: "z / T" },
      { id: "cut", at: [2.6, 1.15], text: "top-k, top-p,\nmin-p", note: "cut the tail" },
      { id: "draw", at: [1.1, 1.15], text: "draw one", note: "softmax", tone: "data" },
      { id: "stop", at: [0, 1.15], text: "stop?", note: "stop sequences" },
    ],
    edges: [
      { from: "text", to: "model" },
      { from: "model", to: "mask", label: "logits (V)" },
      { from: "mask", to: "penalty", label: "(V)" },
      { from: "penalty", to: "heat", label: "(V)" },
      { from: "heat", to: "cut", label: "(V)" },
      { from: "cut", to: "draw", label: "(V)" },
      { from: "draw", to: "stop" },
      { from: "stop", to: "text", label: "no: append" },
    ],
    legend: true,
  });
}
