// The recorded runs of lesson 26 (agents) in datasets/runs/26-agents: record.mjs there made runs.jsonl
// and the checkpoint of a small GPT that calls tools, smol.mjs made smol.jsonl.
import { courseFile, recordedLines } from "../data";
import type { InstructModel } from "../instruct";
import { loadGPT } from "../pretrain";
import type { Figures, ShopDistance } from "./study";

/** Success of the two ways of teaching, and of the rules, at the three distances. */
export interface RecordedAsked extends Record<Way, Record<ShopDistance, Figures>> {
  run: string;
  seed: number;
  /** Verdict, question, what was written step by step, and the right answer. */
  samples: string[][];
}

/** How a model was taught, or that it is made of rules. */
export const ways = ["rules", "direct", "tools"] as const;
export type Way = (typeof ways)[number];

/** What becomes of success if results, or prices, are others. */
export interface RecordedControls
  extends Record<
    "tools" | "direct",
    Record<"needed" | "wrong" | "oldPrices" | "newPrices", Figures>
  > {
  run: string;
  seed: number;
}

/** Dialogues of six turns, by what the model is shown of earlier ones. */
export interface DialogueFigures {
  /** Success in each turn. */
  byTurn: number[];
  /** In the last three turns; in follow-ups. */
  late: number;
  followUps: number;
  /** Tokens spent in each turn. */
  tokens: number[];
  /** Share of the turns that ended because the context was full. */
  context: number;
}
export interface RecordedDialogues
  extends Record<"whole" | "question" | "compacted", DialogueFigures> {
  run: string;
  seed: number;
}

/** With and without the check for loops, on tools that work and on tools that always fail. */
export interface RecordedLoops
  extends Record<"watched" | "unwatched", Record<"working" | "broken", Figures>> {
  run: string;
  seed: number;
}

type Planned = { n: number; right: number; steps: number };
export interface RecordedPlans extends Record<"alone" | "planned" | "control", Planned> {
  run: string;
  seed: number;
}

/** Words that no training had: how often the call has the whole word, or its first letter. */
export interface RecordedCopying {
  run: string;
  seed: number;
  n: number;
  whole: number;
  firstLetter: number;
  /** The word that was asked for, and the one that was called with. */
  samples: [asked: string, called: string][];
}

type Shown = { n: number; shown: number; tokens: number };
export interface RecordedMemory
  extends Record<"whole" | "window" | "summary" | "retrieval", Shown> {
  run: string;
  seed: number;
}

/** What SmolLM2 did in one of the ways of asking. */
export interface RecordedSmol {
  run: string;
  /** Questions that need a tool, and talk. */
  needing: Figures;
  talk: Figures;
  /** Share of the questions with a call that could be read, and with the right tool first. */
  readable: number;
  firstTool: number;
  samples: string[][];
}

/** All recorded runs; `of("asked")` has one for each seed. */
export interface RecordedAgents {
  about: Record<string, string | number>;
  of(run: "asked"): RecordedAsked[];
  of(run: "controls"): RecordedControls[];
  of(run: "dialogues"): RecordedDialogues[];
  of(run: "loops"): RecordedLoops[];
  of(run: "plans"): RecordedPlans[];
  of(run: "memory"): RecordedMemory[];
  of(run: "copying"): RecordedCopying[];
}

/** Reads runs.jsonl. */
export function recordedAgents(): RecordedAgents {
  const lines = recordedLines<{ run: string; seed: number }>("26-agents/runs.jsonl");
  const of = (run: string) =>
    lines.filter((line) => line.run === run).sort((a, b) => a.seed - b.seed);
  return { about: of("about")[0], of } as unknown as RecordedAgents;
}

/** Reads smol.jsonl. */
export const recordedSmol = (): RecordedSmol[] =>
  recordedLines<RecordedSmol>("26-agents/smol.jsonl").filter(({ run }) => run !== "about");

/** Where the small GPT that calls tools is, which comes with the course; `openRun` opens it. */
export const toolModelPath = (): string => courseFile("runs/26-agents/checkpoint.safetensors");

/** The same model with its parameters, to go on training; the caller disposes them. */
export const loadToolModel = (): InstructModel => loadGPT(toolModelPath());
