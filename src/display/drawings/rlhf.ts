// Learning from people's choices: the stages of RLHF (Ouyang et al., 2022).
import { type Diagram, diagram } from "../diagram";

/** From a policy to preferences, to a reward model, and back to the policy. */
export function rlhfStages(): Diagram {
  return diagram({
    alt:
      "The policy, a GPT that has learnt from examples, writes two answers to each prompt. Somebody " +
      "says which of the two is better. From these preferences a reward model learns to give a text " +
      "one number. Then the policy writes again, the reward model pays for each text, a frozen copy " +
      "of the first policy, the reference, says how far the policy has moved away from it, and both " +
      "together become advantages that change the policy.",
    grid: [158, 92],
    nodes: [
      { id: "policy", at: [0, 0], text: "policy π", note: "a GPT", tone: "weights" },
      { id: "texts", at: [1.5, 0], text: "answers", note: "(B, T)", tone: "words" },
      {
        id: "pairs",
        at: [3.2, -1.1],
        text: "preferences",
        note: "chosen, rejected",
        tone: "words",
      },
      { id: "reward", at: [3.2, 0], text: "reward model", note: "one number", tone: "weights" },
      {
        id: "reference",
        at: [1.5, 1.2],
        text: "reference",
        note: "π_{ref}, frozen",
        tone: "weights",
      },
      { id: "adv", at: [3.2, 1.2], text: "advantages", note: "(B, T)", tone: "loss" },
      { id: "update", at: [0, 2.2], text: "clipped loss", note: "gradients", tone: "loss" },
    ],
    edges: [
      { from: "policy", to: "texts", label: "writes" },
      {
        from: "texts.top",
        to: "pairs.left",
        route: "elbow",
        label: "which is better?",
        labelAt: 0.75,
      },
      { from: "pairs", to: "reward", label: "learn" },
      { from: "texts", to: "reward", label: "score (B)" },
      { from: "texts", to: "reference", label: "read" },
      { from: "reward", to: "adv", label: "reward" },
      { from: "reference", to: "adv", label: "KL penalty" },
      { from: "adv.bottom", to: "update.right", route: "elbow", tone: "loss" },
      { from: "update", to: "policy", label: "changes", tone: "loss" },
    ],
    legend: true,
  });
}
