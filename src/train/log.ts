// The run's diary, log.jsonl: one line of JSON per step, so that any tool can read it and a killed
// run loses at most the line it was writing. On resume the lines after the checkpoint's step go:
// those steps will be done again.

import { closeSync, existsSync, fstatSync, fsyncSync, openSync, readFileSync } from "node:fs";
import { WriteError, writeAll, writeAtomically, writeError } from "../files";

/**
 * One training step: loss before it, learning rate, norm of the gradients before clipping,
 * milliseconds.
 */
export interface StepRecord {
  step: number;
  loss: number;
  lr: number;
  norm: number;
  ms: number;
}

/** One evaluation after `step` steps: the task's metrics by name, and a sample. */
export interface EvalRecord {
  step: number;
  metrics: Record<string, number>;
  /** Whether all held-out examples were looked at, or only some (`evalLimit`). */
  whole: boolean;
  sample?: string;
}

/** Everything that happened in a run, in order. */
export interface History {
  steps: StepRecord[];
  evals: EvalRecord[];
}

/** A log.jsonl that is open for appending. */
export class RunLog {
  private file: number | undefined;

  /**
   * @param options.fresh begins an empty file: a run that was killed before its first checkpoint
   * left lines there
   */
  constructor(
    readonly path: string,
    { fresh }: { fresh: boolean },
  ) {
    try {
      this.file = openSync(path, fresh ? "w" : "a");
    } catch (error) {
      throw writeError(path, error);
    }
  }

  append(record: StepRecord | EvalRecord): void {
    if (this.file === undefined) throw new Error(`RunLog: ${this.path} is closed`);
    try {
      writeAll(this.file, Buffer.from(JSON.stringify(record) + "\n"));
    } catch (error) {
      throw writeError(this.path, error);
    }
    if (fstatSync(this.file).nlink === 0)
      throw new WriteError(
        `cannot write ${this.path}: it was deleted while the run went on`,
        "ENOENT",
      );
  }

  /**
   * Forces the lines to the disk: done before each checkpoint, so that the log is never behind it.
   */
  sync(): void {
    if (this.file === undefined) return;
    try {
      fsyncSync(this.file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw writeError(this.path, error); // EINVAL: not a disk file
    }
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }
}

/**
 * Reads a log back. A last line that was cut off is left out.
 *
 * @param untilStep lines of later steps are left out, and if there are any the file is rewritten
 *   without them
 */
export function readLog(path: string, untilStep = Number.POSITIVE_INFINITY): History {
  const history: History = { steps: [], evals: [] };
  if (!existsSync(path)) return history;
  const text = readFileSync(path, "utf8");
  let kept = "";
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const record = readRecord(line);
    if (record === undefined || record.step > untilStep) continue;
    if ("metrics" in record) history.evals.push(record);
    else history.steps.push(record);
    kept += line + "\n";
  }
  if (Number.isFinite(untilStep) && kept !== text) writeAtomically(path, [kept]);
  return history;
}

/** A line's record, or undefined for a line that was cut off by a kill or is no record of ours. */
function readRecord(line: string): StepRecord | EvalRecord | undefined {
  let record: StepRecord | EvalRecord;
  try {
    record = today(JSON.parse(line));
  } catch {
    return undefined;
  }
  const numbers: unknown[] =
    "metrics" in record
      ? [record.step, ...Object.values(record.metrics)]
      : [record.step, record.loss, record.lr, record.norm, record.ms];
  return numbers.every((x) => typeof x === "number") ? record : undefined;
}

/**
 * A record in today's form: the first logs, all of GPTs, wrote the two metrics of an evaluation
 * side by side.
 */
function today(record: StepRecord | EvalRecord | FirstEvalRecord): StepRecord | EvalRecord {
  if (!("val" in record)) return record;
  const { val, windows, ...rest } = record;
  return { ...rest, metrics: { val, windows } };
}

type FirstEvalRecord = Omit<EvalRecord, "metrics"> & { val: number; windows: number };
