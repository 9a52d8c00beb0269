// From a folder of files to shards of token ids: what `npm run data -- build` does. The work has two
// halves, clean.ts and pack.ts. A build can be killed at any moment and started again with the same
// settings: it goes on near where it was, and writes the same files, byte for byte, as one that was
// never disturbed. That holds because each step's result depends on its input and the seed alone,
// and because progress is written down only when everything before it is on the disk.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../files";
import { clean, SIGNATURE } from "./clean";
import { corpusFiles } from "./collect";
import { DocumentEncoder, pack, sidesOf, tokenizerOf } from "./pack";
import {
  type BuildReport,
  type BuildSettings,
  buildDefaults,
  difference,
  type Input,
  newProgress,
  type Progress,
} from "./progress";
import { type CorpusIndex, widthOf } from "./shards";
import { readJson, Staging, writeJson } from "./staging";

/** index.json of a build: the shards, and how they came about. */
export interface BuiltCorpus extends CorpusIndex {
  settings: BuildSettings;
  sources: { path: string; bytes: number }[];
  report: BuildReport;
}

/** How a build stands, told now and then. */
export interface BuildStanding {
  stage: "clean" | "pack";
  /** Bytes of the files that have been read, and of all files. */
  bytes: number;
  allBytes: number;
  report: BuildReport;
  /** Tokens in shards so far. */
  tokens: number;
}

/** What buildCorpus needs to know. */
export interface BuildOptions {
  /** Files, and folders of files. */
  paths: readonly string[];
  /** The corpus's folder. It is made, or goes on if the same build was begun there. */
  out: string;
  settings?: Partial<BuildSettings>;
  /** Told whenever the work is safe, and at the end of each half. */
  onStanding?: (standing: BuildStanding) => void;
  /** How much text may have to be cleaned again after a kill; default 16 MB. */
  checkpointBytes?: number;
}

const tokensOf = ({ shards }: Progress): number =>
  [...shards.train, ...shards.val].reduce((sum, { tokens }) => sum + tokens, 0);

/**
 * Builds a corpus, or goes on with one.
 *
 * @returns what index.json says
 * @throws if the folder holds another build, if nothing can be read, or if a file cannot be written
 */
export async function buildCorpus({
  paths,
  out,
  settings: given = {},
  onStanding = () => {},
  checkpointBytes = 1 << 24,
}: BuildOptions): Promise<BuiltCorpus> {
  const files = corpusFiles(paths);
  if (files.length === 0)
    throw new Error("buildCorpus: expected .txt, .md, .html or .jsonl files, got none");
  const fresh = newProgress({ ...buildDefaults, ...given }, files);
  makeFolder(out);
  const folder = join(out, "build");
  const path = join(folder, "progress.json");
  const done = readJson<BuiltCorpus>(join(out, "index.json"));
  if (done !== undefined) {
    refuseOther(out, sizesOf(done.settings, done.sources), sizesOf(fresh.settings, fresh.inputs));
    rmSync(folder, { recursive: true, force: true });
    return done;
  }
  const begun = readJson<Progress>(path);
  if (begun !== undefined) refuseOther(out, begun, fresh);
  else rmSync(join(out, "tokenizer.json"), { force: true }); // of a build that never began
  const progress = begun ?? fresh;

  const staging = new Staging(folder, SIGNATURE, progress.lengths);
  try {
    const save = () => {
      writeJson(path, progress);
      onStanding(standingOf(progress));
    };
    if (begun === undefined) save();
    if (progress.stage === "clean") {
      await clean(progress, staging, { save, checkpointBytes });
      save();
    }
    const sides = sidesOf(staging, progress.settings);
    const tokenizer = tokenizerOf(out, progress.settings, staging, sides.train);
    const encoder = new DocumentEncoder(tokenizer);
    pack(progress, staging, { out, encoder, sides, save });
    const { settings, inputs, report, shards } = progress;
    const corpus: BuiltCorpus = {
      format: "llm-shards-1",
      dtype: widthOf(tokenizer.vocabSize) === 2 ? "uint16" : "uint32",
      vocabSize: tokenizer.vocabSize,
      endOfText: encoder.endOfText,
      splits: { ...shards },
      settings,
      sources: inputs.map(({ path: source, bytes }) => ({ path: source, bytes })),
      report,
    };
    writeJson(join(out, "index.json"), corpus);
    staging.remove();
    return corpus;
  } catch (error) {
    staging.close();
    throw error;
  }
}

const standingOf = (progress: Progress): BuildStanding => ({
  stage: progress.stage,
  bytes: progress.bytes,
  allBytes: progress.inputs.reduce((sum, { bytes }) => sum + bytes, 0),
  report: progress.report,
  tokens: tokensOf(progress),
});

/** Of a finished build only the sizes of its sources are known. */
const sizesOf = (settings: BuildSettings, sources: Pick<Input, "path" | "bytes">[]) => ({
  settings,
  inputs: sources.map(({ path, bytes }) => ({ path, bytes, modified: 0 })),
});

type Asked = Pick<Progress, "settings" | "inputs">;

function refuseOther(out: string, was: Asked, is: Asked): void {
  const differs = difference(was, is);
  if (differs !== undefined)
    throw new Error(
      `buildCorpus: ${out} holds another build: ${differs}. Choose another folder, or remove that one`,
    );
}
