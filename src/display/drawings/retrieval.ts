// Answers from documents, and a walk through the layers of HNSW (lesson 25, retrieval).
import { type Diagram, diagram } from "../diagram";

/** From documents and a question to an answer with citations. */
export function retrievalFlow(): Diagram {
  return diagram({
    alt:
      "Above, documents are cut into chunks, and the chunks go into an index of words and an index of " +
      "vectors. Below, a question is looked up in both: BM25 gives one ranking, vectors give another. " +
      "Fusion makes one ranking of the two. The first passages go to a model, or a sentence is taken " +
      "from them, and the answer, with its citations, goes to a check against the passages.",
    grid: [132, 92],
    nodes: [
      { id: "docs", at: [0, 0], text: "documents", tone: "data" },
      { id: "chunks", at: [1.3, 0], text: "chunks", note: "about 800 characters" },
      { id: "words", at: [2.7, 0], text: "BM25", note: "by words", tone: "state" },
      { id: "vectors", at: [2.7, 1], text: "vectors", note: "by meaning", tone: "state" },
      { id: "question", at: [1.3, 1], text: "question", tone: "words" },
      { id: "fusion", at: [4, 0.5], text: "fusion", note: "one ranking" },
      { id: "model", at: [4, 1.9], text: "answer", note: "model or sentence", tone: "weights" },
      { id: "check", at: [2.7, 1.9], text: "check", note: "[1] [2] …", tone: "loss" },
    ],
    edges: [
      { from: "docs", to: "chunks" },
      { from: "chunks", to: "words" },
      { from: "chunks.right", to: "vectors.left" },
      { from: "question.right", to: "words.left" },
      { from: "question", to: "vectors" },
      { from: "words.right", to: "fusion.left" },
      { from: "vectors.right", to: "fusion.left" },
      { from: "fusion", to: "model", label: "k passages" },
      { from: "model", to: "check" },
    ],
  });
}

/** Three layers of HNSW and a walk down through them. */
export function hnswLayers(): Diagram {
  const node = (layer: number, place: number, name: string, onWay = false) => ({
    ...{ id: `${name}${layer}`, at: [place, layer] as [number, number], text: name },
    ...{
      tone: onWay ? ("state" as const) : ("plain" as const),
      size: [44, 36] as [number, number],
    },
  });
  const way = { tone: "state" as const };
  const plain = { arrow: false };
  return diagram({
    alt:
      "Three layers one above the other. The top layer has two nodes, a and e. The middle layer has a, c, " +
      "e and g. The lowest has all eight, a to h, in a row with links between neighbours. The walk begins " +
      "at a in the top layer, goes to e, down to the middle layer, on to g, down to the lowest layer, " +
      "and ends at h, the nearest to the query.",
    grid: [92, 92],
    nodes: [
      ...[node(0, 0, "a", true), node(0, 4, "e", true)],
      ...[node(1, 0, "a"), node(1, 2, "c"), node(1, 4, "e", true), node(1, 6, "g", true)],
      ...["a", "b", "c", "d", "e", "f", "g", "h"].map((name, i) => node(2, i, name, i >= 6)),
    ],
    edges: [
      { from: "a0", to: "e0", ...way, label: "long steps" },
      { from: "e0", to: "e1", ...way },
      { from: "a1", to: "c1", ...plain },
      { from: "c1", to: "e1", ...plain },
      { from: "e1", to: "g1", ...way },
      { from: "g1", to: "g2", ...way },
      ...["a2 b2", "b2 c2", "c2 d2", "d2 e2", "e2 f2", "f2 g2"].map((pair) => {
        const [from, to] = pair.split(" ");
        return { from, to, ...plain };
      }),
      { from: "g2", to: "h2", ...way },
    ],
    caption: "Coloured: the walk to h, the node nearest to the query.",
  });
}
