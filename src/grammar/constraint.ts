// Constrained decoding: at every step only tokens are left from which a text of the grammar can still
// be finished (Willard and Louf, 2023, "Efficient Guided Generation for Large Language Models"). How
// many tokens the shortest ending needs is known for every state, so a text is also finished in time:
// when little room is left, only tokens towards an end are.
import { Automaton } from "./automaton";
import type { Pattern } from "./pattern";
import type { TokenTree } from "./vocabulary";

/** A grammar whose automaton has more states within this vocabulary is refused. */
const MOST_STATES = 20_000;

/** A pattern in the tokens of one vocabulary. Made once, used for any number of texts. */
export class Grammar {
  private readonly automaton: Automaton;
  /** How many tokens the shortest ending needs from each state; Infinity where there is none. */
  private readonly endings: Float64Array;

  /**
   * @param tree the tokens: `tokenTree`
   * @throws if no text of the pattern can be written with these tokens, or the automaton is too large
   */
  constructor(
    pattern: Pattern,
    private readonly tree: TokenTree,
  ) {
    this.automaton = new Automaton(pattern);
    if (this.automaton.start < 0)
      throw new Error("Grammar: expected a pattern with at least one text, got one without");
    this.endings = this.shortestEndings();
    if (this.shortest === Infinity)
      throw new Error("Grammar: expected a text that these tokens can write, found none");
  }

  /** V: how many tokens there are. */
  get vocabSize(): number {
    return this.tree.vocabSize;
  }

  /** Where every text begins. */
  get start(): number {
    return this.automaton.start;
  }

  /** How many tokens the shortest text has. */
  get shortest(): number {
    return this.ending(this.start);
  }

  /** How many tokens the shortest ending needs from a state; 0 where the text may end. */
  ending(state: number): number {
    return this.endings[state] ?? Infinity;
  }

  /**
   * All tokens that can come next, each with the state it leads to.
   * @param left at most so many tokens are written, the next one included
   */
  next(state: number, left = Infinity): Map<number, number> {
    const found = new Map<number, number>();
    this.tree.walk(this.automaton, state, (token, to) => {
      if (this.ending(to) <= left - 1) found.set(token, to);
    });
    return found;
  }

  private shortestEndings(): Float64Array {
    const before: number[][] = []; // states from which a token leads to each state
    const seen = new Set([this.start]);
    for (const state of seen) {
      const targets = new Set<number>();
      this.tree.walk(this.automaton, state, (_, to) => targets.add(to));
      for (const to of targets) {
        before[to] ??= [];
        before[to].push(state);
        seen.add(to);
      }
      if (seen.size > MOST_STATES)
        throw new Error(
          `Grammar: expected an automaton of at most ${MOST_STATES} states, got a larger one; ` +
            "shorter limits of lengths make it smaller",
        );
    }
    const endings = new Float64Array(this.automaton.size).fill(Infinity);
    let ring = [...seen].filter((state) => this.automaton.isAccepting(state));
    for (const state of ring) endings[state] = 0;
    for (let tokens = 1; ring.length > 0; tokens++) {
      const further = ring.flatMap((state) => before[state] ?? []);
      ring = [...new Set(further)].filter((state) => endings[state] === Infinity);
      for (const state of ring) endings[state] = tokens;
    }
    return endings;
  }
}

export interface ConstraintOptions {
  /** At most so many tokens are written, the end token not counted. */
  maxNewTokens: number;
  /**
   * The token with which the model ends a text. If absent, a text ends where nothing can follow or
   * no room is left.
   */
  endId?: number;
}

/** One text that is being written under a grammar. */
export class Constraint {
  private state: number;
  private left: number;
  private ended = false;
  private allowed: Map<number, number> | undefined;

  /** @throws if the shortest text of the grammar has more tokens than there is room for */
  constructor(
    private readonly grammar: Grammar,
    private readonly options: ConstraintOptions,
  ) {
    const { maxNewTokens } = options;
    if (!(maxNewTokens >= grammar.shortest))
      throw new Error(
        "Constraint: expected room for the shortest text of the grammar, which has " +
          `${grammar.shortest} tokens, got maxNewTokens = ${maxNewTokens}`,
      );
    this.state = grammar.start;
    this.left = maxNewTokens;
  }

  /** Whether the text may end here. */
  get mayEnd(): boolean {
    return this.grammar.ending(this.state) === 0;
  }

  /** Whether the text has ended: by its end token, or because nothing can follow. */
  get done(): boolean {
    return this.ended || (this.mayEnd && this.next().size === 0);
  }

  private next(): Map<number, number> {
    this.allowed ??= this.grammar.next(this.state, this.left);
    return this.allowed;
  }

  /**
   * The logits, −∞ for every token that cannot come next.
   * @param logits V numbers, which stay as they are
   * @throws if the text has ended, or there are not as many numbers as tokens
   */
  mask(logits: ArrayLike<number>): Float32Array {
    const { vocabSize } = this.grammar;
    if (logits.length < vocabSize)
      throw new Error(`Constraint: expected ${vocabSize} logits, got ${logits.length}`);
    if (this.done)
      throw new Error("Constraint: expected a text that goes on, got one that has ended");
    const masked = new Float32Array(logits.length).fill(-Infinity);
    for (const token of this.next().keys()) masked[token] = logits[token];
    const { endId } = this.options;
    if (endId !== undefined && this.mayEnd) masked[endId] = logits[endId];
    return masked;
  }

  /**
   * Takes the next token.
   * @throws if it cannot come next
   */
  accept(token: number): void {
    if (token === this.options.endId && this.mayEnd) {
      this.ended = true;
      return;
    }
    const to = this.next().get(token);
    if (this.ended || to === undefined)
      throw new Error(`Constraint: expected a token that the grammar allows, got ${token}`);
    this.state = to;
    this.left--;
    this.allowed = undefined;
  }
}
