// Characters as bytes. Tokens of a byte-level vocabulary may begin or end within a character, so the
// automaton reads bytes, and a range of code points becomes a few sequences of ranges of bytes: the
// way it is done in Ken Thompson's and Russ Cox's automata (Cox, "Regular Expression Matching in the
// Wild", 2010).
import { type CharRange, LAST_CODE_POINT, SURROGATES } from "./pattern";

/** Bytes from the first to the last, both included. */
export type ByteRange = readonly [first: number, last: number];

/** The largest code points of one, two, three and four bytes. */
const LARGEST = [0x7f, 0x7ff, 0xffff, LAST_CODE_POINT];

/**
 * Sequences of ranges of bytes that together are the UTF-8 of the code points.
 * @returns each sequence stands for all combinations of bytes out of its ranges
 */
export function utf8Sequences([first, last]: CharRange): ByteRange[][] {
  if (first > last) return [];
  const [low, high] = SURROGATES; // they have no UTF-8
  if (first <= high && last >= low)
    return [...utf8Sequences([first, low - 1]), ...utf8Sequences([high + 1, last])];
  const limit = LARGEST.find((largest) => first <= largest && largest < last);
  if (limit !== undefined)
    return [...utf8Sequences([first, limit]), ...utf8Sequences([limit + 1, last])];
  return equallyLong(encoded(first), encoded(last));
}

const encoded = (codePoint: number): number[] => [
  ...new TextEncoder().encode(String.fromCodePoint(codePoint)),
];

/** Byte strings from `low` to `high` whose bytes after the first are 80 … BF. */
function equallyLong(low: number[], high: number[]): ByteRange[][] {
  if (low.length === 1) return [[[low[0], high[0]]]];
  const [a, ...lowRest] = low;
  const [b, ...highRest] = high;
  const least = lowRest.map(() => 0x80);
  const most = lowRest.map(() => 0xbf);
  const behind = (first: ByteRange, rests: ByteRange[][]) => rests.map((rest) => [first, ...rest]);
  if (a === b) return behind([a, a], equallyLong(lowRest, highRest));
  const isWholeLow = lowRest.every((byte) => byte === 0x80);
  const isWholeHigh = highRest.every((byte) => byte === 0xbf);
  const [from, to] = [isWholeLow ? a : a + 1, isWholeHigh ? b : b - 1];
  return [
    ...(isWholeLow ? [] : behind([a, a], equallyLong(lowRest, most))),
    ...(from <= to ? behind([from, to], equallyLong(least, most)) : []),
    ...(isWholeHigh ? [] : behind([b, b], equallyLong(least, highRest))),
  ];
}
