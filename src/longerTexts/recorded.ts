// The recorded runs of lesson 07 (positions) in datasets/runs/07-positions, made by record.mjs there.

import { recordedRun } from "../data";
import type { Paired } from "./measure";

/** What was measured of one trained model. */
export interface RecordedLengths {
  encoding: string;
  seed: number;
  /** Mean loss in nats per character with windows of each of `lengths`. */
  losses: number[];
  /** The difference to the loss with the shortest windows, for the same characters. */
  differences: Paired[];
}
export interface RecordedRuns {
  /** When, on what machine and by which command. */
  about: Record<string, string | number>;
  lengths: number[];
  runs: RecordedLengths[];
  /** The loss of models that only count, for the same characters, by name. */
  counted: Record<string, number>;
  /** RoPE's loss with 32 characters minus that with 64, for each seed. */
  halved: (Paired & { seed: number })[];
  /** What the models of the first seed write, 330 letters, by encoding. */
  texts: Record<string, string>;
}

export const recordedLengths = () => recordedRun<RecordedRuns>("07-positions/lengths.json");
