// Words to be searched by. In English they stand between spaces; in Chinese nothing stands between
// words, and cutting a text into words needs a dictionary that may be wrong. Pairs of neighbouring
// characters need none and work about as well for search (Nie et al., 2000, compare the two). Left
// out: stems, synonyms, spelling (lesson 10 (data) measures what stems cost).

const words = /[\p{L}\p{N}_]+/gu;
const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+/gu;

/**
 * The terms of a text, in order and with repetitions: words in small letters, their accents taken off;
 * of Chinese and Japanese every pair of neighbouring characters, or a character that stands alone.
 * @example searchTerms("The café, 自然语言") // ["the", "cafe", "自然", "然语", "语言"]
 */
export function searchTerms(text: string): string[] {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").normalize("NFKC").toLowerCase();
  const terms: string[] = [];
  for (const [word] of plain.matchAll(words)) {
    let at = 0;
    for (const found of word.matchAll(cjk)) {
      if (found.index > at) terms.push(word.slice(at, found.index));
      terms.push(...pairs([...found[0]]));
      at = found.index + found[0].length;
    }
    if (at < word.length) terms.push(word.slice(at));
  }
  return terms;
}

const pairs = (characters: string[]): string[] =>
  characters.length === 1
    ? characters
    : characters.slice(1).map((character, i) => characters[i] + character);
