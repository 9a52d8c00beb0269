// Only in a learner's check: notes what happens (./protocol), and watches time, memory and printed
// text. A watchdog thread keeps working while the main thread is stuck in an endless loop; when it
// has to, it writes down why and ends the process. ../run.ts reads the notes and runs the rest in a
// new process.

import { appendFileSync } from "node:fs";
import { format } from "node:util";
import { Worker } from "node:worker_threads";
import { Told } from "./assert";
import { type Note, noteLine, type Settings } from "./protocol";

const WATCHDOG = `
const { workerData, threadId } = require("node:worker_threads");
const { appendFileSync } = require("node:fs");
const { clock, exercises, notes, limit, megabytes } = workerData;
setInterval(() => {
  const started = clock[0];
  if (started === 0) return;
  const late = Date.now() - started > limit + 1000;
  const heavy = (process.memoryUsage.rss() - clock[2]) / 1048576 > megabytes;
  if (!late && !heavy) return;
  const note = { type: "dead", exercise: exercises[clock[1]], reason: late ? "time" : "memory" };
  appendFileSync(notes, JSON.stringify(note) + "\\n");
  process.kill(process.pid, "SIGKILL");
}, 40);`;

/** Printed text beyond this ends the exercise: a console.log in an endless loop. */
const MOST_PRINTED = 400_000;
const SHOWN = 1_500;

export class Supervisor {
  /** Milliseconds for one exercise. */
  readonly limit: number;
  private readonly notes: string;
  private readonly clock: Float64Array;
  private readonly names: string[];
  private readonly watchdog: Worker;
  private printed = "";
  private printedLength = 0;

  constructor({ notes, milliseconds, megabytes }: Settings, names: string[]) {
    this.notes = notes;
    this.limit = milliseconds;
    this.names = names;
    this.clock = new Float64Array(new SharedArrayBuffer(3 * 8));
    const workerData = {
      clock: this.clock,
      exercises: names,
      notes,
      limit: milliseconds,
      megabytes,
    };
    this.watchdog = new Worker(WATCHDOG, { eval: true, workerData });
    this.watchdog.unref();
    this.listen();
    this.note({ type: "loaded" });
  }

  note(note: Note): void {
    appendFileSync(this.notes, noteLine(note));
  }

  start(exercise: string): void {
    this.printed = "";
    this.printedLength = 0;
    this.note({ type: "start", exercise });
    this.clock[2] = process.memoryUsage.rss();
    this.clock[1] = this.names.indexOf(exercise);
    this.clock[0] = Date.now();
  }

  /** Gives the exercise its whole time anew: the answer is judged, and why it is wrong comes next. */
  again(): void {
    this.clock[0] = Date.now();
  }

  end(note: Note): void {
    this.clock[0] = 0;
    this.note("ms" in note && this.printed ? { ...note, printed: this.printed } : note);
  }

  async stop(): Promise<void> {
    await this.watchdog.terminate();
  }

  /** What the learner prints is kept (its beginning) and shown with the result. */
  private listen(): void {
    const write = (chunk: unknown): true => {
      const text = typeof chunk === "string" ? chunk : String(chunk);
      if (this.printed.length < SHOWN) this.printed += text.slice(0, SHOWN - this.printed.length);
      this.printedLength += text.length;
      if (this.printedLength > MOST_PRINTED && this.clock[0] !== 0)
        throw new Told(
          `It printed more than ${MOST_PRINTED.toLocaleString("en")} characters and was stopped: ` +
            "is there a console.log inside a loop that never ends?",
        );
      return true;
    };
    process.stdout.write = write as typeof process.stdout.write;
    process.stderr.write = write as typeof process.stderr.write;
    // The console swallows what a stream throws, so it is replaced as well.
    for (const method of ["log", "info", "debug", "warn", "error"] as const)
      console[method] = (...args: unknown[]) => write(`${format(...args)}\n`);
  }
}
