// Sets of texts, written as a tree: characters, one thing after another, one of several, something
// repeated. Regular expressions (./regex) and JSON schemas (./schema) become such trees, and a tree
// becomes an automaton (./automaton).

/** Code points from the first to the last, both included. */
export type CharRange = readonly [first: number, last: number];

export type Pattern =
  | { kind: "character"; ranges: readonly CharRange[] }
  | { kind: "sequence"; parts: readonly Pattern[] }
  | { kind: "either"; of: readonly Pattern[] }
  /** At least `min` and at most `max` times, which may be Infinity. */
  | { kind: "repeat"; of: Pattern; min: number; max: number };

export const LAST_CODE_POINT = 0x10ffff;
/** Halves of surrogate pairs, which are no characters of their own. */
export const SURROGATES: CharRange = [0xd800, 0xdfff];

/** One character out of some ranges. */
export const character = (...ranges: CharRange[]): Pattern => ({ kind: "character", ranges });
/** Any character, line ends included. */
export const anyCharacter: Pattern = character([0, LAST_CODE_POINT]);
export const sequence = (...parts: Pattern[]): Pattern => ({ kind: "sequence", parts });
export const either = (...of: Pattern[]): Pattern => ({ kind: "either", of });
export const repeat = (of: Pattern, min: number, max: number): Pattern => ({
  ...{ kind: "repeat", of, min, max },
});
export const optional = (of: Pattern): Pattern => repeat(of, 0, 1);

/** The one text. */
export const literal = (text: string): Pattern =>
  sequence(...Array.from(text, (c) => character([c.codePointAt(0) ?? 0, c.codePointAt(0) ?? 0])));

/** Ranges in order, without overlaps. */
export function joined(ranges: readonly CharRange[]): CharRange[] {
  const result: [number, number][] = [];
  for (const [first, last] of [...ranges].sort(([a], [b]) => a - b)) {
    const before = result.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else result.push([first, last]);
  }
  return result;
}

/** All code points that are in none of the ranges. */
export function complement(ranges: readonly CharRange[]): CharRange[] {
  const result: CharRange[] = [];
  let next = 0;
  for (const [first, last] of joined(ranges)) {
    if (first > next) result.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= LAST_CODE_POINT) result.push([next, LAST_CODE_POINT]);
  return result;
}

/** Code points that are in `ranges` and not in `others`. */
export const without = (ranges: readonly CharRange[], others: readonly CharRange[]): CharRange[] =>
  complement([...complement(ranges), ...others]);
