// The recorded runs of lesson 21 (inference), made by datasets/runs/21-inference/record.mjs.
import { recordedLines } from "../data";

/** Seconds: of the CPU, and of the clock on the wall. */
export interface Times {
  cpu: number;
  wall: number;
}

/** What a pass costs that reads n tokens: of one text, and of n texts. */
export interface RecordedPass {
  /** Of all weights. */
  bytes: number;
  text: (Times & { n: number })[];
  texts: (Times & { n: number })[];
}

/** Requests served in one way; the clock counts seconds of CPU. */
export interface RecordedService {
  way: "one by one" | "static" | "continuous";
  steps: number;
  tokens: number;
  end: number;
  latency: number[];
  first: number[];
}

/** Texts continued with a draft. */
export interface RecordedDraft extends Times {
  draft: string;
  passes: number;
  proposed: number;
  accepted: number;
  same: boolean;
}

/** By part: what a line of it holds beside part, model and round. */
export interface RecordedParts {
  pass: RecordedPass;
  growth: { list: { tokens: number; cached: Times; plain: Times }[] };
  pool: { list: (Times & { blocks: number; steps: number; preemptions: number })[] };
  context: { list: (Times & { tokens: number })[] };
  arrivals: { list: RecordedService[] };
  chunks: { list: { tokenBudget: number; gap: number; first: number; times: number[] }[] };
  prefix: Record<"first" | "second" | "other", Times & { read: number; cached: number }>;
  speculate: {
    list: RecordedDraft[];
    sampledSame: boolean;
    acceptingAllSame: boolean;
    text: string;
  };
}

/** A recorded line. */
export type Recorded<P extends keyof RecordedParts> = RecordedParts[P] & {
  model: string;
  round: number | string;
};

/**
 * The recorded lines of a part.
 * @param model as "smollm2 float32"; of all models if absent
 * @param round what `round` begins with, as "copy"; all if absent
 */
export function recordedInference<P extends keyof RecordedParts>(
  part: P,
  model?: string,
  round = "",
): Recorded<P>[] {
  const lines = recordedLines<Recorded<P> & { part: string }>("21-inference/runs.jsonl");
  return lines.filter(
    (line) =>
      line.part === part &&
      (model === undefined || line.model === model) &&
      String(line.round).startsWith(round),
  );
}

/** The middle one of some numbers, or the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
