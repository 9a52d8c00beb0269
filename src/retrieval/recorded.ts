// The recorded runs of lesson 25 (retrieval), made by datasets/runs/25-retrieval/record.mjs.
import { recordedKind } from "../data";
import type { RetrievalQuestion } from "./documents";

type Set = RetrievalQuestion["set"];

/** An answer that was judged. */
export interface RecordedAnswer {
  id: string;
  text: string;
  right: boolean;
  /** The share of its sentences that the passages support; absent for a sentence taken out of them. */
  support?: number;
}

/** What a line holds beside `run`. */
export interface RecordedRetrieval {
  about: { made: string; machine: string };
  search: {
    set: Set;
    kind: "fixed" | "sentences" | "structure";
    method: string;
    seed?: number;
    pieces: number;
    /** For each question with an answer, the rank of the first right piece; 0: not in the first 20. */
    ranks: number[];
  };
  /** id, whether there is an answer, the best score of BM25, the best cosine of MiniLM. */
  scores: { set: Set; list: [string, boolean, number, number][] };
  answers: { set: Set; how: string; list: RecordedAnswer[] };
  /** The best sentence of the passages as an answer; whether what SmolLM2 was shown holds the answer. */
  extracts: { set: Set; how: string; list: (RecordedAnswer & { holds: boolean })[] };
  wordings: { set: Set; shown: [string, string[]][] };
  hnsw: {
    what: "exact" | "ours" | "usearch";
    seed?: number;
    ef?: number;
    recall: number;
    /** Vectors compared per search. */
    compared?: number;
    /** CPU seconds per search. */
    cpu: number;
    /** CPU seconds to make the index. */
    build?: number;
  };
  /** CPU seconds per search, measured in turns in one run. */
  speed: { N: number; D: number; ef: number; cpu: Record<"exact" | "ours" | "usearch", number> };
  /** A real PDF, searched by words: the rank of the first right piece, the best sentence, its page. */
  pdf: {
    language: "en" | "zh";
    lines: "joined" | "broken";
    pages: number;
    list: { question: string; rank: number; text: string; page: string }[];
  };
  /** Answers with two passages: the share supported by both together, and by the better one alone. */
  support: { set: Set; both: number; better: number };
  /** Right answers about the facts: a passage only above a threshold of BM25's score, always, never. */
  gate: { threshold: number; found: [number, number] } & Record<
    "gated" | "always" | "never",
    Record<"again" | "general", [number, number]>
  >;
  /** Right answers and how many questions: as taught, reworded, about other things. */
  facts: { how: "none" | "lora" | "retrieval"; seed?: number } & Record<
    "asked" | "again" | "general",
    [number, number]
  >;
}

/** All lines of a kind. @throws if there is none */
export const recordedRetrieval = <K extends keyof RecordedRetrieval>(
  run: K,
): RecordedRetrieval[K][] => recordedKind("25-retrieval/runs.jsonl", run);
