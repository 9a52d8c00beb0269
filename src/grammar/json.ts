// JSON's parts as patterns: strings, numbers, dates. Every string has one spelling here, the one that
// `JSON.stringify` gives it, and no number is so large that reading it gives Infinity.
import {
  type CharRange,
  character,
  either,
  literal,
  optional,
  type Pattern,
  repeat,
  SURROGATES,
  sequence,
  without,
} from "./pattern";
import { regexPattern } from "./regex";

/** A JSON schema as `JSON.parse` gives it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Whether a value is an object with names, as a schema is. */
export const isRecord = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The type of a value as schemas name it; every number is a "number". */
export const typeName = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value;

/** What a string in JSON cannot hold as it is: controls, the quotation mark and the backslash. */
const ESCAPED: CharRange[] = [
  [0, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
];

/** A pattern of texts as the pattern of the same texts within quotation marks in JSON. */
export const jsonString = (of: Pattern): Pattern =>
  sequence(literal('"'), escaped(of), literal('"'));

function escaped(pattern: Pattern): Pattern {
  switch (pattern.kind) {
    case "character": {
      const as = (c: number) => literal(JSON.stringify(String.fromCodePoint(c)).slice(1, -1));
      const special = ESCAPED.flatMap(([first, last]) =>
        Array.from({ length: last - first + 1 }, (_, i) => first + i),
      ).filter((c) => pattern.ranges.some(([first, last]) => first <= c && c <= last));
      const plain = character(...without(pattern.ranges, [...ESCAPED, SURROGATES]));
      return special.length === 0 ? plain : either(plain, ...special.map(as));
    }
    case "sequence":
      return { ...pattern, parts: pattern.parts.map(escaped) };
    case "either":
      return { ...pattern, of: pattern.of.map(escaped) };
    case "repeat":
      return { ...pattern, of: escaped(pattern.of) };
  }
}

/** At most 15 digits before and after the point, and exponents of at most two. */
export const jsonNumber: Pattern = regexPattern(
  "-?(0|[1-9]\\d{0,14})(\\.\\d{1,15})?([eE][+-]?\\d{1,2})?",
);

/** The largest whole number that a pattern can write: fifteen nines. */
export const LARGEST_INTEGER = 999_999_999_999_999;

/**
 * The whole numbers from `min` to `max` in decimal digits, without leading zeros and without "-0".
 * @throws if there is none, or they have more than 15 digits
 */
export function integers(min: number, max: number): Pattern {
  const isPossible = min <= max && Math.max(Math.abs(min), Math.abs(max)) <= LARGEST_INTEGER;
  if (!isPossible)
    throw new Error(
      "integers: expected a smaller number, then a larger one, of at most 15 digits, " +
        `got ${min} and ${max}`,
    );
  const [low, high] = [Math.ceil(min), Math.floor(max)];
  if (low > high)
    throw new Error(`integers: expected a whole number from ${min} to ${max}, found none`);
  const below = low < 0 ? [sequence(literal("-"), naturals(Math.max(1, -high), -low))] : [];
  const above = high >= 0 ? [naturals(Math.max(0, low), high)] : [];
  return either(...below, ...above);
}

/** From 0 ≤ low to high, first those with as many digits as `low`. */
function naturals(low: number, high: number): Pattern {
  const digits = String(low).length;
  const nines = 10 ** digits - 1;
  if (high <= nines) return sameLength(String(low), String(high));
  return either(sameLength(String(low), String(nines)), naturals(nines + 1, high));
}

const digit = (from: string, to: string): Pattern =>
  character([from.charCodeAt(0), to.charCodeAt(0)]);

/** Digits from `low` to `high`, which are equally long. */
function sameLength(low: string, high: string): Pattern {
  if (/^0*$/.test(low) && /^9*$/.test(high)) return repeat(digit("0", "9"), low.length, low.length);
  const n = low.length - 1;
  const [a, b] = [Number(low[0]), Number(high[0])];
  const behind = (d: number, from: string, to: string) =>
    sequence(digit(`${d}`, `${d}`), sameLength(from, to));
  if (a === b) return behind(a, low.slice(1), high.slice(1));
  const parts = [behind(a, low.slice(1), "9".repeat(n)), behind(b, "0".repeat(n), high.slice(1))];
  if (a + 1 < b) parts.push(sequence(digit(`${a + 1}`, `${b - 1}`), repeat(digit("0", "9"), n, n)));
  return either(...parts);
}

const DATE =
  "\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|" +
  "02-(0[1-9]|1\\d|2[0-8]))";
const TIME = "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\dZ";
const BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

/** Strings of the formats of JSON schemas; of each a part, all of whose texts are valid. */
export const formats: Readonly<Record<string, Pattern>> = {
  /** Without the 29th of February. */
  date: regexPattern(DATE),
  /** To the second, in UTC. */
  time: regexPattern(TIME),
  "date-time": regexPattern(`${DATE}T${TIME}`),
  uuid: regexPattern("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
  email: regexPattern("[a-z0-9]{1,20}(\\.[a-z0-9]{1,20}){0,2}@[a-z0-9]{1,20}(\\.[a-z]{2,8}){1,2}"),
  ipv4: regexPattern(`${BYTE}(\\.${BYTE}){3}`),
};

/** Members in order with commas between them; those that are not required may be left out. */
export function members(
  all: readonly { pattern: Pattern; required: boolean }[],
  comma: Pattern,
): Pattern {
  // What is left if nothing has been written yet, and if something has.
  let [first, later]: [Pattern, Pattern] = [sequence(), sequence()];
  for (const { pattern, required } of [...all].reverse()) {
    const begun = sequence(pattern, later);
    first = required ? begun : either(begun, first);
    const next = sequence(comma, pattern);
    later = sequence(required ? next : optional(next), later);
  }
  return first;
}

/** A list of at least `min` and at most `max` items with commas between them. */
export function list(item: Pattern, min: number, max: number, comma: Pattern): Pattern {
  if (max === 0) return sequence();
  const more = repeat(sequence(comma, item), Math.max(0, min - 1), max - 1);
  const some = sequence(item, more);
  return min === 0 ? optional(some) : some;
}
