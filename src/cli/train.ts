// `npm run train`: trains a GPT on a text and shows how it goes. The work is done in llm/pretrain
// and llm/train; here are the options, the first and the last lines on the screen, and Ctrl-C.

import { basename, join, resolve } from "node:path";
import { hasCheckpoint, latestRun, newRunFolder, shownPath } from "../checkpoint";
import { loadText, mobyDick } from "../data";
import { printable } from "../display";
import { useEngine } from "../engine";
import { bits } from "../ngram";
import {
  type GPTTask,
  type PretrainSettings,
  presets,
  pretrain,
  resumePretraining,
} from "../pretrain";
import { loadTokenizer, type Tokenizer } from "../tokenizer";
import { type Trainer, type TrainResult, watch } from "../train";
import { allowClosedPipe, fail, shellWord, stopPolitely } from "./command";
import { train } from "./commands";
import { commandLine, type Values } from "./options.cjs";
import { sharedSettings, trainOnWorkers } from "./trainOnWorkers";

type GPTTrainer = Trainer<GPTTask>;

type Options = Values<typeof train>;

function newTrainer({
  preset,
  data: files,
  steps,
  seed,
  "checkpoint-every": checkpointEvery,
  out,
  tokenizer,
  "no-compile": noCompile,
  workers,
}: Options): { trainer: GPTTrainer; text: string } {
  const settings: PretrainSettings = sharedSettings(presets[preset], workers);
  if (seed !== undefined) settings.seed = seed;
  if (steps !== undefined) settings.steps = steps;
  if (noCompile) settings.compile = false;
  if (checkpointEvery !== undefined) settings.checkpointEvery = checkpointEvery;
  const text = files === undefined ? mobyDick() : loadText(files);
  const data =
    files === undefined
      ? { name: "Moby-Dick" }
      : {
          name: files.map((file) => basename(file)).join(", "),
          files: files.map((file) => whereabouts(file)),
        };
  const trainer = pretrain({
    text,
    data,
    settings,
    tokenizer: tokenizer === undefined ? undefined : readTokenizer(tokenizer),
    dir: out === undefined ? newRunFolder(preset) : resolve(out),
  });
  return { trainer, text };
}

function readTokenizer(file: string): Tokenizer {
  try {
    return loadTokenizer(file);
  } catch (error) {
    throw new Error(`--tokenizer: ${(error as Error).message.replace(/^loadTokenizer: /, "")}`);
  }
}

/**
 * An absolute path, so that the run can be resumed from any folder; the names of data sets stay
 * names.
 */
const whereabouts = (file: string): string => (/[./\\]/.test(file) ? resolve(file) : file);

function resumed(resume: string | true, { steps, "no-compile": noCompile }: Options): GPTTrainer {
  const dir = resume === true ? latestRun() : resolve(resume);
  if (!hasCheckpoint(dir)) throw new Error(`--resume: no checkpoint in ${shownPath(dir)}`);
  const trainer = resumePretraining(dir, { steps, compile: noCompile ? false : undefined });
  if (trainer.step > trainer.settings.steps)
    throw new Error(
      `--steps ${steps}: the run in ${shownPath(dir)} has done ${trainer.step} steps already`,
    );
  return trainer;
}

function introduce(trainer: GPTTrainer): void {
  const { settings, task } = trainer;
  const { config, data, baselines } = task;
  const n = (x: number) => x.toLocaleString("en");
  const { nLayer, nHead, nEmbd, blockSize, vocabSize } = config;
  const unit = isByCharacter(task) ? "characters" : "tokens";
  console.log(
    `text: ${printable(data.name)}, ${n(data.characters)} characters; ${n(vocabSize)} different ${unit}; the last 10 % validate`,
  );
  console.log(
    `model: ${nLayer} layers, ${nHead} heads, ${nEmbd} wide, ${blockSize} ${unit} of context: ${n(trainer.parameters)} parameters`,
  );
  const { uniform, unigram, bigram } = baselines;
  const named = isByCharacter(task)
    ? "nats per token"
    : `nats per token (${(1 / task.tokensPerCharacter).toFixed(2)} characters)`;
  console.log(
    `baselines: uniform ${uniform.toFixed(2)}, unigram ${unigram.toFixed(2)}, bigram ${bigram.toFixed(2)} ${named}`,
  );
  console.log(
    `run: ${shownPath(trainer.dir!)}, ${trainer.step > 0 ? `from step ${n(trainer.step)} ` : ""}to step ${n(settings.steps)}, ` +
      `${n(task.tokensPerStep)} tokens per step`,
  );
}

const isByCharacter = ({ tokenizer }: GPTTask): boolean => tokenizer.toJSON().type === "char";

function conclude(
  trainer: GPTTrainer,
  { stopped, step, metrics }: TrainResult,
  seconds: number,
): void {
  const dir = shellWord(shownPath(trainer.dir!));
  if (stopped === "interrupted") {
    console.log(`\nstopped and saved at step ${step}. To go on: npm run train -- --resume ${dir}`);
    process.exitCode = 130;
    return;
  }
  const { task } = trainer;
  const { val } = metrics;
  const verdict = standing(val, task.baselines);
  // with other tokens a loss per token says nothing: these are the units to compare in
  const bpc = `${(bits(val) * task.tokensPerCharacter).toFixed(3)} bits per character`;
  const perCharacter = isByCharacter(task)
    ? `${val.toFixed(3)} nats per character, ${bpc}`
    : `${val.toFixed(3)} nats per token, ${(val * task.tokensPerCharacter).toFixed(3)} nats and ${bpc}`;
  console.log(`\ndone in ${seconds.toFixed(0)} s: validation ${perCharacter}, ${verdict}`);
  console.log(`the curve: ${join(shownPath(trainer.dir!), "report.html")}`);
  console.log(`write with it: npm run generate -- --run ${dir}${promptFor(task)}`);
}

/**
 * Where a loss stands among the baselines, the lowest first. With thousands of tokens most pairs
 * never occur in training, and the bigram can then be worse than the unigram.
 */
function standing(val: number, baselines: GPTTask["baselines"]): string {
  const ordered = Object.entries(baselines).sort(([, a], [, b]) => a - b);
  const place = ordered.findIndex(([, loss]) => val < loss);
  if (place === -1) return "above every baseline";
  const above = place === 0 ? "" : `, above the ${ordered[place - 1][0]} baseline`;
  return `below the ${ordered[place][0]} baseline${above}`;
}

/** A prompt that this model can read, as an option. */
function promptFor({ tokenizer, firstWord }: GPTTask): string {
  const readable = (text: string) => {
    try {
      return tokenizer.encode(text).length > 0;
    } catch {
      return false;
    }
  };
  const prompt = ["Call me", firstWord].find((text) => text !== "" && readable(text));
  return prompt === undefined ? "" : ` --prompt ${shellWord(prompt)}`;
}

async function main(): Promise<void> {
  const { values: chosen } = commandLine(train);
  const started = performance.now();
  allowClosedPipe();
  stopPolitely({ said: () => console.log("\nstopping after this step (Ctrl-C again: at once)") });
  await useEngine();
  const { workers, resume } = chosen;
  const { trainer, text } =
    resume === undefined
      ? newTrainer(chosen)
      : { trainer: resumed(resume, chosen), text: undefined };
  introduce(trainer);
  const { tokensPerStep } = trainer.task;
  const show = watch(trainer, {
    quiet: chosen.quiet,
    speed: (ms) => `${Math.round((1000 * tokensPerStep) / ms).toLocaleString("en")} tokens/s`,
  });
  const run = workers === 1 ? trainer.run(show) : trainOnWorkers(trainer, { workers, text, show });
  const result = await run.finally(show.done);
  conclude(trainer, result, (performance.now() - started) / 1000);
  if (workers === 1) trainer.dispose();
}

main().catch((error: Error) => fail(`\ntrain: ${error.message}`));
