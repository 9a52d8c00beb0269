// The recorded runs of lesson 30 (in practice), made by datasets/runs/30-in-practice/record.mjs.
import { recordedKind } from "../data";
import type { TopicCounts } from "./monitor";
import type { Outcome } from "./questions";

/** One application on the questions of a test. */
export interface RecordedSystem {
  n: number;
  shares: Record<Outcome, number>;
  /** CPU seconds for an answer, all questions asked at once, and one after the other. */
  cpu: number;
  cpuAlone: number;
  /** Tokens for an answer. */
  promptTokens: number;
  completionTokens: number;
  topics: Record<string, Record<Outcome, number>>;
  /** 1 or 0 for each question: whether it went as it should. */
  good: string;
  faults: string[][];
}

/** The applications that were compared. */
export const systemNames = [
  ...["rules", "agent, unchecked", "agent", "rules, documents, agent", "rules, agent, documents"],
  ...["adapted agent", "rules, adapted agent, documents"],
] as const;
export type SystemName = (typeof systemNames)[number];

/** Simple rivals of the cascade, and of adapting. */
export const rivalNames = [
  ...["rules, new names, agent, documents", "rules, all names, documents", "documents"],
] as const;
export type RivalName = (typeof rivalNames)[number];

/** For one size of the reference: shares of alarms without and with a change, one a reference. */
export interface RecordedReferences {
  alarm: number[];
  found: number[];
}

/** How often each limit was passed. */
export interface RecordedWindow {
  alarm: number;
  fixed: number;
  meanIndex: number;
  limit: number;
}

/** What a line holds, by its `run`. */
export interface RecordedPractice {
  adapt: Record<"before" | "adapted", RecordedSystem> & { seed: number };
  /** The control of adapting: new things alone. */
  alone: RecordedSystem & { seed: number };
  rivals: Record<RivalName, RecordedSystem> & { seed: number };
  /** SmolLM2 with the rules of the house first, last, and with examples. */
  prompts: Record<"first" | "last" | "examples", RecordedSystem> & { seed: number };
  references: Record<"400" | "1600" | "6400", RecordedReferences>;
  /** Memory read by kernels of the engine, in bytes per second of CPU time, and one text beside it. */
  memory: {
    bandwidths: { megabytes: number; sum: number; product: number }[];
    texts: { name: string; tokensPerSecond: number }[];
  };
  systems: Record<SystemName, RecordedSystem> & { seed: number };
  chat: RecordedSystem & { seed: number };
  "taught adapted": { seed: number; curve: [number, number][]; cpuSeconds: number };
  peeking: { n: number; end: number; peek: number; byLooks: number[]; sequential: number };
  power: {
    a: number;
    b: number;
    n: number;
    found: number;
    sequential: number;
    medianStop: number;
    mediansByRho: Record<string, number>;
  };
  drift: { topics: TopicCounts } & Record<
    "same 200" | "same 40" | "changed 200" | "changed 40",
    RecordedWindow
  >;
  speed: {
    /** Bytes read in a second of CPU time. */
    bandwidth: number;
    models: { name: string; texts: number; tokens: number; tokensPerSecond: number }[];
  };
}

/** All lines of a kind, by seed. @throws if there is none */
export const recordedPractice = <K extends keyof RecordedPractice>(run: K): RecordedPractice[K][] =>
  recordedKind<RecordedPractice[K] & { seed: number }>("30-in-practice/runs.jsonl", run).sort(
    (one, other) => one.seed - other.seed,
  );

/** The mean of a figure over several runs. */
export const meanOf = <T>(runs: readonly T[], figure: (run: T) => number): number =>
  runs.reduce((sum, run) => sum + figure(run), 0) / runs.length;
