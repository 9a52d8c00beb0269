// What the trainer trains. A task knows its model, its data and its loss; the trainer knows steps,
// checkpoints, logs, compilation and interruptions, and nothing of models. A GPT on a text is one
// task (llm/pretrain), a recurrent network on a copying exercise another (llm/rnn).

import type { tf } from "../engine";
import type { DropoutSource } from "../ops";
import type { Params } from "../params";

/** A number that says how good the model is, and how to read it. */
export interface Metric {
  /** Its key in what `evaluate` returns, and its name in logs and figures: `val`, `accuracy`. */
  name: string;
  better: "lower" | "higher";
  /** For example "nats per token". */
  unit?: string;
  /** Whether it is the loss on other data, so that both belong in one figure. */
  isLoss?: boolean;
  /** What simple models reach, by their names: drawn as lines. */
  baselines?: Record<string, number>;
}

/** What a checkpoint says about the task: enough to make it again. */
export interface TaskDescription {
  /** Names the kind of model, such as "gpt": whoever resumes the run looks at it. */
  kind: string;
  /** The model's configuration. */
  model: object;
  /** `toJSON()` of the tokenizer. */
  tokenizer?: object;
  /** Where the data came from. With a digest `sha256`, resuming on other data is refused. */
  data?: { name: string; sha256?: string; [key: string]: unknown };
}

/** What the trainer hands to `evaluate` and `sample`. */
export interface TaskTools<B> {
  /**
   * The task's loss of a batch, without dropout; compiled where steps are. The caller disposes it.
   * @param options.whole false for a batch of another shape than those of training: it is not worth
   *   a program
   */
  loss(batch: B, options?: { whole?: boolean }): tf.Scalar;
  /** Whether this run is long enough for compiled programs. */
  readonly compiles: boolean;
  /**
   * To be awaited between the batches of an evaluation: lets output and the stop button through,
   * and shows how far it is.
   * @throws {Interrupted} when somebody asked to stop; the trainer then ends the run politely
   */
  pause(done: number, total: number): Promise<void>;
}

/** Thrown out of an evaluation, or of the making of a batch, that somebody stopped. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

/**
 * Something that can be trained. Everything it does depends on its seed and the step alone, never
 * on what was done before in this process: that is why a run that was killed goes on to the same
 * losses.
 *
 * Letters: B the type of a batch, a plain record of tensors.
 */
export interface Task<B extends Record<string, tf.Tensor>> {
  /** What is trained. Frozen parameters are not in here: `loss` closes over them (LoRA, heads). */
  readonly params: Params;
  /**
   * One batch of the run, as a function of the seed and `index` (and, in reinforcement learning, of
   * the parameters). The trainer disposes it.
   * @param index which batch of the run, from 0; with accumulation several of them make one step
   * @throws {Interrupted} when somebody asked to stop; the trainer then ends the run before this step
   */
  batch(index: number): B | Promise<B>;
  /**
   * The mean loss of a batch, with tensor operations only, so that it can be compiled.
   * @param dropout where dropout takes its randomness from; absent in evaluations, which drop
   *   nothing
   */
  loss(params: Params, batch: B, dropout?: DropoutSource): tf.Scalar;
  /**
   * How good the model is now, by name; `primary.name` is among them.
   * @param limit look at no more than so many examples; Infinity: all of them
   */
  evaluate(limit: number, tools: TaskTools<B>): Promise<Record<string, number>>;
  /** Something to read that the model makes now; the same at every call of one step. */
  sample?(step: number, tools: TaskTools<B>): Promise<string>;
  /**
   * What else must survive a kill, such as a recurrent state or rollouts: saved, and assigned on
   * resuming.
   */
  state?(): Params;
  readonly primary: Metric;
  describe(): TaskDescription;
  /** Frees all tensors. */
  dispose(): void;
}

/** A task, whatever its batches are. */
// biome-ignore lint/suspicious/noExplicitAny: a batch goes in and comes out, so only any fits all
export type AnyTask = Task<any>;
