// N worker processes that run the same function, each with its own rank: what torchrun and mpirun
// do for a script. Processes and not threads, because that is what large runs consist of: each has
// its own memory, its own engine, and can die by itself. When one dies, those that wait for its
// messages would wait for ever; here the parent tells them to stop, and the error says which worker
// it was and what it was doing.

import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { currentEngine, type EngineName, interrupted } from "../engine";
import { lastNote, mailFolder, stopAll } from "./mailbox";
import type { Answer, Order, WorkerTools } from "./work";

/** How long, in milliseconds, the others have to stop by themselves when one worker has failed. */
const GRACE = 5000;
/** How often the stop button is looked at, in milliseconds. */
const LOOKS_EVERY = 100;

/** What TensorFlow's library prints while it is loaded, whatever it is told. */
const FROM_TENSORFLOW = /absl::InitializeLog|oneDNN custom operations/;

/** What every worker of a run does. It may use its parameters only: it is sent as text. */
export type Job<A, R> = (tools: WorkerTools, args: A) => R | Promise<R>;

export interface WorkersOptions {
  /** Which engine they start; default: the one in use here, or none if there is none yet. */
  engine?: EngineName | "none";
}

export interface RunJobOptions {
  /** Gets what a worker sends with `tell`. */
  // biome-ignore lint/suspicious/noExplicitAny: events are whatever the job sends
  onEvent?: (event: any, rank: number) => void;
  /**
   * What the stop button (Ctrl-C) does: "stop" (default) ends all workers · "ask" tells rank 0, which
   * ends the run in its own way.
   */
  onInterrupt?: "stop" | "ask";
}

/** A worker process ended before it had finished. */
export class WorkerLost extends Error {
  override name = "WorkerLost";
  /**
   * @param rank which worker
   * @param signal the signal that killed it, or null if it ended by itself
   * @param at what it was doing ("step 12"), as far as it had said
   */
  constructor(
    message: string,
    readonly rank: number,
    readonly signal: string | null,
    readonly at: string | undefined,
  ) {
    super(message);
  }
}

/** One process, as its parent sees it. */
interface Worker {
  process: ChildProcess;
  ended: { code: number | null; signal: string | null } | undefined;
  /** It has ended, and what it printed has been read. */
  closed: Promise<void>;
  /** Gets its answers, and `undefined` when it ends. */
  listen: (answer: Answer | undefined) => void;
}

/**
 * Starts N worker processes and waits until they are ready: about half a second each.
 * @throws if `size` is no whole number ≥ 1, or a worker cannot start
 */
export async function startWorkers(size: number, options: WorkersOptions = {}): Promise<Workers> {
  if (!Number.isInteger(size) || size < 1)
    throw new Error(`startWorkers: expected a whole number of workers ≥ 1, got ${size}`);
  const workers = new Workers(size);
  try {
    await workers.ready(options.engine ?? engineHere());
  } catch (error) {
    await workers.stop();
    throw error;
  }
  return workers;
}

/**
 * Starts N workers, runs one job on them and stops them.
 * @returns what the workers return, by rank
 */
export async function onWorkers<A, R>(
  size: number,
  job: Job<A, R>,
  args: A,
  options: WorkersOptions & RunJobOptions = {},
): Promise<R[]> {
  const workers = await startWorkers(size, options);
  try {
    return await workers.run(job, args, options);
  } finally {
    await workers.stop();
  }
}

/** N processes that wait for jobs. Stop them at the end. */
export class Workers {
  private readonly folder = mailFolder();
  private readonly workers: Worker[];
  private runs = 0;
  private busy = false;
  private readonly killAll = () => {
    for (const { process } of this.workers) process.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  };

  constructor(readonly size: number) {
    this.workers = Array.from({ length: size }, (_, rank) => startProcess(rank));
    process.once("exit", this.killAll);
  }

  /** The numbers of the processes, by rank. */
  get pids(): number[] {
    return this.workers.map(({ process }) => process.pid ?? 0);
  }

  /** Starts the engines. */
  async ready(engine: EngineName | "none"): Promise<void> {
    const mail = this.folder;
    await this.ask("start", (rank) => ({ type: "start", rank, mail, engine }), mail);
  }

  /**
   * Runs one function on all workers at once.
   *
   * @param job sent as text: it sees its parameters, and nothing else of the file it stands in
   * @param args the same for all; plain data and typed arrays, which are copied
   * @returns what the workers return, by rank
   * @throws {WorkerLost} when a process dies; the error of the job, with its rank, when one fails.
   *   The other workers have stopped by then
   */
  async run<A, R>(job: Job<A, R>, args: A, options: RunJobOptions = {}): Promise<R[]> {
    if (this.busy) throw new Error("Workers.run: expected idle workers, got some that are at work");
    const folder = join(this.folder, `run-${this.runs++}`);
    mkdirSync(folder);
    this.busy = true;
    try {
      const text = String(job);
      const order = (): Order => ({ type: "run", size: this.size, folder, job: text, args });
      return (await this.ask("run", order, folder, options)) as R[];
    } finally {
      this.busy = false;
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Ends all processes. */
  async stop(): Promise<void> {
    process.removeListener("exit", this.killAll);
    for (const { process, ended } of this.workers) if (!ended) process.kill("SIGKILL");
    await Promise.all(this.workers.map(({ closed }) => closed)); // what they printed is out by then
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Gives an order to every worker and collects the answers; the first failure stops all. */
  private async ask(
    what: "start" | "run",
    order: (rank: number) => Order,
    folder: string,
    { onEvent, onInterrupt = "stop" }: RunJobOptions = {},
  ): Promise<unknown[]> {
    let failure: Error | undefined;
    let late: NodeJS.Timeout | undefined;
    const fail = (error: Error) => {
      failure ??= error;
      stopAll(folder, failure.message);
      late ??= setTimeout(() => {
        for (const { process, ended } of this.workers) if (!ended) process.kill("SIGKILL");
      }, GRACE);
    };
    const answers = this.workers.map(
      (worker, rank) =>
        new Promise<unknown>((done) => {
          worker.listen = (answer) => {
            if (answer?.type === "event") return onEvent?.(answer.event, rank);
            if (answer === undefined) fail(this.lost(rank, folder));
            else if (answer.type === "failed")
              fail(
                new Error(answer.stopped ? answer.message : `worker ${rank}: ${answer.message}`),
              );
            worker.listen = () => {};
            done(answer?.type === "done" ? answer.value : undefined);
          };
          if (worker.ended) return worker.listen(undefined);
          worker.process.send(order(rank));
        }),
    );
    let told = false;
    const looking = setInterval(() => {
      if (!interrupted() || told || what === "start") return;
      told = true;
      if (onInterrupt === "ask") this.workers[0].process.send({ type: "interrupt" });
      else fail(new Error("Workers.run: stopped by the user"));
    }, LOOKS_EVERY);
    const values = await Promise.all(answers);
    clearInterval(looking);
    clearTimeout(late);
    if (failure) throw failure;
    return values;
  }

  private lost(rank: number, folder: string): WorkerLost {
    const { ended, process } = this.workers[rank];
    const at = lastNote(folder, rank);
    const how = ended?.signal ? `was killed by ${ended.signal}` : `ended with code ${ended?.code}`;
    return new WorkerLost(
      `worker ${rank} of ${this.size} (process ${process.pid}) ${how}${at ? ` at ${at}` : ""}; ` +
        "the other workers have been stopped",
      rank,
      ended?.signal ?? null,
      at,
    );
  }
}

function startProcess(rank: number): Worker {
  const child = fork(join(__dirname, "worker.cjs"), [], {
    serialization: "advanced", // typed arrays stay what they are
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const closed = new Promise<void>((done) => child.once("close", () => done()));
  const worker: Worker = { process: child, ended: undefined, closed, listen: () => {} };
  child.on("message", (answer: Answer) => worker.listen(answer));
  child.on("error", () => {}); // what follows from it is told when the process has ended
  child.on("exit", (code, signal) => {
    worker.ended = { code, signal };
    worker.listen(undefined);
  });
  for (const stream of [child.stdout, child.stderr])
    if (stream)
      createInterface(stream).on("line", (line) => {
        if (!FROM_TENSORFLOW.test(line)) console.log(`[worker ${rank}] ${line}`);
      });
  return worker;
}

function engineHere(): EngineName | "none" {
  try {
    return currentEngine().name;
  } catch {
    return "none";
  }
}
