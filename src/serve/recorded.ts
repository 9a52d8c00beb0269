// The recorded runs of lesson 24 (serving), made by datasets/runs/24-serving/record.mjs.
import { recordedKind } from "../data";

/** 5, 25, 50, 75 and 95 percent of the times are at most so many milliseconds. */
export type Five = [number, number, number, number, number];

/** Streams that were opened at the same time. */
export interface RecordedLoad {
  /** How they ended, and how many each way. */
  ends: Record<string, number>;
  /** Milliseconds on the clock until the last had ended; seconds of the server's CPU. */
  wall: number;
  cpu: number;
  /** Of all answers together. */
  tokens: number;
  /** Until the first token, until the end, and from the one to the other. */
  first: Five;
  latency: Five;
  writing: Five;
  meanLatency: number;
}

/** What a line holds beside `run`. */
export interface RecordedServing {
  about: { made: string; machine: string };
  curve: RecordedLoad & { model: "base" | "smollm2"; streams: number; round: number };
  alone: { model: "base" | "smollm2"; round: number; tokens: number; cpu: number };
  thousand: RecordedLoad & { mostRunning: number; blocksLeft: number };
  "full queue": { ends: Record<string, number> };
  /**
   * Each stream is followed by another. In a window of so many milliseconds, from when all have begun
   * their second until the first begins its last: streams that ended per second, and their mean
   * time in milliseconds.
   */
  steady: { streams: number; window: number; perSecond: number; meanLatency: number };
  /** MiB of resident memory after 100 requests, after 200 … after 10,000. */
  memory: { round: number; mib: number[] };
  /** Medians, in milliseconds. */
  caches: Record<"first" | "second" | "other" | "fresh" | "again", number>;
}

/** All lines of a kind. @throws if there is none */
export const recordedServing = <K extends keyof RecordedServing>(run: K): RecordedServing[K][] =>
  recordedKind("24-serving/runs.jsonl", run);
