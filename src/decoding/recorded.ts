// The recorded runs of lesson 20 (decoding) in datasets/runs/20-decoding: record.mjs there made
// runs.jsonl, with the course's own models, and smol.mjs made smol.jsonl, with SmolLM2-135M-Instruct.
import { recordedKind } from "../data";
import type { DecodingOptions } from "../sampling";

const FOLDER = "20-decoding";

/** What a set of texts is like. Nats are per token; see thresholds.md. */
export interface TextMeasures {
  seed: number;
  /** Under the model that wrote them, at temperature 1, and under the Kneser–Ney judge. */
  own: number;
  judge: number;
  /** The judge's mean of each text. */
  judgedTexts: number[];
  /** The share of 4-grams that the same text already had. */
  repeated: number;
  distinct2: number;
  distinct3: number;
  selfBleu: number;
  /** The first of the texts. */
  sample: string;
}

/** Continuations under one setting, twelve so far; "human" is how the book goes on. */
export interface RecordedCurve extends TextMeasures {
  family: "human" | "temperature" | "topP" | "topK" | "minP" | "penalty";
  options?: DecodingOptions;
}

/** Beam search in text that nothing ends; width 0 is the human text. */
export interface RecordedOpenBeam extends TextMeasures {
  width: number;
  /** ln p of the text, the mean over eight. */
  logProbability: number;
}

/** Beam search in paragraphs that have an end. */
export interface RecordedEndingBeam {
  seed: number;
  width: number;
  lengthPenalty: number;
  /** Mean tokens: of what the beam found, and of how the text goes on. */
  length: number;
  human: number;
  finished: number;
  logProbability: number;
  sample: string;
}

/** Translations by the half-trained model of lesson 08 (the Transformer). */
export interface RecordedBeamTranslation {
  seed: number;
  /** The share of exact translations, by "width lengthPenalty". */
  exact: Record<string, number>;
  /** Of 60 texts: wrong by greedy decoding, and those whose right text has the larger ln p. */
  wrong: number;
  searchErrors: number;
}

/** Twenty texts under one schema. */
export interface RecordedForms {
  model: "base" | "untrained";
  schema: string;
  seed: number;
  /** Tokens of the shortest text. */
  shortest: number;
  /** The share of valid texts, forced and free. */
  valid: number;
  free: number;
  maskMicroseconds: number;
  samples: string[];
}

interface RunsByName {
  curves: RecordedCurve;
  open: RecordedOpenBeam;
  end: RecordedEndingBeam;
  translate: RecordedBeamTranslation;
  forms: RecordedForms;
  step: { microseconds: number };
}

/** One answer of SmolLM2. */
export interface ForcedAnswer {
  question: string;
  kind: string;
  right: string;
  written: string;
  /** What was said is the right answer; the right answer stands anywhere; without a wrong one. */
  strict: boolean;
  lenient: boolean;
  alone: boolean;
  /** Whether it has the form that was asked for. */
  formed: boolean;
}

/** Answers to the same questions under one condition. */
export interface RecordedCondition {
  strict: number;
  lenient: number;
  alone: number;
  formed: number;
  /** Among how many answers each question chooses; 0 where there is no list. */
  choices: number[];
  rows: ForcedAnswer[];
}

/** The runs of one kind, in the order in which they were made. */
export const recordedDecoding = <K extends keyof RunsByName>(run: K): RunsByName[K][] =>
  recordedKind(`${FOLDER}/runs.jsonl`, run);

/** SmolLM2's answers by condition, such as "asked, forced". */
export const recordedAnswers = (): Record<string, RecordedCondition> =>
  Object.fromEntries(
    smolLines<RecordedCondition & { key: string }>("answers").map((x) => [x.key, x]),
  );

/** Nats per byte of the texts of a setting, with SmolLM2 as the judge. */
export const recordedJudge = (): { name: string; seed: number; natsPerByte: number }[] =>
  smolLines("judge");

/** CPU time of SmolLM2's step and of a mask, one text at a time. */
export const recordedSpeed = (): { stepMicroseconds: number; maskMicroseconds: number } =>
  smolLines<{ stepMicroseconds: number; maskMicroseconds: number }>("speed")[0];

const smolLines = <T>(run: string): T[] => recordedKind(`${FOLDER}/smol.jsonl`, run);
