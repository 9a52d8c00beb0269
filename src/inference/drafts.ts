// Drafts for speculative decoding (./speculative): cheap guesses at how a text goes on.
import type { Random } from "../random";
import { type DecodingOptions, decodingProbabilities } from "../sampling";
import { BlockPool } from "./blocks";
import { BlockTable } from "./blockTable";
import type { PagedModel } from "./pagedModel";
import { readText } from "./readText";

/** Tokens that a text might go on with. */
export interface Proposal {
  ids: number[];
  /**
   * For each of them the distribution that it was drawn from, V probabilities; absent if they were
   * not drawn: each is then certain.
   */
  probabilities?: Float64Array[];
}

/** Guesses how a text goes on. */
export interface Draft {
  /**
   * @param text all ids so far
   * @param k at most so many tokens; fewer or none are fine
   * @param options how the text is decoded, and the random numbers for what is drawn here
   */
  propose(text: readonly number[], k: number, options: DecodingOptions & { rng: Random }): Proposal;
}

/**
 * Prompt look-up: what followed the last time that the text had its last few tokens (Saxena, 2023,
 * "Prompt Lookup Decoding"). It costs nothing and helps where a text repeats what it has: copying,
 * summaries, code. The longest match counts, and of equally long ones the latest.
 */
export class LookupDraft implements Draft {
  private readonly longest: number;
  private readonly shortest: number;

  /** @param options how many of the last tokens must match: at most `longest`, at least `shortest` */
  constructor({ longest = 3, shortest = 1 }: { longest?: number; shortest?: number } = {}) {
    if (!(Number.isInteger(longest) && Number.isInteger(shortest) && 1 <= shortest))
      throw new Error(
        `LookupDraft: expected whole numbers of 1 or more, got ${longest} and ${shortest}`,
      );
    if (longest < shortest)
      throw new Error(`LookupDraft: expected longest of ${shortest} or more, got ${longest}`);
    this.longest = longest;
    this.shortest = shortest;
  }

  propose(text: readonly number[], k: number): Proposal {
    for (let n = Math.min(this.longest, text.length - 1); n >= this.shortest; n--) {
      const end = this.lastMatch(text, n);
      if (end >= 0) return { ids: text.slice(end, end + k) };
    }
    return { ids: [] };
  }

  /** Where the latest earlier copy of the last n tokens ends; −1 if there is none. */
  private lastMatch(text: readonly number[], n: number): number {
    for (let end = text.length - 1; end >= n; end--) {
      let i = 1;
      while (i <= n && text[end - i] === text[text.length - i]) i++;
      if (i > n) return end;
    }
    return -1;
  }
}

/**
 * A smaller model with the same tokens, which writes k tokens by itself (Leviathan et al., 2023, "Fast
 * Inference from Transformers via Speculative Decoding"). It remembers what it has read of the text,
 * and goes back where its tokens were rejected.
 */
export class ModelDraft implements Draft {
  private readonly table: BlockTable;
  /** The tokens that it has read. */
  private read: number[] = [];
  /** So many of them were not its own when they were read. */
  private certain = 0;

  /** @param model whose blocks belong to this draft */
  constructor(private readonly model: PagedModel) {
    this.table = new BlockTable(new BlockPool(model, { prefixCache: false }));
  }

  propose(
    text: readonly number[],
    k: number,
    { rng, ...options }: DecodingOptions & { rng: Random },
  ): Proposal {
    const most = Math.min(k, this.model.maxLength - text.length + 1);
    const ids: number[] = [];
    const probabilities: Float64Array[] = [];
    if (most > 0) this.goBackTo(text);
    while (ids.length < most) {
      this.read = [...text, ...ids];
      const logits = readText(this.model, this.table, this.read);
      this.table.advance(this.read.length, this.read);
      const p = decodingProbabilities(logits, { ...options, previous: this.read });
      ids.push(rng.categorical(p));
      probabilities.push(p);
    }
    return { ids, probabilities };
  }

  /** Gives its blocks back. */
  release(): void {
    this.table.release();
    this.read = [];
  }

  /** Forgets what is not the beginning of this text; at least its last token will be read. */
  private goBackTo(text: readonly number[]): void {
    const most = Math.min(this.read.length, text.length - 1);
    let same = 0;
    while (same < most && this.read[same] === text[same]) same++;
    // With a window, what the certain tokens no longer saw is gone.
    const isGone = same < this.certain && this.model.window !== undefined;
    if (isGone) this.table.release();
    else this.table.truncate(same);
    this.table.slide();
    this.certain = same;
  }
}
