// Special tokens: <|endoftext|> and its like. They stand for themselves in a text and are never
// made by merges. Where several begin at the same place the longest wins: with <|im|> and
// <|im|>_end, the text "<|im|>_end" is the second. Some swallow the white space beside them, as
// RoBERTa's <mask> does.

import type { Tokenizer } from "./interface";

/** What Hugging Face's files say of an added token, where it is not the usual. */
export interface TokenFlags {
  /** Whether white space before it belongs to it. */
  lstrip?: boolean;
  rstrip?: boolean;
  /** False for a word that was added to a vocabulary; true for what only a model's format has. */
  special?: boolean;
  /** Whether it is looked for in normalised text; this course always looks in the text as it is. */
  normalized?: boolean;
}

/** Where special tokens are in texts. */
export class SpecialTokens {
  private readonly pattern: RegExp | undefined;
  /** Length of the longest, in UTF-16 units. */
  readonly longest: number;

  /**
   * @param ids the tokens, with their ids
   * @param flags of those that swallow white space
   * @throws for an empty token
   */
  constructor(
    ids: ReadonlyMap<string, number>,
    private readonly flags: Readonly<Record<string, TokenFlags>> = {},
  ) {
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
  cut(text: string, plain: (part: string) => void, special: (token: string) => void): void {
    if (this.pattern === undefined) {
      plain(text);
      return;
    }
    let at = 0;
    this.pattern.lastIndex = 0;
    for (let found = this.pattern.exec(text); found !== null; found = this.pattern.exec(text)) {
      const [token] = found;
      const { lstrip = false, rstrip = false } = this.flags[token] ?? {};
      let start = found.index;
      let end = start + token.length;
      if (lstrip) while (start > at && isSpace(text[start - 1])) start--;
      if (rstrip) while (end < text.length && isSpace(text[end])) end++;
      if (start > at) plain(text.slice(at, start));
      special(token);
      at = end;
      this.pattern.lastIndex = end;
    }
    if (at < text.length) plain(at === 0 ? text : text.slice(at));
  }
}

const isSpace = (character: string): boolean => /\p{White_Space}/u.test(character);

/**
 * The id of a special token such as `<|pad|>`.
 * @returns undefined where the vocabulary has not got it as one token
 */
export function specialTokenId(
  tokenizer: Pick<Tokenizer, "encode">,
  token: string,
): number | undefined {
  try {
    const ids = tokenizer.encode(token);
    return ids.length === 1 ? ids[0] : undefined;
  } catch {
    return undefined; // an alphabet that cannot even spell it
  }
}
