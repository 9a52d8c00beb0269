// Light fine-tuning: a linear layer with a LoRA beside it (Hu et al., 2021), and where LoRA,
// adapters (Houlsby et al., 2019) and prefixes (Li & Liang, 2021) stand in a block.
import { type Diagram, diagram } from "../diagram";

/** Two paths from x to y: the frozen matrix, and the narrow one beside it. */
export function loraLayer(): Diagram {
  return diagram({
    alt:
      "x, of shape N, in, goes two ways. Above, through the frozen matrix W to N, out. Below, through " +
      "A to a narrow tensor of shape N, r, through B to N, out, and is multiplied by alpha over r. " +
      "Both are added and give y.",
    grid: [118, 92],
    nodes: [
      { id: "x", at: [0, 0.5], text: "x", note: "(N, in)", tone: "data" },
      { id: "w", at: [2.1, 0], text: "W", note: "(out, in), frozen" },
      { id: "a", at: [1.2, 1], text: "A", note: "(r, in)", tone: "weights" },
      { id: "b", at: [2.6, 1], text: "B", note: "(out, r)", tone: "weights" },
      { id: "scale", at: [3.7, 1], text: "· α/r" },
      { id: "sum", at: [4.6, 0.5], text: "+", kind: "circle" },
      { id: "y", at: [5.6, 0.5], text: "y", note: "(N, out)", tone: "data" },
    ],
    edges: [
      {
        ...{ from: "x.top", to: "w.left" },
        via: [[0, 0]],
      },
      {
        ...{ from: "x.bottom", to: "a.left" },
        via: [[0, 1]],
      },
      { from: "a", to: "b", label: "(N, r)" },
      { from: "b", to: "scale" },
      {
        ...{ from: "w.right", to: "sum.top" },
        via: [[4.6, 0]],
      },
      {
        ...{ from: "scale.right", to: "sum.bottom" },
        via: [[4.6, 1]],
      },
      { from: "sum", to: "y" },
    ],
    legend: true,
  });
}

/** One block with all three: what is trained is coloured. */
export function loraPlaces(): Diagram {
  return diagram({
    alt:
      "A block from left to right. x goes into attention, whose result passes an adapter and is " +
      "added to x; then the feed-forward network, another adapter, another sum. A prefix of P keys " +
      "and values goes into attention from below. LoRAs stand beside the matrices of attention and of " +
      "the feed-forward network.",
    grid: [106, 100],
    nodes: [
      { id: "x", at: [0, 0], text: "x", note: "(B, T, C)", tone: "data" },
      { id: "att", at: [1.25, 0], text: "attention", note: "frozen" },
      { id: "ad1", at: [2.35, 0], text: "adapter", tone: "weights" },
      { id: "s1", at: [3.1, 0], text: "+", kind: "circle" },
      { id: "mlp", at: [4.1, 0], text: "feed-forward", note: "frozen" },
      { id: "ad2", at: [5.3, 0], text: "adapter", tone: "weights" },
      { id: "s2", at: [6.05, 0], text: "+", kind: "circle" },
      { id: "prefix", at: [0.55, 1], text: "prefix", note: "P keys, values", tone: "weights" },
      { id: "lo1", at: [1.8, 1], text: "LoRA", note: "q, k, v, o", tone: "weights" },
      { id: "lo2", at: [4.1, -1], text: "LoRA", note: "gate, up, down", tone: "weights" },
    ],
    edges: [
      { from: "x", to: "att" },
      { from: "att", to: "ad1" },
      { from: "ad1", to: "s1" },
      { from: "s1", to: "mlp" },
      { from: "mlp", to: "ad2" },
      { from: "ad2", to: "s2" },
      {
        ...{ from: "x.top", to: "s1.top" },
        via: [
          [0, -0.75],
          [3.1, -0.75],
        ],
      },
      {
        ...{ from: "s1.bottom", to: "s2.bottom" },
        via: [
          [3.1, 0.5],
          [6.05, 0.5],
        ],
      },
      {
        from: "prefix.top",
        to: "att.bottom",
        via: [
          [0.55, 0.5],
          [1.05, 0.5],
        ],
      },
      {
        from: "lo1.top",
        to: "att.bottom",
        via: [
          [1.8, 0.5],
          [1.4, 0.5],
        ],
      },
      { from: "lo2", to: "mlp" },
    ],
    legend: true,
  });
}
