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

const TUNED = [
  ...(["tuned", "shuffled", "everything", "unpacked", "long", "leak"] as const),
  ...(["everythingFaster", "everythingLonger", "tunedLonger"] as const),
] as const;

type Scores = Record<Distance, RecordedScore>;

/** The base model, which was taught nothing; `fewShot`: after four solved examples, as plain text. */
export type RecordedBase = Scores & { run: "base"; seed: number; fewShot: Scores };

/** By language: how often the right order of words was the likeliest, of how many, and by luck. */
export type RecordedOrders = [language: string, right: number, asked: number, byLuck: number][];

/** More of the base model: orders of words, and how many prompts with solved examples were cut. */
export interface RecordedBaseMore {
  run: "baseMore";
  seed: number;
  cuts: Record<Distance, [cut: number, asked: number]>;
  orders: RecordedOrders;
}

/**
 * A tuned model: `shuffled` answers, `everything` in the loss (also at a faster rate and with more
 * steps), `unpacked` rows, the `long` run, and the first one, whose conversations had a `leak`.
 */
export type RecordedTuned = Scores & {
  run: (typeof TUNED)[number];
  seed: number;
  /** Rows of a step, and places of a row. */
  batchSize: number;
  length: number;
  /** Step and held-out loss in nats per token of the answers. */
  curve: [step: number, loss: number][];
  /** CPU seconds of the training. */
  trainSeconds: number;
  orders?: RecordedOrders;
};

/**
 * Share of follow-up questions answered rightly, by what stood before them; `byKind`: after their own
 * turn, by what is asked, the language and the kind of the turn before.
 */
export type RecordedFollowUps = Record<"own" | "none" | "other", number> & {
  byKind: Record<string, [right: number, asked: number]>;
};

export type RecordedInstructions = Record<
  Exclude<(typeof TUNED)[number], "long">,
  RecordedTuned[]
> & {
  about: Record<string, string | number>;
  base: RecordedBase[];
  baseMore: RecordedBaseMore[];
  long: (RecordedTuned & { followUps: RecordedFollowUps })[];
};

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
  const kinds = ["base", "baseMore", ...TUNED];
  const runs = Object.fromEntries(kinds.map((kind) => [kind, of(kind)]));
  return { about: of("about")[0], ...runs } as unknown as RecordedInstructions;
}

/** The model of the longer run, with its tokenizer; the caller disposes the parameters. */
export const loadInstructModel = (): ReturnType<typeof loadGPT> =>
  loadGPT(courseFile(`runs/${FOLDER}/checkpoint.safetensors`));
