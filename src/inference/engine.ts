// An inference engine: it writes many texts at once, each as it would be alone. At every step the
// scheduler (./scheduler) chooses pieces of texts, the model reads them together, and each text whose
// last token was read draws its next one. What is read lies in blocks that texts share where they can
// (./blocks, ./blockTable). The engine knows no tensors and no tokenizer. After Kwon et al., 2023
// ("PagedAttention", the design of vLLM). Left out: several models or machines, priorities, and
// speculative decoding, which is for one text at a time (./speculative).
import { interrupted, nextFrame } from "../engine";
import { BlockPool, type BlockStats } from "./blocks";
import { BlockTable } from "./blockTable";
import { type FinishReason, Generation } from "./generation";
import type { PagedModel } from "./pagedModel";
import { checkRequest, type GenerationRequest, WritingSequence } from "./request";
import { pieceOf, type Row, Scheduler } from "./scheduler";

export interface EngineOptions {
  /** At most so many tokens are read in a step, of prompts and of texts being written; 64. */
  tokenBudget?: number;
  /** At most so many texts are written at a time; 64. */
  maxRunning?: number;
  /** Whether texts that begin alike share what was read of it; true. */
  prefixCache?: boolean;
}

/** What an engine is doing, and what it has done since the beginning. */
export interface EngineStats {
  waiting: number;
  running: number;
  finished: number;
  steps: number;
  /** How many tokens the model has read: prompts, texts being written, and again after preemption. */
  read: number;
  /** How many tokens were drawn. */
  drawn: number;
  /** How many tokens the prefix cache had, so that they were not read. */
  cachedTokens: number;
  preemptions: number;
  blocks: BlockStats;
}

/**
 * Writes texts with one model, whose blocks belong to it.
 *
 * @example
 * const engine = new InferenceEngine(model);
 * const generation = engine.submit({ ids: prompt, maxNewTokens: 50, seed: 1 });
 * void engine.run();
 * for await (const id of generation) …
 */
export class InferenceEngine {
  /** Whose blocks are whose. */
  readonly pool: BlockPool;
  private readonly scheduler: Scheduler<WritingSequence>;
  private readonly sequences = new Map<Generation, WritingSequence>();
  private readonly maxRunning: number;
  private readonly counts = { finished: 0, steps: 0, read: 0, drawn: 0 };
  private loop?: Promise<void>;

  /** @throws if an option makes no sense */
  constructor(
    private readonly model: PagedModel,
    { tokenBudget = 64, maxRunning = 64, prefixCache }: EngineOptions = {},
  ) {
    for (const [name, value] of Object.entries({ tokenBudget, maxRunning }))
      if (!Number.isInteger(value) || value < 1)
        throw new Error(`InferenceEngine: expected ${name} of 1 or more, got ${value}`);
    this.maxRunning = maxRunning;
    this.pool = new BlockPool(model, { prefixCache });
    this.scheduler = new Scheduler({ tokenBudget, maxRunning });
  }

  /**
   * Asks for a text. `run` or `step` writes it.
   * @throws if the request makes no sense, or its text could not be kept even if it were alone
   */
  submit(request: GenerationRequest): Generation {
    return this.submitSamples(request, 1)[0];
  }

  /**
   * Asks for n texts that go on from one prompt, which is read once. The first is the one that
   * `submit` gives.
   * @throws as `submit`, and if n is below 1 or above `maxRunning`
   */
  submitSamples(request: GenerationRequest, n: number): Generation[] {
    if (!Number.isInteger(n) || n < 1 || n > this.maxRunning)
      throw new Error(`submitSamples: expected 1 to ${this.maxRunning} samples, got ${n}`);
    const { vocabSize, maxLength } = this.model;
    checkRequest(request, { vocabSize, maxLength, pool: this.pool });
    const cancel = (generation: Generation) => this.cancel(generation);
    const siblings: WritingSequence[] = [];
    const all = Array.from({ length: n }, (_, sample) => {
      const [table, generation] = [new BlockTable(this.pool), new Generation(cancel)];
      return new WritingSequence(request, { sample, siblings, table, generation });
    });
    const { endsAtOnce } = all[0];
    for (const sequence of all) this.sequences.set(sequence.generation, sequence);
    if (endsAtOnce) for (const sequence of all) this.finish(sequence, endsAtOnce);
    else {
      siblings.push(...all.slice(1));
      this.scheduler.add(all[0]);
    }
    return all.map(({ generation }) => generation);
  }

  /** Whether there is nothing to write. */
  get idle(): boolean {
    return this.sequences.size === 0;
  }

  /**
   * Reads once and draws the tokens that follow.
   * @returns how many tokens were read; 0 if there is nothing to write
   * @throws if somebody else holds so many blocks that no text can go on
   */
  step(): number {
    const rows = this.scheduler.plan();
    if (rows.length === 0) {
      if (this.idle) return 0;
      const { free } = this.pool.stats();
      throw new Error(`InferenceEngine: expected blocks of its own, got ${free} free ones`);
    }
    const results = this.read(rows);
    this.counts.steps++;
    let read = 0;
    for (const [i, { sequence, count }] of rows.entries()) {
      read += count;
      // A callback of another text may have ended this one meanwhile.
      if (!sequence.generation.finished) this.goOn(sequence, count, results[i]);
    }
    this.counts.read += read;
    return read;
  }

  /**
   * Writes until there is nothing to write, and lets others run between the steps. Jupyter's stop
   * button and Ctrl-C end all texts early, as cancelled. If it is running already, there is still one
   * loop.
   * @throws as `step`; then all texts have ended with that error
   */
  run(): Promise<void> {
    this.loop ??= this.runLoop();
    return this.loop;
  }

  stats(): EngineStats {
    const { waiting, running, preemptions, cachedTokens } = this.scheduler;
    return {
      waiting: waiting.length,
      running: running.length,
      ...this.counts,
      cachedTokens,
      preemptions,
      blocks: this.pool.stats(),
    };
  }

  private async runLoop(): Promise<void> {
    try {
      await nextFrame();
      while (!this.idle) {
        if (interrupted()) for (const generation of [...this.sequences.keys()]) generation.cancel();
        else this.step();
        await nextFrame();
      }
    } catch (error) {
      for (const sequence of [...this.sequences.values()])
        this.finish(sequence, "error", asError(error));
      throw error;
    } finally {
      this.loop = undefined;
    }
  }

  /**
   * Lets the model read the rows. If it refuses them, it is asked for each alone, so that the error
   * of one text is its own.
   * @returns for each row the logits that were asked for, (n, V), the last row last; nothing if
   *   none were
   */
  private read(rows: Row<WritingSequence>[]): (Float32Array | Error | undefined)[] {
    const pieces = rows.map(pieceOf);
    try {
      const logits = this.model.step(pieces);
      const V = this.model.vocabSize;
      let row = 0;
      return pieces.map(({ ids, logits: wanted }) => {
        if (wanted === "none") return undefined;
        const first = row;
        row += wanted === "all" ? ids.length : 1;
        return logits.subarray(first * V, row * V);
      });
    } catch (error) {
      if (rows.length === 1) return [asError(error)];
      return rows.map((row) => {
        const [alone] = this.read([row]);
        return alone instanceof Float32Array ? alone.slice() : alone;
      });
    }
  }

  /** A piece of a text has been read. */
  private goOn(sequence: WritingSequence, count: number, logits?: Float32Array | Error): void {
    const { table, ids, siblings } = sequence;
    if (logits instanceof Error) {
      for (const text of [sequence, ...siblings.splice(0)]) this.finish(text, "error", logits);
      return;
    }
    const start = table.length;
    table.advance(start + count, ids);
    table.slide();
    if (!logits) return;
    const { vocabSize } = this.model;
    if (sequence.readsAll) this.show(sequence, start, logits);
    if (table.length < ids.length || sequence.generation.finished) return;
    const last = logits.subarray(logits.length - vocabSize);
    const born = siblings.splice(0);
    for (const sibling of born) sibling.follow(sequence, table.fork());
    this.scheduler.addAfter(sequence, born);
    for (const text of [sequence, ...born]) this.draw(text, last);
  }

  /** Shows the scores of a prompt's tokens. What the request's function throws ends its texts. */
  private show(sequence: WritingSequence, start: number, logits: Float32Array): void {
    try {
      sequence.showPrompt(start, logits, this.model.vocabSize);
    } catch (error) {
      for (const text of [sequence, ...sequence.siblings.splice(0)])
        this.finish(text, "error", asError(error));
    }
  }

  private draw(sequence: WritingSequence, logits: Float32Array): void {
    if (sequence.generation.finished) return;
    try {
      const before = sequence.ids.length;
      const reason = sequence.draw(logits);
      this.counts.drawn += sequence.ids.length - before;
      if (reason) this.finish(sequence, reason);
    } catch (error) {
      this.finish(sequence, "error", asError(error));
    }
  }

  /** Ends a text whose prompt is not read yet without ending its siblings. */
  private cancel(generation: Generation): void {
    const sequence = this.sequences.get(generation);
    if (!sequence) return;
    const { siblings } = sequence;
    const unborn = siblings.indexOf(sequence);
    if (unborn >= 0) siblings.splice(unborn, 1);
    else if (siblings.length > 0) {
      const heir = siblings.shift() as WritingSequence;
      heir.follow(sequence, sequence.table);
      sequence.table = new BlockTable(this.pool);
      this.scheduler.replace(sequence, heir);
    }
    this.finish(sequence, "cancelled");
  }

  private finish(sequence: WritingSequence, reason: FinishReason, error?: Error): void {
    const { generation, ids, cachedTokens } = sequence;
    if (generation.finished) return;
    this.sequences.delete(generation);
    this.scheduler.remove(sequence);
    this.counts.finished++;
    const newIds = [...generation.newIds];
    const timings = sequence.timings();
    generation.end({ ids: [...ids], newIds, reason, error, cachedTokens, timings });
  }
}

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));
