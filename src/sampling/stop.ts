// Stop sequences: texts at which writing ends, and which are not shown. A text comes in pieces, and a
// stop sequence may be spread over several, so what could be the beginning of one is held back until
// it is clear that it is none.

/** Looks for stop sequences in a text that comes in pieces. */
export class StopSequences {
  private held = "";
  private found = false;

  /** @throws for an empty sequence, at which nothing could be written */
  constructor(private readonly sequences: readonly string[]) {
    if (sequences.includes(""))
      throw new Error(
        "StopSequences: expected sequences of at least one character, got an empty one",
      );
  }

  /** Whether a stop sequence has come. */
  get stopped(): boolean {
    return this.found;
  }

  /**
   * Takes the next piece.
   * @returns what can be shown of the text now: nothing from the first stop sequence on
   */
  push(piece: string): string {
    if (this.found) return "";
    const text = this.held + piece;
    const start = firstComplete(text, this.sequences);
    if (start >= 0) {
      this.found = true;
      this.held = "";
      return text.slice(0, start);
    }
    const kept = Math.max(0, ...this.sequences.map((sequence) => overlap(text, sequence)));
    this.held = text.slice(text.length - kept);
    return text.slice(0, text.length - kept);
  }

  /** The text has ended: what was held back. */
  flush(): string {
    const rest = this.held;
    this.held = "";
    return rest;
  }
}

/** Where the sequence begins that is complete first, and of several the longest; −1 if none is. */
function firstComplete(text: string, sequences: readonly string[]): number {
  let [start, end] = [-1, Infinity];
  for (const sequence of sequences) {
    const at = text.indexOf(sequence);
    const to = at + sequence.length;
    if (at >= 0 && (to < end || (to === end && at < start))) [start, end] = [at, to];
  }
  return start;
}

/** How many characters at the end of a text are the beginning of a sequence. */
function overlap(text: string, sequence: string): number {
  for (let n = Math.min(text.length, sequence.length - 1); n > 0; n--)
    if (text.endsWith(sequence.slice(0, n))) return n;
  return 0;
}
