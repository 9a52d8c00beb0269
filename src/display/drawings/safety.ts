// How an injected text reaches a tool that changes something, and where it can be stopped (lesson 27,
// safety).
import { type Diagram, diagram } from "../diagram";

/** From two authors to one conversation, and from there to a call. */
export function injectionFlow(): Diagram {
  return diagram({
    alt:
      "The user writes a question. A stranger writes a text, which a tool that reads brings in. Both " +
      "become parts of one conversation. The model reads it and writes a call. A permission check " +
      "knows who wrote what: it lets the call go to the tool that writes, or asks the user. A " +
      "filter looks at what the model says before the user reads it.",
    grid: [128, 92],
    nodes: [
      { id: "user", at: [0, 0], text: "user", note: "asks", tone: "words" },
      { id: "stranger", at: [0, 1.15], text: "stranger", note: "writes a text", tone: "loss" },
      { id: "reads", at: [1.3, 1.15], text: "tool", note: "that reads", tone: "data" },
      { id: "talk", at: [1.3, 0], text: "conversation", note: "one channel", tone: "words" },
      { id: "model", at: [2.6, 0], text: "model", tone: "weights" },
      { id: "filter", at: [3.9, 0], text: "filter", note: "what is said", tone: "data" },
      { id: "answer", at: [4.9, 0], text: "answer", tone: "words" },
      { id: "may", at: [2.6, 1.15], text: "permission", note: "who asked?", tone: "data" },
      { id: "writes", at: [3.9, 1.15], text: "tool", note: "that writes", tone: "loss" },
    ],
    edges: [
      { from: "user", to: "talk" },
      { from: "stranger", to: "reads" },
      { from: "reads", to: "talk" },
      { from: "talk", to: "model" },
      { from: "model", to: "filter" },
      { from: "filter", to: "answer" },
      { from: "model", to: "may", label: "call" },
      { from: "may", to: "writes" },
    ],
  });
}
