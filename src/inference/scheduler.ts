// Which tokens of which texts are read in the next step: continuous batching (Yu et al., 2022, "Orca",
// section 3.1: texts come and go at every step), with prompts cut into pieces that fill up what the
// writing texts leave of a step (Agrawal et al., 2024, "Sarathi-Serve", section 4.2), and preemption by
// recomputation when no block is free (Kwon et al., 2023, section 4.5). First come, first served: all
// running texts are older than all waiting ones, and a block that an older text needs is taken from
// the youngest. So the oldest always goes on, and nothing waits for ever. Left out: priorities,
// and moving blocks to other memory in place of computing them again.
import type { BlockTable } from "./blockTable";

/** A text as the scheduler sees it. */
export interface Sequence {
  /** Its tokens: the prompt, and what was written so far. */
  readonly ids: readonly number[];
  /** What of it has been read, and where that lies. */
  readonly table: BlockTable;
  /** Texts that begin with the same prompt and run once it has been read. */
  readonly siblings: readonly unknown[];
  /** It runs from now on, for the first time or again; so many of its tokens need not be read. */
  begin(cachedTokens: number): void;
}

/** So many of the next tokens of a text are read in this step. */
export interface Row<S extends Sequence> {
  sequence: S;
  count: number;
}

export interface SchedulerOptions {
  /** At most so many tokens are read in a step. */
  tokenBudget: number;
  /** At most so many texts run at a time. */
  maxRunning: number;
}

/** How many tokens of a text are not yet read. One, as a rule, in a text that is being written. */
export const unread = ({ ids, table }: Sequence): number => ids.length - table.length;

/** Texts that wait and texts that run. */
export class Scheduler<S extends Sequence> {
  /** In the order in which they came. */
  readonly waiting: S[] = [];
  /** The oldest first. */
  readonly running: S[] = [];
  /** How often a text had to give its blocks back. */
  preemptions = 0;
  /** How many tokens need not be read because the prefix cache had them. */
  cachedTokens = 0;

  constructor(private readonly options: SchedulerOptions) {}

  /** Adds a text at the end of the queue. */
  add(sequence: S): void {
    this.waiting.push(sequence);
  }

  /** Adds siblings behind the running text whose prompt they share. */
  addAfter(sequence: S, siblings: S[]): void {
    this.running.splice(this.running.indexOf(sequence) + 1, 0, ...siblings);
  }

  /** Puts another text in the place of one. */
  replace(sequence: S, other: S): void {
    const list = this.running.includes(sequence) ? this.running : this.waiting;
    list[list.indexOf(sequence)] = other;
  }

  /** Takes a text out; its blocks are free. */
  remove(sequence: S): void {
    for (const list of [this.running, this.waiting]) {
      const at = list.indexOf(sequence);
      if (at >= 0) list.splice(at, 1);
    }
    sequence.table.release();
  }

  /** Chooses what is read in the next step, and makes rows for it in the texts' tables. */
  plan(): Row<S>[] {
    const plan = new Plan<S>(this.options.tokenBudget);
    const { preemptions } = this;
    const writes = (sequence: S) => unread(sequence) === 1;
    const reads = (sequence: S) => !writes(sequence);
    for (const kind of [writes, reads])
      for (const sequence of this.running.filter(kind))
        if (this.running.includes(sequence)) this.give(sequence, plan);
    if (this.preemptions === preemptions) this.admit(plan);
    return plan.rows();
  }

  /**
   * Gives a running text what it can have of the step; younger ones make room if it can have nothing.
   * @returns whether it still runs
   */
  private give(sequence: S, plan: Plan<S>): boolean {
    const wanted = Math.min(unread(sequence), plan.budget);
    if (wanted === 0) return true;
    let room = sequence.table.roomFor(wanted);
    while (room === 0) {
      const youngest = this.running[this.running.length - 1];
      plan.takeBack(youngest);
      this.preempt(youngest);
      if (youngest === sequence) return false;
      room = sequence.table.roomFor(wanted);
    }
    sequence.table.reserve(room);
    plan.give(sequence, room);
    return true;
  }

  /** The youngest running text gives its blocks back and becomes the first that waits. */
  private preempt(youngest: S): void {
    this.running.pop();
    youngest.table.release();
    this.waiting.unshift(youngest);
    this.preemptions++;
  }

  /** Lets waiting texts run while the step has room for them. */
  private admit(plan: Plan<S>): void {
    while (this.waiting.length > 0 && plan.budget > 0) {
      const [next] = this.waiting;
      if (textsOf([...this.running, next]) > this.options.maxRunning) return;
      const match = next.table.match(next.ids);
      const { pool } = next.table;
      // What it finds and nobody uses now is free and will not be; every text may need one more.
      const found = match.blocks.filter((block) => block >= 0);
      const idle = found.filter((block) => pool.references(block) === 0).length;
      const needed = blocksFor(next.ids.length, pool) - found.length;
      const free = pool.available - idle;
      if (this.running.length > 0 && free < needed + this.running.length) return;
      this.waiting.shift();
      this.running.push(next);
      next.table.adopt(match);
      next.begin(match.length);
      this.cachedTokens += match.length;
      pool.countLookup(Math.ceil(next.ids.length / pool.blockTokens), found.length);
      if (!this.give(next, plan)) return; // somebody else holds the blocks
    }
  }
}

/** How many texts there are when all prompts have been read. */
const textsOf = (sequences: readonly Sequence[]): number =>
  sequences.reduce((sum, { siblings }) => sum + 1 + siblings.length, 0);

/**
 * How many blocks a text of so many tokens needs at least at one time: all that they fill, or with a
 * sliding window those that one position can see.
 */
export function blocksFor(
  tokens: number,
  { blockTokens, window }: { blockTokens: number; window: number },
): number {
  return Math.min(Math.ceil(tokens / blockTokens), Math.ceil((window - 1) / blockTokens) + 1);
}

/** What a step reads, while it is being chosen. */
class Plan<S extends Sequence> {
  private readonly counts = new Map<S, number>();

  /** @param budget how many more tokens can be read */
  constructor(public budget: number) {}

  give(sequence: S, count: number): void {
    this.counts.set(sequence, count);
    this.budget -= count;
  }

  takeBack(sequence: S): void {
    this.budget += this.counts.get(sequence) ?? 0;
    this.counts.delete(sequence);
  }

  rows(): Row<S>[] {
    return Array.from(this.counts, ([sequence, count]) => ({ sequence, count }));
  }
}
