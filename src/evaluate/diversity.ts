// How varied texts are, whatever they say: the share of different n-grams (after Li et al., A
// Diversity-Promoting Objective Function for Neural Conversation Models, 2016, who divide by the
// number of tokens), how much of one text is a repetition of itself (Welleck et al., Neural Text
// Generation with Unlikelihood Training, 2020), and self-BLEU (Zhu et al., Texygen, 2018). All three
// depend on how much text there is, so only numbers from equally many texts of equal length can be
// compared. Left out: MAUVE, Zipf's law.
import { bleu } from "./bleu";

/** A text as a list of tokens: ids or words. */
export type TokenList = ArrayLike<number | string>;

/** How many n-grams a text has, and which. */
function ngramsOf(text: TokenList, n: number): string[] {
  const tokens = Array.from(text);
  return tokens.slice(n - 1).map((_, i) => tokens.slice(i, i + n).join("\u0000"));
}

/**
 * distinct-n = number of different n-grams in all texts / number of n-grams in all texts.
 * @returns from 0 to 1; 1 means that no n-gram occurs twice
 * @throws if no text has n tokens
 */
export function distinctNgrams(texts: readonly TokenList[], n: number): number {
  const all = texts.flatMap((text) => ngramsOf(text, n));
  if (all.length === 0)
    throw new Error(`distinctNgrams: expected a text of at least ${n} tokens, got none`);
  return new Set(all).size / all.length;
}

/**
 * How much of a text repeats itself: 1 − number of different n-grams / number of n-grams, within this
 * text alone.
 * @returns from 0 (nothing occurs twice) to nearly 1; 0 for a text of fewer than n tokens
 */
export function repeatedShare(text: TokenList, n = 4): number {
  const all = ngramsOf(text, n);
  return all.length === 0 ? 0 : 1 - new Set(all).size / all.length;
}

/**
 * Self-BLEU: the mean BLEU of each text with all others as its references.
 * @returns 0 to 100; the higher, the more alike the texts are
 * @throws for fewer than two texts
 */
export function selfBleu(texts: readonly string[]): number {
  if (texts.length < 2)
    throw new Error(`selfBleu: expected at least two texts, got ${texts.length}`);
  const scores = texts.map((text, i) => {
    const others = texts.filter((_, j) => j !== i);
    return bleu([text], [others], { effectiveOrder: true }).score;
  });
  return scores.reduce((a, b) => a + b, 0) / texts.length;
}
