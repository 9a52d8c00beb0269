// The recorded runs of lesson 23 (prompting) in datasets/runs/23-prompting: record.mjs there made
// runs.jsonl, and thresholds.md has the claims that were written down before.
import { dirname } from "node:path";
import { courseFile, recordedKind } from "../data";
import type { Usage } from "../languageModel";
import { calibrated, neutralLogProbs } from "./choices";

const FOLDER = "23-prompting";

/** What is recorded of a task under one prompt: its questions, 40 if nothing is said, in order. */
interface RecordedTask extends Usage {
  task: string;
  /** 1 where the answer was right, else 0. */
  right: number[];
  /** ln p of each choice, where there are choices; and after the neutral inputs N/A, [MASK], "". */
  logProbs?: number[][];
  neutral?: number[][];
  /** What was written, where there are none. */
  texts?: string[];
}

export interface RecordedShots extends RecordedTask {
  shots: number;
  seed: number;
}

/** Eight examples with other labels. */
export interface RecordedLabels extends RecordedTask {
  labels: "random" | "exchanged";
  seed: number;
}

/** One of the 24 orders of four examples, and in which order their labels stand. */
export interface RecordedOrder extends RecordedTask {
  order: number;
  labels: string[];
}

export interface RecordedWording extends RecordedTask {
  shots: number;
  wording: number;
}

/** A piece of advice, or a control: 32 questions, judged in two ways. */
export interface RecordedAdvice extends Usage {
  task: string;
  advice: string;
  lenient: number[];
  strict: number[];
  texts: string[];
}

/** Word problems: one greedy solution, or five drawn ones whose majority counts. */
export interface RecordedSolutions extends Usage {
  writing: "direct" | "steps" | "dots" | "more dots";
  seed: number;
  each: number;
  right: number[];
  /** The share of right solutions to each problem. */
  one: number[];
  values: (number | null)[][];
  texts: string[];
}

/** 256 sums by tree search, or by the majority of as many drawn chains. */
export interface RecordedTree {
  seed: number;
  value: "own" | "rule" | "chance" | "votes";
  width: number;
  /** Tokens for each sum. */
  tokens: number;
  /** One 0 or 1 for each sum. */
  right: string;
}

/** New questions, without examples. No task has them, so their right answers stand here. */
export interface RecordedConfirm extends RecordedTask {
  seed: number;
  outputs: string[];
}

/**
 * For each second list (or sentence), where the first is the same or another: the share of right
 * tokens, or the mean ln p of a token.
 */
export interface RecordedCopy {
  repeated: number[];
  other: number[];
}

/** With width 1 and the rule as the value: how many digits each beginning proposes. */
export interface RecordedBranches {
  seed: number;
  branches: number;
  right: string;
}

interface RunsByName {
  about: { made: string; machine: string };
  shots: RecordedShots;
  labels: RecordedLabels;
  orders: RecordedOrder;
  wordings: RecordedWording;
  advice: RecordedAdvice;
  steps: RecordedSolutions;
  tree: RecordedTree;
  branches: RecordedBranches;
  copy: RecordedCopy;
  confirm: RecordedConfirm;
  copyLogProbs: RecordedCopy;
  copySentences: RecordedCopy;
}

/** The runs of one kind, in the order in which they were made. */
export const recordedPrompts = <K extends keyof RunsByName>(run: K): RunsByName[K][] =>
  recordedKind(`${FOLDER}/runs.jsonl`, run);

/** The folder of the calculator that the lesson's trees are searched with; `openRun` opens it. */
export const recordedCalculator = (): string =>
  dirname(courseFile(`runs/${FOLDER}/calculator/checkpoint.safetensors`));

/**
 * A recorded run after contextual calibration with its neutral inputs.
 * @param task the run's task
 * @returns 1 where the calibrated choice is right, else 0; the run's own where there are no choices
 */
export function calibratedRight(
  { right, logProbs, neutral }: Pick<RecordedTask, "right" | "logProbs" | "neutral">,
  { choices, test }: { choices?: readonly string[]; test: readonly { output: string }[] },
): number[] {
  if (!logProbs || !neutral || !choices) return right;
  const without = neutralLogProbs(neutral);
  return logProbs.map((own, question) => {
    const p = calibrated(own, without);
    return Number(choices[p.indexOf(Math.max(...p))] === test[question].output);
  });
}
