// `npm run evaluate`: scores every run on the same held-out documents, writes the figures beside the
// run and a leaderboard of all. Counting fives of letters in Moby-Dick (Kneser–Ney) stands on the
// board too, where that text is asked for: a model that is behind it has not learnt much.

import { existsSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { hasCheckpoint, runsFolder, shownPath } from "../checkpoint";
import { documentsOf, loadText } from "../data";
import { interrupted, useEngine } from "../engine";
import {
  bitsPerByte,
  countingScorer,
  type DocumentScore,
  type Entry,
  gptScorer,
  leaderboard,
  leaderboardPage,
  mobyDickHeldOut,
  perplexityOf,
  scoreDocuments,
} from "../evaluate";
import { writeAtomically } from "../files";
import { KneserNey } from "../ngram";
import { disposeParams } from "../params";
import { loadGPT } from "../pretrain";
import { Random } from "../random";
import { CharTokenizer } from "../tokenizer";
import { allowClosedPipe, fail, stopPolitely } from "./command";
import { evaluate as command } from "./commands";
import { commandLine } from "./options.cjs";

/** Characters of a document, at least. */
const LEAST = 900;

type Model = ReturnType<typeof loadGPT>;

/** A line of the board in the making. */
type Line = Entry & { runs: number[][] };

/** The folders to evaluate. */
function foldersOf(given: readonly string[] | undefined): string[] {
  if (given !== undefined) return given.map((dir) => resolve(dir));
  const names = existsSync(runsFolder) ? readdirSync(runsFolder).sort() : [];
  return names.map((name) => join(runsFolder, name)).filter(hasCheckpoint);
}

/** The documents, and where they are Moby-Dick's, the text before them. */
function documentsFrom(files: readonly string[] | undefined) {
  if (files === undefined) {
    const { train, testA, testB } = mobyDickHeldOut({ least: LEAST });
    return { documents: [...testA, ...testB], train, source: "Moby-Dick's last tenth" };
  }
  const documents = files.flatMap((file) => {
    const text = loadText([file]);
    const parts = documentsOf(text, LEAST);
    return parts.length > 0 ? parts : [text.trim()];
  });
  return { documents, train: undefined, source: files.join(", ") };
}

/** Counted fives of letters, and which characters they know. */
function baseline(train: string, documents: readonly string[]): Line {
  const tokenizer = CharTokenizer.train([train, ...documents].join("\n"));
  const model = KneserNey.train(tokenizer.encodeText(train), 5, tokenizer.vocabSize);
  const scores = scoreDocuments(countingScorer(model), tokenizer, documents);
  return { name: "fives of letters, Kneser–Ney", runs: [scores.map(({ nats }) => nats)] };
}

/** What two runs have in common that differ in their seed only; and what they were trained on. */
function kindOf({ config, tokenizer, run }: Model): { key: string; note?: string } {
  const { seed: _, ...rest } = (run.settings ?? {}) as Record<string, unknown>;
  const { name = "a text that it does not name", sha256 } = (run.data ?? {}) as {
    name?: string;
    sha256?: string;
  };
  const isBook = name === "Moby-Dick";
  return {
    key: JSON.stringify([config, tokenizer.toJSON(), rest, sha256]),
    note: isBook ? undefined : `trained on ${name}: may it have seen these documents?`,
  };
}

/** A run, and what each document costs its model. */
interface Scored {
  model: Model;
  stride: number;
  scores: DocumentScore[];
}

/** @throws where there is no model in the folder, or its tokenizer cannot write the documents */
function scoreRun(dir: string, documents: readonly string[], wanted?: number): Scored {
  const model = loadGPT(dir);
  const { blockSize } = model.config;
  const stride = wanted ?? Math.max(1, blockSize >> 1);
  if (stride > blockSize)
    fail(`evaluate: ${shownPath(dir)} reads ${blockSize} tokens at once: --stride is larger`);
  try {
    const scores = scoreDocuments(gptScorer(model, { stride }), model.tokenizer, documents);
    return { model, stride, scores };
  } finally {
    disposeParams(model.params);
  }
}

/** Writes a run's figures beside it, and says them. */
function writeFigures(dir: string, source: string, { model, stride, scores }: Scored): void {
  const figures = { bitsPerByte: bitsPerByte(scores), perplexity: perplexityOf(scores) };
  const result = { source, step: model.step, stride, ...figures, documents: scores };
  writeAtomically(join(dir, "evaluation.json"), [`${JSON.stringify(result, null, 1)}\n`]);
  console.log(
    `${shownPath(dir)}: ${figures.bitsPerByte.toFixed(3)} bits per byte, perplexity ` +
      `${figures.perplexity.toFixed(2)} per token`,
  );
}

async function main(): Promise<void> {
  const { values } = commandLine(command);
  allowClosedPipe();
  stopPolitely();
  const folders = foldersOf(values.run);
  if (folders.length === 0)
    fail("evaluate: no run with a checkpoint in runs/ yet: start one with npm run train");
  const { documents, train, source } = documentsFrom(values.data);
  await useEngine({ quiet: true });
  const lines = new Map<string, Line>();
  let bytes: number[] = [];
  for (const dir of folders) {
    if (interrupted()) break;
    let scored: Scored;
    try {
      scored = scoreRun(dir, documents, values.stride);
    } catch (error) {
      if (values.run !== undefined) throw error;
      console.log(`${shownPath(dir)}: left out: ${(error as Error).message}`);
      continue;
    }
    const { scores, model } = scored;
    writeFigures(dir, source, scored);
    bytes = scores.map((score) => score.bytes);
    const { key, note } = kindOf(model);
    const line = lines.get(key) ?? { name: basename(dir), runs: [], note };
    line.runs.push(scores.map(({ nats }) => nats));
    lines.set(key, line);
  }
  if (lines.size === 0) fail("evaluate: none of these runs could be scored");
  const entries = [...lines.values(), ...(train === undefined ? [] : [baseline(train, documents)])];
  const rows = leaderboard(entries, bytes, { rng: new Random(values.seed) });
  for (const [i, { name, value, low, high, likeAbove }] of rows.entries())
    console.log(
      `${i + 1}. ${name}: ${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]` +
        `${likeAbove ? ", not distinguishable from the one above" : ""}`,
    );
  const size = bytes.reduce((a, b) => a + b, 0).toLocaleString("en");
  const about = [`${documents.length} documents of ${source}, ${size} bytes.`];
  const out = values.out === undefined ? join(runsFolder, "leaderboard.html") : resolve(values.out);
  writeAtomically(out, [leaderboardPage(rows, about)]);
  console.log(`leaderboard: ${shownPath(out)}`);
}

main().catch((error: Error) => fail(`evaluate: ${error.message}`));
