// What a scheduler does step by step, without a model (lesson 21, inference): which text reads how many
// tokens, which blocks it has, who waits, who had to give its blocks back. For drawings; the scheduler,
// the tables and the pool are those of the engine. Every new token is a different number, so that texts
// share only what their prompts share.
import { BlockPool } from "./blocks";
import { BlockTable } from "./blockTable";
import { Scheduler, type SchedulerOptions, type Sequence } from "./scheduler";

/** A text to be written. */
export interface TracedText {
  name: string;
  /** The prompt. */
  ids: readonly number[];
  maxNewTokens: number;
  /** Before which step it comes, from 0; 0 if absent. */
  step?: number;
}

/** What happened in one step. */
export interface TracedStep {
  /** What was read: of a prompt (or again, after preemption), or the token written last. */
  reads: { name: string; count: number; writes: boolean }[];
  /** For each block the names of the texts that use it. */
  owners: string[][];
  waiting: string[];
  /** Who had to give its blocks back in this step, and who has ended with it. */
  preempted: string[];
  ended: string[];
}

export interface TraceOptions extends SchedulerOptions {
  blocks: number;
  blockTokens: number;
  prefixCache?: boolean;
}

/**
 * Runs the scheduler until all texts are written.
 * @param texts in the order in which they come
 * @throws if a text needs more blocks than there are
 */
export function traceSchedule(
  texts: readonly TracedText[],
  { blocks, blockTokens, prefixCache, ...limits }: TraceOptions,
): TracedStep[] {
  for (const { name, ids, maxNewTokens } of texts)
    if (Math.ceil((ids.length + maxNewTokens - 1) / blockTokens) > blocks)
      throw new Error(`traceSchedule: expected texts of ${blocks} blocks at most, got ${name}`);
  const pool = new BlockPool({ blocks, blockTokens, copyBlock: () => {} }, { prefixCache });
  const all = texts.map(({ ids, ...text }) => new Traced(text, [...ids], new BlockTable(pool)));
  const scheduler = new Scheduler<Traced>(limits);
  const steps: TracedStep[] = [];
  let fresh = 1e6;
  for (let left = all.length; left > 0; ) {
    const now = steps.length;
    for (const one of all) if ((one.text.step ?? 0) === now) scheduler.add(one);
    const before = [...scheduler.running];
    const rows = scheduler.plan();
    const preempted = before.filter((one) => !scheduler.running.includes(one));
    const owners = ownersOf(scheduler.running, blocks);
    const reads = rows.map(({ sequence, count }) => {
      sequence.table.advance(sequence.table.length + count, sequence.ids);
      const writes = sequence.table.length === sequence.ids.length;
      if (writes) sequence.write(fresh++);
      return { name: sequence.text.name, count, writes };
    });
    const ended = scheduler.running.filter((one) => one.isDone);
    for (const one of ended) scheduler.remove(one);
    left -= ended.length;
    const waiting = scheduler.waiting.map(nameOf);
    steps.push({
      ...{ reads, owners, waiting },
      ...{ preempted: preempted.map(nameOf), ended: ended.map(nameOf) },
    });
  }
  return steps;
}

class Traced implements Sequence {
  readonly siblings = [];
  private written = 0;
  constructor(
    readonly text: Omit<TracedText, "ids">,
    readonly ids: number[],
    readonly table: BlockTable,
  ) {}
  begin(): void {}
  write(id: number): void {
    this.ids.push(id);
    this.written++;
  }
  get isDone(): boolean {
    return this.written >= this.text.maxNewTokens;
  }
}

const nameOf = ({ text }: Traced): string => text.name;

function ownersOf(running: readonly Traced[], blocks: number): string[][] {
  const owners = Array.from({ length: blocks }, (): string[] => []);
  for (const { text, table } of running)
    for (const block of table.blocks) if (block >= 0) owners[block].push(text.name);
  return owners;
}
