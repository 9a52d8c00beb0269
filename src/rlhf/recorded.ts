// The recorded runs of lesson 18 (RLHF) in datasets/runs/18-rlhf, made by record.mjs and controls.mjs
// there: one line for each run.
import { recordedLines } from "../data";

/** How a policy went on, one number for each rollout of 64 texts. */
export interface RecordedCurve {
  /** Mean reward by the reward model, in standard deviations of the start's texts. */
  proxy: number[];
  /** Mean true reward. */
  truth: number[];
  /** KL divergence from the reference, in nats per text. */
  kl: number[];
  /** Ids in an answer. */
  length: number[];
  /** Mean counts of opinions: see `countReview`. */
  different: number[];
  repeated: number[];
  blame: number[];
}

/**
 * PPO: without a penalty ("ppo"), with one ("penalty"), against a reward model that has also seen
 * pairs of the over-optimised policy's reviews ("second"), or of these with the start's ("mixed"), or
 * further pairs of the start's ("moreOfStart"), or paid by the true reward itself ("paidTruth").
 */
export interface RecordedPPO {
  run: "ppo" | "penalty" | "second" | "mixed" | "moreOfStart" | "paidTruth";
  seed: number;
  beta: number;
  curve: RecordedCurve;
  samples: { rollout: number; texts: string[] }[];
  /** How many pairs the reward model has seen in addition; two equal texts make none. */
  newPairs?: number;
  cpuSeconds: number;
}

/** A reward model. */
export interface RecordedReward {
  run: "reward";
  seed: number;
  /** Of held-out preferences: the model's agreement, and that of the true reward. */
  accuracy: number;
  truthAccuracy: number;
  /** Mean true reward of the start's texts. */
  startTruth: number;
  /** Proxy and true reward of 256 texts of the start. */
  scores: [proxy: number, truth: number][];
  probes: { text: string; proxy: number; truth: number }[];
}

/** Best-of-n by the reward model, without any training. */
export interface RecordedBest {
  run: "best";
  seed: number;
  curve: { n: number; kl: number; proxy: number; truth: number }[];
  samples: string[];
}

export interface RecordedDPO {
  run: "dpo";
  seed: number;
  beta: number;
  proxy: number;
  truth: number;
  kl: number;
  accuracy: number;
  samples: string[];
}

/** Supervised learning of the chosen texts alone, the baseline of DPO. */
export interface RecordedChosen {
  run: "chosen";
  seed: number;
  /** Mean true reward of what the model writes afterwards, and of the chosen texts. */
  truth: number;
  chosenTruth: number;
  kl: number;
  samples: string[];
}

/** The DPO run again: the mean log-probability of held-out texts, in nats per text. */
export type RecordedDisplacement = { run: "displaced"; seed: number; truth: number } & Record<
  `${"chosen" | "rejected"}_${"before" | "after"}`,
  number
>;

export interface RecordedReviews {
  about: Record<string, string | number>;
  ppo: RecordedPPO[];
  penalty: RecordedPPO[];
  second: RecordedPPO[];
  mixed: RecordedPPO[];
  moreOfStart: RecordedPPO[];
  paidTruth: RecordedPPO[];
  reward: RecordedReward[];
  best: RecordedBest[];
  dpo: RecordedDPO[];
  chosen: RecordedChosen[];
  displaced: RecordedDisplacement[];
}

/** All recorded runs, by kind, each list in the order of the seeds. */
export function recordedReviews(): RecordedReviews {
  const lines = recordedLines<{ run: string; seed: number }>("18-rlhf/runs.jsonl");
  const of = (run: string) =>
    lines.filter((line) => line.run === run).sort((a, b) => a.seed - b.seed);
  const kinds = [
    ...["ppo", "penalty", "second", "mixed", "moreOfStart", "paidTruth"],
    ...["reward", "best", "dpo", "chosen", "displaced"],
  ];
  const runs = Object.fromEntries(kinds.map((kind) => [kind, of(kind)]));
  return { about: of("about")[0], ...runs } as unknown as RecordedReviews;
}
