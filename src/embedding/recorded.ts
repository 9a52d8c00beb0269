// The recorded runs of lesson 05 (embeddings) in datasets/runs/05-embeddings: how many triples the
// vectors of each method get right, and where some words stood while skip-gram was trained. Made by
// record.mjs in that folder.
import { recordedRun } from "../data";

export interface RecordedEmbeddings {
  /** When, on what machine and by which command. */
  about: Record<string, unknown>;
  /** One row for each measurement. */
  judged: {
    language: "English" | "Chinese";
    /** The text itself, or its words in random order. */
    text: "text" | "shuffled";
    method: string;
    seed: number;
    right: number;
    total: number;
    accuracy: number;
    interval: [number, number];
    /** Triples that were not right, "word near far". */
    wrong: string[];
  }[];
  /** PPMI + SVD on a part of the text. */
  amounts: {
    language: "English" | "Chinese";
    part: number;
    words: number;
    accuracy: number;
    interval: [number, number];
  }[];
  /** Some words during a training of skip-gram, seen along two axes. */
  snapshots: {
    seed: number;
    words: string[];
    groups: Record<string, string[]>;
    explained: number[];
    steps: { done: number; loss: number | null; points: number[] }[];
  };
}

/** The numbers of runs.json. */
export const recordedEmbeddings = () => recordedRun<RecordedEmbeddings>("05-embeddings/runs.json");
