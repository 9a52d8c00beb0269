// How an agent works (lesson 26, agents): the model and the tools in turn, within a budget.
import { type Diagram, diagram } from "../diagram";

/** The loop of an agent: what goes round, and the three ways out. */
export function agentLoop(): Diagram {
  return diagram({
    alt:
      "A question begins a conversation. The model reads the conversation and writes a text. If the " +
      "text holds no call, it is the answer. If it holds a call, the arguments are checked and the " +
      "tool is run, and its result, or an error, is added to the conversation, which the model reads " +
      "again. A budget, or a check that notices loops, can end it as well.",
    grid: [150, 92],
    nodes: [
      { id: "question", at: [0, 0], text: "question", tone: "words" },
      { id: "talk", at: [1.25, 0], text: "conversation", note: "all messages", tone: "words" },
      { id: "model", at: [2.65, 0], text: "model", note: "writes a text", tone: "weights" },
      { id: "call", at: [4.1, 0], text: "a call?", tone: "data" },
      { id: "answer", at: [4.1, -1], text: "answer", tone: "words" },
      { id: "check", at: [4.1, 1.15], text: "check", note: "arguments fit?", tone: "data" },
      { id: "tool", at: [2.65, 1.15], text: "tool", note: "runs", tone: "data" },
      { id: "result", at: [1.25, 1.15], text: "result", note: "or an error", tone: "words" },
      { id: "stop", at: [2.65, -1], text: "stop", note: "budget, loop" },
    ],
    edges: [
      { from: "question", to: "talk" },
      { from: "talk", to: "model" },
      { from: "model", to: "call" },
      { from: "call", to: "answer", label: "no" },
      { from: "call", to: "check", label: "yes" },
      { from: "check", to: "tool" },
      { from: "tool", to: "result" },
      { from: "result", to: "talk", label: "and again" },
      { from: "model", to: "stop" },
    ],
  });
}
