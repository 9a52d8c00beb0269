// The recorded runs of lesson 16 (instruction tuning) in datasets/runs/16-instruction-tuning, made by
// record.mjs there: one line for each run, and the model of the longer run.
import { courseFile, recordedLines } from "../data";
import { loadGPT } from "../pretrain";
import type { Distance } from "./study";

/** What a model did with the questions of one distance. */
export interface RecordedScore {
  /** Share of answers that are right to the letter. */
  exact: number;
  /** Share of questions whose right answer was the likeliest, and what luck would give. */
  chosen?: number;
  byLuck?: number;
  byKind: Record<string, [right: number, asked: number]>;
  samples: { kind: string; question: string; right: string; answer: string }[];
}

type Scores = Record<Distance, RecordedScore>;

/** The base model, which was taught nothing; `fewShot`: after four solved examples, as plain text. */
export type RecordedBase = Scores & { run: "base"; seed: number; fewShot: Scores };

/** A tuned model: `shuffled` answers, `everything` in the loss, `unpacked` rows, the `long` run. */
export type RecordedTuned = Scores & {
  run: "tuned" | "shuffled" | "everything" | "unpacked" | "long";
  seed: number;
  /** Rows of a step, and places of a row. */
  batchSize: number;
  length: number;
  /** Step and held-out loss in nats per token of the answers. */
  curve: [step: number, loss: number][];
  /** CPU seconds of the training. */
  trainSeconds: number;
};

/** Share of follow-up questions answered rightly, by what stood before them. */
export type RecordedFollowUps = Record<"own" | "none" | "other", number>;

export interface RecordedInstructions {
  about: Record<string, string | number>;
  base: RecordedBase[];
  tuned: RecordedTuned[];
  shuffled: RecordedTuned[];
  everything: RecordedTuned[];
  unpacked: RecordedTuned[];
  long: (RecordedTuned & { followUps: RecordedFollowUps })[];
}

const FOLDER = "16-instruction-tuning";

/** What a seed needs to be compared. */
const COMPARED = ["base", "tuned", "shuffled", "everything"];

/**
 * All recorded runs, by kind, each list in the order of the seeds. While record.mjs is at work, a seed
 * is left out until all runs that are compared are there.
 */
export function recordedInstructions(): RecordedInstructions {
  const lines = recordedLines<{ run: string; seed: number }>(`${FOLDER}/runs.jsonl`);
  const isThere = (run: string, seed: number) =>
    lines.some((line) => line.run === run && line.seed === seed);
  const of = (run: string) =>
    lines
      .filter((line) => line.run === run)
      .filter(({ seed }) => run === "about" || COMPARED.every((other) => isThere(other, seed)))
      .sort((a, b) => a.seed - b.seed);
  const kinds = ["base", "tuned", "shuffled", "everything", "unpacked", "long"];
  const runs = Object.fromEntries(kinds.map((kind) => [kind, of(kind)]));
  return { about: of("about")[0], ...runs } as unknown as RecordedInstructions;
}

/** The model of the longer run, with its tokenizer; the caller disposes the parameters. */
export const loadInstructModel = (): ReturnType<typeof loadGPT> =>
  loadGPT(courseFile(`runs/${FOLDER}/checkpoint.safetensors`));
