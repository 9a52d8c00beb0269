// The training run: batches, steps, evaluations, checkpoints, a log. `npm run train` and lesson 12 both run this.
// Promise kept throughout: the state after step n depends on the settings, the text and n only. A run that was killed
// and resumed gives the losses of one that was not.
// What a step does is in step.ts; what a checkpoint holds in checkpoint.ts; the page about the run in report.ts.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type GetBatch, loadText, mobyDick, splitText, TextBatches } from "../data";
import { GPTDecoder } from "../decode";
import { currentEngine, interrupted, nextFrame, tf } from "../engine";
import {
  countParameters,
  disposeParams,
  type GPTConfig,
  type GPTOps,
  gptLoss,
  initGPT,
  type Params,
} from "../gpt";
import { type Baselines, ngramBaselines } from "../ngram";
import { Random } from "../random";
import { sample } from "../sample";
import { CharTokenizer } from "../tokenizer/char";
import { type AdamWState, adamwInit, adamwStep, type OptimizerStep } from "./adamw";
import { assignTensors, checkpointFile, loadCheckpoint, saveCheckpoint } from "./checkpoint";
import { clipByGlobalNorm } from "./clip";
import { writeAtomically } from "./files";
import { type EvalRecord, type History, RunLog, readLog, type StepRecord } from "./log";
import { writeReport } from "./report";
import { StepRunner } from "./runner";
import { type Schedule, warmupCosine } from "./schedule";
import { type TrainSettings, validateSettings } from "./settings";
import type { LossFunction, StepFunctions } from "./step";

/** Where a text came from, so that a resumed run can read it again; no files means Moby-Dick. */
export interface DataSource {
  name: string;
  files?: string[];
}

/** The parts of a run that can be replaced: lesson 12 passes the learner's own. */
export interface TrainerParts {
  getBatch?: GetBatch;
  loss?: LossFunction;
  /** The model's own parts: attention, layer norm, GELU, cross-entropy. */
  ops?: Partial<GPTOps>;
  schedule?: (step: number, schedule: Schedule) => number;
  clip?: StepFunctions["clip"];
  optimizer?: OptimizerStep;
}

/** What a run needs. Without `dir` nothing is written. */
export interface TrainerOptions extends TrainerParts {
  text: string;
  settings: TrainSettings;
  dir?: string;
  data?: DataSource;
}

/** What `run` tells while it runs. */
export interface RunOptions {
  /** How many steps to do now; default: all that are left. */
  steps?: number;
  onStep?: (record: StepRecord) => void;
  onEval?: (record: EvalRecord) => void;
  /** Gets a line when the step is compiled. */
  onNotice?: (line: string) => void;
}

/** How a run ended. Losses in nats per token. */
export interface TrainResult {
  step: number;
  /** done: all steps of the settings; paused: the steps asked for; interrupted: Ctrl-C or the stop button. */
  stopped: "done" | "paused" | "interrupted";
  /** Mean training loss of the last 20 steps. */
  loss: number;
  /** The last validation loss. */
  val: number;
  baselines: Baselines;
  history: History;
}

/** Trains one GPT on one text. */
export class Trainer {
  readonly settings: TrainSettings;
  readonly config: GPTConfig;
  readonly tokenizer: CharTokenizer;
  readonly baselines: Baselines;
  readonly params: Params;
  readonly state: AdamWState;
  readonly data: DataSource & { sha256: string; characters: number };
  readonly dir: string | undefined;
  /** Steps done. */
  step = 0;
  history: History = { steps: [], evals: [] };
  private readonly train: TextBatches;
  private readonly val: TextBatches;
  private readonly random: Random;
  private readonly parts: Required<Omit<TrainerParts, "getBatch" | "ops">> & { ops: Partial<GPTOps> };
  private log: RunLog | undefined;
  private runner: StepRunner | undefined;
  private decoder: GPTDecoder | undefined;
  private notice: (line: string) => void = () => {};

  /**
   * @throws when the settings cannot be trained with, the text is shorter than one block, or `dir` holds another run
   */
  constructor(options: TrainerOptions) {
    const { text, settings, dir, data = { name: "text" } } = options;
    this.settings = validateSettings(settings);
    const { blockSize } = settings.model;
    this.tokenizer = CharTokenizer.train(text);
    const split = splitText(this.tokenizer.encode(text));
    if (split.val.length < blockSize + 1 || split.train.length < blockSize + 1)
      throw new Error(
        `Trainer: the text is shorter than one block: of its ${split.train.length + split.val.length} tokens the last ` +
          `${split.val.length} are for validation, and one block needs ${blockSize + 1}. Use a text of at least ` +
          `${10 * (blockSize + 1)} tokens, or a smaller block size.`,
      );
    if (dir !== undefined && existsSync(join(dir, checkpointFile)))
      throw new Error(`Trainer: ${dir} already holds a run: resume it (--resume), or choose another folder`);
    this.dir = dir;
    this.config = { ...settings.model, vocabSize: this.tokenizer.vocabSize };
    this.baselines = ngramBaselines(split.train, split.val, this.config.vocabSize);
    const cut = { blockSize, batchSize: settings.batchSize, getBatch: options.getBatch };
    this.random = new Random(settings.seed);
    this.train = new TextBatches(split.train, { ...cut, seed: settings.seed });
    this.val = new TextBatches(split.val, { ...cut, getBatch: undefined, seed: settings.seed });
    this.data = { ...data, sha256: createHash("sha256").update(text).digest("hex"), characters: text.length };
    this.parts = {
      loss: options.loss ?? gptLoss,
      ops: options.ops ?? {},
      schedule: options.schedule ?? warmupCosine,
      clip: options.clip ?? clipByGlobalNorm,
      optimizer: options.optimizer ?? adamwStep,
    };
    this.params = initGPT(this.config, { seed: settings.seed });
    this.state = adamwInit(this.params);
  }

  /**
   * Goes on with the run in `dir`, from its last checkpoint. Log lines of later steps are removed: they will be done
   * again, with the same losses.
   *
   * @param options replaced parts; `text` where the run's text came from no file; `steps` for a longer or shorter run
   * @throws when there is no whole checkpoint, or the text or the model is not the run's own
   */
  static resume(
    dir: string,
    {
      text,
      steps,
      compile,
      ...parts
    }: TrainerParts & { text?: string; steps?: number; compile?: TrainSettings["compile"] } = {},
  ): Trainer {
    const checkpoint = loadCheckpoint(dir);
    const { settings, data } = checkpoint.extra as { settings: TrainSettings; data: Trainer["data"] };
    const trainer = new Trainer({
      ...parts,
      text: text ?? (data.files === undefined ? mobyDick() : loadText(data.files)),
      settings: { ...settings, steps: steps ?? settings.steps, compile: compile ?? settings.compile },
      data: { name: data.name, files: data.files },
    });
    try {
      if (trainer.data.sha256 !== data.sha256)
        throw new Error(
          `Trainer.resume: ${data.name} is not the text that ${dir} was trained on: it has changed`,
        );
      assignTensors(trainer.params, checkpoint.params, checkpoint.file);
      assignTensors(trainer.state, checkpoint.optimizer, checkpoint.file);
    } catch (error) {
      trainer.dispose();
      throw error;
    }
    trainer.step = checkpoint.step;
    (trainer as { dir?: string }).dir = dir;
    trainer.history = readLog(join(dir, "log.jsonl"), checkpoint.step);
    return trainer;
  }

  /** How many numbers the model has. */
  get parameters(): number {
    return countParameters(this.params);
  }

  /** Tokens of one step. */
  get tokensPerStep(): number {
    return this.settings.batchSize * this.settings.accumulate * this.settings.model.blockSize;
  }

  /**
   * Trains until the settings' steps are done, or `steps` more. Stops after the current step when interrupted
   * (Ctrl-C, Jupyter's stop button), with a checkpoint if there is a folder.
   *
   * @throws when the loss is no longer a number, or a file cannot be written; the last good checkpoint stays
   */
  async run({
    steps = Number.POSITIVE_INFINITY,
    onStep,
    onEval,
    onNotice = () => {},
  }: RunOptions = {}): Promise<TrainResult> {
    this.notice = onNotice;
    this.open();
    try {
      return await this.runOpened(Math.min(this.settings.steps, this.step + steps), onStep, onEval);
    } finally {
      this.close();
    }
  }

  private async runOpened(
    until: number,
    onStep: RunOptions["onStep"],
    onEval: RunOptions["onEval"],
  ): Promise<TrainResult> {
    const { settings } = this;
    if (this.step === 0 && this.history.evals.length === 0) {
      if (this.dir !== undefined) await this.checkpoint(); // from now on the run can be resumed
      await this.measure(settings.evalWindows, onEval);
    }
    let stopped: TrainResult["stopped"] = this.step >= settings.steps ? "done" : "paused";
    while (this.step < until) {
      await nextFrame();
      if (interrupted()) {
        stopped = "interrupted";
        break;
      }
      const record = await this.trainOne();
      this.history.steps.push(record);
      this.log?.append(record);
      onStep?.(record);
      const last = this.step === settings.steps;
      if (last) stopped = "done";
      if (last || this.step % settings.evalEvery === 0)
        await this.measure(last ? Number.POSITIVE_INFINITY : settings.evalWindows, onEval);
      if (this.dir !== undefined && (last || this.step % settings.checkpointEvery === 0))
        await this.checkpoint();
    }
    if (this.dir !== undefined && stopped !== "done") await this.checkpoint();
    const recent = this.history.steps.slice(-20);
    return {
      step: this.step,
      stopped,
      loss: recent.reduce((sum, { loss }) => sum + loss, 0) / recent.length,
      val: this.history.evals.at(-1)?.val ?? Number.NaN,
      baselines: this.baselines,
      history: this.history,
    };
  }

  /**
   * The mean loss over validation windows side by side, without dropout.
   *
   * @param options.windows at most so many, spread evenly; default: the whole validation part
   */
  async evaluate({ windows = Number.POSITIVE_INFINITY }: { windows?: number } = {}): Promise<{
    val: number;
    windows: number;
  }> {
    let sum = 0;
    let count = 0;
    for (const { ids, targets } of this.val.windows(windows)) {
      const loss = this.steps().evaluate(this.params, { ids, targets });
      sum += (await loss.data())[0] * ids.shape[0];
      count += ids.shape[0];
      tf.dispose([loss, ids, targets]);
      await nextFrame();
    }
    return { val: sum / count, windows: count };
  }

  /** Text that the model writes now, from a line break on: the same at every call of one step. */
  async sampleText(length = this.settings.sampleLength): Promise<string> {
    const start = this.tokenizer.toJSON().vocabulary.includes("\n")
      ? this.tokenizer.encode("\n")
      : Array.from(this.val.ids.subarray(0, 1));
    const rng = this.random.fork("sample", this.step);
    const ids = await sample(this.params, this.config, start, {
      maxNewTokens: length,
      temperature: 0.8,
      rng,
      decoder: this.reader(),
    });
    return this.tokenizer.decode(ids);
  }

  /** Writes checkpoint, log and report into the run's folder. @throws where that fails; see saveCheckpoint */
  async checkpoint(): Promise<void> {
    if (this.dir === undefined) throw new Error("Trainer.checkpoint: this run has no folder (option dir)");
    this.open();
    this.log?.sync();
    await saveCheckpoint(
      this.dir,
      { params: this.params, optimizer: this.state },
      {
        step: this.step,
        config: this.config,
        tokenizer: this.tokenizer.toJSON(),
        extra: { settings: this.settings, data: this.data },
      },
    );
    writeReport(join(this.dir, "report.html"), this);
  }

  /** Frees all tensors and closes the log. */
  dispose(): void {
    this.close();
    this.runner?.dispose();
    this.decoder?.dispose();
    disposeParams(this.params);
    disposeParams(this.state);
  }

  private steps(): StepRunner {
    this.runner ??= new StepRunner(this.settings, this.config, this.parts, (line) => this.notice(line));
    return this.runner;
  }

  /** One for all samples of the run, so that it is compiled once. */
  private reader(): GPTDecoder {
    this.decoder ??= new GPTDecoder(this.params, this.config, { compiled: this.steps().compiles });
    return this.decoder;
  }

  private async trainOne(): Promise<StepRecord> {
    const started = performance.now();
    const { settings, step } = this;
    const lr = this.parts.schedule(step, { ...settings, totalSteps: settings.steps });
    const batches = Array.from({ length: settings.accumulate }, (_, part) =>
      this.train.batch(step * settings.accumulate + part),
    );
    let result: ReturnType<StepRunner["run"]>;
    try {
      result = this.steps().run(this.params, this.state, batches, lr, step);
    } finally {
      tf.dispose(batches.map(({ ids, targets }) => [ids, targets]));
    }
    const [lossValue, norm] = [(await result.loss.data())[0], (await result.norm.data())[0]];
    tf.dispose(result);
    if (!Number.isFinite(lossValue) || !Number.isFinite(norm)) {
      const more = `, gradient norm ${norm}, learning rate ${lr.toPrecision(2)}`;
      throw new Error(this.diverged("loss", lossValue, more));
    }
    this.step++;
    return { step: this.step, loss: lossValue, lr, norm, ms: Math.round(performance.now() - started) };
  }

  private diverged(what: string, value: number, more = ""): string {
    const before = this.history.steps.slice(-3).map((record) => record.loss.toFixed(3));
    const kept = this.dir === undefined ? "" : ` The last good checkpoint in ${this.dir} is kept.`;
    return (
      `Trainer: the ${what} is not a finite number any more: ${value} at step ${this.step + 1}${more} (losses before: ` +
      `${before.join(", ") || "none"}). Usual causes: a learning rate that is too high, no warm-up, no clipping.${kept}`
    );
  }

  private async measure(windows: number, onEval?: (record: EvalRecord) => void): Promise<void> {
    const result = await this.evaluate({ windows });
    if (!Number.isFinite(result.val)) throw new Error(this.diverged("validation loss", result.val));
    const record: EvalRecord = { step: this.step, ...result, whole: result.windows === this.val.windowCount };
    if (this.settings.sampleLength > 0) record.sample = await this.sampleText();
    this.history.evals.push(record);
    this.log?.append(record);
    onEval?.(record);
  }

  private open(): void {
    if (this.dir === undefined || this.log !== undefined) return;
    mkdirSync(this.dir, { recursive: true });
    const about = {
      settings: this.settings,
      vocabSize: this.config.vocabSize,
      parameters: this.parameters,
      data: this.data,
      baselines: this.baselines,
      engine: currentEngine().description,
      node: process.version,
    };
    writeAtomically(join(this.dir, "config.json"), [JSON.stringify(about, null, 2) + "\n"]);
    const fresh = this.history.steps.length + this.history.evals.length === 0;
    this.log = new RunLog(join(this.dir, "log.jsonl"), { fresh });
  }

  private close(): void {
    this.log?.close();
    this.log = undefined;
  }
}
