// The recorded runs of lesson 17 (light fine-tuning) in datasets/runs/17-light-fine-tuning, made by
// record.mjs (the base model) and smol.mjs (SmolLM2) there: one line for each run.
import { dirname } from "node:path";
import { courseFile, recordedLines } from "../data";

const FOLDER = "17-light-fine-tuning";

/** One training of the base model and what it could do afterwards. */
export interface RecordedTuning {
  key: string;
  seed: number;
  lr: number;
  steps: number;
  /** How many numbers were trained. */
  trained: number;
  /** CPU seconds of one step, compiled, on the native engine. */
  stepSeconds: number;
  /** Held-out loss, in nats per token of the answers. */
  val: number;
  /** The training loss, means of ten steps. */
  curve: number[];
  /** Of 160 held-out questions: answered to the letter, and answered in the form of their kind. */
  score: number;
  formed: number;
  byKind: Record<string, number>;
  answers: [question: string, right: string, answer: string][];
}

/** The model before any training, and the best constant answer for each kind and language. */
export type RecordedStart = Pick<RecordedTuning, "seed" | "score" | "formed"> & {
  constant: number;
};

/** Scores on skill A and skill B of LoRAs alone and combined, by the name of the combination. */
export interface RecordedMerge {
  seed: number;
  scores: Record<string, { A: number; B: number }>;
}

/** Two skills whose LoRAs began with the same matrix A, and how far the copies of A have moved. */
export interface RecordedSameA extends RecordedMerge {
  /** The length of the change of A by that of its start, mean over the layers. */
  moved: number;
  /** The cosine of the two copies of A after training, mean over the layers. */
  cosine: number;
}

/** SmolLM2 asked in one way, or after a training. */
export interface RecordedSmol {
  key: string;
  /** Of 96 held-out questions: JSON of the form; right in that form; right anywhere in the text. */
  formed: number;
  strict: number;
  lenient: number;
  byKind: [kind: string, right: number, of: number][];
  answers: [question: string, right: string, answer: string][];
  /** Of a training: CPU seconds up to here, held-out loss, the loss of each step. */
  trained?: number;
  share?: number;
  steps?: number;
  trainSeconds?: number;
  val?: number;
  losses?: number[];
}

export interface RecordedLightTuning {
  /** By name, such as "lora r=1": one run for each seed. */
  tunings: Record<string, RecordedTuning[]>;
  starts: RecordedStart[];
  merges: RecordedMerge[];
  sameA: RecordedSameA[];
  /** By key, such as "told" or "lora 300". */
  smol: Record<string, RecordedSmol>;
}

/** The recorded runs, in the order of their seeds. */
export function recordedLightTuning(): RecordedLightTuning {
  const recorded: RecordedLightTuning = {
    tunings: {},
    starts: [],
    merges: [],
    sameA: [],
    smol: {},
  };
  type Line = RecordedTuning & RecordedStart & RecordedSameA;
  const lines = recordedLines<Line>(`${FOLDER}/runs.jsonl`);
  for (const line of lines.sort((a, b) => a.seed - b.seed)) {
    const name = line.key.replace(/ seed=\d+$/, "");
    if (name === "start") recorded.starts.push(line);
    else if (name === "merge") recorded.merges.push(line);
    else if (name === "same A") recorded.sameA.push(line);
    else if (name !== "file") recorded.tunings[name] = [...(recorded.tunings[name] ?? []), line];
  }
  for (const line of recordedLines<RecordedSmol>(`${FOLDER}/smol.jsonl`))
    recorded.smol[line.key] = line;
  return recorded;
}

/** The folders of the two LoRAs that were recorded: for the base model, and for SmolLM2. */
export const recordedLoraFolder = (model: "base" | "smol"): string =>
  dirname(courseFile(`runs/${FOLDER}/${model}-lora/adapter_model.safetensors`));
