// Runs the recipes of a board, each with every seed, and keeps what is finished: after each run the
// board's file is written, and a run that is in it is not done again, unless its recipe or the board's
// settings have changed since. Seeds are the outer loop, so that what the machine does meanwhile hits
// all recipes alike.
//
// Time is the process's own (CPU), of the training steps only. The steps that include a compilation
// are counted as long as the mean of the others.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { currentEngine } from "../engine";
import { writeAtomically } from "../files";
import { type PretrainSettings, pretrain } from "../pretrain";
import { type Recipe, recipeParts } from "./recipe";

/** One recipe with one seed. */
export interface BoardRun {
  recipe: string;
  seed: number;
  /** Validation loss at the end, on all windows, in nats per token. */
  val: number;
  /** At every evaluation: the step, the loss on all windows, seconds of CPU spent on training. */
  curve: { step: number; val: number; cpu: number }[];
  parameters: number;
  /** Of the recipe and the settings: a run under another one is done again. */
  fingerprint: string;
}

/** What is in a board's file. */
export interface Board {
  about: string;
  made: { command: string; date: string; engine: string; machine: string };
  /** Recipes as they were run. */
  recipes: Record<string, Recipe>;
  runs: BoardRun[];
}

/** What a board needs to know. */
export interface BoardOptions {
  recipes: Record<string, Recipe>;
  seeds: number[];
  text: string;
  /** What the text is called. */
  name: string;
  /** Size, steps and batch, the same for all. */
  base: PretrainSettings;
  /** No model may have more parameters; any number if absent. */
  mostParameters?: number;
  /** Where results are kept; nowhere if absent. */
  file?: string;
  /** How the board was called, for its file. */
  command?: string;
  onRun?: (run: BoardRun, isKept: boolean) => void;
}

/** The first steps include tracing and compilation. */
const COMPILING = 3;

/**
 * Runs what is not in the file yet.
 * @returns all runs of these recipes and seeds
 * @throws if a recipe makes a model with more parameters than allowed
 */
export async function runBoard(options: BoardOptions): Promise<Board> {
  const { recipes, seeds, base, file, name, command = "npm run board", onRun } = options;
  const saved = file !== undefined && existsSync(file) ? readBoard(file) : undefined;
  const kept = new Map((saved?.runs ?? []).map((run) => [keyOf(run), run]));
  const about =
    `Runs of ${base.steps} steps on ${name}; val: nats per token on all validation windows; cpu: ` +
    "seconds of the process in training steps, to be compared within one board only.";
  const names = Object.keys(recipes);
  const board = (): Board => ({
    about,
    made: {
      command,
      date: new Date().toISOString().slice(0, 10),
      engine: currentEngine().description,
      machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
    },
    recipes: { ...saved?.recipes, ...recipes },
    runs: [...kept.values()],
  });
  for (const seed of seeds)
    for (const recipe of names) {
      const fingerprint = fingerprintOf(recipes[recipe], { ...options, seed });
      const old = kept.get(keyOf({ recipe, seed }));
      const isKept = old?.fingerprint === fingerprint;
      const run = isKept ? old : await runRecipe(recipe, { ...options, seed, fingerprint });
      kept.set(keyOf(run), run);
      if (file !== undefined && !isKept)
        writeAtomically(file, [`${JSON.stringify(board(), null, 1)}\n`]);
      onRun?.(run, isKept);
    }
  const { runs, ...rest } = board();
  const asked = (run: BoardRun) => names.includes(run.recipe) && seeds.includes(run.seed);
  return { ...rest, recipes, runs: runs.filter(asked) };
}

/** A board's file. @throws where it is none */
export function readBoard(file: string): Board {
  const board = JSON.parse(readFileSync(file, "utf8")) as Board;
  if (!Array.isArray(board.runs) || typeof board.recipes !== "object")
    throw new Error(`readBoard: expected a board's runs in ${file}, got none`);
  return board;
}

const keyOf = ({ recipe, seed }: Pick<BoardRun, "recipe" | "seed">) => `${recipe} | ${seed}`;

/** Changes with everything that decides a run's losses. */
function fingerprintOf(
  { about: _, ...recipe }: Recipe,
  { base, text, seed }: BoardOptions & { seed: number },
): string {
  const parts = [JSON.stringify([recipe, base, seed]), text];
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 16);
}

async function runRecipe(
  recipe: string,
  options: BoardOptions & { seed: number; fingerprint: string },
): Promise<BoardRun> {
  const { recipes, base, text, seed, fingerprint } = options;
  const { mostParameters = Number.POSITIVE_INFINITY } = options;
  const { settings, ...parts } = recipeParts(recipes[recipe], base);
  const limits = { evalLimit: Number.POSITIVE_INFINITY, checkpointEvery: settings.steps };
  const trainer = pretrain({
    ...{ text, ...parts },
    settings: { ...settings, ...limits, seed, sampleLength: 0 },
  });
  const { parameters } = trainer;
  if (parameters > mostParameters) {
    trainer.dispose();
    throw new Error(
      `runBoard: expected at most ${mostParameters} parameters, got ${parameters} in ${recipe}`,
    );
  }
  const curve: BoardRun["curve"] = [];
  const clock = new TrainingClock();
  const { metrics } = await trainer.run({
    onStep: () => clock.step(),
    onEval: ({ step, metrics }) => {
      curve.push({ step, val: round(metrics.val, 4), cpu: round(clock.seconds, 1) });
      clock.pause();
    },
  });
  trainer.dispose();
  return { recipe, seed, val: round(metrics.val, 4), curve, parameters, fingerprint };
}

/** Adds up the CPU of training steps, without evaluations and without compiling. */
class TrainingClock {
  private last = process.cpuUsage();
  private steps = 0;
  private sum = 0;

  step(): void {
    const { user, system } = process.cpuUsage(this.last);
    this.last = process.cpuUsage();
    if (++this.steps > COMPILING) this.sum += (user + system) / 1e6;
  }

  /** What happened since the last step is no training. */
  pause(): void {
    this.last = process.cpuUsage();
  }

  get seconds(): number {
    return this.steps <= COMPILING ? 0 : (this.sum * this.steps) / (this.steps - COMPILING);
  }
}

const round = (x: number, digits: number) => Number(x.toFixed(digits));
