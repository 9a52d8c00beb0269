// The training run: steps, evaluations, checkpoints, a log, for any task. `npm run train` and the
// lessons run this. Promise kept throughout: the state after step n depends on the task, the
// settings and n only. A run that was killed and resumed gives the losses of one that was not.
// What is trained is in task.ts; what a step does in step.ts; what a checkpoint holds in
// llm/checkpoint; the page about the run in report.ts. No model is known here.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  assignTensors,
  type Checkpoint,
  checkpointFile,
  loadCheckpoint,
  saveCheckpoint,
} from "../checkpoint";
import type { Figure } from "../display";
import { currentEngine, interrupted, nextFrame } from "../engine";
import { makeFolder, writeAtomically } from "../files";
import {
  adamw,
  clipByGlobalNorm,
  type Optimizer,
  type OptimizerState,
  type Schedule,
  warmupCosine,
} from "../optim";
import { countParams } from "../params";
import { lockRun } from "./lock";
import { type EvalRecord, type History, RunLog, readLog, type StepRecord } from "./log";
import { lossCurve, writeReport } from "./report";
import { type Share, StepRunner } from "./runner";
import { completeSettings, type SettingsInput, type TrainSettings } from "./settings";
import type { StepFunctions } from "./step";
import { type AnyTask, Interrupted } from "./task";

/** The parts of the loop that can be replaced; lesson 12 (training) passes the learner's own. */
export interface TrainerParts {
  schedule?: (step: number, schedule: Schedule) => number;
  clip?: StepFunctions<unknown>["clip"];
  /** Default: AdamW with the settings' β₁, β₂, ε and λ. */
  optimizer?: Optimizer;
  /** Default: all batches of a step. */
  share?: Share;
}

/** What a run needs. Without `dir` nothing is written. */
export interface TrainerOptions<T extends AnyTask = AnyTask> extends TrainerParts {
  task: T;
  settings: SettingsInput;
  dir?: string;
}

/** What may change when a run is resumed, and how its task is made again. */
export interface ResumeOptions<T extends AnyTask = AnyTask> extends TrainerParts {
  task: (checkpoint: Checkpoint) => T;
  /** A longer or shorter run. */
  steps?: number;
  compile?: TrainSettings["compile"];
}

/** What `run` tells while it runs, and when it stops. */
export interface RunOptions {
  /** How many steps to do now; default: all that are left. */
  steps?: number;
  onStep?: (record: StepRecord) => void;
  onEval?: (record: EvalRecord) => void;
  /** Gets a line when the step is compiled. */
  onNotice?: (line: string) => void;
  /** Told how far an evaluation is, in examples or whatever the task counts. */
  onEvaluating?: (done: number, total: number) => void;
  /** Asked after each evaluation; true ends the run there. */
  stopWhen?: (record: EvalRecord) => boolean;
}

/** How a run ended. */
export interface TrainResult {
  step: number;
  /**
   * done: all steps of the settings · paused: the steps asked for · reached: `stopWhen` said so ·
   * interrupted: Ctrl-C or the stop button.
   */
  stopped: "done" | "paused" | "reached" | "interrupted";
  /** Mean training loss of the last 20 steps. */
  loss: number;
  /** What the last evaluation gave. */
  metrics: Record<string, number>;
  history: History;
}

/** The loss, the norm of its gradient, or the metric is no longer a finite number. */
export class Diverged extends Error {
  override name = "Diverged";
  /** @param record the step at which it happened, if it was a step */
  constructor(
    message: string,
    readonly record?: StepRecord,
  ) {
    super(message);
  }
}

/**
 * How long small steps may keep the process to themselves: after that, output and the stop button
 * get their turn.
 */
const YIELD_MS = 10;

/** Trains one task. It owns the task: `dispose` frees it too. */
export class Trainer<T extends AnyTask = AnyTask> {
  readonly task: T;
  readonly settings: TrainSettings;
  readonly dir: string | undefined;
  /** Steps done. */
  step = 0;
  history: History = { steps: [], evals: [] };
  private readonly runner: StepRunner<Parameters<T["loss"]>[1]>;
  private log: RunLog | undefined;
  private unlock: (() => void) | undefined;
  private notice: (line: string) => void = () => {};
  private evaluating: (done: number, total: number) => void = () => {};

  /**
   * @throws when the settings cannot be trained with, or `dir` holds another run; the task is freed
   * then
   */
  constructor(
    { task, settings, dir, schedule, clip, optimizer, share }: TrainerOptions<T>,
    resumed?: Checkpoint,
  ) {
    this.task = task;
    this.dir = dir;
    try {
      this.settings = completeSettings(settings);
      if (dir !== undefined && !resumed && existsSync(join(dir, checkpointFile)))
        throw new Error(
          `Trainer: ${dir} already holds a run: resume it (--resume), or choose another folder`,
        );
      this.runner = new StepRunner({
        task,
        settings: this.settings,
        optimizer: optimizer ?? adamw(this.settings),
        clip: clip ?? clipByGlobalNorm,
        schedule: schedule ?? warmupCosine,
        share,
        notice: (line) => this.notice(line),
        evaluating: (done, total) => this.evaluating(done, total),
      });
    } catch (error) {
      task.dispose();
      throw error;
    }
  }

  /**
   * Goes on with the run in `dir`, from its last checkpoint. Log lines of later steps are removed:
   * they will be done again, with the same losses.
   *
   * @throws when there is no whole checkpoint, or the task that is made of it has another model or
   *   other data
   */
  static resume<T extends AnyTask>(
    dir: string,
    { task: make, steps, compile, ...parts }: ResumeOptions<T>,
  ): Trainer<T> {
    const checkpoint = loadCheckpoint(dir);
    if (checkpoint.settings === undefined || Object.keys(checkpoint.optimizer).length === 0)
      throw new Error(`Trainer.resume: ${dir} holds a trained model, but no run that could go on`);
    expectUntouchedSettings(dir, checkpoint.settings);
    const settings = { ...(checkpoint.settings as TrainSettings), ...defined({ steps, compile }) };
    const trainer = new Trainer({ ...parts, task: make(checkpoint), settings, dir }, checkpoint);
    try {
      trainer.unlock = lockRun(dir); // before the log is touched
      trainer.restore(checkpoint);
    } catch (error) {
      trainer.dispose();
      throw error;
    }
    return trainer;
  }

  /** How many numbers are trained. */
  get parameters(): number {
    return countParams(this.task.params);
  }

  /** What the optimizer remembers. */
  get state(): OptimizerState {
    return this.runner.state;
  }

  /**
   * Trains until the settings' steps are done, or `steps` more. Stops after the current step when
   * interrupted (Ctrl-C, Jupyter's stop button), with a checkpoint if there is a folder.
   *
   * @throws {Diverged} when the loss is no longer a number; {WriteError} when a file cannot be
   *   written; the last good checkpoint stays
   */
  async run({
    steps = Number.POSITIVE_INFINITY,
    onStep,
    onEval,
    onNotice = () => {},
    onEvaluating = () => {},
    stopWhen = () => false,
  }: RunOptions = {}): Promise<TrainResult> {
    const { settings, history } = this;
    const until = Math.min(settings.steps, this.step + steps);
    const isNew = this.step === 0 && history.evals.length === 0;
    let stopped: TrainResult["stopped"] | undefined;
    const measure = async (limit: number): Promise<void> => {
      const record = await this.measure(limit);
      if (record === undefined) stopped = "interrupted";
      else {
        onEval?.(record);
        if (stopWhen(record)) stopped = "reached";
      }
    };
    this.notice = onNotice;
    this.evaluating = onEvaluating;
    this.open();
    try {
      if (isNew) await this.save(); // from now on the run can be resumed
      if (isNew) await measure(settings.evalLimit);
      let yielded = 0;
      while (this.step < until && !stopped) {
        if (performance.now() - yielded > YIELD_MS) {
          await nextFrame();
          yielded = performance.now();
        }
        if (interrupted()) {
          stopped = "interrupted";
          break;
        }
        const record = await this.runner.step(this.step).catch((error: unknown) => {
          if (error instanceof Interrupted) return undefined; // while texts were written (llm/rlhf)
          throw error;
        });
        if (record === undefined) {
          stopped = "interrupted";
          break;
        }
        const { loss, norm, lr } = record;
        if (!Number.isFinite(loss + norm))
          throw this.diverged({ loss, "gradient norm": norm, "learning rate": lr }, record);
        this.step = record.step;
        history.steps.push(record);
        this.log?.append(record);
        onStep?.(record);
        if (this.step === settings.steps) break;
        if (this.step % settings.evalEvery === 0) await measure(settings.evalLimit);
        if (this.step % settings.checkpointEvery === 0) await this.save();
      }
      if (this.step === settings.steps) {
        await this.save(); // before the last evaluation, which may take long
        const last = history.evals.at(-1);
        if (!(last?.whole && last.step === this.step)) await measure(Number.POSITIVE_INFINITY);
        this.report();
        stopped ??= "done";
      } else if (stopped || this.step === until) await this.save();
      return {
        step: this.step,
        stopped: stopped ?? "paused",
        loss: this.recentLoss(),
        metrics: this.metrics,
        history,
      };
    } finally {
      this.close();
    }
  }

  /** Measures the model as it is now, on at most `limit` examples; the record goes into no log. */
  async evaluate(limit = Number.POSITIVE_INFINITY): Promise<Record<string, number>> {
    return this.task.evaluate(limit, this.runner);
  }

  /** Loss and evaluations over the steps done so far, over the baselines: a figure for `plot`. */
  curve(): Figure {
    return lossCurve(this.history, this.task.primary);
  }

  /**
   * Writes checkpoint, log and report into the run's folder. @throws where that fails; see
   * saveCheckpoint
   */
  async checkpoint(): Promise<void> {
    if (this.dir === undefined)
      throw new Error("Trainer.checkpoint: this run has no folder (option dir)");
    this.open();
    await this.save();
  }

  /** Frees all tensors, the task's too, and closes the log. */
  dispose(): void {
    this.close();
    this.runner.dispose();
    this.task.dispose();
  }

  /** Takes over what a checkpoint holds. @throws when it is of another kind, model or text */
  private restore({ kind, data, params, optimizer, task: state, step, file }: Checkpoint): void {
    const { task, dir = "" } = this;
    const own = task.describe();
    if (own.kind !== kind)
      throw new Error(
        `Trainer.resume: expected a run of kind "${own.kind}" in ${dir}, got "${kind}"`,
      );
    if (own.data?.sha256 !== (data as typeof own.data)?.sha256)
      throw new Error(
        `Trainer.resume: ${own.data?.name ?? "the data"} is not the data that ${dir} was trained on: it has changed`,
      );
    assignTensors(task.params, params, file);
    assignTensors(this.state, optimizer, file);
    assignTensors(task.state?.() ?? {}, state, file);
    this.step = step;
    this.history = readLog(join(dir, "log.jsonl"), step);
  }

  private async save(): Promise<void> {
    if (this.dir === undefined) return;
    this.log?.sync();
    const { task, step, settings } = this;
    const tensors = { params: task.params, optimizer: this.state, task: task.state?.() };
    await saveCheckpoint(this.dir, tensors, { step, ...task.describe(), settings });
    this.report();
  }

  private report(): void {
    if (this.dir !== undefined) writeReport(join(this.dir, "report.html"), this);
  }

  /** The record of an evaluation, or undefined where it was stopped. */
  private async measure(limit: number): Promise<EvalRecord | undefined> {
    const { task, step } = this;
    let metrics: Record<string, number>;
    try {
      metrics = await this.evaluate(limit);
    } catch (error) {
      if (error instanceof Interrupted) return undefined;
      throw error;
    }
    const { name } = task.primary;
    if (!Number.isFinite(metrics[name])) throw this.diverged({ [name]: metrics[name] });
    const record: EvalRecord = { step, metrics, whole: limit === Number.POSITIVE_INFINITY };
    const sample = await task.sample?.(step, this.runner);
    if (sample !== undefined) record.sample = sample;
    this.history.evals.push(record);
    this.log?.append(record);
    return record;
  }

  /** The metrics of the last evaluation. */
  private get metrics(): Record<string, number> {
    return this.history.evals.at(-1)?.metrics ?? {};
  }

  private recentLoss(): number {
    const recent = this.history.steps.slice(-20);
    return recent.reduce((sum, { loss }) => sum + loss, 0) / recent.length;
  }

  private diverged(numbers: Record<string, number>, record?: StepRecord): Diverged {
    const what = Object.entries(numbers).map(
      ([name, value]) => `${name} ${Number(value.toPrecision(4))}`,
    );
    const before = this.history.steps.slice(-3).map((record) => record.loss.toFixed(3));
    const kept = this.dir === undefined ? "" : ` The last good checkpoint in ${this.dir} is kept.`;
    return new Diverged(
      `Trainer: expected finite numbers at step ${this.step + 1}, got ${what.join(", ")} (losses before: ` +
        `${before.join(", ") || "none"}). Usual causes: a learning rate that is too high, no warm-up, no clipping.${kept}`,
      record,
    );
  }

  /** Makes the folder, says in config.json what the run is, and opens the log. */
  private open(): void {
    const { dir, task, settings, history } = this;
    if (dir === undefined || this.log !== undefined) return;
    makeFolder(dir);
    this.unlock ??= lockRun(dir);
    const about = {
      ...task.describe(),
      settings,
      parameters: this.parameters,
      baselines: task.primary.baselines,
      engine: currentEngine().description,
      node: process.version,
    };
    writeAtomically(join(dir, "config.json"), [JSON.stringify(about, null, 2) + "\n"]);
    this.log = new RunLog(join(dir, "log.jsonl"), {
      fresh: history.steps.length + history.evals.length === 0,
    });
  }

  private close(): void {
    this.log?.close();
    this.log = undefined;
    this.unlock?.();
    this.unlock = undefined;
  }
}

/**
 * A run goes on with what its checkpoint says; settings changed by hand in config.json would be
 * lost without a word.
 * @throws that names the first that differs
 */
function expectUntouchedSettings(dir: string, saved: object): void {
  let shown: Record<string, unknown>;
  try {
    shown = JSON.parse(readFileSync(join(dir, "config.json"), "utf8")).settings ?? {};
  } catch {
    return; // it is made anew
  }
  for (const [name, value] of Object.entries(saved)) {
    const [is, was] = [shown[name], value].map((x) => JSON.stringify(x));
    if (name in shown && is !== was && name !== "steps" && name !== "compile")
      throw new Error(
        `Trainer.resume: config.json in ${dir} says ${name} ${is}, the run's checkpoint ${was}. A run keeps its settings: ` +
          "put the value back or delete that file, or begin a new run.",
      );
  }
}

/** The fields that are not undefined. */
function defined<R extends object>(fields: R): Partial<R> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Partial<R>;
}
