// Runs training steps in the way that is fastest here: on the native engine compiled into one
// program (llm/engine's `compile`) once the run is long enough to pay for the compilation, else
// operation by operation. Both do the same arithmetic in another order, so their losses agree to
// about 1e-5 over 50 steps, not to the last bit; what dropout drops differs (see DropoutKey). Which
// way a run goes depends on its settings and the engine only, never on how many steps are left: a
// resumed run goes the same way.

import {
  type Compiled,
  CompileError,
  canCompile,
  compile,
  interrupted,
  nextFrame,
  tf,
} from "../engine";
import { DropoutKey, type DropoutSource } from "../ops";
import type { Optimizer, OptimizerState, Schedule } from "../optim";
import type { Params } from "../params";
import { Random } from "../random";
import type { StepRecord } from "./log";
import type { TrainSettings } from "./settings";
import { type StepFunctions, type StepResult, trainStep } from "./step";
import { Interrupted, type Task, type TaskTools } from "./task";

/** Compilation takes 3 to 20 s; a step saves 0.1 s and more. */
const WORTH_COMPILING = 60;

/**
 * Which of a step's batches one process computes: every `size`th, beginning with number `rank`. The
 * others are computed elsewhere (llm/parallel), and `clip` brings the gradients together.
 */
export interface Share {
  rank: number;
  size: number;
}

/** What a runner is made of. */
export interface RunnerParts<B extends Record<string, tf.Tensor>> {
  task: Task<B>;
  settings: TrainSettings;
  optimizer: Optimizer;
  clip: StepFunctions<B>["clip"];
  schedule: (step: number, schedule: Schedule) => number;
  share?: Share;
  /** Gets a line when something is compiled, or cannot be. */
  notice: (line: string) => void;
  /** Told how far an evaluation is. */
  evaluating: (done: number, total: number) => void;
}

/** The share of a process that trains alone. */
const whole: Share = { rank: 0, size: 1 };

/** Does the steps of one run, and the losses of its evaluations. */
export class StepRunner<B extends Record<string, tf.Tensor>> implements TaskTools<B> {
  /** Whether this run is long enough for programs: a matter of the settings and the engine. */
  readonly compiles: boolean;
  /** The optimizer's memory. */
  readonly state: OptimizerState;
  private readonly compiledStep: Attempt<
    [params: Params, state: OptimizerState, batches: B[], lr: tf.Scalar, count: tf.Scalar],
    StepResult
  >;
  private readonly compiledLoss: Attempt<[Params, B], tf.Scalar>;
  private announced = false;

  constructor(private readonly parts: RunnerParts<B>) {
    const { task, settings, optimizer, notice } = parts;
    const { clip: maxNorm } = settings;
    const worthIt = settings.steps > WORTH_COMPILING && optimizer.compiles;
    this.compiles =
      canCompile() && (settings.compile === true || (settings.compile === "auto" && worthIt));
    const options = { wanted: this.compiles, insists: settings.compile === true, notice };
    this.compiledStep = new Attempt(
      "training step",
      (params, state, batches, lr, count) =>
        trainStep(
          params,
          state,
          batches,
          this.functions((part) => this.key(part, count)),
          { lr, maxNorm },
        ),
      options,
    );
    this.compiledLoss = new Attempt(
      "evaluation",
      (params, batch) => task.loss(params, batch),
      options,
    );
    this.state = optimizer.init(task.params);
  }

  /**
   * One step, in place.
   * @param step steps done before; with the seed it decides the data and what dropout drops
   */
  async step(step: number): Promise<StepRecord> {
    const started = performance.now();
    const { task, settings, schedule, share: { rank, size } = whole } = this.parts;
    const { seed, clip: maxNorm } = settings;
    const lr = schedule(step, { ...settings, totalSteps: settings.steps });
    const batches: B[] = [];
    let result: StepResult | undefined;
    try {
      for (let part = rank; part < settings.accumulate; part += size)
        batches.push(await task.batch(step * settings.accumulate + part));
      const dropout = (own: number) => new Random(seed).fork("dropout", step, rank + own * size);
      result =
        this.runCompiled(batches, lr, step) ??
        trainStep(task.params, this.state, batches, this.functions(dropout), { lr, maxNorm });
      const [loss, norm] = [(await result.loss.data())[0], (await result.norm.data())[0]];
      return { step: step + 1, loss, lr, norm, ms: Math.round(performance.now() - started) };
    } finally {
      tf.dispose([batches, result ?? []]);
    }
  }

  loss(batch: B, { whole = true }: { whole?: boolean } = {}): tf.Scalar {
    const { task } = this.parts;
    const loss = whole ? this.compiledLoss.run(task.params, batch) : undefined;
    return loss ?? tf.tidy(() => task.loss(task.params, batch));
  }

  async pause(done: number, total: number): Promise<void> {
    await nextFrame();
    if (interrupted()) throw new Interrupted("the evaluation was stopped");
    this.parts.evaluating(done, total);
  }

  /** Frees programs and the optimizer's memory. */
  dispose(): void {
    this.compiledStep.dispose();
    this.compiledLoss.dispose();
    tf.dispose(Object.values(this.state));
  }

  private runCompiled(batches: B[], lr: number, step: number): StepResult | undefined {
    if (!this.compiledStep.possible) return undefined;
    if (!this.announced) this.parts.notice("compiling the training step: 3 to 20 s, once");
    this.announced = true;
    return withScalars(lr, step, (rate, count) =>
      this.compiledStep.run(this.parts.task.params, this.state, batches, rate, count),
    );
  }

  /** What the step is made of; `dropout` gives the randomness of each of its batches. */
  private functions(dropout: (part: number) => DropoutSource): StepFunctions<B> {
    const { task, clip, optimizer } = this.parts;
    return {
      loss: (params, batch, part) => task.loss(params, batch, dropout(part)),
      clip,
      optimizer,
    };
  }

  private key(part: number, count: tf.Scalar): DropoutKey {
    const { seed } = this.parts.settings;
    return new DropoutKey(new Random(seed).fork("dropout", part).integer(2 ** 31 - 1), count);
  }
}

/**
 * The learning rate and the step number as tensors, for a program: as numbers they would be frozen
 * in it.
 */
function withScalars<R>(lr: number, step: number, run: (lr: tf.Scalar, step: tf.Scalar) => R): R {
  const [rate, count] = [tf.scalar(lr), tf.scalar(step, "int32")];
  try {
    return run(rate, count);
  } finally {
    tf.dispose([rate, count]);
  }
}

/**
 * A function that is compiled if it can be; where it turns out that it cannot, that is given up for
 * good.
 */
class Attempt<A extends unknown[], R> {
  private program: (((...args: A) => R) & Compiled) | undefined;
  private calls = 0;
  private readonly insists: boolean;
  private readonly notice: (line: string) => void;

  /** @param options.insists whether it is an error that it cannot be compiled */
  constructor(
    private readonly name: string,
    fn: (...args: A) => R,
    options: { wanted: boolean; insists: boolean; notice: (line: string) => void },
  ) {
    this.insists = options.insists;
    this.notice = options.notice;
    if (options.wanted) this.program = compile(fn, { name, notice: this.notice });
  }

  get possible(): boolean {
    return this.program !== undefined;
  }

  /** Its result, or undefined: then it is the caller's to do, operation by operation. */
  run(...args: A): R | undefined {
    if (!this.program) return undefined;
    try {
      this.calls++;
      return this.program(...args);
    } catch (error) {
      // Until the second call everything was computed anew: nothing can have been frozen yet.
      if (!(error instanceof CompileError) || this.insists || this.calls > 2) throw error;
      this.notice(`the ${this.name} cannot be compiled and runs as it is. ${error.message}`);
      this.dispose();
      return undefined;
    }
  }

  dispose(): void {
    this.program?.dispose();
    this.program = undefined;
  }
}
