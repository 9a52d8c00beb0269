// The model of lesson 08 (the Transformer): what it translates, its sizes, and the trained one that
// comes with the course, made by datasets/runs/08-transformer/record.mjs.
import { readFileSync } from "node:fs";
import { decodeSafetensors, encodeSafetensors } from "../checkpoint";
import { courseFile, recordedRun } from "../data";
import { tf } from "../engine";
import { initSeq2Seq, type Seq2SeqConfig, validateSeq2SeqConfig } from "../seq2seq";
import { dates, numbers, type PairSource } from "./pairs";
import type { Translator } from "./translate";
import { BEGIN, END, PAD, PairVocabulary } from "./vocabulary";

/** What the lesson's model translates. */
export const courseSources: PairSource[] = [dates, numbers("Chinese"), numbers("English")];

/** Its sizes: 242,304 parameters with the vocabulary of `courseSources`. */
export const courseModel: Omit<Seq2SeqConfig, "vocabSize" | "padId" | "beginId" | "endId"> = {
  ...{ blockSize: 13, nEncoder: 2, nDecoder: 2, nHead: 4, nEmbd: 64 },
  ...{ dropout: 0, bias: true },
};

/** How it is trained; `steps` is the lesson's full run. */
export const courseTraining = {
  ...{ steps: 2500, maxLr: 3e-3, minLr: 1.5e-4, warmupSteps: 100, beta2: 0.98, clip: 1 },
};

/** Losses, each the mean of `every` steps. */
export interface RecordedLosses {
  every: number;
  means: number[];
}

/** How many of some texts were translated to the last character, and those that were not. */
export interface RecordedExact {
  exact: number;
  pairs: number;
  wrong: { source: string; target: string; written: string }[];
}

/** What datasets/runs/08-transformer/record.mjs has measured. */
export interface RecordedTranslations {
  /** When, on what machine, in how many seconds of CPU time: the last run of each part. */
  about: Record<string, Record<string, string | number>>;
  /** The lesson's model, seed by seed; `exact` and `forced` (accuracy of pieces) by kind of text. */
  main: {
    seed: number;
    parameters: number;
    losses: RecordedLosses;
    snapshots: { step: number; exact: Record<string, number>; forced: Record<string, number> }[];
    final: Record<string, RecordedExact>;
  }[];
  /** Blocks with something changed, seed by seed; without `exact` where the run diverged. */
  designs: {
    seed: number;
    design: string;
    parameters: number;
    steps: number;
    losses?: RecordedLosses;
    exact?: number;
    byKind?: Record<string, number>;
  }[];
  /** "region names" and "language names": those of training, and what became of the others. */
  names: Record<
    string,
    { trained: RecordedExact; heldOut: { source: string; target: string; written: string }[] }
  >;
}

/** The numbers of runs.json. */
export const recordedTranslations = (): RecordedTranslations =>
  recordedRun<RecordedTranslations>("08-transformer/runs.json");

/** A model as the bytes of a safetensors file, its numbers rounded to float16. */
export function saveTranslator({ params }: Pick<Translator, "params">): Uint8Array {
  const tensors = Object.entries(params).map(([name, x]) => {
    return [name, { shape: x.shape as number[], data: x.dataSync() as Float32Array }] as const;
  });
  return Buffer.concat(encodeSafetensors(Object.fromEntries(tensors), {}, "F16"));
}

/**
 * The trained model that comes with the course; whoever loads it disposes its parameters.
 * @throws if the file is not there or holds another model
 */
export function loadTranslator(name = "08-transformer/translator.safetensors"): Translator {
  const { tensors } = decodeSafetensors(readFileSync(courseFile(`runs/${name}`)));
  const vocabulary = new PairVocabulary(courseSources.flatMap(({ texts }) => texts));
  const special = { padId: PAD, beginId: BEGIN, endId: END };
  const { vocabSize } = vocabulary;
  const config = validateSeq2SeqConfig({ ...courseModel, ...special, vocabSize });
  const params = initSeq2Seq(config, { seed: 0 });
  for (const [key, variable] of Object.entries(params)) {
    const { shape, data } = tensors[key] ?? {};
    if (`${shape}` !== `${variable.shape}`)
      throw new Error(
        `loadTranslator: expected "${key}" (${variable.shape}) in ${name}, got (${shape})`,
      );
    tf.tidy(() => variable.assign(tf.tensor(data, shape)));
  }
  return { params, config, vocabulary };
}
