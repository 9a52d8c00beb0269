// The recorded runs of lesson 04 (tokenization) in datasets/runs/04-tokenization, made by record.mjs
// in that folder.

import { readFileSync } from "node:fs";
import { datasetPath } from "../data";

/** One training: how often the held-out questions were answered rightly, after so many steps. */
export interface RecordedCurve {
  notation: string;
  seed: number;
  /** Numbers in the model. */
  parameters: number;
  steps: number[];
  accuracy: number[];
}

export interface RecordedTokenRuns {
  /** When, on what machine and by which command. */
  about: Record<string, string | number>;
  letters: {
    curves: (RecordedCurve & {
      /** Accuracy of the words that are 1, 2, 3, 4 or more tokens, at the end. */
      byTokens: (number | null)[];
      /** What the model answers when asked for each letter of strawberry. */
      strawberry: { letter: string; answer: string }[];
    })[];
    /** How often the most frequent count for that letter and length is right. */
    guessByLength: number;
  };
  /** By the number of digits. */
  sums: (RecordedCurve & { digits: number; off: { within10: number; within100: number } })[];
}

/** The numbers of runs.json. */
export function recordedTokenRuns(): RecordedTokenRuns {
  const file = datasetPath("runs/04-tokenization/runs.json");
  if (file === null)
    throw new Error(
      "recordedTokenRuns: expected runs/04-tokenization/runs.json in datasets/, got no such file",
    );
  return JSON.parse(readFileSync(file, "utf8"));
}
