// How two processes exchange numbers: a message is a file. Node has no memory that processes share,
// but the pages of a small file in the system's memory are that in all but name, and everything here
// blocks: a worker may wait in the middle of a backward pass, where tfjs allows no `await`. A file
// appears under its name by a rename, so a reader finds it whole or not at all; the reader deletes
// it. Real systems send over NVLink or InfiniBand (NCCL); what is sent to whom is the same.
// While it waits, a worker looks whether the run has been stopped because another worker died.

import {
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where the system keeps files in memory, and how much room there has to be. */
const MEMORY = "/dev/shm";
const ROOM = 2 ** 28;
/** A waiting worker looks often at first, then sleeps: the others may need its core. */
const LOOKS_WITHOUT_SLEEP = 50;
const [SHORTEST_SLEEP, LONGEST_SLEEP] = [0.05, 1];
/** How often it asks, in milliseconds, whether waiting still makes sense. */
const ASKED_EVERY = 20;

/** The run was stopped from outside while this worker waited for a message. */
export class Stopped extends Error {
  override name = "Stopped";
}

/** A new folder for messages: in memory where the system has room for them there. */
export function mailFolder(): string {
  return mkdtempSync(join(hasRoom() ? MEMORY : tmpdir(), "llm-parallel-"));
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM;
  } catch {
    return false;
  }
}

/** Tells all who wait, or will wait, for messages in this folder to stop, and why. */
export function stopAll(folder: string, why: string): void {
  const path = join(folder, "stopped");
  if (existsSync(path)) return; // the first reason is the one that counts
  writeFileSync(`${path}.tmp`, why);
  renameSync(`${path}.tmp`, path);
}

/** The messages of one worker. */
export class Mailbox {
  /** What it has sent so far. */
  bytesSent = 0;
  messagesSent = 0;
  /** Milliseconds that it has waited for others. */
  waited = 0;
  private readonly sent: number[] = [];
  private readonly received: number[] = [];
  private readonly parent = process.ppid;
  private readonly sleeper = new Int32Array(new SharedArrayBuffer(4));

  constructor(
    readonly folder: string,
    readonly rank: number,
  ) {}

  /** Sends without waiting for the receiver. Messages between two workers keep their order. */
  put(to: number, numbers: Float32Array): void {
    const count = this.sent[to] ?? 0;
    this.sent[to] = count + 1;
    const path = this.path(this.rank, to, count);
    writeFileSync(`${path}.tmp`, bytesOf(numbers));
    renameSync(`${path}.tmp`, path);
    this.bytesSent += numbers.byteLength;
    this.messagesSent++;
  }

  /**
   * Waits for the next message of `from`.
   * @throws {Stopped} when the run was stopped in the meantime
   */
  take(from: number): Float32Array {
    const count = this.received[from] ?? 0;
    const path = this.path(from, this.rank, count);
    this.waitFor(path);
    this.received[from] = count + 1;
    const bytes = readFileSync(path);
    rmSync(path);
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  }

  /** Leaves a line for whoever asks what this worker was doing when it died. */
  note(text: string): void {
    writeFileSync(noteFile(this.folder, this.rank), text);
  }

  private path(from: number, to: number, count: number): string {
    return join(this.folder, `${from}-${to}-${count}`);
  }

  private waitFor(path: string): void {
    const started = performance.now();
    let asked = started;
    let sleep = SHORTEST_SLEEP;
    for (let looks = 0; !existsSync(path); looks++) {
      if (looks < LOOKS_WITHOUT_SLEEP) continue;
      Atomics.wait(this.sleeper, 0, 0, sleep);
      sleep = Math.min(2 * sleep, LONGEST_SLEEP);
      if (performance.now() - asked < ASKED_EVERY) continue;
      this.expectRunning();
      asked = performance.now();
    }
    this.waited += performance.now() - started;
  }

  private expectRunning(): void {
    const path = join(this.folder, "stopped");
    if (existsSync(path)) throw new Stopped(readFileSync(path, "utf8"));
    if (process.ppid !== this.parent) process.exit(1); // nobody is left to tell
  }
}

/** What a worker noted last, or undefined. */
export function lastNote(folder: string, rank: number): string | undefined {
  try {
    return readFileSync(noteFile(folder, rank), "utf8") || undefined;
  } catch {
    return undefined;
  }
}

const noteFile = (folder: string, rank: number) => join(folder, `note-${rank}`);

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);
