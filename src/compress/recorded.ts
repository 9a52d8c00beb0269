// The recorded runs of lesson 22 (compression) in datasets/runs/22-compression: of the base model
// (record.mjs), of SmolLM2 (smol.mjs), of packed weights (packed.mjs), and of llama.cpp on files that
// the course has written (llamacpp.mjs). One line for each run.
import { recordedLines } from "../data";
import type { InputSize } from "./activations";
import type { WeightReach } from "./model";

const FOLDER = "22-compression";

/** A compressed model; which figures there are depends on the run. */
export interface CompressedRun {
  /** What was done, without the seed: "4 bits row symmetric". */
  name: string;
  seed?: number;
  /** Of a file. */
  bytes: number;
  /** Numbers that are not zero. */
  parameters: number;
  /** The loss on each window, in nats per token; `before`: before learning again. */
  nats: number[];
  before: number[];
  /** The training loss, means of 20 steps. */
  curve: number[];
  steps: number;
  /** Largest numbers in what the matrices read. */
  channels: InputSize[];
  /** How far the largest weights reach. */
  reach: WeightReach;
  /** CPU seconds for the same windows, by model. */
  times: Record<string, number[]>;
  /** CPU seconds of the run. */
  seconds: number;
}

/**
 * The recorded runs.
 * @param which the base model, or SmolLM2
 * @returns a function from a name to its runs in the order of their seeds; it throws for a name that
 *   no run has
 */
export function recordedCompression(which: "base" | "smol"): (name: string) => CompressedRun[] {
  const file = which === "base" ? "runs" : "smol";
  const lines = recordedLines<CompressedRun & { key: string }>(`${FOLDER}/${file}.jsonl`);
  const runs = lines.map(({ key, ...run }) => {
    const [, name, seed] = /^(.*) seed=(\d+)$/.exec(key) ?? [key, key, undefined];
    return { ...run, name, seed: seed === undefined ? undefined : Number(seed) };
  });
  return (name) => {
    const found = runs.filter((run) => run.name === name);
    if (found.length === 0)
      throw new Error(
        `recordedCompression: expected one of ${[...new Set(runs.map((r) => r.name))].join(", ")}, ` +
          `got ${name}`,
      );
    return found.sort((a, b) => (a.seed ?? 0) - (b.seed ?? 0));
  };
}

/** What llama.cpp made of one file. */
export interface RecordedFile {
  type: string;
  bytes: number;
  /** Greedy texts that are the same as ours, of how many. */
  same: number;
  of: number;
  /** Along llama.cpp's texts: how often its token is our best one, and how far below at most. */
  places: number;
  best: number;
  farthest: number;
  texts: { prompt: string; ours: string; theirs: string }[];
  /** What the package gguf reads: how many tensors, and the largest relative difference of sums. */
  python?: { tensors: number; farthest: number };
}

/** The files, from the largest to the smallest. */
export const recordedFiles = (): RecordedFile[] =>
  recordedLines<RecordedFile>(`${FOLDER}/llamacpp.jsonl`).sort((a, b) => b.bytes - a.bytes);

/** What packed weights take: by format, "float32", "int8" and "int4". */
export interface RecordedPacking {
  /** Which model and which kernels: "smol wasm". */
  key: string;
  /** Of all matrices. */
  bytes: Record<string, number>;
  /** CPU time per token while one text is written, in milliseconds: several rounds. */
  milliseconds: Record<string, number[]>;
  /** The loss on each window, in nats per token, where it was measured. */
  nats: Record<string, number[]>;
}

/** The packed models: the base model and SmolLM2, on both kinds of kernels. */
export const recordedPacking = (): RecordedPacking[] =>
  recordedLines<RecordedPacking>(`${FOLDER}/packed.jsonl`);
