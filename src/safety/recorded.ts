// The recorded runs of lesson 27 (safety) in datasets/runs/27-safety, made by record.mjs there: one
// line for each run, in a file for each part.
import { courseFile, recordedLines } from "../data";

/** A line of a file; which figures it has depends on the run. */
export interface RecordedSafety {
  run: string;
  seed: number;
  [figure: string]: unknown;
}

/**
 * The lines of a part.
 * @param part "models" (the small ones) or "smol" (SmolLM2)
 * @returns a function from the name of a run to its lines in the order of the seeds; it throws for a
 *   name that no line has
 */
export function recordedSafety<T extends object = RecordedSafety>(
  part: "models" | "smol",
): (run: string) => (T & RecordedSafety)[] {
  const lines = recordedLines<T & RecordedSafety>(`27-safety/${part}.jsonl`);
  return (run) => {
    const found = lines.filter((line) => line.run === run).sort((a, b) => a.seed - b.seed);
    if (found.length > 0) return found;
    const known = [...new Set(lines.map((line) => line.run))].join(", ");
    throw new Error(`recordedSafety: expected one of ${known}, got ${run}`);
  };
}

/** Where the small shop model is that gives money back ("plain", seed 1); `openRun` opens it. */
export const refundModelPath = (): string => courseFile("runs/27-safety/checkpoint.safetensors");
