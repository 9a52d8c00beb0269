// Lesson 29 (long context and images): what a cache with sinks keeps (Xiao et al., 2023, figure 4),
// pictures and captions in one space (Radford et al., 2021, figure 1), and a GPT that reads patches
// (Liu et al., 2023, figure 1).
import { type Diagram, type DiagramNode, diagram } from "../diagram";

/** A text of twelve tokens, of which the first two and the last four are kept, at six places. */
export function sinkWindow(): Diagram {
  const small: [number, number] = [36, 30];
  const kept = [0, 1, 8, 9, 10, 11];
  const tokens = Array.from({ length: 12 }, (_, t): DiagramNode => {
    const tone = t < 2 ? "state" : t >= 8 ? "words" : "plain";
    return { id: `t${t}`, at: [t, 0], text: String(t), tone, size: small };
  });
  const places = kept.map(
    (t, p): DiagramNode => ({
      ...{ id: `p${p}`, at: [3 + p, 1.6], text: String(p), size: small },
      tone: t < 2 ? "state" : "words",
    }),
  );
  return diagram({
    alt:
      "Above, the twelve tokens 0 to 11 of a text. Tokens 0 and 1 are the sinks, 8 to 11 the window, " +
      "and 2 to 7 are forgotten. Below, the cache with its six places 0 to 5: tokens 0 and 1 stand at " +
      "places 0 and 1, tokens 8 to 11 at places 2 to 5.",
    grid: [58, 74],
    nodes: [...tokens, ...places],
    edges: kept.map((t, p) => ({ from: `t${t}.bottom`, to: `p${p}.top` })),
    groups: [
      { nodes: ["t0", "t1"], title: "sinks", tone: "state" },
      { nodes: ["t8", "t9", "t10", "t11"], title: "window", tone: "words" },
    ],
    caption: "Top: places in the text. Bottom: places in the cache, which RoPE turns by.",
  });
}

/** Two encoders, one space, and the table of all pairs. */
export function contrastFlow(): Diagram {
  return diagram({
    alt:
      "B pictures are cut into N patches each and go through an encoder of blocks; their mean, times a " +
      "matrix, is a vector of length 1 for each picture. B captions go through another encoder to " +
      "vectors of the same width. All pictures times all captions give a table of B by B cosines. " +
      "The loss asks that the diagonal wins in every row and in every column.",
    grid: [138, 88],
    nodes: [
      { id: "pictures", at: [0, 0], text: "pictures", note: "(B, S, S, 3)", tone: "data" },
      { id: "patches", at: [1.15, 0], text: "patches · W", tone: "weights" },
      { id: "image", at: [2.3, 0], text: "blocks", note: "no mask", tone: "weights" },
      { id: "captions", at: [0, 1.4], text: "captions", note: "(B, T)", tone: "words" },
      { id: "table", at: [1.15, 1.4], text: "embeddings", tone: "weights" },
      { id: "text", at: [2.3, 1.4], text: "blocks", note: "no mask", tone: "weights" },
      { id: "cosines", at: [3.5, 0.7], text: "I T^T", note: "(B, B)", tone: "data" },
      { id: "loss", at: [4.5, 0.7], text: "loss", note: "rows, columns", tone: "loss" },
    ],
    edges: [
      { from: "pictures", to: "patches" },
      { from: "patches", to: "image", label: "(B, N, C)" },
      { from: "captions", to: "table" },
      { from: "table", to: "text", label: "(B, T, C)" },
      { from: "image.right", to: "cosines.top", route: "elbow", label: "I (B, E)", labelAt: 0.3 },
      { from: "text.right", to: "cosines.bottom", route: "elbow", label: "T (B, E)", labelAt: 0.3 },
      { from: "cosines", to: "loss" },
    ],
    legend: true,
  });
}

/** Patches as words in front of a GPT. */
export function captionFlow(): Diagram {
  return diagram({
    alt:
      "A picture goes through the frozen encoder to N vectors, one for each patch. A trained matrix, the " +
      "projector, brings them to the width of the GPT's embeddings. They stand before the embeddings " +
      "of the words, and a GPT with a causal mask reads both and writes the next word.",
    grid: [138, 88],
    nodes: [
      { id: "picture", at: [0, 0], text: "picture", note: "(S, S, 3)", tone: "data" },
      { id: "encoder", at: [1.15, 0], text: "encoder", note: "frozen" },
      { id: "projector", at: [2.3, 0], text: "projector", note: "(C, C)", tone: "weights" },
      { id: "words", at: [0, 1.3], text: "a red", note: "so far", tone: "words" },
      { id: "embed", at: [2.3, 1.3], text: "embeddings", note: "(V, C)", tone: "weights" },
      { id: "gpt", at: [3.5, 0.65], text: "GPT", note: "causal", tone: "weights" },
      { id: "next", at: [4.5, 0.65], text: "circle", note: "next word", tone: "words" },
    ],
    edges: [
      { from: "picture", to: "encoder" },
      { from: "encoder", to: "projector", label: "(N, C)" },
      { from: "words", to: "embed" },
      { from: "projector.right", to: "gpt.top", route: "elbow", label: "first", labelAt: 0.3 },
      { from: "embed.right", to: "gpt.bottom", route: "elbow", label: "then", labelAt: 0.3 },
      { from: "gpt", to: "next" },
    ],
    legend: true,
  });
}
