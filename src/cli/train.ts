// `npm run train`: trains a GPT on a text and shows how it goes. All that it does is in llm/train; here are the
// options, the lines on the screen, and Ctrl-C.

import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { loadText, mobyDick } from "../data";
import { progress } from "../display";
import { useEngine } from "../engine";
import type { EvalRecord, PresetName, StepRecord, TrainResult, TrainSettings } from "../train";
import { hasCheckpoint, latestRun, newRunFolder, presets, shownPath, Trainer } from "../train";

const help = `Trains a GPT on a text, character by character.

  npm run train                                   Moby-Dick, preset smoke: about a minute
  npm run train -- --preset laptop --data FILE…   your own text
  npm run train -- --resume [DIR]                 goes on with a run (default: the newest)

  --preset smoke|laptop|gpu   model and budget: 2 layers × 64, 1,000 steps · 4 × 128, 2,000 (nanoGPT's on a CPU) ·
                              6 × 384, 5,000 (for a CUDA GPU)
  --data FILE…                text files, UTF-8, or the name of a data set; default Moby-Dick
  --steps N                   how many steps (the learning rate is stretched to fit)
  --checkpoint-every N        save every N steps
  --seed N                    another seed: other initial weights, batches, dropout
  --out DIR                   the run's folder; default runs/<date-time-preset>
  --resume [DIR]              takes only --steps and --no-compile besides
  --quiet                     no samples on the screen
  --no-compile                native engine: every operation by itself (the default compiles runs of over 60 steps)
  --help

A run's folder: config.json (every setting), log.jsonl (every step), checkpoint.safetensors, report.html (the curve).
Ctrl-C stops after the current step and saves. npm run generate -- --run DIR --prompt "Call me" writes with it.`;

const fail = (message: string, code = 1): never => {
  console.error(message);
  process.exit(code);
};

/** `--resume` may stand alone; parseArgs wants a value, so it gets an empty one. */
function withResumeValue(args: string[]): string[] {
  return args.map((arg, i) =>
    arg === "--resume" && (args[i + 1] === undefined || args[i + 1].startsWith("--")) ? "--resume=" : arg,
  );
}

function options(args: string[]) {
  const { values, positionals } = parseArgs({
    args: withResumeValue(args),
    allowPositionals: true,
    options: {
      preset: { type: "string" },
      data: { type: "string", multiple: true },
      steps: { type: "string" },
      seed: { type: "string" },
      "checkpoint-every": { type: "string" },
      out: { type: "string" },
      resume: { type: "string" },
      quiet: { type: "boolean", default: false },
      "no-compile": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const number = (name: "steps" | "seed" | "checkpoint-every", least: number) => {
    if (values[name] === undefined) return undefined;
    const n = Number(values[name]);
    if (!Number.isInteger(n) || n < least)
      throw new Error(`--${name}: expected a whole number ≥ ${least}, got ${values[name]}`);
    return n;
  };
  if (positionals.length > 0 && values.data === undefined)
    throw new Error(`unexpected ${positionals[0]}: text files go after --data`);
  const preset = values.preset ?? "smoke";
  if (!(preset in presets))
    throw new Error(`--preset: expected ${Object.keys(presets).join(", ")}, got ${JSON.stringify(preset)}`);
  if (values.resume !== undefined)
    for (const name of ["preset", "data", "seed", "out", "checkpoint-every"] as const)
      if (values[name] !== undefined)
        throw new Error(`--${name} cannot be changed with --resume: the run has its own`);
  return {
    ...values,
    preset: preset as PresetName,
    files: values.data === undefined ? undefined : [...values.data, ...positionals],
    steps: number("steps", 1),
    seed: number("seed", 0),
    checkpointEvery: number("checkpoint-every", 1),
  };
}

function newTrainer({
  preset,
  files,
  steps,
  seed,
  checkpointEvery,
  out,
  "no-compile": noCompile,
}: ReturnType<typeof options>): Trainer {
  const settings: TrainSettings = { ...presets[preset] };
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
  return new Trainer({ text, data, settings, dir: out === undefined ? newRunFolder(preset) : resolve(out) });
}

/** An absolute path, so that the run can be resumed from any folder; the names of data sets stay names. */
const whereabouts = (file: string): string => (/[./\\]/.test(file) ? resolve(file) : file);

function resumed({ resume, steps, "no-compile": noCompile }: ReturnType<typeof options>): Trainer {
  const dir = resume === "" ? latestRun() : resolve(resume!);
  if (!hasCheckpoint(dir)) throw new Error(`--resume: no checkpoint in ${resume}`);
  const trainer = Trainer.resume(dir, { steps, compile: noCompile ? false : undefined });
  if (trainer.step > trainer.settings.steps)
    throw new Error(`--steps ${steps}: the run in ${resume} has done ${trainer.step} steps already`);
  return trainer;
}

function introduce(trainer: Trainer): void {
  const { settings, config, data, baselines } = trainer;
  const n = (x: number) => x.toLocaleString("en");
  const { nLayer, nHead, nEmbd, blockSize } = config;
  console.log(
    `text: ${data.name}, ${n(data.characters)} characters of ${config.vocabSize} kinds; the last 10 % validate`,
  );
  console.log(
    `model: ${nLayer} layers, ${nHead} heads, ${nEmbd} wide, ${blockSize} characters of context: ${n(trainer.parameters)} parameters`,
  );
  console.log(`baselines: ${baselineText(baselines)} nats per character`);
  console.log(
    `run: ${shownPath(trainer.dir!)}, ${trainer.step > 0 ? `from step ${n(trainer.step)} ` : ""}to step ${n(settings.steps)}, ` +
      `${n(trainer.tokensPerStep)} tokens a step`,
  );
}

const baselineText = ({ uniform, unigram, bigram }: Trainer["baselines"]): string =>
  `uniform ${uniform.toFixed(2)}, unigram ${unigram.toFixed(2)}, bigram ${bigram.toFixed(2)}`;

/** Lines that show the run while it runs. */
function screen(trainer: Trainer, quiet: boolean) {
  const bar = progress(trainer.settings.steps - trainer.step, { label: "training" });
  const first = trainer.step;
  let smooth = { loss: Number.NaN, ms: Number.NaN };
  return {
    onStep({ step, loss, ms }: StepRecord) {
      const mix = (old: number, now: number) => (Number.isNaN(old) ? now : 0.95 * old + 0.05 * now);
      smooth = { loss: mix(smooth.loss, loss), ms: mix(smooth.ms, ms) };
      const speed = (trainer.tokensPerStep / smooth.ms) * 1000;
      bar.update(
        step - first,
        `loss ${smooth.loss.toFixed(3)} · ${Math.round(speed).toLocaleString("en")} tokens/s`,
      );
    },
    onEval({ step, val, windows, whole, sample }: EvalRecord) {
      const over = whole ? "the whole validation part" : `${windows} windows`;
      console.log(
        `\nstep ${step}: validation ${val.toFixed(3)} on ${over} (${baselineText(trainer.baselines)})`,
      );
      if (!quiet && sample !== undefined) console.log(sample.trim().replace(/^/gm, "  │ "));
    },
    onNotice: (line: string) => console.log(line),
    done: () => bar.done(),
  };
}

function conclude(trainer: Trainer, { stopped, step, val, baselines }: TrainResult, seconds: number): void {
  const dir = shownPath(trainer.dir!);
  if (stopped === "interrupted") {
    console.log(`\nstopped and saved at step ${step}. To go on: npm run train -- --resume ${dir}`);
    process.exitCode = 130;
    return;
  }
  const below = (["bigram", "unigram", "uniform"] as const).find((name) => val < baselines[name]);
  const verdict = below === undefined ? "above every baseline" : `below the ${below} baseline`;
  console.log(
    `\ndone in ${seconds.toFixed(0)} s: validation ${val.toFixed(3)} nats per character, ${verdict}`,
  );
  console.log(`the curve: ${join(dir, "report.html")}`);
  console.log(`write with it: npm run generate -- --run ${dir} --prompt "Call me"`);
}

async function main(): Promise<void> {
  const chosen = options(process.argv.slice(2));
  if (chosen.help) return console.log(help);
  const started = performance.now();
  const flag = globalThis as unknown as Record<symbol, boolean>;
  process.on("SIGINT", () => {
    if (flag[Symbol.for("llm.interrupt")]) fail("\nstopped at once; the last checkpoint is kept", 130);
    flag[Symbol.for("llm.interrupt")] = true;
    console.log("\nstopping after this step (Ctrl-C again: at once)");
  });
  await useEngine();
  const trainer = chosen.resume === undefined ? newTrainer(chosen) : resumed(chosen);
  introduce(trainer);
  const show = screen(trainer, chosen.quiet);
  const result = await trainer.run(show).finally(show.done);
  conclude(trainer, result, (performance.now() - started) / 1000);
  trainer.dispose();
}

main().catch((error: Error) => fail(`\ntrain: ${error.message}`));
