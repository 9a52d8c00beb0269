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
import { type StepFunctions, trainStep } from "./step";
import type { LossFunction } from "./trainer";

/** Compilation takes 3 to 20 s; a step saves 0.1 s and more. */
export const WORTH_COMPILING = 60;

export interface RunnerParts extends Pick<StepFunctions, "clip" | "optimizer"> {
  loss: LossFunction;
  ops: Partial<GPTOps>;
}

type StepResult = { loss: tf.Scalar; norm: tf.Scalar };
type CompiledStep = Compiled &
  ((params: Params, state: AdamWState, batches: Batch[], lr: tf.Scalar, step: tf.Scalar) => StepResult);

type Evaluation = Compiled & ((params: Params, batch: Batch) => tf.Scalar);

/** Steps of one run, and the losses of its evaluations. */
export class StepRunner {
  /** Whether this run is long enough for programs: a matter of the settings and the engine. */
  readonly compiles: boolean;
  private compiled: CompiledStep | undefined;
  private calls = 0;
  private evaluation: Evaluation | undefined;
  private evaluations = 0;

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
    if (this.compiles) this.compiled = this.compileStep();
    if (this.compiles)
      this.evaluation = compile((params: Params, batch: Batch) => this.evaluateEagerly(params, batch), {
        name: "evaluation",
        notice: this.notice,
      });
  }

  /**
   * One step in place; see trainStep.
   * @param lr the learning rate
   * @param step steps done before; with the seed it decides what dropout drops
   */
  run(params: Params, state: AdamWState, batches: Batch[], lr: number, step: number): StepResult {
    const count = tf.scalar(step, "int32");
    try {
      if (this.compiled) {
        const rate = tf.scalar(lr);
        try {
          if (this.calls++ === 0) this.notice("compiling the training step: 3 to 20 s, once");
          return this.compiled(params, state, batches, rate, count);
        } catch (error) {
          // Until the second call everything was computed anew: nothing can have been frozen yet.
          if (!(error instanceof CompileError) || this.settings.compile === true || this.calls > 2)
            throw error;
          this.notice(`the training step cannot be compiled and runs as it is. ${error.message}`);
          this.compiled.dispose();
          this.compiled = undefined;
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
    if (this.evaluation && batch.ids.shape[0] === this.settings.batchSize) {
      try {
        this.evaluations++;
        return this.evaluation(params, batch);
      } catch (error) {
        if (!(error instanceof CompileError) || this.settings.compile === true || this.evaluations > 2)
          throw error;
        this.notice(`the evaluation cannot be compiled and runs as it is. ${error.message}`);
        this.evaluation.dispose();
        this.evaluation = undefined;
      }
    }
    return tf.tidy(() => this.evaluateEagerly(params, batch));
  }

  dispose(): void {
    this.compiled?.dispose();
    this.compiled = undefined;
    this.evaluation?.dispose();
    this.evaluation = undefined;
  }

  private evaluateEagerly(params: Params, { ids, targets }: Batch): tf.Scalar {
    return this.parts.loss(params, this.config, ids, targets, { ops: this.parts.ops });
  }

  private compileStep(): CompiledStep {
    const step = (params: Params, state: AdamWState, batches: Batch[], lr: tf.Scalar, count: tf.Scalar) =>
      this.eager(params, state, batches, lr, (part) => this.key(part, count));
    return compile(step, { name: "training step", notice: this.notice });
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
