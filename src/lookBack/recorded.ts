// The recorded runs of lesson 06 (attention) in datasets/runs/06-attention: one trained model, what
// its attention looked like while it was trained, and what the links are worth in models of many
// seeds. Made by record.mjs in that folder.

import { readFileSync } from "node:fs";
import { decodeSafetensors, encodeSafetensors } from "../checkpoint";
import { courseFile, recordedRun } from "../data";
import { tf } from "../engine";
import type { LinkReport } from "./links";
import { createLookBack, type LookBack } from "./model";
import type { Kind } from "./sentences";

/** What `measureLinks` found in one model. */
export interface RecordedLinks {
  seed: number;
  kind: Kind;
  /** With all links in place. */
  accuracy: number;
  links: LinkReport[];
  /** Weights of the same roles, in the same order, before training. */
  untrained: number[];
}

export interface RecordedRuns {
  /** When, on what machine and by which command. */
  about: Record<string, string | number>;
  /** Of the model in model.safetensors; its weights after some steps, [head][query][key]. */
  seed: number;
  sentence: string;
  snapshots: { step: number; loss: number | null; weights: number[][][] }[];
  links: RecordedLinks[];
}

/** The numbers of runs.json. */
export const recordedRuns = () => recordedRun<RecordedRuns>("06-attention/runs.json");

/** The trained model; whoever loads it disposes its variables. */
export function loadLookBack(): LookBack {
  const { tensors } = decodeSafetensors(
    readFileSync(courseFile("runs/06-attention/model.safetensors")),
  );
  const model = createLookBack(0);
  for (const [name, variable] of Object.entries(model)) {
    const { shape, data } = tensors[name];
    if (`${shape}` !== `${variable.shape}`)
      throw new Error(`loadLookBack: expected "${name}" (${variable.shape}), got (${shape})`);
    tf.tidy(() => variable.assign(tf.tensor2d(data, variable.shape)));
  }
  return model;
}

/** The file of a model, as bytes. */
export function saveLookBack(model: LookBack): Uint8Array {
  const tensors = Object.entries(model).map(([name, variable]) => {
    const data = variable.dataSync() as Float32Array;
    return [name, { shape: variable.shape as number[], data }] as const;
  });
  return Buffer.concat(encodeSafetensors(Object.fromEntries(tensors)));
}
