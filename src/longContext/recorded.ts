// The recorded runs of long texts in datasets/runs/29-long-context-and-multimodal, made by
// record.mjs and record-more.mjs there.
import { recordedKind } from "../data";
import type { Paired } from "../longerTexts";
import type { Stretching } from "./model";

const FILE = "29-long-context-and-multimodal/runs.jsonl";

/** The window stretched: differences to the loss with 64 characters, in nats per character. */
export interface RecordedStretch {
  run: string;
  seed: number;
  /** The loss with 64. */
  base: number;
  /** With 64, 128, 256 and 512 characters. */
  untuned: Record<Stretching, Paired[]>;
}

/** After fine-tuning on windows of 256 ("at 64": of 64): with 64 and 256 characters. */
export interface RecordedTuned {
  run: string;
  seed: number;
  steps: number;
  way: Stretching | "at 64";
  differences: Paired[];
}

/** The own model streaming: mean losses of positions 0 … 31, 32 … 63, and so on. */
export interface RecordedStream
  extends Record<"whole" | "window" | "1 sink" | "4 sinks", number[]> {
  run: string;
  seed: number;
  /** The last 64 characters read anew for each. */
  again: number;
  /** Attention to the first token, layer by layer, from position 32 of 64 on. */
  first: number[];
}

/** SmolLM2 streaming, one way of keeping. */
export interface RecordedSmolStream {
  run: string;
  way: string;
  /** As in `RecordedStream`, in nats per token. */
  losses: number[];
  /** Mean from position 256 on, one for each text. */
  late: number[];
}

/** Needles of 32 found, [length][depth], of a model trained on texts of 64. */
export interface RecordedNeedle {
  run: string;
  seed: number;
  untuned: Record<Stretching, number[][]>;
  /** Of 256, where the text has no needle. */
  without: number;
}

/** The same after 40 steps on texts of 256. */
export interface RecordedNeedleTuned extends Record<"plain" | "yarn", number[][]> {
  run: string;
  seed: number;
}

/**
 * Needles after training until those of 64 tokens are found. Counts are of 32, by depth; `untuned`
 * with 64, 256 and 512 tokens.
 */
export interface RecordedLearnt {
  run: string;
  seed: number;
  /** Share found at 64 after each round of 400 steps, in texts that are not those of the counts. */
  rounds: number[];
  untuned: Record<Stretching, number[][]>;
  /** After 40 steps on texts of 256, with 256 tokens. */
  tuned: Record<"plain" | "yarn", number[]>;
  /** With some pairs divided by 4, for texts of 64 and of 256 tokens. */
  divided: Record<"64" | "256", Record<Divided, number[]>>;
  /** Of 256, where the text has no needle. */
  without: number;
}

/** Which pairs of each head turn 4 times more slowly; quick: 0 to 2, one turn or more in 64. */
export type Divided = "none" | "all" | "quick" | "slow";

/** Letters with some pairs divided by 4: differences to the loss with 64 letters and none. */
export interface RecordedBlur extends Record<"64" | "256", Record<Divided, Paired>> {
  run: string;
  seed: number;
  /** Attention to the letter before, with 64 letters: [layer][head]. */
  before: Record<Divided, number[][]>;
}

/** Fine-tuned on windows of 256: plain RoPE − YaRN, stretch by stretch, with 64 and 256 letters. */
export interface RecordedTunedPairs extends Record<"64" | "256", Paired> {
  run: string;
  seed: number;
  steps: number;
}

/** SmolLM2's needles. */
export interface RecordedSmolNeedle {
  run: string;
  length: number;
  depth: number | "without";
  n: number;
  found: number;
  /** The number, and what was written. */
  samples: [string, string][];
}

/** The lines of each kind. */
export const recordedLong = {
  stretch: () => recordedKind<RecordedStretch>(FILE, "stretch"),
  tuned: () => recordedKind<RecordedTuned>(FILE, "tuned"),
  stream: () => recordedKind<RecordedStream>(FILE, "stream"),
  needle: () => recordedKind<RecordedNeedle>(FILE, "needle"),
  needleTuned: () => recordedKind<RecordedNeedleTuned>(FILE, "needleTuned"),
  learnt: () => recordedKind<RecordedLearnt>(FILE, "learnt"),
  blur: () => recordedKind<RecordedBlur>(FILE, "blur"),
  tunedPairs: () => recordedKind<RecordedTunedPairs>(FILE, "tunedPairs"),
  smolStream: () => recordedKind<RecordedSmolStream>(FILE, "smolStream"),
  smolFirst: () => recordedKind<{ run: string; shares: number[] }>(FILE, "smolFirst")[0],
  /** Attention to tokens 0 to 3: one row for each, layer by layer. */
  smolFirstFour: () => recordedKind<{ run: string; shares: number[][] }>(FILE, "smolFirstFour")[0],
  smolNeedle: () => recordedKind<RecordedSmolNeedle>(FILE, "smolNeedle"),
};
