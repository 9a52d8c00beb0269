// The recorded runs of lesson 04 (tokenization) in datasets/runs/04-tokenization, made by record.mjs
// in that folder.

import { recordedRun } from "../data";

/** One training: how often the held-out questions were answered rightly, after so many steps. */
export interface RecordedCurve {
  notation: string;
  seed: number;
  /** Numbers in the model. */
  parameters: number;
  steps: number[];
  accuracy: number[];
}

type About = Record<string, string | number>;

/** Counting letters. */
export interface RecordedLetters {
  /** When, on what machine and by which command. */
  about: About;
  curves: (RecordedCurve & {
    /** Accuracy of the words that are 1, 2, 3, 4 or more tokens, at the end. */
    byTokens: (number | null)[];
    /** Where it spells the word out: shares of the held-out questions. */
    spelling?: {
      /** The word is spelt rightly. */
      rightWord: number;
      /** The number is that of the letter in the model's own spelling. */
      countsOwn: number;
      /** Right numbers among the words that are spelt rightly. */
      rightWhereSpelt: number;
      /** `countsOwn` among the words that are not. */
      countsOwnWhereMisspelt: number;
    };
    /** What the model answers when asked for each letter of strawberry. */
    strawberry: { letter: string; answer: string }[];
  })[];
  /** How often the most frequent count for that letter and length is right. */
  guessByLength: number;
}

/** Adding numbers. */
export interface RecordedSums {
  about: About;
  /** `off`: share of answers that are at most 10, or at most 100, away from the sum. */
  curves: (RecordedCurve & { digits: number; off: { within10: number; within100: number } })[];
}

/** The numbers of letters.json. */
export const recordedLetters = () => recordedRun<RecordedLetters>("04-tokenization/letters.json");

/** The numbers of sums.json. */
export const recordedSums = () => recordedRun<RecordedSums>("04-tokenization/sums.json");
