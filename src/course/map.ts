// The map of the course: all thirty lessons, whether they exist yet or not.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { courseRoot } from "./paths";

export interface MapEntry {
  id: string;
  title: string;
}
export interface Part {
  title: string;
  lessons: MapEntry[];
}

const part = (title: string, ...lessons: [id: string, title: string][]): Part => ({
  title,
  lessons: lessons.map(([id, name]) => ({ id, title: name })),
});

export const courseMap: readonly Part[] = [
  part(
    "I · Predicting text",
    ["00-start-here", "Start here"],
    ["01-predicting-text", "Predicting text"],
    ["02-neural-network-by-hand", "A neural network by hand"],
    ["03-recurrent-networks", "Recurrent networks and why they forget"],
  ),
  part(
    "II · Text as numbers",
    ["04-tokenization", "Tokenization"],
    ["05-embeddings", "Embeddings"],
  ),
  part(
    "III · Attention and the Transformer",
    ["06-attention", "Attention"],
    ["07-positions", "Positions"],
    ["08-transformer", "The Transformer"],
    ["09-pretraining-objectives", "Pretraining objectives"],
  ),
  part(
    "IV · Training a GPT",
    ["10-data", "Data"],
    ["11-gpt", "GPT, the whole model"],
    ["12-training", "Training"],
    ["13-evaluation", "Evaluation"],
    ["14-scaling", "Scaling"],
  ),
  part(
    "V · Adapting and aligning",
    ["15-fine-tuning", "Fine-tuning"],
    ["16-instruction-tuning", "Instruction tuning"],
    ["17-light-fine-tuning", "Light fine-tuning"],
    ["18-rlhf", "Learning from preferences"],
  ),
  part(
    "VI · Fast and small",
    ["19-decoding", "Decoding"],
    ["20-inference", "Inference"],
    ["21-compression", "Compression"],
  ),
  part(
    "VII · Using language models",
    ["22-prompting", "Prompting"],
    ["23-serving", "Serving"],
    ["24-retrieval", "Retrieval"],
    ["25-agents", "Agents"],
    ["26-safety", "Safety"],
    ["27-interpretability", "Interpretability"],
    ["28-long-context-and-multimodal", "Long context and images"],
    ["29-in-practice", "In practice"],
  ),
];

/** Whether a lesson's notebook is there. */
export function lessonExists(id: string): boolean {
  return existsSync(join(courseRoot(), "notebooks", `${id}.ipynb`));
}
