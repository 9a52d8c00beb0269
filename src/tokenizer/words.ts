/**
 * Ways of cutting a text into words. English writes spaces between words; Chinese does not, so what
 * a Chinese word is depends on whom you ask, and three answers stand here side by side:
 *
 * - `cutCharacters`: no words at all, one piece for each character (Unicode code point);
 * - `cutByIntl`: `Intl.Segmenter`, which comes with Node.js: ICU's dictionary of Chinese, Japanese
 *   and other languages without spaces;
 * - `loadJieba`: jieba, the usual segmenter for Chinese in practice: a dictionary of 349,000 words,
 *   the most probable path through them, and a hidden Markov model for words it does not know.
 *   The package @node-rs/jieba (11 MB, and 3 MB of compiled code for the machine at hand).
 *
 * All of them leave out white space.
 */

/**
 * Words, numbers and single punctuation marks. An apostrophe within a word belongs to it. A run of
 * Chinese characters is one "word": the rule knows spaces and nothing else.
 *
 * @example cutWords("Don't ask, said 猫。")  // ["Don't", "ask", ",", "said", "猫", "。"]
 */
export function cutWords(text: string): string[] {
  return text.match(/[\p{L}\p{N}\p{M}]+(?:['’][\p{L}\p{N}\p{M}]+)*|[^\s\p{L}\p{N}\p{M}]/gu) ?? [];
}

/** How often each word occurs, in the order in which they were first seen. */
export function countWords(words: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/**
 * The characters (code points) of a text, without white space.
 * @example cutCharacters("我爱 cats")  // ["我", "爱", "c", "a", "t", "s"]
 */
export function cutCharacters(text: string): string[] {
  return [...text].filter((character) => /\S/u.test(character));
}

/**
 * Words by the rules and dictionaries of Unicode's ICU, as this Node.js has them.
 * @param locale a language tag such as "zh" or "en"
 * @throws if this Node.js was built without `Intl.Segmenter`
 */
export function cutByIntl(text: string, locale = "zh"): string[] {
  if (typeof Intl.Segmenter !== "function")
    throw new Error("cutByIntl: expected a Node.js with Intl.Segmenter, got one without");
  const segmenter = new Intl.Segmenter(locale, { granularity: "word" });
  return Array.from(segmenter.segment(text), ({ segment }) => segment).filter((s) => /\S/u.test(s));
}

/**
 * Loads jieba and its dictionary (about a tenth of a second), and gives its cutting function.
 * @throws if the package is not installed for this machine; the message says how to get it
 */
export async function loadJieba(): Promise<(text: string) => string[]> {
  const loaded = await import("@node-rs/jieba").catch(() => undefined);
  const words = await import("@node-rs/jieba/dict.js").catch(() => undefined);
  if (loaded === undefined || words === undefined)
    throw new Error(
      "loadJieba: expected the package @node-rs/jieba, got none for this machine; " +
        "`npm install --no-save @node-rs/jieba@2.0.3` in the course's folder gets it",
    );
  const jieba = loaded.Jieba.withDict(words.dict);
  return (text) => jieba.cut(text, true).filter((word) => /\S/u.test(word));
}
