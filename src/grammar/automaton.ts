// From a pattern to an automaton that reads bytes: first Thompson's, which may be in several states at
// once (Thompson, 1968), then one state for each set of those that can be reached (Rabin and Scott,
// 1959), made when it is first asked for. So a pattern whose whole automaton would be huge costs only
// what is visited.
import type { Pattern } from "./pattern";
import { type ByteRange, utf8Sequences } from "./utf8";

/** No text of the pattern begins with what was read. */
export const DEAD = -1;

const UNKNOWN = -2;
/** A pattern with more is refused: {1000} within {1000} has a million. */
const MOST_STATES = 200_000;

interface Edge {
  range: ByteRange;
  to: number;
}

/** Thompson's automaton: edges that read a byte, and edges that read nothing. */
class Fragments {
  readonly edges: Edge[][] = [];
  readonly free: number[][] = [];

  state(): number {
    if (this.edges.length >= MOST_STATES)
      throw new Error(
        `Automaton: expected a pattern of at most ${MOST_STATES} states, got a larger one ` +
          "(repetitions are written out: {1000} within {1000} is a million)",
      );
    this.edges.push([]);
    this.free.push([]);
    return this.edges.length - 1;
  }

  /** Adds a pattern that begins in `from`. @returns the state in which it ends */
  add(pattern: Pattern, from: number): number {
    switch (pattern.kind) {
      case "character":
        return this.character(pattern, from);
      case "sequence":
        return pattern.parts.reduce((at, part) => this.add(part, at), from);
      case "either": {
        const end = this.state();
        for (const one of pattern.of) this.free[this.add(one, this.after(from))].push(end);
        return end;
      }
      case "repeat":
        return this.repeat(pattern, from);
    }
  }

  /** A new state that is reached from another without reading. */
  private after(from: number): number {
    const next = this.state();
    this.free[from].push(next);
    return next;
  }

  private character({ ranges }: Extract<Pattern, { kind: "character" }>, from: number): number {
    const end = this.state();
    for (const bytes of ranges.flatMap(utf8Sequences)) {
      let at = from;
      for (const [i, range] of bytes.entries()) {
        const to = i === bytes.length - 1 ? end : this.state();
        this.edges[at].push({ range, to });
        at = to;
      }
    }
    return end;
  }

  private repeat({ of, min, max }: Extract<Pattern, { kind: "repeat" }>, from: number): number {
    let at = from;
    for (let i = 0; i < min; i++) at = this.add(of, at);
    const end = this.state();
    this.free[at].push(end);
    if (max === Infinity) {
      const loop = this.after(at);
      const back = this.add(of, loop);
      this.free[back].push(loop, end);
    } else
      for (let i = min; i < max; i++) {
        at = this.add(of, this.after(at));
        this.free[at].push(end);
      }
    return end;
  }
}

/**
 * Reads bytes one by one. States are numbers from 0; every state but `DEAD` can still end in a text
 * of the pattern.
 */
export class Automaton {
  /** Where reading begins; `DEAD` if the pattern has no text at all. */
  readonly start: number;
  private readonly fragments = new Fragments();
  private readonly end: number;
  /** Thompson's states from which the end can be reached. */
  private readonly alive: Uint8Array;
  private readonly sets: Int32Array[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly steps: Int32Array[] = [];

  /** @throws if the pattern is too large */
  constructor(pattern: Pattern) {
    const first = this.fragments.state();
    this.end = this.fragments.add(pattern, first);
    this.alive = this.endingStates();
    this.start = this.numberOf([first]);
  }

  /** How many states have been made so far. */
  get size(): number {
    return this.sets.length;
  }

  /** The state after one more byte. */
  step(state: number, byte: number): number {
    if (state === DEAD) return DEAD;
    const known = this.steps[state][byte];
    if (known !== UNKNOWN) return known;
    const targets: number[] = [];
    for (const from of this.sets[state])
      for (const { range, to } of this.fragments.edges[from])
        if (range[0] <= byte && byte <= range[1]) targets.push(to);
    const next = this.numberOf(targets);
    this.steps[state][byte] = next;
    return next;
  }

  /** Whether what was read is a text of the pattern. */
  isAccepting(state: number): boolean {
    return state !== DEAD && this.sets[state].includes(this.end);
  }

  /** Whether a whole text is one of the pattern's. */
  accepts(text: string): boolean {
    let state = this.start;
    for (const byte of new TextEncoder().encode(text)) state = this.step(state, byte);
    return this.isAccepting(state);
  }

  /**
   * The number of a set of Thompson's states, with all that follow without reading. Those that only
   * lead on without reading are left out, so that ways that have come to the same place are one state.
   */
  private numberOf(from: readonly number[]): number {
    const { edges, free } = this.fragments;
    const seen = new Set(from);
    for (const state of seen) for (const next of free[state]) seen.add(next);
    const counts = (state: number) =>
      this.alive[state] && (state === this.end || edges[state].length > 0);
    const set = Int32Array.from([...seen].filter(counts)).sort();
    if (set.length === 0) return DEAD;
    const key = set.join();
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = this.sets.push(set) - 1;
    this.numbers.set(key, number);
    this.steps.push(new Int32Array(256).fill(UNKNOWN));
    return number;
  }

  private endingStates(): Uint8Array {
    const { edges, free } = this.fragments;
    const before: number[][] = edges.map(() => []);
    for (const [from, list] of edges.entries()) for (const { to } of list) before[to].push(from);
    for (const [from, list] of free.entries()) for (const to of list) before[to].push(from);
    const alive = new Uint8Array(edges.length);
    const open = [this.end];
    alive[this.end] = 1;
    for (let state = open.pop(); state !== undefined; state = open.pop())
      for (const from of before[state])
        if (!alive[from]) {
          alive[from] = 1;
          open.push(from);
        }
    return alive;
  }
}
