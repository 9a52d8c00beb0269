// What identifies a person (personally identifiable information, PII) found in a text by rules and
// replaced by its kind: "Write to [EMAIL]." A pattern finds candidates, and where the number has
// check digits, they decide. Names come from a list. Follows the way of Microsoft's Presidio
// (patterns, checksums, lists); its tagging of names by a model is lesson 15 (fine-tuning). Left out:
// addresses of houses, dates of birth, numbers of cars, and all that identifies somebody only together
// with other facts ("the mayor of our village").
import { ibanValid, identityValid, luhnValid } from "./checkDigits";

export const piiKinds = ["EMAIL", "PHONE", "CARD", "ID", "IBAN", "NAME"] as const;
export type PiiKind = (typeof piiKinds)[number];

/** A piece of a text: [start, end) in UTF-16 units, as `slice` takes them. */
export interface PiiSpan {
  kind: PiiKind;
  start: number;
  end: number;
}

export interface PiiOptions {
  /** Names that are looked for, whole words in English; none if absent. */
  names?: readonly string[];
  /** Whether check digits decide; true. Without them every number of the right length is taken. */
  checked?: boolean;
}

interface Rule {
  kind: PiiKind;
  pattern: RegExp;
  valid(text: string): boolean;
}

const digitsOf = (text: string): string => text.replace(/[^0-9A-Za-z]/g, "").toUpperCase();
const NOT_INSIDE = "(?<![0-9A-Za-z])";
const ENDS = "(?![0-9A-Za-z])";

/** In the order in which they are tried: the longest numbers first. */
const rules: readonly Rule[] = [
  {
    kind: "EMAIL",
    pattern: /[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g,
    valid: () => true,
  },
  {
    kind: "IBAN",
    pattern: new RegExp(
      `${NOT_INSIDE}[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?${ENDS}`,
      "g",
    ),
    valid: (text) => ibanValid(digitsOf(text)),
  },
  {
    kind: "ID",
    pattern: new RegExp(`${NOT_INSIDE}\\d{17}[\\dXx]${ENDS}`, "g"),
    valid: identityValid,
  },
  {
    kind: "CARD",
    pattern: new RegExp(`${NOT_INSIDE}\\d(?:[ -]?\\d){12,18}${ENDS}`, "g"),
    valid: (text) => luhnValid(digitsOf(text)),
  },
  {
    // with a country's code, or a Chinese mobile number; a local number looks like any other
    kind: "PHONE",
    pattern:
      /(?<![0-9A-Za-z+])(?:\+\d{1,3}(?:[ -]?(?:\(\d{1,4}\)|\d{1,4})){2,4}|1[3-9]\d(?:[ -]?\d{4}){2})(?![0-9A-Za-z])/g,
    valid: (text) => digitsOf(text).length >= 9 && digitsOf(text).length <= 15,
  },
];

/**
 * Finds what identifies a person.
 * @returns spans in the order of the text; none overlaps another
 */
export function findPii(text: string, { names = [], checked = true }: PiiOptions = {}): PiiSpan[] {
  const found: PiiSpan[] = [];
  const take = (kind: PiiKind, start: number, end: number) => {
    if (found.every((other) => end <= other.start || start >= other.end))
      found.push({ kind, start, end });
  };
  for (const { kind, pattern, valid } of rules)
    for (const match of text.matchAll(pattern))
      if (!checked || valid(match[0])) take(kind, match.index, match.index + match[0].length);
  for (const name of [...names].sort((a, b) => b.length - a.length))
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
      if (isWhole(text, at, at + name.length)) take("NAME", at, at + name.length);
  return found.sort((a, b) => a.start - b.start);
}

/** Whether a name is no part of a longer word; Chinese has no spaces, so there it may stand anywhere. */
function isWhole(text: string, start: number, end: number): boolean {
  const isLetter = (sign: string | undefined) => sign !== undefined && /[A-Za-z]/.test(sign);
  return (
    !(isLetter(text[start]) && isLetter(text[start - 1])) &&
    !(isLetter(text[end - 1]) && isLetter(text[end]))
  );
}

/**
 * The text with every find replaced by its kind in brackets.
 * @example redactPii("Ask ada@example.org.") // "Ask [EMAIL]."
 */
export function redactPii(text: string, options: PiiOptions = {}): string {
  let result = "";
  let at = 0;
  for (const { kind, start, end } of findPii(text, options)) {
    result += `${text.slice(at, start)}[${kind}]`;
    at = end;
  }
  return result + text.slice(at);
}

/** What was found beside what there is: counts for one kind. */
export interface PiiScore {
  found: number;
  right: number;
  there: number;
  precision: number;
  recall: number;
}

/**
 * Precision and recall by kind. A find is right if kind, start and end are those of a span that is
 * there. Where nothing was found precision is 1, where nothing is there recall is 1.
 */
export function piiScores(
  texts: readonly { text: string; spans: readonly PiiSpan[] }[],
  options: PiiOptions = {},
): Record<PiiKind, PiiScore> {
  const key = ({ kind, start, end }: PiiSpan) => `${kind} ${start} ${end}`;
  const all = texts.map(({ text, spans }) => ({ spans, found: findPii(text, options) }));
  const score = (kind: PiiKind): PiiScore => {
    let [found, right, there] = [0, 0, 0];
    for (const one of all) {
      const wanted = new Set(one.spans.filter((span) => span.kind === kind).map(key));
      const own = one.found.filter((span) => span.kind === kind);
      found += own.length;
      there += wanted.size;
      right += own.filter((span) => wanted.has(key(span))).length;
    }
    const share = (whole: number) => (whole === 0 ? 1 : right / whole);
    return { found, right, there, precision: share(found), recall: share(there) };
  };
  return Object.fromEntries(piiKinds.map((kind) => [kind, score(kind)])) as Record<
    PiiKind,
    PiiScore
  >;
}
