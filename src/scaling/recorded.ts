// The recorded runs of lesson 14 (scaling) in datasets/runs/14-scaling, made by record.mjs there.

import { recordedRun } from "../data";
import type { Interval } from "./bootstrap";
import type { Run, ScalingLaw } from "./law";
import type { PowerLaw } from "./powerLaw";

type About = Record<string, string | number>;

/** One training of the family; `loss` is in nats per letter, on all held-out letters. */
export interface FamilyRun extends Run {
  /** C, the only size that differs within the family. */
  width: number;
  steps: number;
  seed: number;
  /** Operations of the whole training, counted. */
  flops: number;
  /** Of its steps; the machine was shared with other work. */
  wallSeconds: number;
  cpuSeconds: number;
}

/** What the family said of the held-out run, before it ran. */
export interface Prediction {
  about: About;
  width: number;
  parameters: number;
  tokens: number;
  flops: number;
  /** Further away than this, the prediction has failed: nats per letter. */
  threshold: number;
  /** The law is fitted to the runs of at least so many steps. */
  leastSteps: number;
  law: ScalingLaw;
  predicted: number;
  interval: Interval;
  /** The simpler rule: a power law in the operations. */
  compute: { law: PowerLaw; predicted: number };
  /** What the law would have said, had it been fitted to the shorter runs as well. */
  withShortRuns: number;
  bestOfFamily: number;
}

/** A model that adds two numbers of three digits. */
export interface SumsRun {
  width: number;
  seed: number;
  parameters: number;
  /** Share of the answers of which every digit is right. */
  exact: number;
  /** Share of right symbols. */
  symbols: number;
  /** Nats per symbol. */
  nats: number;
  /** Share of the answers whose last 1, 2, 3 digits are right. */
  lastDigits: number[];
}

/** The numbers of family.json. */
export const recordedFamily = () =>
  recordedRun<{ about: About; runs: FamilyRun[] }>("14-scaling/family.json");

/** The numbers of prediction.json. */
export const recordedPrediction = () => recordedRun<Prediction>("14-scaling/prediction.json");

/** The numbers of held-out.json. */
export const recordedHeldOut = () =>
  recordedRun<{ about: About; runs: FamilyRun[] }>("14-scaling/held-out.json");

/** The numbers of control.json: the held-out run with half the learning rate. */
export const recordedControl = () =>
  recordedRun<{ about: About; runs: (FamilyRun & { rate: number; trainLoss: number })[] }>(
    "14-scaling/control.json",
  );

/** The numbers of sums.json. */
export const recordedSumsBySize = () =>
  recordedRun<{ about: About; runs: SumsRun[] }>("14-scaling/sums.json");
