// The workers of one run, as each of them sees it: its own number among N, and how to reach the
// others. The names are MPI's and PyTorch's (torch.distributed): rank, size, send, receive, barrier.
// All of it blocks. What groups do together is in ./collectives. Left out: groups within groups,
// messages that overlap with computing.

import { Mailbox, stopAll } from "./mailbox";

/** What a worker has sent, and how long it has waited. */
export interface Traffic {
  bytes: number;
  messages: number;
  /** Milliseconds spent waiting for messages. */
  waited: number;
}

/** One worker's place among the N workers of a run. */
export class Group {
  private readonly mail: Mailbox | undefined;

  /**
   * @param rank which worker this is, from 0
   * @param size N, how many there are
   * @param folder where the messages of this run are; not needed by a group of one
   */
  constructor(
    readonly rank: number,
    readonly size: number,
    folder?: string,
  ) {
    if (
      !(Number.isInteger(size) && size >= 1 && Number.isInteger(rank) && rank >= 0 && rank < size)
    )
      throw new Error(
        `Group: expected a rank from 0 to size − 1, got rank ${rank} of size ${size}`,
      );
    if (folder !== undefined) this.mail = new Mailbox(folder, rank);
  }

  /** The next rank on the ring: 0 after N − 1. */
  get next(): number {
    return (this.rank + 1) % this.size;
  }

  /** The rank before this one on the ring. */
  get previous(): number {
    return (this.rank + this.size - 1) % this.size;
  }

  /** What this worker has sent since the run began. */
  get traffic(): Traffic {
    const { bytesSent: bytes = 0, messagesSent: messages = 0, waited = 0 } = this.mail ?? {};
    return { bytes, messages, waited };
  }

  /**
   * Sends numbers to another worker, without waiting until it takes them. They are copied.
   * @throws unless `to` is another rank of the group
   */
  send(to: number, numbers: Float32Array): void {
    this.mailFor("send", to).put(to, numbers);
  }

  /**
   * Waits for the next message of another worker.
   * @throws unless `from` is another rank of the group; {Stopped} when the run was stopped
   */
  receive(from: number): Float32Array {
    return this.mailFor("receive", from).take(from);
  }

  /** Waits until every worker has come here: two rounds of an empty message along the ring. */
  barrier(): void {
    if (this.size === 1) return;
    for (let round = 0; round < 2; round++) {
      if (this.rank > 0) this.receive(this.previous);
      this.send(this.next, new Float32Array(0));
      if (this.rank === 0) this.receive(this.previous);
    }
  }

  /** Says what this worker is at, "step 12": an error names it if the worker dies. */
  note(text: string): void {
    this.mail?.note(text);
  }

  /** Ends the run for the others: those that wait for a message stop. */
  end(why: string): void {
    if (this.mail) stopAll(this.mail.folder, why);
  }

  private mailFor(caller: string, other: number): Mailbox {
    if (!this.mail || !Number.isInteger(other) || other < 0 || other >= this.size)
      throw new Error(
        `${caller}: expected another rank of a group of ${this.size}, got ${other} (this is rank ${this.rank})`,
      );
    if (other === this.rank)
      throw new Error(`${caller}: expected another rank than this one, got ${other}`);
    return this.mail;
  }
}
