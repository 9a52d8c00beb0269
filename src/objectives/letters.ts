// The text of lesson 09 (pretraining objectives): a book in 27 symbols, a to z and the space, as
// Shannon counted printed English. Small models learn sooner to write words with it, and whatever a
// reader types can be read.
import { CharTokenizer } from "../tokenizer";

const ALPHABET = " abcdefghijklmnopqrstuvwxyz";

/** The tokenizer of the 27 symbols: the space is 0, a is 1, and so on. */
export const letterTokenizer = (): CharTokenizer => CharTokenizer.train(ALPHABET);

/**
 * A text in 27 symbols: capitals become small letters, accents are dropped, and everything that is
 * no letter becomes a space, of which there is never more than one at a time.
 * @param options `keep`: characters that are kept as they are, such as "_" for a blank
 */
export function lettersOnly(text: string, { keep = "" }: { keep?: string } = {}): string {
  const plain = text
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase();
  const kept = (c: string) => (c >= "a" && c <= "z") || keep.includes(c);
  return [...plain]
    .map((c) => (kept(c) ? c : " "))
    .join("")
    .replace(/ +/g, " ")
    .trim();
}

/**
 * The ids of a text in which every _ is a blank of one letter.
 * @param mask the id that stands for a blank
 * @returns the ids of the text's letters and spaces, and `mask` for each _
 * @throws if the text has more than `most` letters
 */
export function idsWithBlanks(text: string, mask: number, most = 64): number[] {
  const letters = lettersOnly(text, { keep: "_" });
  if (letters === "" || letters.length > most)
    throw new Error(
      `idsWithBlanks: expected a text of 1 to ${most} letters and spaces, got ${letters.length}`,
    );
  return [...letters].map((c) => (c === "_" ? mask : ALPHABET.indexOf(c)));
}

/** The text of such ids, with _ for every id that is no letter. */
export const textWithBlanks = (ids: readonly number[]): string =>
  ids.map((id) => ALPHABET[id] ?? "_").join("");
