// Batches of windows out of one long row of token ids. Follows nanoGPT's get_batch: windows start
// at random positions, and the target of every position is the token after it.
// The batch of a step depends on (seed, step) only, never on what was drawn before: a run that was
// killed at step 700 and resumed sees at step 701 exactly what it would have seen.

import { tf } from "../engine";
import { Random } from "../random";

/** One training example per row: `targets[b][t]` is the token that follows `ids[b][t]`. */
export type Batch = {
  ids: tf.Tensor2D; // (B, T) int32
  targets: tf.Tensor2D; // (B, T) int32
};

/**
 * How windows are cut; a lesson passes the learner's own function. Rows of `inputs` and `targets`
 * are T long.
 */
export type GetBatch = (
  ids: Int32Array,
  starts: number[],
  blockSize: number,
) => { inputs: ArrayLike<number>[]; targets: ArrayLike<number>[] };

/**
 * A row of token ids that is read where it is: `TokenShards` of llm/corpus is one, for texts that are
 * larger than memory.
 */
export interface TokenSource {
  /** N: how many tokens there are. */
  readonly length: number;
  /** `count` ids from `start` on. */
  read(start: number, count: number): Int32Array;
}

/** What TextBatches needs to know. */
export interface TextBatchesOptions {
  blockSize: number;
  batchSize: number;
  seed: number;
  getBatch?: GetBatch;
  /**
   * "random" (if absent): windows begin anywhere · "shuffled": windows side by side in a random order,
   * each once before any comes again. Of N random windows as long together as the text, a text keeps
   * about a third unread.
   */
  order?: "random" | "shuffled";
}

/** Windows of token ids that start at `starts`, and the same windows one token later. */
export function getBatch(
  ids: Int32Array,
  starts: number[],
  blockSize: number,
): { inputs: Int32Array[]; targets: Int32Array[] } {
  return {
    inputs: starts.map((start) => ids.subarray(start, start + blockSize)),
    targets: starts.map((start) => ids.subarray(start + 1, start + blockSize + 1)),
  };
}

/** Cuts one text into random batches for training, and into windows side by side for evaluation. */
export class TextBatches<Ids extends Int32Array | TokenSource = Int32Array> {
  readonly ids: Ids;
  readonly blockSize: number;
  readonly batchSize: number;
  private readonly random: Random;
  private readonly cut: GetBatch;
  private readonly order: "random" | "shuffled";
  /** Where the windows of one round through the text begin. */
  private round: { number: number; starts: number[] } | undefined;

  /**
   * @param ids the text, N token ids: in memory, or read window by window from where they are
   * @throws when the text is shorter than one window and its last target (`blockSize + 1` tokens)
   */
  constructor(
    ids: Ids,
    { blockSize, batchSize, seed, getBatch: cut = getBatch, order = "random" }: TextBatchesOptions,
  ) {
    if (ids.length < blockSize + 1)
      throw new Error(
        `TextBatches: expected at least blockSize + 1 = ${blockSize + 1} tokens, got ${ids.length}: ` +
          "the text is shorter than one block. Use a longer text or a smaller block size.",
      );
    this.ids = ids;
    this.blockSize = blockSize;
    this.batchSize = batchSize;
    this.random = new Random(seed);
    this.cut = cut;
    this.order = order;
  }

  /** How many windows lie side by side in the text: what `windows()` walks over. */
  get windowCount(): number {
    return Math.floor((this.ids.length - 1) / this.blockSize);
  }

  /**
   * The batch of one step: batchSize windows that start at random, or the next ones of a round.
   *
   * @param step any whole number; the same step always gives the same batch
   * @returns ids and targets, (B, T) each; the caller disposes them
   */
  batch(step: number): Batch {
    if (this.order === "shuffled") return this.tensors(this.nextOfRound(step));
    const random = this.random.fork("batch", step);
    const starts = Array.from({ length: this.batchSize }, () =>
      random.integer(this.ids.length - this.blockSize),
    );
    return this.tensors(starts);
  }

  /**
   * Walks over the text in windows side by side, batchSize at a time, for evaluation: every token
   * is predicted once, and the figure has no sampling noise.
   *
   * @param limit at most this many windows, spread evenly over the text (default: all of them)
   */
  *windows(limit = Number.POSITIVE_INFINITY): Generator<Batch> {
    const count = Math.min(limit, this.windowCount);
    const starts = Array.from(
      { length: count },
      (_, i) => Math.floor((i * this.windowCount) / count) * this.blockSize,
    );
    for (let at = 0; at < count; at += this.batchSize)
      yield this.tensors(starts.slice(at, at + this.batchSize));
  }

  /**
   * Where the windows of a step begin, in rounds through the text. Each round has an order of its own
   * and begins at another of the first blockSize tokens, so that windows are cut at other places.
   */
  private nextOfRound(step: number): number[] {
    const count = Math.max(1, this.windowCount - 1); // what is left wherever a round begins
    return Array.from({ length: this.batchSize }, (_, b) => {
      const window = step * this.batchSize + b;
      const number = Math.floor(window / count);
      if (this.round?.number !== number) {
        const random = this.random.fork("round", number);
        const first = random.integer(Math.min(this.blockSize, this.ids.length - this.blockSize));
        const starts = Array.from({ length: count }, (_, i) => first + i * this.blockSize);
        this.round = { number, starts: random.shuffle(starts) };
      }
      return this.round.starts[window % count];
    });
  }

  /** Ids in memory, and where in them the windows begin that begin at `starts` in the text. */
  private inMemory(starts: number[]): { ids: Int32Array; at: number[] } {
    const source: Int32Array | TokenSource = this.ids;
    if (source instanceof Int32Array) return { ids: source, at: starts };
    const length = this.blockSize + 1;
    const ids = new Int32Array(starts.length * length);
    for (const [b, start] of starts.entries()) ids.set(source.read(start, length), b * length);
    return { ids, at: starts.map((_, b) => b * length) };
  }

  private tensors(starts: number[]): Batch {
    const { ids, at } = this.inMemory(starts);
    const { inputs, targets } = this.cut(ids, at, this.blockSize);
    const shape: [number, number] = [starts.length, this.blockSize];
    return {
      ids: tf.tensor2d(flat(inputs, shape), shape, "int32"),
      targets: tf.tensor2d(flat(targets, shape), shape, "int32"),
    };
  }
}

function flat(rows: ArrayLike<number>[], [B, T]: [number, number]): Int32Array {
  const all = new Int32Array(B * T);
  if (rows.length !== B || rows.some((row) => row.length !== T))
    throw new Error(
      `getBatch: expected ${B} rows of ${T} tokens, got rows of ${rows.map((row) => row.length)}`,
    );
  rows.forEach((row, b) => {
    all.set(row, b * T);
  });
  return all;
}

/**
 * Batches that come one after another out of one stream of random numbers, as a function of their
 * index. To give an earlier one, or one further on, the stream is run again or run ahead.
 *
 * @param begin the stream at its beginning
 * @param draw takes one batch from it; batches that are only passed over are disposed here
 */
export function inTurn<B extends tf.TensorContainer>(
  begin: () => Random,
  draw: (stream: Random) => B,
): (index: number) => B {
  let stream = begin();
  let next = 0;
  return (index) => {
    if (index < next) [stream, next] = [begin(), 0];
    for (; next < index; next++) tf.dispose(draw(stream));
    next++;
    return draw(stream);
  };
}
