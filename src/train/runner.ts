// Runs training steps in the way that is fastest here: on the native engine compiled into one program (llm/engine's
// `compile`) once the run is long enough to pay for the compilation, else operation by operation. Both do the same
// arithmetic in another order, so their losses agree to about 1e-5 over 50 steps, not to the last bit; what dropout drops differs (see DropoutKey). Which way a run
// goes depends on its settings and the engine only, never on how many steps are left: a resumed run goes the same way.
import type { Batch } from "../data";
import { type Compiled, CompileError, canCompile, compile, tf } from "../engine";
import type { GPTConfig, GPTOps, Params } from "../gpt";
import { DropoutKey, type DropoutSource } from "../ops";
import { Random } from "../random";
import { type AdamWState, adamwStep } from "./adamw";
import type { TrainSettings } from "./settings";
import { type LossFunction, type StepFunctions, trainStep } from "./step";

/** Compilation takes 3 to 20 s; a step saves 0.1 s and more. */
export const WORTH_COMPILING = 60;

export interface RunnerParts extends Pick<StepFunctions, "clip" | "optimizer"> {
  loss: LossFunction;
  ops: Partial<GPTOps>;
}

type StepResult = { loss: tf.Scalar; norm: tf.Scalar };

/** A compiled function, given up for good where it turns out that it cannot be compiled. */
class Attempt<A extends unknown[], R> {
  private program: (((...args: A) => R) & Compiled) | undefined;
  private calls = 0;

  /** @param insists whether that is an error instead */
  constructor(
    private readonly name: string,
    fn: (...args: A) => R,
    private readonly insists: boolean,
    private readonly notice: (line: string) => void,
  ) {
    this.program = compile(fn, { name, notice });
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

/** Steps of one run, and the losses of its evaluations. */
export class StepRunner {
  /** Whether this run is long enough for programs: a matter of the settings and the engine. */
  readonly compiles: boolean;
  private readonly step:
    | Attempt<[Params, AdamWState, Batch[], lr: tf.Scalar, count: tf.Scalar], StepResult>
    | undefined;
  private readonly evaluation: Attempt<[Params, Batch], tf.Scalar> | undefined;
  private announced = false;

  /** @param notice gets a line when something is compiled, or cannot be */
  constructor(
    private readonly settings: TrainSettings,
    private readonly config: GPTConfig,
    private readonly parts: RunnerParts,
    private readonly notice: (line: string) => void,
  ) {
    const { compile: wanted = "auto", steps } = settings;
    // With a learner's own optimizer only when asked to: it may do sums with the learning rate, which is a tensor here.
    const worthIt = steps > WORTH_COMPILING && parts.optimizer === adamwStep;
    this.compiles = canCompile() && (wanted === true || (wanted === "auto" && worthIt));
    if (!this.compiles) return;
    const insists = wanted === true;
    this.step = new Attempt(
      "training step",
      (params, state, batches, lr, count) =>
        this.eager(params, state, batches, lr, (part) => this.key(part, count)),
      insists,
      notice,
    );
    this.evaluation = new Attempt(
      "evaluation",
      (params, batch) => this.evaluateEagerly(params, batch),
      insists,
      notice,
    );
  }

  /**
   * One step in place; see trainStep.
   * @param lr the learning rate
   * @param step steps done before; with the seed it decides what dropout drops
   */
  run(params: Params, state: AdamWState, batches: Batch[], lr: number, step: number): StepResult {
    const count = tf.scalar(step, "int32");
    try {
      if (this.step) {
        if (!this.announced) this.notice("compiling the training step: 3 to 20 s, once");
        this.announced = true;
        const rate = tf.scalar(lr);
        try {
          const done = this.step.run(params, state, batches, rate, count);
          if (done) return done;
        } finally {
          rate.dispose();
        }
      }
      const source = (part: number) => new Random(this.settings.seed).fork("dropout", step, part);
      return this.eager(params, state, batches, lr, source);
    } finally {
      count.dispose();
    }
  }

  /**
   * The mean loss of a batch without dropout: compiled where steps are. The last batch of a text, which may be a
   * smaller one, is not worth a program.
   */
  evaluate(params: Params, batch: Batch): tf.Scalar {
    const whole = batch.ids.shape[0] === this.settings.batchSize;
    const loss = whole ? this.evaluation?.run(params, batch) : undefined;
    return loss ?? tf.tidy(() => this.evaluateEagerly(params, batch));
  }

  dispose(): void {
    this.step?.dispose();
    this.evaluation?.dispose();
  }

  private evaluateEagerly(params: Params, { ids, targets }: Batch): tf.Scalar {
    return this.parts.loss(params, this.config, ids, targets, { ops: this.parts.ops });
  }

  private key(part: number, count: tf.Scalar): DropoutKey {
    return new DropoutKey(new Random(this.settings.seed).fork("dropout", part).integer(2 ** 31 - 1), count);
  }

  private eager(
    params: Params,
    state: AdamWState,
    batches: Batch[],
    lr: number | tf.Scalar,
    source: (part: number) => DropoutSource,
  ): StepResult {
    const { model, beta1, beta2, eps, weightDecay, clip: maxNorm } = this.settings;
    const { ops, clip, optimizer } = this.parts;
    const loss = (params: Params, { ids, targets }: Batch, part: number) =>
      this.parts.loss(params, this.config, ids, targets, {
        ops,
        dropoutRng: model.dropout > 0 ? source(part) : undefined,
      });
    const options = { lr, beta1, beta2, eps, weightDecay, maxNorm };
    return trainStep(params, state, batches, { loss, clip, optimizer }, options);
  }
}
