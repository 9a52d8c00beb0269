// Which tokens of which texts are read in the next step: continuous batching (Yu et al., 2022, "Orca",
// section 3.1: texts come and go at every step), with prompts cut into pieces that fill up what the
// writing texts leave of a step (Agrawal et al., 2024, "Sarathi-Serve", section 4.2), and preemption by
// recomputation when no block is free (Kwon et al., 2023, section 4.5). First come, first served: all
// running texts are older than all waiting ones, and a block that an older text needs is taken from
// the youngest. So the oldest always goes on, and nothing waits for ever. Left out: priorities,
// and moving blocks to other memory in place of computing them again.
import type { BlockTable } from "./blockTable";
import type { Piece } from "./pagedModel";

/** A text as the scheduler sees it. */
export interface Sequence {
  /** Its tokens: the prompt, and what was written so far. */
  readonly ids: readonly number[];
  /** What of it has been read, and where that lies. */
  readonly table: BlockTable;
  /** Texts that begin with the same prompt and run once it has been read. */
  readonly siblings: readonly unknown[];
  /** Whether all of it is read, with the scores after every token: the prefix cache has none. */
  readonly readsAll?: boolean;
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

  /**
   * Chooses what is read in the next step, and makes rows for it in the texts' tables. A text begins
   * to run only where those before it leave something of a step, so all but the youngest are being
   * written, one token per step, and a long prompt takes what is left.
   */
  plan(): Row<S>[] {
    const rows: Row<S>[] = [];
    let budget = this.options.tokenBudget;
    const give = (sequence: S) => {
      const count = budget > 0 ? this.makeRoom(sequence, Math.min(unread(sequence), budget)) : 0;
      if (count > 0) rows.push({ sequence, count });
      budget -= count;
    };
    const { preemptions } = this;
    // Meanwhile the list may lose texts at its end.
    for (let i = 0; i < this.running.length; i++) give(this.running[i]);
    while (budget > 0 && this.preemptions === preemptions && this.admit())
      give(this.running[this.running.length - 1]);
    return rows;
  }

  /**
   * Makes rows for the next tokens of a running text, as many of the wanted ones as there is room for.
   * If there is room for none, the youngest texts make some.
   * @returns how many; 0 if it is the youngest itself
   */
  private makeRoom(sequence: S, wanted: number): number {
    let room = sequence.table.roomFor(wanted);
    while (room === 0) {
      const youngest = this.preempt();
      if (youngest === sequence) return 0;
      room = sequence.table.roomFor(wanted);
    }
    sequence.table.reserve(room);
    return room;
  }

  /** The youngest running text gives its blocks back and becomes the first that waits. */
  private preempt(): S {
    const youngest = this.running.pop() as S;
    youngest.table.release();
    this.waiting.unshift(youngest);
    this.preemptions++;
    return youngest;
  }

  /**
   * Lets the first waiting text run, if there are blocks for all that it has to read, and for one
   * more of every running text.
   */
  private admit(): boolean {
    const [next] = this.waiting;
    if (!next || textsOf([...this.running, next]) > this.options.maxRunning) return false;
    const { pool } = next.table;
    const match = next.table.match(next.readsAll ? [] : next.ids);
    const found = match.blocks.filter((block) => block >= 0);
    // What is found and nobody uses counts as available now, but will not be.
    const free = pool.available - found.filter((block) => pool.references(block) === 0).length;
    const needed = blocksFor(next.ids.length, pool) - found.length;
    if (this.running.length > 0 && free < needed + this.running.length) return false;
    this.waiting.shift();
    this.running.push(next);
    next.table.adopt(match);
    next.begin(match.length);
    this.cachedTokens += match.length;
    pool.countLookup(Math.ceil(next.ids.length / pool.blockTokens), found.length);
    return true;
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

/** What the model is asked to read: the next tokens of a text, and its logits if those are all. */
export function pieceOf({ sequence, count }: Row<Sequence>): Piece {
  const { ids, table } = sequence;
  const start = table.length;
  const wanted = count === unread(sequence) ? "last" : "none";
  const logits = sequence.readsAll ? "all" : wanted;
  return { ids: ids.slice(start, start + count), start, table: table.blocks, logits };
}
