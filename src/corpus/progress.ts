// What a build is asked for, and how far it has come: build/progress.json in the corpus's folder.

import { statSync } from "node:fs";
import type { Format } from "./collect";
import type { DuplicateMode } from "./deduplicate";
import type { Problem } from "./document";
import type { ruleSets } from "./filter";
import type { Shard } from "./shards";
import type { Side } from "./split";
import type { Lengths } from "./staging";

/** The name of a set of rules. */
export type RuleSet = keyof typeof ruleSets;

/** What a build is asked for. The same settings and files give the same bytes. */
export interface BuildSettings {
  /** What all files are; by their names unless given. */
  format: Format | null;
  /** The field of a JSON line that is the text. */
  field: string;
  /** Whether each line of a plain text is a document. */
  perLine: boolean;
  /** A plain text is cut into parts of at most so many characters. */
  partCharacters: number;
  form: "NFC" | "NFKC";
  /** Whether only lines that look like sentences stay, by C4's rules. */
  sentencesOnly: boolean;
  rules: RuleSet[];
  /** Texts in other languages are left out; all stay if it is empty. */
  languages: string[];
  duplicates: DuplicateMode;
  /** Jaccard similarity from which on two documents are near duplicates. */
  threshold: number;
  /** Share of the documents that is held out. */
  val: number;
  seed: number;
  /** A tokenizer's file, or gpt2, cl100k, o200k; one is learned from the training side if null. */
  tokenizer: string | null;
  /** Entries of a tokenizer that is learned. */
  vocabSize: number;
  /** A shard is closed by the document that gives it so many tokens. */
  shardTokens: number;
}

/** What a build does unless told otherwise. */
export const buildDefaults: BuildSettings = {
  format: null,
  field: "text",
  perLine: false,
  partCharacters: 100_000,
  form: "NFC",
  sentencesOnly: false,
  rules: ["basic"],
  languages: [],
  duplicates: "near",
  threshold: 0.8,
  val: 0.05,
  seed: 1,
  tokenizer: null,
  vocabSize: 1024,
  shardTokens: 2 ** 24,
};

/** Documents, and the characters in them. */
export interface Amount {
  documents: number;
  characters: number;
}

/** What a rule has left out. */
export interface Dropped extends Amount {
  /** The first few: where they stood, why they went, and how they begin. */
  examples: { document: string; why: string; text: string }[];
}

/** What became of the documents. */
export interface BuildReport {
  read: Amount;
  dropped: Record<string, Dropped>;
  kept: Amount;
  /** Pairs of kept documents that repeat each other, or are parts of one text. */
  links: number;
  problems: number;
  /** The first hundred. */
  firstProblems: Problem[];
}

/** A file as it was when the build began. */
export interface Input {
  path: string;
  bytes: number;
  modified: number;
}

/** How far a build has come. */
export interface Progress {
  settings: BuildSettings;
  inputs: Input[];
  stage: "clean" | "pack";
  /** The next document to be read: of which file, and which one there. */
  file: number;
  record: number;
  /** Number of the document that is the first part of the text being read. */
  firstPart: number | null;
  /** Bytes of the files read so far. */
  bytes: number;
  lengths: Lengths;
  report: BuildReport;
  /** Shards that are written. */
  shards: Record<Side, Shard[]>;
  /** How many documents of each side they hold. */
  packed: Record<Side, number>;
}

/** A build that has not done anything. */
export function newProgress(settings: BuildSettings, files: readonly string[]): Progress {
  return {
    settings,
    inputs: files.map((path) => {
      const { size, mtimeMs } = statSync(path);
      return { path, bytes: size, modified: mtimeMs };
    }),
    stage: "clean",
    file: 0,
    record: 0,
    firstPart: null,
    bytes: 0,
    lengths: { documents: 0, bytes: 0, links: 0 },
    report: {
      read: { documents: 0, characters: 0 },
      dropped: {},
      kept: { documents: 0, characters: 0 },
      links: 0,
      problems: 0,
      firstProblems: [],
    },
    shards: { train: [], val: [] },
    packed: { train: 0, val: 0 },
  };
}

/** What differs between two builds, in words; undefined if nothing does. */
export function difference(
  was: Pick<Progress, "settings" | "inputs">,
  is: Pick<Progress, "settings" | "inputs">,
): string | undefined {
  for (const [name, value] of Object.entries(is.settings)) {
    const before = (was.settings as unknown as Record<string, unknown>)[name];
    if (JSON.stringify(before) !== JSON.stringify(value))
      return `${name} was ${JSON.stringify(before)} and is ${JSON.stringify(value)}`;
  }
  if (was.inputs.length !== is.inputs.length)
    return `there were ${was.inputs.length} files and are ${is.inputs.length}`;
  for (const [i, { path, bytes, modified }] of is.inputs.entries()) {
    const before = was.inputs[i];
    if (before.path !== path) return `a file was ${before.path} and is ${path}`;
    if (before.bytes !== bytes || before.modified !== modified) return `${path} has changed`;
  }
  return undefined;
}
