// A head on a pretrained model: one label for a text, or one tag for each word (Radford et al., 2018,
// section 3.2; Devlin et al., 2019, section 4).
import { type Diagram, diagram } from "../diagram";

/** From the ids through the pretrained blocks to labels of texts and tags of words. */
export function labelHeads(): Diagram {
  return diagram({
    alt:
      "The ids of a text go through the blocks of a pretrained GPT and become one hidden state for " +
      "each token. For a label of the whole text, one state is made of them, the last token's or the " +
      "mean, and a head, a small matrix that begins at random, turns it into a score for each label. " +
      "For tags of words, the states at the last token of each word are kept, and another head turns " +
      "each of them into a score for each tag.",
    grid: [142, 84],
    nodes: [
      { id: "ids", at: [0, 0.5], text: "ids", note: "of a text", tone: "words" },
      { id: "gpt", at: [1.1, 0.5], text: "blocks", note: "pretrained", tone: "weights" },
      { id: "states", at: [2.25, 0.5], text: "states", note: "one per token", tone: "data" },
      { id: "one", at: [3.25, -0.5], text: "last or mean", note: "(B, C)", tone: "data" },
      { id: "head", at: [4.35, -0.5], text: "head", note: "(L, C), new", tone: "weights" },
      { id: "label", at: [4.35, -1.6], text: "label", note: "spam or ham", tone: "words" },
      { id: "some", at: [3.25, 1.5], text: "each word's last", note: "(B, T, C)", tone: "data" },
      { id: "head2", at: [4.35, 1.5], text: "head", note: "(L, C), new", tone: "weights" },
      { id: "tags", at: [4.35, 2.6], text: "tags", note: "B-PER I-PER O", tone: "words" },
    ],
    edges: [
      { from: "ids", to: "gpt", label: "(B, T)" },
      { from: "gpt", to: "states", label: "(B, T, C)" },
      { from: "states.top", to: "one.left", route: "elbow", label: "classify", labelAt: 0.3 },
      { from: "one", to: "head" },
      { from: "head", to: "label", label: "(B, L)" },
      { from: "states.bottom", to: "some.left", route: "elbow", label: "tag", labelAt: 0.3 },
      { from: "some", to: "head2" },
      { from: "head2", to: "tags", label: "(B, T, L)" },
    ],
    legend: true,
  });
}
