// The recorded runs of lesson 09 (pretraining objectives) in datasets/runs/09-pretraining-objectives:
// what models of several seeds were worth at continuing, filling and classifying, and the five
// models of one seed that were trained for longer. Made by record.mjs in that folder.
import { readFileSync } from "node:fs";
import { decodeSafetensors, encodeSafetensors } from "../checkpoint";
import { courseFile, recordedRun } from "../data";
import { tf } from "../engine";
import { letterTokenizer } from "./letters";
import { type ObjectiveName, objectiveNames } from "./objective";
import type { ObjectiveModel } from "./score";
import { createObjectiveModel, type ObjectiveSize } from "./task";

/** What was measured of one model. */
export interface RecordedObjective {
  seed: number;
  objective: ObjectiveName;
  /** Its own loss on held-out text while it was trained, in nats. */
  losses: { step: number; val: number }[];
  /** Bits per character of 16 characters after 48. */
  continuing: number;
  /** Share of gaps for which the right one of twenty words was the most probable. */
  filling: number;
  /** The same for gaps of one letter, with all 27 symbols as candidates. */
  letter: number;
  /** Bits per character of the right word in the gap, its length given. */
  gapBits: number;
  /** Share of gaps that the model itself fills with the right word, letter by letter. */
  written: number;
  /** Of a causal model: the same without the right side. */
  leftOnly?: { filling: number; letter: number };
  /** Accuracy of the probe, by the number of labels. */
  probe: Record<string, number>;
  /** The same of the model before training. */
  untrained: Record<string, number>;
}

export interface RecordedObjectives {
  /** When, on what machine and by which command. */
  about: Record<string, string | number>;
  size: ObjectiveSize;
  runs: RecordedObjective[];
  /** What simple methods reach: bits per character, shares. */
  baselines: {
    continuing: { unigram: number; kneserNey: number };
    filling: { mostFrequent: number; kneserNey: number; kneserNeyLeft: number };
    letter: { mostFrequent: number; kneserNey: number; kneserNeyLeft: number };
    probe: Record<"letters" | "words", Record<string, number>>;
  };
}

/** The numbers of runs.json. */
export const recordedObjectives = () =>
  recordedRun<RecordedObjectives>("09-pretraining-objectives/runs.json");

/** The numbers of long.json: one seed, five times as many steps. */
export const recordedLong = () =>
  recordedRun<RecordedObjectives>("09-pretraining-objectives/long.json");

/** The five trained models, by name; whoever loads them disposes their parameters. */
export function loadObjectiveModels(): Record<ObjectiveName, ObjectiveModel> {
  const models = objectiveNames.map((name) => [name, loadModel(name)]);
  return Object.fromEntries(models) as Record<ObjectiveName, ObjectiveModel>;
}

function loadModel(name: ObjectiveName): ObjectiveModel {
  const file = readFileSync(courseFile(`runs/09-pretraining-objectives/${name}.safetensors`));
  const { tensors, metadata } = decodeSafetensors(file);
  const size = JSON.parse(metadata.size) as ObjectiveSize;
  const model = createObjectiveModel(name, letterTokenizer().vocabSize, { ...size, seed: 0 });
  for (const [part, variable] of Object.entries(model.params)) {
    const { shape, data } = tensors[part];
    if (`${shape}` !== `${variable.shape}`)
      throw new Error(
        `loadObjectiveModels: expected ${part} of ${name} (${variable.shape}), got (${shape})`,
      );
    tf.tidy(() => variable.assign(tf.tensor(data, variable.shape)));
  }
  return model;
}

/** The file of a model, as bytes, with 16-bit numbers. */
export function saveObjectiveModel({ params }: ObjectiveModel, size: ObjectiveSize): Uint8Array {
  const tensors = Object.entries(params).map(([name, variable]) => {
    const data = variable.dataSync() as Float32Array;
    return [name, { shape: variable.shape as number[], data }] as const;
  });
  const metadata = { size: JSON.stringify(size) };
  return Buffer.concat(encodeSafetensors(Object.fromEntries(tensors), metadata, "F16"));
}
