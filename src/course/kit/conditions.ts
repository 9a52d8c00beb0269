// When an answer is wrong, by a property of one of its arguments: "It is wrong exactly where
// `weightDecay` is 0." A property is told only if it holds in every wrong call and in no right one,
// or the other way round.

import { leavesOf, type Observation, type Observed } from "./observe";
import { isTensor, isTyped } from "./words";

/** What may be said of a value: completes "where `name` …". */
type Property = [text: string, holds: (value: unknown) => boolean];

/** Fewer calls than this say nothing. */
const LEAST = { wrong: 2, right: 3 };

/** All numbers of a value, or undefined where it holds others. */
function numbersOf(value: unknown): ArrayLike<number> | undefined {
  if (isTensor(value)) return value.dtype === "bool" ? undefined : value.dataSync();
  if (isTyped(value)) return value as ArrayLike<number>;
  if (!Array.isArray(value)) return undefined;
  const flat = value.flat(8) as unknown[];
  return flat.every((x) => typeof x === "number") ? (flat as number[]) : undefined;
}

const some = (test: (x: number) => boolean) => (value: unknown) =>
  Array.from(numbersOf(value) ?? []).some(test);
const all = (test: (x: number) => boolean) => (value: unknown) => {
  const numbers = Array.from(numbersOf(value) ?? []);
  return numbers.length > 0 && numbers.every(test);
};
const whole = (value: unknown) => all(Number.isInteger)(value);
const text = (pattern: RegExp) => (value: unknown) =>
  typeof value === "string" && pattern.test(value);
const lengthOf = (value: unknown) =>
  isTensor(value) ? value.size : Array.isArray(value) || isTyped(value) ? value.length : undefined;
const along = ["first", "second", "third", "fourth"];

const properties: Property[] = [
  ["is left out", (value) => value === undefined],
  ["is 0", (value) => value === 0],
  ["is 1", (value) => value === 1],
  ["is negative", (value) => typeof value === "number" && value < 0],
  ["is empty", (value) => lengthOf(value) === 0 || value === ""],
  ["is 0 everywhere", all((x) => x === 0)],
  ["contains a 0", (value) => whole(value) && some((x) => x === 0)(value)],
  ["holds a number above 255", (value) => whole(value) && some((x) => x > 255)(value)],
  ["holds a number above 65,535", (value) => whole(value) && some((x) => x > 65_535)(value)],
  ["holds numbers beyond ±50", some((x) => Math.abs(x) > 50)],
  ["holds negative numbers", (value) => whole(value) && some((x) => x < 0)(value)],
  ["has a row in which everything is false", hidesRow],
  ["has capital letters", text(/\p{Lu}/u)],
  ["has digits", text(/\d/)],
  ["has letters beyond a to z", text(/[\u0080-\u{10ffff}]/u)],
  ["has several lines", text(/\n/)],
  ...along.map(
    (word, axis): Property => [
      `has length 1 along its ${word} axis`,
      (value) => isTensor(value) && value.shape[axis] === 1,
    ],
  ),
  ...[1, 2, 3, 4].map(
    (rank): Property => [
      `has ${rank} ${rank === 1 ? "axis" : "axes"}`,
      (value) => isTensor(value) && value.rank === rank,
    ],
  ),
];

function hidesRow(value: unknown): boolean {
  if (!isTensor(value) || value.dtype !== "bool" || value.rank === 0) return false;
  const width = value.shape[value.rank - 1];
  const seen = value.dataSync();
  for (let at = 0; at < seen.length; at += width)
    if (!Array.from(seen.slice(at, at + width)).some(Boolean)) return true;
  return false;
}

/** The property that tells wrong calls from right ones, in a sentence; undefined if there is none. */
export function conditionOf({ wrong, right, source }: Observed): string | undefined {
  if (wrong.length < LEAST.wrong || right.length < LEAST.right) return undefined;
  const names = new Set<string>();
  for (const { args } of [...wrong, ...right])
    for (const { name } of leavesOf(args, source)) names.add(name);
  for (const [said, holds] of properties)
    for (const name of names) {
      const has = ({ args }: Observation) =>
        holds(leavesOf(args, source).find((leaf) => leaf.name === name)?.value);
      if (wrong.every(has) && !right.some(has))
        return `It is wrong exactly where \`${name}\` ${said}.`;
      if (right.every(has) && !wrong.some(has))
        return `It is right only where \`${name}\` ${said}.`;
    }
  return undefined;
}
