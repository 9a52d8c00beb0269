// The questions on which the objectives are compared. Continuing: what follows 48 characters.
// Filling: which word of four or five letters stands in a gap between two halves of a sentence; the
// twenty most frequent words of that length are the candidates, so that a model that only knows
// frequencies has a score of its own.
import type { Random } from "../random";
import { type Hidden, logProbabilities, type ObjectiveModel } from "./score";
import { WINDOW } from "./task";

/** How many characters at the end of a window are to be continued with. */
export const CONTINUED = 16;

/** Windows of a text at random places, whose last 16 tokens are asked for. */
export function continuations(ids: Int32Array, count: number, rng: Random): Hidden[] {
  return Array.from({ length: count }, () => {
    const start = rng.integer(ids.length - WINDOW);
    const text = Array.from(ids.subarray(start, start + WINDOW));
    return { text, spans: [[WINDOW - CONTINUED, WINDOW]] };
  });
}

/** A window with one word hidden, and the words it may be. */
export interface Cloze extends Hidden {
  /** Words of one length, the most frequent first. */
  candidates: readonly string[];
  /** Which of them is right. */
  right: number;
}

/** The most frequent words of some lengths in a text of letters and spaces. */
export function frequentByLength(
  text: string,
  lengths: readonly number[],
  count: number,
): Map<number, string[]> {
  const counts = new Map<string, number>();
  for (const word of text.split(" ")) counts.set(word, (counts.get(word) ?? 0) + 1);
  const ordered = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return new Map(
    lengths.map((length) => [
      length,
      ordered
        .filter(([word]) => word.length === length)
        .slice(0, count)
        .map(([word]) => word),
    ]),
  );
}

/**
 * Windows in the middle of which one of the candidates stands, with letters on both sides.
 * @param text letters and spaces
 * @param encode the ids of a text, one for each character
 */
export function clozeQuestions(
  text: string,
  candidates: ReadonlyMap<number, readonly string[]>,
  encode: (text: string) => number[],
  { count, rng }: { count: number; rng: Random },
): Cloze[] {
  const questions: Cloze[] = [];
  while (questions.length < count) {
    const start = rng.integer(text.length - WINDOW);
    const window = text.slice(start, start + WINDOW);
    const first = window.indexOf(" ", 24) + 1;
    const end = window.indexOf(" ", first);
    if (first === 0 || end < 0) continue;
    const word = window.slice(first, end);
    const words = candidates.get(word.length) ?? [];
    const right = words.indexOf(word);
    if (right < 0) continue;
    questions.push({ text: encode(window), spans: [[first, end]], candidates: words, right });
  }
  return questions;
}

/** The window with another word in the gap. */
export function withWord(
  { text, spans: [[start, end]] }: Hidden,
  word: string,
  encode: (text: string) => number[],
): Hidden {
  return {
    text: [...text.slice(0, start), ...encode(word), ...text.slice(end)],
    spans: [[start, end]],
  };
}

/**
 * The candidate that a model finds most probable in each gap.
 * @param options `andAfter` as in `logProbabilities`: how a causal model sees the right side
 * @returns for each question the index of the candidate, and ln p of the right word
 */
export function answerCloze(
  model: ObjectiveModel,
  questions: readonly Cloze[],
  encode: (text: string) => number[],
  options: { andAfter?: boolean } = {},
): { answer: number; logOfRight: number }[] {
  const asked = questions.flatMap((q) => q.candidates.map((word) => withWord(q, word, encode)));
  const logs = logProbabilities(model, asked, options);
  let at = 0;
  return questions.map(({ candidates, right }) => {
    const own = logs.slice(at, at + candidates.length);
    at += candidates.length;
    return { answer: own.indexOf(Math.max(...own)), logOfRight: own[right] };
  });
}

/** The share of questions whose answer is right. */
export const shareRight = (
  questions: readonly Cloze[],
  answers: readonly { answer: number }[],
): number =>
  questions.filter(({ right }, i) => answers[i].answer === right).length / questions.length;
