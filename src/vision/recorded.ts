// The recorded runs of pictures in datasets/runs/29-long-context-and-multimodal (record.mjs
// there): what was measured, and the encoders and the captioner of one seed, so that a page has
// a trained model at once.
import { readFileSync } from "node:fs";
import { assignTensors, decodeSafetensors, encodeSafetensors } from "../checkpoint";
import { courseFile, recordedKind } from "../data";
import { type Captioner, initCaptioner } from "./captioner";
import { initVision, smallVision } from "./encoders";
import type { CaptionCounts, Counts } from "./measure";

const FOLDER = "29-long-context-and-multimodal";

/** By which pictures: those with pairs of training, or with held-out ones. */
type Parts<V> = Record<"train" | "held out", V>;

/** What was measured of the encoders of one seed. */
export interface RecordedContrast {
  run: "order" | "bag";
  seed: number;
  zeroShot: Parts<Counts>;
  /** How often the right one of two captions with swapped colours is preferred. */
  swap: Parts<number>;
  /** Zero-shot on pairs of training, with noise on the pictures. */
  noise: (Counts & { noise: number })[];
}

/** 1,000 pictures of held-out pairs, named by the encoders of one seed. */
export interface RecordedNamed {
  run: string;
  seed: number;
  way: "order" | "bag";
  own: Counts;
  /** The same with sums in the place of the captions' vectors (record-more.mjs); order only. */
  sums?: Counts;
}

type Shown = "own" | "shuffled" | "blank";

/** What was measured of the captioner of one seed. */
export type RecordedCaptions = { run: string; seed: number } & Record<
  `${keyof Parts<0>}, ${Shown}`,
  CaptionCounts
> &
  Record<`swap, ${keyof Parts<0>}`, number>;

/** The lines of each kind. */
export const recordedVision = {
  order: () => recordedKind<RecordedContrast>(`${FOLDER}/runs.jsonl`, "order"),
  bag: () => recordedKind<RecordedContrast>(`${FOLDER}/runs.jsonl`, "bag"),
  named: () => recordedKind<RecordedNamed>(`${FOLDER}/runs.jsonl`, "named"),
  captions: () => recordedKind<RecordedCaptions>(`${FOLDER}/runs.jsonl`, "captions"),
};

/** Encoders and captioner as one safetensors file. */
export function encodeCaptioner({ vision, params }: Captioner): Uint8Array {
  const named = [
    ...Object.entries(vision.params).map(([name, p]) => [`vision.${name}`, p] as const),
    ...Object.entries(params).map(([name, p]) => [`captioner.${name}`, p] as const),
  ];
  const tensors = named.map(([name, p]) => [
    name,
    { shape: p.shape as number[], data: p.dataSync() as Float32Array },
  ]);
  return Buffer.concat(encodeSafetensors(Object.fromEntries(tensors)));
}

/** The recorded one, of seed 71; the caller disposes its parameters and the encoders'. */
export function loadCaptioner(
  file = courseFile(`runs/${FOLDER}/captioner.safetensors`),
): Captioner {
  const { tensors } = decodeSafetensors(readFileSync(file));
  const config = smallVision;
  const captioner = initCaptioner({ params: initVision(config, 0), config }, 0);
  for (const [prefix, params] of [
    ["vision.", captioner.vision.params],
    ["captioner.", captioner.params],
  ] as const)
    assignTensors(
      params,
      Object.fromEntries(Object.keys(params).map((name) => [name, tensors[`${prefix}${name}`]])),
      file,
    );
  return captioner;
}
