// A training run on N workers: the trainer of llm/train, once on each of them, with the batches and
// the gradients of ./dataParallel. Rank 0 writes the log, the checkpoints and the report, in the
// format of every other run: a run can be begun by one process and resumed by two. A worker that
// dies ends the run with an error that names it and the step; the last checkpoint stays.

import { adamw } from "../optim";
import { countParams, type Params } from "../params";
import {
  type AnyTask,
  completeSettings,
  type EvalRecord,
  type SettingsInput,
  type StepRecord,
  Trainer,
  type TrainResult,
} from "../train";
import { broadcast } from "./collectives";
import { averageAndClip, taskOfGroup } from "./dataParallel";
import { assignFlat, flatten } from "./flat";
import type { Group, Traffic } from "./group";
import { Stopped } from "./mailbox";
import type { WorkerTools } from "./work";
import { onWorkers, WorkerLost, Workers } from "./workers";
import { zeroStage1 } from "./zero";

/** A run on several workers. */
export interface ParallelTraining<A> {
  /** How many, or those that are running already. */
  workers: number | Workers;
  /**
   * Makes the task, on every worker: a function that is sent as text, so it sees its parameters
   * only. `({ llm }, args) => llm("pretrain").gptTask(args)` is one.
   */
  task: (tools: Pick<WorkerTools, "llm" | "group">, args: A) => AnyTask | Promise<AnyTask>;
  /** Plain data for `task`. */
  args: A;
  /**
   * As of a run in one process: `accumulate` counts the batches of a step, all workers together.
   * Each takes every Nth; if absent, there is one for each worker.
   */
  settings: SettingsInput;
  dir?: string;
  /** Goes on with the run in `dir`; of the settings, only `steps` may be new. */
  resume?: boolean;
  /** 1: every worker keeps its share of the optimizer's memory only. Without `dir`. */
  zero?: 0 | 1;
  onStep?: (record: StepRecord) => void;
  onEval?: (record: EvalRecord) => void;
}

/** What one worker of a run reports. */
export interface WorkerReport {
  rank: number;
  traffic: Traffic;
  /** Bytes of the optimizer's memory. */
  stateBytes: number;
  /** Milliseconds of CPU time, the system's included, from the first step on. */
  cpu: number;
}

/** How the run ended, and what each worker did. */
export interface ParallelResult extends TrainResult {
  workers: WorkerReport[];
}

/** What the workers get. */
interface Orders extends Pick<ParallelTraining<unknown>, "args" | "dir" | "resume" | "zero"> {
  settings: SettingsInput;
  task: string;
}

/** What a worker returns. */
interface RankResult {
  report: WorkerReport;
  /** Of rank 0. */
  result?: TrainResult;
}

/**
 * Trains on N workers. The losses are those of one process with the same settings, up to the
 * rounding of sums; either can go on with the other's run.
 *
 * @throws if the batches of a step cannot be divided among the workers; {WorkerLost} when a worker
 *   dies: it names the worker and its step, and the run can be resumed from its folder
 */
export async function trainParallel<A>(training: ParallelTraining<A>): Promise<ParallelResult> {
  const { workers, task, onStep, onEval, dir, resume, zero = 0, args } = training;
  const size = typeof workers === "number" ? workers : workers.size;
  const { accumulate = size } = training.settings;
  const settings = { ...training.settings, accumulate };
  completeSettings(settings); // what cannot be trained with is refused before workers start
  if (!resume) expectShares(settings.accumulate, size);
  if (zero === 1 && dir !== undefined)
    throw new Error(
      "trainParallel: expected no folder with zero: 1, since each worker has only a share of what " +
        `a checkpoint needs; got ${dir}`,
    );
  const orders: Orders = { settings, dir, resume, zero, args, task: String(task) };
  const job = (tools: WorkerTools, orders: Orders): Promise<RankResult> =>
    tools.llm("parallel").trainRank(tools, orders);
  const onEvent = (event: StepRecord | EvalRecord) =>
    "metrics" in event ? onEval?.(event) : onStep?.(event);
  const options = { onEvent, onInterrupt: "ask" as const };
  try {
    const results =
      workers instanceof Workers
        ? await workers.run(job, orders, options)
        : await onWorkers(workers, job, orders, options);
    const { result } = results[0];
    if (!result) throw new Error("trainParallel: expected a result of worker 0, got none");
    return { ...result, workers: results.map(({ report }) => report) };
  } catch (error) {
    if (!(error instanceof WorkerLost) || dir === undefined) throw error;
    const { message, rank, signal, at } = error;
    const more = `. ${dir} keeps the last checkpoint: resume the run from there`;
    throw new WorkerLost(message + more, rank, signal, at);
  }
}

/** What each worker of `trainParallel` does. */
export async function trainRank(tools: WorkerTools, orders: Orders): Promise<RankResult> {
  const { group, llm, tell } = tools;
  const { settings: given, args, zero } = orders;
  const make = new Function(`return (${orders.task})`)() as ParallelTraining<unknown>["task"];
  const made = taskOfGroup(await make({ llm, group }, args), group);
  // One step at a time: a compiled program could not wait for the others.
  const settings = { ...given, compile: false as const };
  const parts =
    zero === 1
      ? zeroStage1(group, adamw(completeSettings(settings)))
      : { clip: averageAndClip(group) };
  const share = { rank: group.rank, size: group.size };
  const leads = group.rank === 0;
  const trainer =
    leads && orders.resume
      ? Trainer.resume(expectFolder(orders.dir), {
          ...{ ...parts, share, task: () => made, steps: given.steps, compile: false },
        })
      : new Trainer({ ...parts, share, task: made, settings, dir: leads ? orders.dir : undefined });
  let begun = process.cpuUsage();
  try {
    expectShares(trainer.settings.accumulate, group.size);
    startTogether(group, trainer, { withState: zero !== 1 });
    group.note(`step ${trainer.step + 1}`);
    begun = process.cpuUsage();
    const result = await trainer.run({
      onStep: (record) => {
        group.note(`step ${record.step + 1}`);
        if (leads) tell(record);
      },
      onEval: leads ? tell : undefined,
    });
    if (result.stopped === "interrupted") group.end("rank 0 was asked to stop");
    return { report: reportOf(group, trainer, begun), result: leads ? result : undefined };
  } catch (error) {
    // The others wait for a rank 0 that was asked to stop; where it has failed, its error counts.
    if (error instanceof Stopped && !leads && error.message === "rank 0 was asked to stop")
      return { report: reportOf(group, trainer, begun) };
    throw error;
  } finally {
    trainer.dispose();
  }
}

/** Everybody begins with what rank 0 has: parameters, the optimizer's memory, the step. */
function startTogether(
  group: Group,
  trainer: Trainer,
  { withState }: { withState: boolean },
): void {
  const step = Float32Array.of(trainer.step);
  broadcast(group, step);
  trainer.step = step[0];
  const records: Params[] = [trainer.task.params, trainer.task.state?.() ?? {}];
  if (withState) records.push(trainer.state);
  for (const record of records) {
    const numbers = flatten(record);
    broadcast(group, numbers);
    if (group.rank > 0) assignFlat(record, numbers);
  }
}

function reportOf(group: Group, trainer: Trainer, begun: NodeJS.CpuUsage): WorkerReport {
  const { user, system } = process.cpuUsage(begun);
  return {
    rank: group.rank,
    traffic: group.traffic,
    stateBytes: 4 * countParams(trainer.state),
    cpu: (user + system) / 1000,
  };
}

/** @throws unless every worker gets as many batches of a step as the others */
function expectShares(accumulate: number, workers: number): void {
  if (accumulate % workers !== 0)
    throw new Error(
      `trainParallel: expected accumulate to be a multiple of ${workers} workers, got ${accumulate}`,
    );
}

function expectFolder(dir: string | undefined): string {
  if (dir === undefined) throw new Error("trainParallel: expected a folder to resume, got none");
  return dir;
}
