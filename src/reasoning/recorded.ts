// The recorded runs of lesson 19 (reasoning) in datasets/runs/19-reasoning: record.mjs and controls.mjs
// there made runs.jsonl, and smol.mjs made smol.json.
import { recordedLines, recordedRun } from "../data";

/** How often a model's answers to the held-out sums are right; 16 answers to each at temperature 1. */
export interface Measured {
  run: string;
  seed: number;
  /** Of one answer. */
  one: number;
  /** Of the majority of 1, 2, 4, 8 and 16 answers. */
  majority: number[];
  /** That one of as many is right. */
  pass: number[];
  /** Of the likeliest answer. */
  greedy: number;
  /** Mean characters of an answer. */
  length: number;
  /** Share of chains among the answers, and how often chains and direct answers are right. */
  chains: number;
  chainRight: number;
  directRight: number;
  /** Mean −ln p of what was drawn, in nats per character. */
  surprise: number;
  /** Share of the right answers in whose chain a step is wrong. */
  luck: number;
  /** Sums, each followed by its answers. */
  samples: string[][];
  cpuSeconds: number;
}

/** What is recorded of each rollout; see llm/rlhf's RolloutRecord. */
export type GRPOCurve = "reward" | "truth" | "chains" | "length" | "surprise" | "equalGroups";

/** A run of GRPO: what came out, and one number for each rollout. */
export interface RecordedGRPO extends Measured {
  curve: Record<GRPOCurve, number[]>;
}

/** A student that learnt from written answers. */
export interface RecordedStudent extends Measured {
  /** How many traces it learnt from, and which share of what was written was right. */
  traces: number;
  rightTraces: number;
}

/** Best of 1, 2, 4, 8 and 16 answers by a learnt verifier. */
export interface RecordedVerifier {
  run: string;
  seed: number;
  pairs: number;
  /** Share of held-out pairs in which the right answer is preferred. */
  accuracy: number;
  best: number[];
}

/** What the verifier's scores say of right and wrong answers to the same sum (controls.mjs). */
export interface RecordedScores {
  run: string;
  seed: number;
  /** Best of 1, 2, 4, 8 and 16 by the verifier, and by a random score for each different text. */
  best: number[];
  randomScores: number[];
  /** Of the sums that have both: how many different right and wrong texts among 16 answers. */
  rightTexts: number;
  wrongTexts: number;
  /** Mean scores, and the means of each sum's highest ones. */
  rightScore: number;
  wrongScore: number;
  highestRight: number;
  highestWrong: number;
  /** Share of pairs in which the right answer has the higher score. */
  rightPreferred: number;
  /** Share of sums in which a wrong answer has the highest score. */
  wrongOnTop: number;
}

/** A weaker start, or what GRPO made of it. */
export interface RecordedWeak extends Measured {
  /** pass@k where only an answer with every step right counts. */
  rightChains: number[];
}

/** How many steps of chains a model took until its held-out loss was low enough. */
export interface RecordedSteps {
  run: string;
  seed: number;
  steps: number;
  val: number;
}

/** The numbers of answers in `majority`, `pass` and `best`. */
export const answerCounts = [1, 2, 4, 8, 16];

export interface RecordedReasoning {
  about: Record<string, string | number>;
  /** The runs of a name, in the order of their seeds; `of("grpo")` and its variants have curves. */
  of<R extends { run: string; seed: number } = Measured>(run: string): R[];
}

/** All recorded runs. */
export function recordedReasoning(): RecordedReasoning {
  const lines = recordedLines<{ run: string; seed: number }>("19-reasoning/runs.jsonl");
  const of = (run: string) =>
    lines.filter((line) => line.run === run).sort((a, b) => a.seed - b.seed);
  return { about: of("about")[0], of } as unknown as RecordedReasoning;
}

/** A question that SmolLM2-135M-Instruct was asked in two ways. */
export interface AskedQuestion {
  kind: "logic" | "common sense" | "cause";
  question: string;
  /** What the right answer contains, in lower case. */
  right: string;
  direct: string;
  steps: string;
}

/** The chat model's recorded answers to questions of logic, common sense, and cause. */
export function recordedQuestions(): AskedQuestion[] {
  return recordedRun<{ questions: AskedQuestion[] }>("19-reasoning/smol.json").questions;
}
