// What a tokenizer makes of a text, in numbers: how long its tokens are, and how many of them are
// words. Cuts are given in bytes, because a token may end within a character.

/** A text cut into tokens. */
export interface TokenFigures {
  tokens: number;
  /** Characters (code points) for each token. */
  charactersPerToken: number;
  /** Bytes of UTF-8 for each token. */
  bytesPerToken: number;
  /** Share of the tokens that are a whole word, with or without the space before it. */
  tokensThatAreWords: number;
  /** Share of the words that are one token. */
  wordsInOneToken: number;
  /** Tokens for each word, counting those that begin in it. */
  tokensPerWord: number;
}

/** Letters, and apostrophes between letters; digits and signs are no words. */
const WORD = /\p{L}[\p{L}\p{M}]*(?:['’]\p{L}[\p{L}\p{M}]*)*/gu;

/**
 * Counts tokens and words.
 * @param lengths how many bytes each token has, in order; they add up to the text
 * @throws if they do not
 */
export function tokenFigures(text: string, lengths: ArrayLike<number>): TokenFigures {
  const bytes = new TextEncoder().encode(text);
  const total = Array.from(lengths).reduce((a, b) => a + b, 0);
  if (total !== bytes.length)
    throw new Error(
      `tokenFigures: expected tokens of ${bytes.length} bytes together, got ${total}`,
    );
  const ends = new Map<number, number>(); // where each word begins → where it ends, in bytes
  const inWord = new Uint8Array(bytes.length);
  let at = 0;
  let character = 0;
  for (const match of text.matchAll(WORD)) {
    at += Buffer.byteLength(text.slice(character, match.index));
    const end = at + Buffer.byteLength(match[0]);
    ends.set(at, end);
    inWord.fill(1, at, end);
    [at, character] = [end, (match.index as number) + match[0].length];
  }
  let [whole, touching, start] = [0, 0, 0];
  for (let i = 0; i < lengths.length; i++) {
    const end = start + lengths[i];
    let first = start;
    while (first < end - 1 && isSpace(bytes[first])) first++;
    if (ends.get(first) === end) whole++;
    if (inWord[first]) touching++;
    start = end;
  }
  const characters = [...text].length;
  return {
    tokens: lengths.length,
    charactersPerToken: characters / lengths.length,
    bytesPerToken: bytes.length / lengths.length,
    tokensThatAreWords: whole / lengths.length,
    wordsInOneToken: whole / Math.max(1, ends.size),
    tokensPerWord: touching / Math.max(1, ends.size),
  };
}

const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
