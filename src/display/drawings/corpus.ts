// From files to batches: the steps of a data pipeline, and how MinHash and LSH find near duplicates.
import { type Diagram, diagram } from "../diagram";

/** The steps of `npm run data -- build`, in order. */
export function corpusPipeline(): Diagram {
  return diagram({
    alt:
      "Files are collected into documents, one at a time. Documents are normalised, filtered and " +
      "deduplicated; groups of documents are split into training and validation; each side is " +
      "tokenised and packed into shards of token ids, from which batches are drawn.",
    grid: [164, 92],
    nodes: [
      { id: "files", at: [0, 0], text: "files", note: "txt, md, html, jsonl", tone: "data" },
      { id: "documents", at: [1.25, 0], text: "documents", note: "one at a time", tone: "words" },
      { id: "clean", at: [2.5, 0], text: "clean text", note: "one spelling", tone: "words" },
      { id: "good", at: [3.5, 0], text: "prose", note: "by rules", tone: "words" },
      { id: "once", at: [3.5, 1.15], text: "each once", note: "MinHash + LSH", tone: "words" },
      { id: "sides", at: [2.5, 1.15], text: "two sides", note: "train, val", tone: "words" },
      { id: "shards", at: [1.25, 1.15], text: "shards", note: "token ids", tone: "data" },
      { id: "batch", at: [0, 1.15], text: "batch", note: "(B, T)", tone: "data" },
    ],
    edges: [
      { from: "files", to: "documents", label: "collect" },
      { from: "documents", to: "clean", label: "normalise" },
      { from: "clean", to: "good", label: "filter" },
      { from: "good", to: "once", label: "deduplicate" },
      { from: "once", to: "sides", label: "split" },
      { from: "sides", to: "shards", label: "pack" },
      { from: "shards", to: "batch", label: "draw" },
    ],
  });
}
