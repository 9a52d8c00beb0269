// One text that an inference engine (./engine) is writing, as whoever asked for it sees it: its tokens
// as they come, how it ended, how long it took, and the button that stops it.
import { LiveList } from "./liveList";

/** Why a text ended. */
export type FinishReason = "length" | "stop" | "cancelled" | "error";

/** Milliseconds. */
export interface GenerationTimings {
  /** From submission until its first token was read: the wait. */
  queued: number;
  /** From submission until its first new token was there; undefined if there is none. */
  firstToken?: number;
  /** Between two new tokens, on average; undefined if there are fewer than two. */
  perToken?: number;
  /** From submission to the end. */
  total: number;
}

/** A text that has ended. */
export interface Finished {
  /** The prompt, followed by the new tokens. */
  ids: number[];
  newIds: number[];
  /**
   * "length": maxNewTokens were written · "stop": a stop token, `stop` or the constraint ended it ·
   * "cancelled": by `cancel()` or the stop button · "error": something failed, see `error`.
   */
  reason: FinishReason;
  error?: Error;
  /** How many tokens of the prompt the prefix cache had, so that they were not read. */
  cachedTokens: number;
  timings: GenerationTimings;
}

/**
 * A text that is being written. `for await (const id of generation)` gives its new tokens from the
 * first on, as they come, and throws if it ends with an error; somebody must run the engine meanwhile.
 */
export class Generation implements AsyncIterable<number> {
  private readonly list = new LiveList<number>();
  /** The new tokens so far. */
  readonly newIds: readonly number[] = this.list.items;
  /** Resolves when the text has ended, however it has; it is never rejected. */
  readonly done: Promise<Finished>;
  private result?: Finished;
  private resolve!: (finished: Finished) => void;

  constructor(private readonly onCancel: (generation: Generation) => void) {
    this.done = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  /** How it ended; undefined while it has not. */
  get finished(): Finished | undefined {
    return this.result;
  }

  /** Ends the text with what it has. Does nothing if it has ended. */
  cancel(): void {
    if (!this.result) this.onCancel(this);
  }

  /** For the engine: one more token. */
  add(id: number): void {
    this.list.push(id);
  }

  /** For the engine: the text has ended. */
  end(result: Finished): void {
    this.result = result;
    this.resolve(result);
    this.list.end();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<number> {
    yield* this.list;
    if (this.result?.error) throw this.result.error;
  }
}
