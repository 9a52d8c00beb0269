// What the kit does with arguments and results of any form (tensors, numbers, texts, and arrays,
// records and maps of them): walk through them, remember them, find what was changed or handed
// back, and compare two of them.

import type { tf as TF } from "llm/engine";
import { flatten, pictures, sameShape, within } from "./assert";
import {
  describe,
  type Flat,
  isRecord,
  isTensor,
  isTyped,
  type Numbers,
  numberText,
  placeText,
  shapeText,
  valueText,
} from "./words";

/** Steps from an argument to a value inside it: ["w", "bias_ih_l0"], ["xs", 3]. */
export type Path = readonly (string | number)[];

/** "w.bias_ih_l0", "xs[3]"; the empty name of a destructured parameter is left out. */
export const pathText = (path: Path): string =>
  path
    .filter((step) => step !== "")
    .map((step, i) => (typeof step === "number" ? `[${step}]` : i === 0 ? step : `.${step}`))
    .join("")
    .replace(/^\./, "");

/** Calls `visit` with every value inside, containers before what they hold. */
export function walk(
  value: unknown,
  visit: (value: unknown, path: Path) => void,
  path: Path = [],
): void {
  visit(value, path);
  if (Array.isArray(value))
    for (const [i, item] of value.entries()) walk(item, visit, [...path, i]);
  else if (value instanceof Map)
    for (const [key, item] of value) walk(item, visit, [...path, String(key)]);
  else if (isRecord(value))
    for (const [key, item] of Object.entries(value)) walk(item, visit, [...path, key]);
}

/** The values of an argument list by the parameters' names. */
export function walkArguments(
  args: readonly unknown[],
  parameters: readonly string[],
  visit: (value: unknown, path: Path) => void,
): void {
  for (const [i, arg] of args.entries()) walk(arg, visit, [parameters[i] ?? `argument ${i + 1}`]);
}

/** The tensors inside a value. */
export function tensorsIn(value: unknown): Set<TF.Tensor> {
  const found = new Set<TF.Tensor>();
  walk(value, (x) => {
    if (isTensor(x)) found.add(x);
  });
  return found;
}

interface Remembered {
  path: Path;
  value: object;
  /** The items' identities, or the numbers, as they were. */
  items: ArrayLike<unknown>;
  kind: "tensor" | "array" | "typed array" | "map" | "record";
}

const entriesOf = (map: Map<unknown, unknown>) => [...map].flat();

/** What arguments hold at this moment. */
export function remember(args: readonly unknown[], parameters: readonly string[]): Remembered[] {
  const found: Remembered[] = [];
  walkArguments(args, parameters, (value, path) => {
    if (isTensor(value)) {
      if (!value.isDisposed)
        found.push({ path, value, items: value.dataSync().slice(), kind: "tensor" });
    } else if (isTyped(value))
      found.push({ path, value, items: value.slice(), kind: "typed array" });
    else if (Array.isArray(value)) found.push({ path, value, items: [...value], kind: "array" });
    else if (value instanceof Map)
      found.push({ path, value, items: entriesOf(value), kind: "map" });
    else if (isRecord(value))
      found.push({ path, value, items: Object.entries(value).flat(), kind: "record" });
  });
  return found;
}

const sameItems = (a: ArrayLike<unknown>, b: ArrayLike<unknown>) => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
};

/** The first argument that is no longer what it was, in a sentence. */
export function changeOf(before: Remembered[], name: string): string | undefined {
  // The innermost first: that a row was sorted says more than that its table changed.
  for (const { path, value, items, kind } of [...before].reverse()) {
    const what = pathText(path) ? `\`${pathText(path)}\`` : "the options";
    if (isTensor(value)) {
      if (value.isDisposed)
        return (
          `${name} disposed ${what}, a tensor that it was given: ` +
          "free only what the function made itself."
        );
      if (sameItems(items, value.dataSync())) continue;
      return (
        `${name} changed the numbers of ${what}, which it was given: assign() writes into the ` +
        "caller's variable. Return a new tensor."
      );
    }
    const now =
      kind === "map"
        ? entriesOf(value as Map<unknown, unknown>)
        : kind === "record"
          ? Object.entries(value).flat()
          : (value as ArrayLike<unknown> as unknown[]);
    if (sameItems(items, now)) continue;
    const how =
      kind !== "array"
        ? "Read it only, or work on a copy."
        : now.length !== items.length
          ? "push, pop, shift and splice change the array they are called on: read it only, or work on " +
            "a copy, [...array]."
          : sameItems([...Array.from(items)].sort(), [...now].sort())
            ? "sort() and reverse() work in place: read it only, or sort a copy, [...array]."
            : "An assignment to one of its places changes the caller's array: work on a copy.";
    return `${name} changed ${what}, which it was given and which the caller still needs. ${how}`;
  }
  return undefined;
}

/**
 * A part of the result that is one of the arguments, in a sentence. A view of one (subarray) is
 * new.
 */
export function handedBack(
  result: unknown,
  args: readonly unknown[],
  parameters: readonly string[],
  name: string,
): string | undefined {
  const given = new Map<object, Path>();
  walkArguments(args, parameters, (value, path) => {
    if (typeof value === "object" && value !== null) given.set(value, path);
  });
  let said: string | undefined;
  walk(result, (value, path) => {
    if (said || typeof value !== "object" || value === null) return;
    const same = given.get(value);
    const where = path.length ? `${pathText(path)} of its result` : "its result";
    if (same)
      said =
        `${name} returned \`${pathText(same)}\` itself as ${where}. The result must be new` +
        (isTensor(value)
          ? ": whoever frees the one would free the other. Where nothing has to be done, tf.clone(…)."
          : ": a change of the one would change the other.");
  });
  return said;
}

/** Two parts of a result that share memory, in a sentence. */
export function sharedMemory(
  result: unknown,
  args: readonly unknown[],
  name: string,
): string | undefined {
  const seen = new Map<object, Path>();
  const given = new Set<object>(); // views of an argument look into one array, as they may
  walk(args, (value) => {
    if (isTyped(value)) given.add(value.buffer);
  });
  let said: string | undefined;
  walk(result, (value, path) => {
    const memory = isTyped(value) ? value.buffer : Array.isArray(value) ? value : undefined;
    if (said || memory === undefined || given.has(memory)) return;
    const other = seen.get(memory);
    if (other)
      said =
        `${pathText(other)} and ${pathText(path)} of what ${name} returned share their memory: ` +
        "a change of the one would change the other. Make a new array for each.";
    seen.set(memory, path);
  });
  return said;
}

/** How exactly numbers are compared. */
export interface Tolerance {
  atol?: number;
  rtol?: number;
}

/** A copy of what a result holds now. */
export type Copy =
  | { kind: "numbers"; flat: Flat }
  | { kind: "plain"; value: unknown }
  | { kind: "parts"; parts: Map<string | number, Copy>; array: boolean };

const isNumbers = (value: unknown): value is Numbers => {
  if (isTensor(value) || isTyped(value) || typeof value === "number") return true;
  if (!Array.isArray(value)) return false;
  // [] holds no numbers, and nothing else either.
  const regular = (x: unknown): boolean =>
    typeof x === "number" || isTyped(x) || (Array.isArray(x) && x.every(regular));
  return value.every(regular) && isEven(value);
};

/** The same values in new containers; tensors and functions are the same. */
export function fresh<T>(value: T): T;
export function fresh(value: unknown): unknown {
  if (isTyped(value)) return value.slice();
  if (Array.isArray(value)) return value.map((item) => fresh(item));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, fresh(item)]));
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fresh(item)]));
  return value;
}

/** Whether nested arrays have rows of equal length. */
function isEven(value: unknown): boolean {
  try {
    flatten(value as Numbers);
    return true;
  } catch {
    return false;
  }
}

export function copyOf(value: unknown): Copy {
  if (isNumbers(value)) {
    const { shape, data } = flatten(value);
    return { kind: "numbers", flat: { shape, data: new Float64Array(data) } };
  }
  if (Array.isArray(value))
    return { kind: "parts", array: true, parts: new Map(value.map((x, i) => [i, copyOf(x)])) };
  if (value instanceof Map)
    return {
      kind: "parts",
      array: false,
      parts: new Map([...value].map(([k, x]) => [String(k), copyOf(x)])),
    };
  if (isRecord(value))
    return {
      kind: "parts",
      array: false,
      parts: new Map(Object.entries(value).map(([k, x]) => [k, copyOf(x)])),
    };
  return { kind: "plain", value };
}

/** The first place where a result is not what it should be. */
export interface Difference {
  path: Path;
  /** "`weights` is 0.41 at [0, 2], expected 0.2." */
  sentence: string;
  /** Both arrays side by side, or nothing. */
  picture: string;
  actual?: Flat;
  expected?: Flat;
  /** Place of the first difference in the flat data; unset where the shapes differ. */
  at?: number;
}

/** Absolute and relative tolerance for numbers of the size that `expected` has. */
export function tolerances(
  expected: Flat,
  { atol, rtol = 1e-4 }: Tolerance = {},
): [number, number] {
  let largest = 0;
  for (let i = 0; i < expected.data.length; i++)
    if (Number.isFinite(expected.data[i])) largest = Math.max(largest, Math.abs(expected.data[i]));
  return [atol ?? 1e-5 * Math.max(0.1, largest), rtol];
}

/** The first difference between what came and what was expected. */
export function differenceOf(
  actual: Copy,
  expected: Copy,
  tolerance: Tolerance = {},
  path: Path = [],
): Difference | undefined {
  const what = path.length ? `\`${pathText(path)}\`` : "the result";
  const other = (sentence: string): Difference => ({ path, sentence, picture: "" });
  if (expected.kind === "numbers") {
    if (actual.kind !== "numbers")
      return other(`${what} should be numbers, but is ${nameOf(actual)}.`);
    const [a, e] = [actual.flat, expected.flat];
    if (!sameShape(a.shape, e.shape))
      return {
        path,
        sentence: `${what} has shape ${shapeText(a.shape)}, expected ${shapeText(e.shape)}.`,
        picture: "",
        actual: a,
        expected: e,
      };
    const [atol, rtol] = tolerances(e, tolerance);
    for (let at = 0; at < e.data.length; at++) {
      if (within(a.data[at], e.data[at], atol, rtol)) continue;
      const sentence =
        `${what} is ${numberText(a.data[at])}${placeText(e.shape, at)}, ` +
        `expected ${numberText(e.data[at])}.`;
      return { path, sentence, picture: pictures(a, e, at), actual: a, expected: e, at };
    }
    return undefined;
  }
  if (expected.kind === "plain") {
    if (actual.kind === "plain" && Object.is(actual.value, expected.value)) return undefined;
    const got = actual.kind === "plain" ? valueText(actual.value) : nameOf(actual);
    if (actual.kind === "plain" && typeof actual.value === "string")
      if (typeof expected.value === "string")
        return { path, sentence: textDifference(actual.value, expected.value, what), picture: "" };
    return other(`${what} is ${got}, expected ${valueText(expected.value)}.`);
  }
  if (actual.kind !== "parts" || actual.array !== expected.array)
    return other(`${what} should be ${nameOf(expected)}, but is ${nameOf(actual)}.`);
  if (expected.array && actual.parts.size !== expected.parts.size)
    return other(`${what} has ${actual.parts.size} items, expected ${expected.parts.size}.`);
  if (!expected.array) {
    const missing = [...expected.parts.keys()].filter((key) => !actual.parts.has(key));
    if (missing.length) return other(`${what} has no \`${missing.join("`, `")}\`.`);
  }
  for (const [key, part] of expected.parts) {
    const found = differenceOf(actual.parts.get(key)!, part, tolerance, [...path, key]);
    if (found) return found;
  }
  return undefined;
}

/** Where two texts part, with a little of what stands around. */
function textDifference(actual: string, expected: string, what: string): string {
  let at = 0;
  while (at < actual.length && actual[at] === expected[at]) at++;
  const around = (text: string) => {
    const from = Math.max(0, at - 15);
    const piece = text.slice(from, at + 20);
    return JSON.stringify((from > 0 ? "…" : "") + piece + (text.length > at + 20 ? "…" : ""));
  };
  return (
    `${what} differs from character ${at} on:\n       got ${around(actual)}\n  ` +
    `expected ${around(expected)}`
  );
}

function nameOf(copy: Copy): string {
  if (copy.kind === "plain") return describe(copy.value);
  if (copy.kind === "numbers") return `numbers of shape ${shapeText(copy.flat.shape)}`;
  const keys = [...copy.parts.keys()];
  return copy.array
    ? `an array of ${keys.length}`
    : `an object with ${keys.join(", ") || "no fields"}`;
}
