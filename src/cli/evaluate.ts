// `npm run evaluate`: scores every run on the same held-out documents, writes the figures beside the
// run and a leaderboard of all. Counting fives of letters in Moby-Dick (Kneser–Ney) stands on the
// board too, where that text is asked for: a model that is behind it has not learnt much.

import { existsSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { hasCheckpoint, loadCheckpoint, runsFolder, shownPath } from "../checkpoint";
import { loadText } from "../data";
import { interrupted, useEngine } from "../engine";
import {
  bitsPerByte,
  countingScorer,
  documentsOf,
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
function kindOf(dir: string): { key: string; note?: string } {
  const { model, tokenizer, settings, data } = loadCheckpoint(dir);
  const { seed: _, ...rest } = (settings ?? {}) as Record<string, unknown>;
  const { name = "a text that it does not name" } = (data ?? {}) as { name?: string };
  const text = (data as { sha256?: string } | undefined)?.sha256;
  const key = JSON.stringify([model, tokenizer, rest, text]);
  const isBook = name === "Moby-Dick";
  return {
    key,
    note: isBook ? undefined : `trained on ${name}: may it have seen these documents?`,
  };
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
    const name = shownPath(dir);
    let model: ReturnType<typeof loadGPT>;
    try {
      model = loadGPT(dir);
    } catch (error) {
      if (values.run !== undefined) throw error;
      console.log(`${name}: left out: ${(error as Error).message}`);
      continue;
    }
    const { stride = Math.max(1, model.config.blockSize >> 1) } = values;
    if (stride > model.config.blockSize)
      fail(`evaluate: ${name} reads ${model.config.blockSize} tokens at once: --stride is larger`);
    let scores: ReturnType<typeof scoreDocuments>;
    try {
      scores = scoreDocuments(gptScorer(model, { stride }), model.tokenizer, documents);
    } catch (error) {
      if (values.run !== undefined) throw error;
      console.log(`${name}: left out: ${(error as Error).message}`);
      continue;
    } finally {
      disposeParams(model.params);
    }
    bytes = scores.map((score) => score.bytes);
    const figures = { bitsPerByte: bitsPerByte(scores), perplexity: perplexityOf(scores) };
    const result = { source, step: model.step, stride, ...figures, documents: scores };
    writeAtomically(join(dir, "evaluation.json"), [`${JSON.stringify(result, null, 1)}\n`]);
    console.log(
      `${name}: ${figures.bitsPerByte.toFixed(3)} bits per byte, perplexity ` +
        `${figures.perplexity.toFixed(2)} per token`,
    );
    const { key, note } = kindOf(dir);
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
