// Keys and values in blocks (Kwon et al., 2023, "PagedAttention", figure 6), and a guess that a model
// checks in one pass (Leviathan et al., 2023).
import { type Diagram, diagram } from "../diagram";

/** The block tables of two texts that begin alike, and the blocks of the cache. */
export function blockTables(): Diagram {
  const block = (n: number, note: string, tone: "state" | "plain" = "state") => ({
    ...{ id: `p${n}`, at: [2, n] as [number, number], text: `block ${n}`, note, tone },
    size: [150, 42] as [number, number],
  });
  const entry = (name: string, column: number, i: number, place: string) => ({
    ...{ id: `${name}${i}`, at: [column, i + 0.5] as [number, number], text: place },
    ...{ tone: "words" as const, size: [112, 42] as [number, number] },
  });
  const places = ["tokens 0 … 3", "tokens 4 … 7", "tokens 8 … 9"];
  return diagram({
    alt:
      "In the middle, six blocks of the cache, each with room for the keys and values of four tokens. " +
      "On the left the table of text A: its tokens 0 to 3 lie in block 4, 4 to 7 in block 1, 8 and 9 in " +
      "block 3. On the right the table of text B, which begins with the same eight tokens: its first two " +
      "entries are the same blocks 4 and 1, its tokens 8 and 9 lie in block 0. Blocks 2 and 5 are free.",
    grid: [146, 62],
    nodes: [
      ...places.map((place, i) => entry("A", 0, i, place)),
      ...places.map((place, i) => entry("B", 4, i, place)),
      block(0, "B alone: on the mat"),
      block(1, "A and B: had a cat"),
      block(2, "free", "plain"),
      block(3, "A alone: in the hat"),
      block(4, "A and B: Once there was"),
      block(5, "free", "plain"),
    ],
    edges: [
      { from: "A0.right", to: "p4.left" },
      { from: "A1.right", to: "p1.left" },
      { from: "A2.right", to: "p3.left" },
      { from: "B0.left", to: "p4.right" },
      { from: "B1.left", to: "p1.right" },
      { from: "B2.left", to: "p0.right" },
    ],
    groups: [
      { nodes: ["A0", "A1", "A2"], title: "table of A", tone: "words" },
      { nodes: ["B0", "B1", "B2"], title: "table of B", tone: "words" },
    ],
    caption: "The order of a text is in its table; its blocks lie anywhere.",
  });
}

/** One round of speculative decoding: guesses, one pass, what stays. */
export function speculativeRound(): Diagram {
  return diagram({
    alt:
      "The text so far goes to a cheap draft, which guesses four tokens: the, old, sea, captain. Text " +
      "and guesses go through the model together, in one pass over five tokens. It gives the " +
      "distribution after each of them. The first two guesses stay, the third is rejected and " +
      "replaced by a token of the model's, the fourth is thrown away. Three tokens from one pass.",
    grid: [168, 96],
    nodes: [
      { id: "text", at: [0, 0], text: "text", note: "T tokens", tone: "words" },
      { id: "draft", at: [0, 1], text: "draft", note: "cheap", tone: "plain" },
      { id: "guess", at: [1.4, 1], text: "k guesses", note: "the old sea captain", tone: "words" },
      { id: "model", at: [1.4, 0], text: "model", note: "one pass", tone: "weights" },
      { id: "rule", at: [2.9, 0], text: "rule", note: "u < p / q ?", tone: "loss" },
      { id: "out", at: [2.9, 1], text: "the old man", note: "2 stay, 1 new", tone: "words" },
    ],
    edges: [
      { from: "text", to: "draft" },
      { from: "draft", to: "guess", label: "q (k, V)" },
      { from: "guess", to: "model", label: "all k" },
      { from: "text", to: "model", label: "last token" },
      { from: "model", to: "rule", label: "p (k + 1, V)" },
      { from: "rule", to: "out" },
    ],
    legend: true,
  });
}
