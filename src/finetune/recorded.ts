// The recorded runs of lesson 15 (fine-tuning) in datasets/runs/15-fine-tuning, made by record.mjs
// there: one line for each run.
import { recordedLines } from "../data";

/** What came of one run on held-out examples; which figures there are depends on the run. */
export interface RecordedLabels {
  seed: number;
  /** The last training loss, in nats per example. */
  trainLoss: number;
  /** Share of held-out texts with the right label, or of words with the right tag. */
  accuracy: number;
  /** Of tags: F1 of whole names; of sentences that begin with a name of two kinds, and of the others. */
  f1: number;
  f1Either: number;
  f1Others: number;
  /** Loss of the language model on its own text, in nats per token, before and after. */
  before: number;
  after: number;
  /** Of continued pretraining: the same, and on mails. */
  ownTextBefore: number;
  ownTextAfter: number;
  domainBefore: number;
  domainAfter: number;
  /** Share of the held-out texts that do not fill their rows, which are padded. */
  padded: number;
  /** CPU time of the run. */
  seconds: number;
}

/**
 * The recorded runs by name.
 * @returns a function from a name, "spam pretrained n=100", to its runs in the order of the seeds;
 *   it throws for a name that no run has
 */
export function recordedLabels(): (name: string) => RecordedLabels[] {
  const lines = recordedLines<RecordedLabels & { key: string }>("15-fine-tuning/runs.jsonl");
  const runs = lines.map(({ key, ...run }) => {
    const [, name, seed] = /^(.*) seed=(\d+)$/.exec(key) ?? [];
    return { ...run, name, seed: Number(seed) };
  });
  return (name) => {
    const found = runs.filter((run) => run.name === name).sort((a, b) => a.seed - b.seed);
    if (found.length === 0)
      throw new Error(
        `recordedLabels: expected one of ${[...new Set(runs.map((r) => r.name))].join(", ")}, got ${name}`,
      );
    return found;
  };
}
