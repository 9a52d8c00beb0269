// Learning from answers that a rule can check: one round of GRPO (Shao et al., 2024).
import { type Diagram, diagram } from "../diagram";

/** From one prompt to a group of answers, their rewards, advantages, and the changed policy. */
export function grpoRound(): Diagram {
  return diagram({
    alt:
      "The policy, a GPT, gets one prompt and writes a group of G answers to it. A rule checks each " +
      "answer and gives a reward of 0 or 1. The mean of the group is subtracted, which gives one " +
      "advantage for each answer: above 0 for answers that are better than the group, below 0 for " +
      "the others. Every token of an answer gets its answer's advantage. The loss of the tokens " +
      "changes the policy. There is no value head and no reward model.",
    grid: [158, 92],
    nodes: [
      { id: "policy", at: [0, 0], text: "policy π", note: "a GPT", tone: "weights" },
      { id: "prompt", at: [0, -1.1], text: "prompt", note: "385=", tone: "words" },
      { id: "texts", at: [1.5, 0], text: "G answers", note: "(G, T)", tone: "words" },
      { id: "rule", at: [3.2, 0], text: "a rule", note: "right or wrong?", tone: "plain" },
      {
        id: "adv",
        at: [3.2, 1.2],
        text: "advantages",
        note: "r − mean of the group",
        tone: "loss",
      },
      { id: "update", at: [1.5, 1.2], text: "loss", note: "of each token", tone: "loss" },
    ],
    edges: [
      { from: "prompt", to: "policy" },
      { from: "policy", to: "texts", label: "writes" },
      { from: "texts", to: "rule", label: "check" },
      { from: "rule", to: "adv", label: "rewards (G)" },
      { from: "adv", to: "update", label: "(G, T)", tone: "loss" },
      { from: "texts", to: "update", label: "ln π (G, T)" },
      { from: "update.left", to: "policy.bottom", route: "elbow", label: "changes", tone: "loss" },
    ],
    legend: true,
  });
}
