// What an application is made of around its model (lesson 30, in practice).
import { type Diagram, diagram } from "../diagram";

/** The way of a question, and what watches it. */
export function applicationPath(): Diagram {
  return diagram({
    alt:
      "From left to right: a question comes to the gateway with keys and limits, passes the input " +
      "guardrail, then a cascade of parts: rules, then the model with its tools, then retrieval from " +
      "documents. The first part that answers sends its text through the output guardrail to the answer. " +
      "Where no part answers, or a guardrail refuses, a person takes over. Below, a log of topics and " +
      "times is kept, from which monitoring raises alarms, and questions for the next evaluation come.",
    grid: [116, 92],
    nodes: [
      { id: "question", at: [0, 0], text: "question", tone: "words" },
      { id: "gateway", at: [1.25, 0], text: "gateway", note: "keys, limits" },
      { id: "input", at: [2.5, 0], text: "guardrail", note: "text → text | no" },
      { id: "rules", at: [3.9, -1], text: "rules", tone: "data" },
      { id: "model", at: [3.9, 0], text: "model, tools", note: "checked", tone: "weights" },
      { id: "search", at: [3.9, 1], text: "retrieval", note: "documents", tone: "data" },
      { id: "output", at: [5.25, 0], text: "guardrail", note: "text → text | no" },
      { id: "answer", at: [5.25, -1], text: "answer", tone: "words" },
      { id: "person", at: [5.25, 1], text: "person", note: "hand-over", tone: "words" },
      { id: "log", at: [1.25, 1], text: "log", note: "topic, time, no text" },
      { id: "watch", at: [0, 1], text: "monitoring", note: "alarms" },
    ],
    groups: [{ title: "cascade", nodes: ["rules", "model", "search"] }],
    edges: [
      { from: "question", to: "gateway" },
      { from: "gateway", to: "input" },
      { from: "input.top", to: "rules.left", via: [[2.5, -1]] },
      { from: "rules", to: "model" },
      { from: "model", to: "search" },
      { from: "model", to: "output" },
      { from: "output", to: "answer" },
      { from: "search", to: "person" },
      { from: "gateway", to: "log" },
      { from: "log", to: "watch" },
    ],
  });
}
