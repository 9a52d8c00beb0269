// Conversations on their way to a loss: template, mask, packing (lesson 16, instruction tuning).
import { type Diagram, diagram } from "../diagram";

/** From messages to the loss of instruction tuning. */
export function instructionFlow(): Diagram {
  return diagram({
    alt:
      "Messages of user and assistant go through the chat template and become ids, with a mask that " +
      "says which of them are the assistant's. Several conversations are packed into each row of a " +
      "batch, with a segment number for each place. The ids go into the GPT, which gives logits. The " +
      "segments become an attention mask, so that no conversation sees another one. Logits, targets " +
      "and the loss mask meet in the loss, which counts the answers only.",
    grid: [158, 96],
    nodes: [
      { id: "messages", at: [0, 0], text: "messages", note: "user, assistant", tone: "words" },
      { id: "ids", at: [1.6, 0], text: "ids, learnt", note: "(length)", tone: "data" },
      { id: "rows", at: [3.2, 0], text: "packed rows", note: "(B, T)", tone: "data" },
      {
        id: "segments",
        at: [3.2, 1.1],
        text: "ids, segments",
        note: "1, 1, 1, 2, 2, 0",
        tone: "data",
      },
      { id: "gpt", at: [1.6, 1.1], text: "GPT", note: "base model", tone: "weights" },
      { id: "loss", at: [1.6, 2.2], text: "loss", note: "answers only", tone: "loss" },
      { id: "targets", at: [3.2, 2.2], text: "targets, mask", note: "(B, T)", tone: "data" },
    ],
    edges: [
      { from: "messages", to: "ids", label: "chat template" },
      { from: "ids", to: "rows", label: "pack" },
      { from: "rows", to: "segments" },
      { from: "segments", to: "gpt", label: "and who sees whom" },
      { from: "segments", to: "targets" },
      { from: "gpt", to: "loss", label: "logits (B, T, V)" },
      { from: "targets", to: "loss", label: "what counts", tone: "loss" },
    ],
    legend: true,
  });
}
