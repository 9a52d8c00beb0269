// Reading answers: what a model wrote, compared with the right answer. How strictly decides what is
// measured: a strict rule counts form and knowledge together, a lenient one forgives the form. Left
// out: a model as the judge (lesson 13, evaluation).

/**
 * An answer in the form in which answers are compared: the first line that is not empty, in lower
 * case, without quotation marks and signs at either end, and with single spaces.
 * @example canonicalAnswer(' **"Paris".**\nIt lies on the Seine.') // "paris"
 */
export function canonicalAnswer(text: string): string {
  const line = text.split("\n").find((part) => part.trim() !== "") ?? "";
  return line
    .normalize("NFKC")
    .toLowerCase()
    .replace(/^[^\p{L}\p{N}-]+|[^\p{L}\p{N}%]+$/gu, "")
    .replace(/\s+/g, " ");
}

/** Whether an answer is the right one and nothing else. */
export const isExactly = (text: string, right: string): boolean =>
  canonicalAnswer(text) === canonicalAnswer(right);

/** Whether words stand in a text, not as a part of other words. */
export const hasWords = (text: string, words: string): boolean => placeOf(text, words) !== -1;

/** Where words stand in a text, not as a part of other words; -1: nowhere. */
function placeOf(text: string, words: string): number {
  const [whole, part] = [text, words].map((one) => one.normalize("NFKC").toLowerCase());
  const isWord = (character = " ") => /[\p{L}\p{N}]/u.test(character);
  for (let at = whole.indexOf(part); at !== -1; at = whole.indexOf(part, at + 1))
    if (!isWord(whole[at - 1]) && !isWord(whole[at + part.length])) return at;
  return -1;
}

/** Which choice stands first in a text; undefined where none of them does. */
export function firstNamed(text: string, choices: readonly string[]): string | undefined {
  const places = choices
    .map((choice) => ({ choice, at: placeOf(text, choice) }))
    .filter(({ at }) => at !== -1)
    .sort((a, b) => a.at - b.at);
  return places[0]?.choice;
}

/**
 * The lenient rule: whether an answer names the right one, whatever else it says. Of choices, the
 * first that is named counts: an answer that lists them all has chosen nothing else. Where the right
 * answer is a number, the last number counts, as in a chain of thought.
 */
export function isNamed(text: string, right: string, choices: readonly string[] = []): boolean {
  if (choices.length > 0) return firstNamed(text, choices) === right;
  if (/^-?\d+$/.test(right)) return finalNumber(text) === Number(right);
  return hasWords(text, right);
}

/**
 * The number that a chain of thought ends with: the first one after the last "answer is", or the last
 * of the whole text where those words, or a number after them, are missing.
 * @returns null where there is none
 * @example finalNumber("3 + 4 = 7. The answer is 7, as 3 and 4 make 7.") // 7
 */
export function finalNumber(text: string): number | null {
  const number = /-?\d[\d,]*(\.\d+)?/g;
  const at = text.toLowerCase().lastIndexOf("answer is");
  const said = at === -1 ? undefined : text.slice(at).match(number)?.[0];
  const found = said ?? text.match(number)?.at(-1);
  return found === undefined ? null : Number(found.replaceAll(",", ""));
}
