// Special tokens: <|endoftext|> and its like. They stand for themselves in a text and are never made
// by merges. Where several begin at the same place the longest wins: with <|im|> and <|im|>_end, the
// text "<|im|>_end" is the second.

/** Where special tokens are in texts. */
export class SpecialTokens {
  private readonly pattern: RegExp | undefined;
  /** Length of the longest, in UTF-16 units. */
  readonly longest: number;

  /**
   * @param ids the tokens and their ids
   * @throws for an empty token
   */
  constructor(readonly ids: ReadonlyMap<string, number>) {
    const tokens = [...ids.keys()].sort((a, b) => b.length - a.length);
    if (tokens.includes(""))
      throw new Error("SpecialTokens: expected tokens of at least one character, got an empty one");
    this.longest = tokens[0]?.length ?? 0;
    const escaped = tokens.map((token) => token.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
    this.pattern = tokens.length > 0 ? new RegExp(escaped.join("|"), "g") : undefined;
  }

  /**
   * Calls `plain` for each stretch without special tokens and `special` for each token, in order.
   */
  cut(text: string, plain: (part: string) => void, special: (id: number) => void): void {
    if (this.pattern === undefined) {
      plain(text);
      return;
    }
    let at = 0;
    this.pattern.lastIndex = 0;
    for (let found = this.pattern.exec(text); found !== null; found = this.pattern.exec(text)) {
      if (found.index > at) plain(text.slice(at, found.index));
      special(this.ids.get(found[0]) as number);
      at = found.index + found[0].length;
    }
    if (at < text.length) plain(at === 0 ? text : text.slice(at));
  }
}
