// When an answer is wrong, by a property of one of its arguments: "It is wrong exactly where
// `weightDecay` is 0." A property is told only if it holds in every wrong call and in no right one,
// or the other way round.

import { leavesOf, type Observation, type Observed } from "./observe";
import { isTensor, isTyped } from "./words";

/** What the properties ask of a value, found out once. */
interface Summary {
  value: unknown;
  length?: number;
  /** Of its numbers, where it holds nothing else. */
  numbers?: { least: number; largest: number; zero: boolean; whole: boolean };
}

/** What may be said of a value: completes "where `name` …". */
type Property = [text: string, holds: (summary: Summary) => boolean];

/** Fewer calls than this say nothing. */
const LEAST = { wrong: 2, right: 3 };

function summaryOf(value: unknown): Summary {
  const isList = Array.isArray(value) || isTyped(value);
  const length = isTensor(value) ? value.size : isList ? value.length : undefined;
  const list = numbersOf(value);
  if (!list?.length) return { value, length };
  let [least, largest, zero, whole] = [list[0], list[0], false, true];
  for (let i = 0; i < list.length; i++) {
    least = Math.min(least, list[i]);
    largest = Math.max(largest, list[i]);
    zero ||= list[i] === 0;
    whole &&= Number.isInteger(list[i]);
  }
  return { value, length, numbers: { least, largest, zero, whole } };
}

/** All numbers of a value, or undefined where it holds others. */
function numbersOf(value: unknown): ArrayLike<number> | undefined {
  if (isTensor(value)) return value.dtype === "bool" ? undefined : value.dataSync();
  if (isTyped(value)) return value as ArrayLike<number>;
  if (!Array.isArray(value)) return undefined;
  const flat = value.flat(8) as unknown[];
  return flat.every((x) => typeof x === "number") ? (flat as number[]) : undefined;
}

const text =
  (pattern: RegExp) =>
  ({ value }: Summary) =>
    typeof value === "string" && pattern.test(value);
const along = ["first", "second", "third", "fourth"];

const LEFT_OUT = "is left out";
const properties: Property[] = [
  [LEFT_OUT, ({ value }) => value === undefined],
  ["is 0", ({ value }) => value === 0],
  ["is 1", ({ value }) => value === 1],
  ["is negative", ({ value }) => typeof value === "number" && value < 0],
  ["is empty", ({ value, length }) => length === 0 || value === ""],
  ["is 0 everywhere", ({ numbers: n }) => n?.least === 0 && n.largest === 0],
  ["contains a 0", ({ numbers: n }) => n?.zero === true],
  ["holds a number above 255", ({ numbers: n }) => !!n?.whole && n.largest > 255],
  ["holds a number above 65,535", ({ numbers: n }) => !!n?.whole && n.largest > 65_535],
  [
    "holds numbers beyond ±50",
    ({ numbers: n }) => n !== undefined && Math.max(n.largest, -n.least) > 50,
  ],
  ["holds negative numbers", ({ numbers: n }) => n !== undefined && n.least < 0],
  ["has a row in which everything is false", ({ value }) => hidesRow(value)],
  ["has capital letters", text(/\p{Lu}/u)],
  ["has digits", text(/\d/)],
  ["has letters beyond a to z", text(/[\u0080-\u{10ffff}]/u)],
  ["has several lines", text(/\n/)],
  ...along.map(
    (word, axis): Property => [
      `has length 1 along its ${word} axis`,
      ({ value }) => isTensor(value) && value.shape[axis] === 1,
    ],
  ),
  ...[1, 2, 3, 4].map(
    (rank): Property => [
      `has ${rank} ${rank === 1 ? "axis" : "axes"}`,
      ({ value }) => isTensor(value) && value.rank === rank,
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

/** Of "xs[3].ids": the list and the number of its entry. */
const entryOf = (name: string) => /^(.*?)\[(\d+)\]/.exec(name);

/**
 * "`by` is 0". What an entry lacks because its list is shorter is said of the list, and a list whose
 * elements have names of their own is there. Undefined for a key of a record of data, such as
 * `shapes.model.layers.0.q`, of which nothing can be said.
 */
function stated(
  name: string,
  said: string,
  calls: readonly Map<string, Summary>[],
  names: ReadonlySet<string>,
): string | undefined {
  if (said !== LEFT_OUT) return `\`${name}\` ${said}`;
  const entry = entryOf(name);
  const isShort = (each: Map<string, Summary>) =>
    ![...each.keys()].some((key) => entry && key.startsWith(entry[0]));
  if (entry && calls.every(isShort)) {
    const [, list, n] = entry;
    const few = n === "0" ? "is empty" : `has fewer than ${Number(n) + 1} elements`;
    return `\`${list}\` ${few}`;
  }
  const isContainer = [...names].some((n) => n.startsWith(`${name}[`) || n.startsWith(`${name}.`));
  return isContainer || name.split(".").length > 2 ? undefined : `\`${name}\` ${LEFT_OUT}`;
}

/** The property that tells wrong calls from right ones, in a sentence; undefined if there is none. */
export function conditionOf({ wrong, right, source }: Observed): string | undefined {
  if (wrong.length < LEAST.wrong || right.length < LEAST.right) return undefined;
  const summaries = (observations: readonly Observation[]) =>
    observations.map(
      ({ args }) =>
        new Map(leavesOf(args, source).map(({ name, value }) => [name, summaryOf(value)])),
    );
  const [bad, good] = [summaries(wrong), summaries(right)];
  const names = new Set([...bad, ...good].flatMap((each) => [...each.keys()]));
  for (const [said, holds] of properties)
    for (const name of names) {
      // What an entry of a list holds says little, unless it is the first.
      if (Number(entryOf(name)?.[2] ?? 0) > 0 && said !== LEFT_OUT) continue;
      const has = (each: Map<string, Summary>) => holds(each.get(name) ?? { value: undefined });
      const wrongOnly = bad.every(has) && !good.some(has);
      const rightOnly = good.every(has) && !bad.some(has);
      if (!wrongOnly && !rightOnly) continue;
      const words = stated(name, said, wrongOnly ? bad : good, names);
      if (!words) continue;
      return `It is ${wrongOnly ? "wrong exactly" : "right only"} where ${words}.`;
    }
  return undefined;
}
